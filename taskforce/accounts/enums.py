"""Roles; what each may do stands in the `rules.py` of each app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Staff roles; scoped to a task force (or everywhere), translators and facilitators also to a language."""

    COORDINATOR = "coordinator", _("coordinator")
    DEPUTY = "deputy", _("deputy coordinator")
    REVIEWER = "reviewer", _("reviewer")
    TRANSLATOR = "translator", _("translator")
    FACILITATOR = "facilitator", _("facilitator")
    MODERATOR = "moderator", _("moderator")
    DATA_OFFICER = "data-officer", _("data officer")
    OBSERVER = "observer", _("observer")
    ADMINISTRATOR = "administrator", _("administrator")


class InvitationState(models.TextChoices):
    """What has become of an invitation; one whose time is over stays open and says so by the clock."""

    OPEN = "open", _("waits for an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


# Roles for one language each.
SPOKEN_ROLES = frozenset({Role.TRANSLATOR, Role.FACILITATOR})
# Roles that work in the admin; translators and facilitators work on the public side.
STAFF_ROLES = frozenset(
    {
        Role.COORDINATOR,
        Role.DEPUTY,
        Role.REVIEWER,
        Role.MODERATOR,
        Role.DATA_OFFICER,
        Role.OBSERVER,
        Role.ADMINISTRATOR,
    }
)


class DeletionState(models.TextChoices):
    """Where a request for deletion stands."""

    OPEN = "open", _("open")
    WITHDRAWN = "withdrawn", _("taken back")
    DONE = "done", _("done")
    PARTLY = "partly", _("partly done")
    REFUSED = "refused", _("refused")
