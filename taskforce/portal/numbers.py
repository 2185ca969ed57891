"""The numbers of a task force, stage by stage: counted from rows, never typed, and none before its time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from feedback import queries as feedback_queries
from feedback.models import FeedbackWindow
from feedback.queries import WindowAt
from recruitment.enums import ApplicationState
from recruitment.models import Application, Call
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import windows
from taskforce.timeline.enums import PhaseState
from taskforce.timeline.models import Phase


@dataclass(frozen=True)
class Number:
    """One line: what is counted, of which stage, and how many; None with the reason where it is not told yet."""

    what: str
    of: SafeString | str
    value: int | None
    reason: str = ""


def applications(calls: Iterable[Call], at: datetime) -> dict[int, int]:
    """{call id: submitted applications} for the calls at which nothing can arrive any more, in one statement.

    While a call takes applications, in its grace too, nobody learns how many others have applied.
    """
    closed = [call.pk for call in calls if windows.is_over(call.phase, at)]
    rows = (
        Application.objects.filter(call_id__in=closed, state=ApplicationState.SUBMITTED)
        .order_by()
        .values_list("call_id")
        .annotate(Count("id"))
    )
    return {**dict.fromkeys(closed, 0), **dict(rows)}


def final(phase: Phase) -> int | None:
    """How many submissions a closed phase has: feedback that everybody may read, as all pages count it, and
    applications that are submitted.

    None where nothing can be sent in it. Final only when asked after its hard close.
    """
    if not (FeedbackWindow.objects.filter(phase=phase).exists() or Call.objects.filter(phase=phase).exists()):
        return None
    items = feedback_queries.for_everybody().order_by().filter(window__phase=phase).count()
    return items + Application.objects.filter(call__phase=phase, state=ApplicationState.SUBMITTED).count()


def by_stage(
    feedback: Sequence[WindowAt], calls: Sequence[Call], members: int, at: datetime, *, has_ended: bool = False
) -> list[Number]:
    """The numbers in the order of the process: feedback, applications, members. What has ended waits for none."""
    found = [
        Number(
            _("Feedback that everybody may read"),
            translated(one.window, "title"),
            None if one.state is PhaseState.FUTURE else one.items,
            _("Not open yet"),
        )
        for one in feedback
    ]
    submitted = applications(calls, at)
    found += [
        Number(
            _("Applications submitted"),
            translated(call, "title"),
            submitted.get(call.pk),
            _("Counted when the call has closed"),
        )
        for call in calls
    ]
    told = members if members or has_ended else None
    return [*found, Number(_("Members announced"), "", told, _("Counted when the members are announced"))]
