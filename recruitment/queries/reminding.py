"""Which reminders of applications are due, whom they are for, and what is still missing of what."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from recruitment import reminders
from recruitment.enums import ApplicationState, Reminding
from recruitment.models import Application, Call, NoReminders, RemindedOf
from recruitment.queries.applying import is_changed, with_groups
from recruitment.queries.calls import published_calls
from taskforce.accounts.models import User
from taskforce.questions.models import Question
from taskforce.timeline import windows

_AT_ONCE = 1000


class ToRemind(NamedTuple):
    """A reminder that is due: the call, how long before its close, and which of its ends that is."""

    call: Call
    kind: Reminding
    ends_version: int


class Unfinished(NamedTuple):
    """An application of which something is saved and not submitted; `missing`: how many answers that are asked for it
    does not have yet."""

    application: Application
    missing: int


def to_remind(at: datetime) -> list[ToRemind]:
    """The reminders that are due at the moment and not written, in a few statements for each open call."""
    found = []
    for call in published_calls().filter(windows.open_at(at, "phase__")).order_by("pk"):
        phase = call.phase
        due = reminders.due(phase, list(phase.extensions.all()), at)
        if due:
            written = {
                *RemindedOf.objects.filter(call=call, ends_version=phase.ends_version).values_list("kind", flat=True)
            }
            found += [ToRemind(call, kind, phase.ends_version) for kind in due if kind not in written]
    return found


def unfinished(call: Call) -> Iterator[list[Unfinished]]:
    """The unfinished applications to a call whose applicants want reminders, a thousand at a time."""
    last = 0
    while batch := list(_live(call).filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        last = batch[-1].pk
        yield _with_missing(call, [one for one in batch if _is_unfinished(one)])


def still_unfinished(application_id: int) -> Unfinished | None:
    """The application with this id, if something of it is not submitted, and its applicant wants reminders."""
    call = published_calls().filter(applications=application_id).first()
    application = _live(call).filter(pk=application_id).first() if call is not None else None
    if call is None or application is None or not _is_unfinished(application):
        return None
    application.call = call
    return _with_missing(call, [application])[0]


def wants_reminders(call_id: int, applicant_id: int) -> bool:
    """Whether somebody is reminded of their application to a call; it is so until they say otherwise."""
    return not NoReminders.objects.filter(call=call_id, applicant=applicant_id).exists()


def mailbox_of(applicant_id: int) -> str:
    """The address of somebody's account."""
    return User.objects.values_list("email", flat=True).get(pk=applicant_id)


def _live(call: Call) -> QuerySet[Application]:
    """Those in which something was saved, of people who want reminders. Who has only looked at the form has written
    nothing that could be lost."""
    declined = NoReminders.objects.filter(call=call, applicant=OuterRef("applicant"))
    live = Application.objects.exclude(state=ApplicationState.WITHDRAWN).filter(call=call, version__gt=0)
    return with_groups(live.filter(~Exists(declined), applicant__is_active=True)).select_related("applicant")


def _is_unfinished(application: Application) -> bool:
    """Never submitted, or typed on since."""
    return application.state == ApplicationState.DRAFT or is_changed(application)


def _with_missing(call: Call, applications: Collection[Application]) -> list[Unfinished]:
    required = [*Question.objects.filter(version=call.questions_id, required=True).values_list("pk", flat=True)]
    return [Unfinished(one, sum(not _is_answered(one, question) for question in required)) for one in applications]


def _is_answered(application: Application, question_id: int) -> bool:
    """Whether anything stands in the field of a question, valid or not."""
    return any(value.strip() for value in application.answers.typed.get(f"q-{question_id}", ()))
