"""What it is kept for, and who reads it where. Part of the room `personal_data`."""

from django.utils.translation import gettext_lazy as _

from taskforce.accounts.enums import Role
from taskforce.core.personal import Place, Purpose

APPLYING = Purpose(
    "application",
    _("Your application"),
    _("So that a panel can choose the members. Whoever reviews reads your answers under a number, not your name."),
)
REVIEWING = Purpose(
    "review",
    _("Reviews and decisions"),
    _("So that applications are judged by the published criteria, and it is known who judged."),
)
CALLING = Purpose(
    "calls",
    _("Changed calls for members"),
    _("So that everybody knows who changed what a call had promised, and why."),
)
DECIDERS = frozenset({Role.COORDINATOR, Role.DEPUTY})
PANEL = DECIDERS | {Role.REVIEWER}
# They read in the log that a candidate has submitted, by its number; who it is, it tells data officers alone, and these
# not which number.
LOG = frozenset({Role.OBSERVER, Role.ADMINISTRATOR})
OWN_AND_STAFF = frozenset({Place.OWN, Place.STAFF})
UNTIL_ASKED = _("until you ask us to delete it")
