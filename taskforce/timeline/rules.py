"""Who may do what to the timeline, and when."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts.enums import Role
from taskforce.accounts.queries import has
from taskforce.accounts.rights import Right, Table
from taskforce.core import dates, languages
from taskforce.core.errors import Invalid
from taskforce.core.text import clean_text
from taskforce.timeline import describe, windows
from taskforce.timeline.enums import NOTICE_PERIOD, PhaseState
from taskforce.timeline.models import Phase, TaskForce

LEADERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})
VIEWERS = frozenset({*LEADERS, Role.OBSERVER})

REASON_LENGTH = 2000
TITLE_LENGTH = 300
NAME_LENGTH = 200
SLUG_LENGTH = 50
TEXT_LENGTH = 20_000
# The acts on a published end, and the states of a phase in which each can be done.
_WHEN = {
    "phase.extend": frozenset({PhaseState.FUTURE, PhaseState.CURRENT}),
    "phase.shorten": frozenset({PhaseState.FUTURE, PhaseState.CURRENT}),
    "phase.close": frozenset({PhaseState.CURRENT}),
    "phase.cancel": frozenset({PhaseState.FUTURE, PhaseState.CURRENT}),
}
WHO: Table = {
    "task-force.old-words": Right(
        gettext_lazy("Work off the list of texts that say the former name of a task force"), LEADERS
    ),
    "task-force.rename": Right(gettext_lazy("Give a task force another name"), LEADERS),
    "phase.read": Right(gettext_lazy("Read phases on the staff side, drafts too"), VIEWERS),
    "phase.draft": Right(gettext_lazy("Plan a phase as a draft"), LEADERS),
    "phase.edit": Right(gettext_lazy("Change the draft of a phase"), LEADERS),
    "phase.publish": Right(gettext_lazy("Publish a phase"), LEADERS),
    "phase.discard": Right(gettext_lazy("Discard the draft of a phase"), LEADERS),
    "phase.extend": Right(gettext_lazy("Extend a phase"), LEADERS),
    "phase.shorten": Right(gettext_lazy("Shorten a phase"), LEADERS),
    "phase.close": Right(gettext_lazy("Close a phase early"), LEADERS),
    "phase.cancel": Right(gettext_lazy("Cancel a phase"), LEADERS),
    "phase.decide": Right(gettext_lazy("Decide after feedback: it goes ahead, is revised, or is not pursued"), LEADERS),
    "bulletin.read": Right(gettext_lazy("Read mails to followers on the staff side, drafts too"), VIEWERS),
    "bulletin.write": Right(gettext_lazy("Write, test and offer a mail to followers, and correct one"), LEADERS),
    "bulletin.send": Right(gettext_lazy("Send a mail to followers as its second person"), LEADERS),
    "bulletin.stop": Right(gettext_lazy("Stop a mail to followers while it goes out"), LEADERS),
    "follower.read": Right(gettext_lazy("Read what followers follow, without their addresses"), VIEWERS),
    "follower.add": Right(gettext_lazy("Bring followers in, and see their addresses"), LEADERS),
}


def entitled(user: Any, action: str, obj: Phase | TaskForce) -> tuple[bool, str]:
    """Whether the user's roles allow this for the task force, whatever the moment; and if not, why."""
    task_force_id = obj.pk if isinstance(obj, TaskForce) else obj.task_force_id
    if has(user, WHO[action], task_force_id):
        return True, ""
    if action in _WHEN:
        return False, _("Only coordinators, their deputies and administrators may change a date.")
    if action == "phase.decide":
        return False, _("Only coordinators, their deputies and administrators decide after feedback.")
    if action == "task-force.old-words":
        return False, _("Only coordinators, their deputies and administrators work off this list.")
    if action == "task-force.rename":
        return False, _("Only coordinators, their deputies and administrators may rename a task force.")
    return False, _("Only coordinators, their deputies and administrators may plan a phase.")


def may(user: Any, action: str, obj: Phase, at: datetime) -> tuple[bool, str]:
    """Whether the user may do this to the phase at the moment, and if not, why; unknown action: KeyError."""
    allowed, why = entitled(user, action, obj)
    if not allowed or action not in _WHEN:
        return allowed, why
    state = windows.state(obj, at)
    return (True, "") if state in _WHEN[action] else (False, _too_late_or_early(state))


def _too_late_or_early(state: PhaseState) -> str:
    if state is PhaseState.CANCELLED:
        return _("This phase was cancelled. What is cancelled stays so; publish a new phase instead.")
    if state is PhaseState.DROPPED:
        return why_dropped()
    if state is PhaseState.FUTURE:
        return _("This phase is not open yet, so there is nothing to close. It can be cancelled.")
    return _("This phase has closed. A closed phase stays closed; publish a new one instead.")


def why_dropped() -> str:
    """Why the end of a phase that its task force has not lived to see is not changed any more."""
    return _("This task force has ended: its dates do not change any more.")


def may_be_followed(task_force: TaskForce) -> tuple[bool, str]:
    """Whether anybody can begin to follow a task force, and if not, why; whoever follows it can always stop."""
    if task_force.has_ended:
        return False, _("This task force has ended, so it cannot be followed any more.")
    return True, ""


def may_add_followers(user: Any, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may bring followers of a task force in, and see their addresses; and if not, why."""
    if has(user, WHO["follower.add"], task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators may add followers.")


def checked_reason(reason: str, language: str, missing: str = "") -> str:
    """The reason, cleaned; `Invalid` if it is empty (then `missing` is said), too long or in a language that is not
    the portal's.
    """
    reason = clean_text(reason, most=REASON_LENGTH)
    if not reason:
        raise Invalid(missing or _("Say why the date changes; everybody will read it."))
    if len(reason) > REASON_LENGTH:
        raise Invalid(_("The reason is too long: at most %(count)d characters.") % {"count": REASON_LENGTH})
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    return reason


def later_end(phase: Phase, closes_on: date, closes_time: time | None) -> datetime:
    """The instant of a new end; `Invalid` unless it is one instant and later than the end as it stands."""
    closes_at = windows.instant(closes_on, closes_time, phase.zone, end=True, zone_is_set=True)
    if closes_at <= phase.closes_at:
        raise Invalid(
            _("The new end must be later than the old one, which is: %(rule)s.")
            % {"rule": describe.closes_rule(phase)},
            facts=[(_("Closes"), phase.closes_at)],
        )
    return closes_at


def earliest_end(phase: Phase, at: datetime) -> datetime:
    """The earliest end, on a whole minute, that a phase may be given at the moment: with notice, and after it opens."""
    earliest = max(at + NOTICE_PERIOD, phase.opens_at + timedelta(minutes=1))
    whole = earliest.replace(second=0, microsecond=0)
    return whole if whole == earliest else whole + timedelta(minutes=1)


def earlier_end(phase: Phase, closes_on: date, closes_time: time | None, at: datetime) -> datetime:
    """The instant of a new end; `Invalid` unless it is one instant, earlier than the end as it stands, after the
    start, and far enough from the moment `at` to keep the notice period.
    """
    closes_at = windows.instant(closes_on, closes_time, phase.zone, end=True, zone_is_set=True)
    if closes_at >= phase.closes_at:
        raise Invalid(
            _("The new end must be earlier than the old one, which is: %(rule)s.")
            % {"rule": describe.closes_rule(phase)},
            facts=[(_("Closes"), phase.closes_at)],
        )
    earliest = earliest_end(phase, at)
    if earliest >= phase.closes_at:
        raise Invalid(_no_notice_left(), facts=[(_("Closes"), phase.closes_at)])
    if closes_at < earliest:
        raise Invalid(
            _("%(days)d days’ notice must be given. The earliest possible end: %(rule)s, that is %(instant)s.")
            % {
                "days": NOTICE_PERIOD.days,
                "rule": describe.rule_of(earliest, phase.zone),
                "instant": dates.utc_text(earliest),
            },
            facts=[(_("Earliest possible end"), earliest)],
        )
    return closes_at


def _no_notice_left() -> str:
    return _("It closes within the notice period of %(days)d days, so it cannot be made shorter any more.") % {
        "days": NOTICE_PERIOD.days
    }
