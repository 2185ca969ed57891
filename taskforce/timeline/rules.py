"""Who may do what to the timeline, and when."""

from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from taskforce.accounts.enums import Role
from taskforce.accounts.queries import roles_of
from taskforce.core import languages
from taskforce.core.errors import Invalid
from taskforce.core.text import clean_text
from taskforce.timeline import describe, windows
from taskforce.timeline.enums import PhaseState
from taskforce.timeline.models import Phase

EXTENDERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})
# Who sees the timeline's rows in the admin.
VIEWERS = frozenset({*EXTENDERS, Role.OBSERVER})

REASON_LENGTH = 2000
WHO = {"phase.extend": EXTENDERS}


def entitled(user: Any, action: str, obj: Phase) -> tuple[bool, str]:
    """Whether the user's roles allow this for the phase's task force, whatever the moment; and if not, why."""
    if roles_of(user, obj.task_force_id) & WHO[action]:
        return True, ""
    return False, _("Only coordinators, their deputies and administrators may change a date.")


def may(user: Any, action: str, obj: Phase, at: datetime) -> tuple[bool, str]:
    """Whether the user may do this to the phase at the moment, and if not, why; unknown action: KeyError."""
    allowed, why = entitled(user, action, obj)
    if allowed and windows.state(obj, at) is PhaseState.PAST:
        return False, _("This phase has closed. A closed phase stays closed; publish a new one instead.")
    return allowed, why


def checked_reason(reason: str, language: str) -> str:
    """The reason, cleaned; `Invalid` if it is empty, too long or in a language that is not the portal's."""
    reason = clean_text(reason)
    if not reason:
        raise Invalid(_("Say why the date changes; everybody will read it."))
    if len(reason) > REASON_LENGTH:
        raise Invalid(_("The reason is too long: at most %(count)d characters.") % {"count": REASON_LENGTH})
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    return reason


def later_end(phase: Phase, closes_on: date, closes_time: time | None) -> datetime:
    """The instant of a new end; `Invalid` unless it is one instant and later than the end as it stands."""
    closes_at = windows.instant(closes_on, closes_time, phase.zone, end=True)
    if closes_at <= phase.closes_at:
        raise Invalid(
            _("The new end must be later than the old one, which is: %(rule)s.")
            % {"rule": describe.closes_rule(phase)},
            facts=[(_("Closes"), phase.closes_at)],
        )
    return closes_at
