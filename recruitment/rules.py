"""Who may do what in recruitment, and when."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment.enums import ApplicationState
from recruitment.models import Application, Call
from taskforce.accounts.enums import Role
from taskforce.accounts.queries import has
from taskforce.accounts.rights import Right, Table
from taskforce.core import clock
from taskforce.timeline import windows
from taskforce.timeline.enums import PhaseState

REVIEWERS = frozenset({Role.REVIEWER})
DECIDERS = frozenset({Role.COORDINATOR, Role.DEPUTY})
# Who meets candidates in the admin; administrators run the machine and have no business with applications.
READERS = REVIEWERS | DECIDERS

WHO: Table = {
    "application.read": Right(gettext_lazy("Read applications: reviewers without names"), READERS),
    # Who reads names is in the log with each of them.
    "identity.read": Right(gettext_lazy("Read the names of candidates"), DECIDERS),
    # Of one person nobody does; it is there to be counted.
    "demographics.read": Right(
        gettext_lazy("Read what one candidate says about their background: nobody may"), frozenset()
    ),
    # Who decides knows the names, so they leave scoring to those who do not; but somebody has to appoint these.
    "review.write": Right(gettext_lazy("Score applications and write notes on them"), REVIEWERS, DECIDERS),
    "call.read": Right(gettext_lazy("See all scores of a call, with the names of its candidates"), DECIDERS),
    "call.write": Right(gettext_lazy("Write, check and publish a call for members, and change it later"), DECIDERS),
    "decision.hold": Right(gettext_lazy("Decide about candidates"), DECIDERS),
    "decision.release": Right(gettext_lazy("Release decisions: candidates get their mails"), DECIDERS),
}


def may(user: Any, action: str, obj: Call | Application, at: datetime) -> tuple[bool, str]:
    """Whether the user may do this to the call or application at the moment, and if not, why.

    An unknown action is a KeyError. Whether the review phase is open is the gate's question, not asked here.
    """
    call = obj.call if isinstance(obj, Application) else obj
    if not has(user, WHO[action], call.phase.task_force_id):
        return False, _("This is not among the tasks of your role.")
    if action in ("application.read", "review.write"):
        return _may_read(user, obj, at) if isinstance(obj, Application) else (True, "")
    if action == "call.write":
        return may_write(user, call.phase.task_force_id, call)
    return _may_decide(user, call, at)


def may_write(user: Any, task_force_id: int, call: Call | None = None) -> tuple[bool, str]:
    """Whether the user may write calls of the task force, or change this one, and if not, why."""
    if not has(user, WHO["call.write"], task_force_id):
        return False, _("Only coordinators and their deputies write and change calls for members.")
    if call is not None and has_own_application(user, call):
        return False, _(
            "You have applied to this call yourself, so it is not yours to change; also once you have withdrawn, as "
            "long as you can take that back. Another coordinator or deputy can change it."
        )
    return True, ""


def has_own_application(user: Any, call: Call) -> bool:
    """Whether the user is a candidate of this call, or can be one again: then its decisions are not theirs to see or to
    make, and its criteria not theirs to change.

    What was withdrawn counts as long as it can be taken back.
    """
    states = set(call.applications.filter(applicant=user).values_list("state", flat=True))
    if states <= {ApplicationState.WITHDRAWN}:
        return bool(states) and not windows.is_over(call.phase, clock.app_now())
    return True


def _may_read(user: Any, application: Application, at: datetime) -> tuple[bool, str]:
    """Whether somebody who meets this candidate may read what they wrote, and if not, why.

    Nobody does while it can change: who reads it then could still apply, or change what it is judged by. Nor does
    whoever has applied to the same call read the others.
    """
    if application.applicant_id == user.pk:
        return False, _("Nobody reviews their own application.")
    if has_own_application(user, application.call):
        return False, _(
            "You have applied to this call yourself, so you neither read nor score its other candidates. The other "
            "reviewers do."
        )
    if not windows.is_over(application.call.phase, at):
        return False, _("What candidates wrote can be read once the call has closed. Until then it can still change.")
    return True, ""


def _may_decide(user: Any, call: Call, at: datetime) -> tuple[bool, str]:
    if has_own_application(user, call):
        return False, _("You have applied to this call yourself, so its decisions are not yours to make.")
    state = windows.state(call.phase, at)
    if state is PhaseState.CANCELLED:
        return False, _("This call was cancelled, so there is nothing to decide.")
    if state is PhaseState.DROPPED:
        return False, _("This task force ended before the call closed, so there is nothing to decide.")
    if not windows.is_over(call.phase, at):
        return False, _("Applications can still be changed. Decisions are possible once the call has closed.")
    return True, ""
