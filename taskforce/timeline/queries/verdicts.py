"""What was decided after feedback."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from taskforce.accounts.queries import task_force_ids
from taskforce.timeline import subjects, windows
from taskforce.timeline.enums import ENDED, Capability
from taskforce.timeline.models import Phase, TaskForce, Verdict
from taskforce.timeline.rules import WHO

# What lists tell of a decision, without its reasons.
_SHOWN = ("text_id", "outcome", "titles", "is_main", "unanswered")


def verdicts(task_force: TaskForce) -> list[Verdict]:
    """Every decision of a task force with its phase, newest first; those that a later one replaced too."""
    return list(Verdict.objects.filter(phase__task_force=task_force).select_related("phase").order_by("-id"))


def column() -> ArraySubquery:
    """Of a phase: the decisions that hold after it, one for each text, for a list that has no statement to spare."""
    made = Verdict.objects.filter(phase=OuterRef("pk")).order_by("text_id", "-number").distinct("text_id")
    told = JSONObject(**{name: name for name in ("id", "at", *_SHOWN)})
    return ArraySubquery(made.values(told=told))


def standing(phases: Iterable[Any]) -> list[Verdict]:
    """What holds after these phases, which have the `column` as `decided`: the last decision about the main text first,
    then that about each other text, newest first; without the reasons."""
    newest = sorted(((one, phase) for phase in phases for one in phase.decided), key=lambda each: -each[0]["id"])
    found: dict[int | None, Verdict] = {}
    for one, phase in newest:
        # The task force stands or falls with one text at a time.
        text = None if one["is_main"] else one["text_id"]
        if text not in found:
            known = {name: one[name] for name in _SHOWN}
            at = datetime.fromisoformat(one["at"])
            found[text] = Verdict(phase=phase, at=at, reasons={}, actor_name="", **known)
    return sorted(found.values(), key=lambda one: not one.is_main)


def last_about(task_force: Any, text: Any) -> QuerySet[Verdict, Any]:
    """The last decision about a text of a task force, if any, without its reasons; both by number or expression, for
    a page that reads all it is made of in one statement. `told` makes one of the row."""
    made = Verdict.objects.filter(phase__task_force=task_force, text_id=text).order_by("-id")
    return made.values("phase_id", "outcome", "is_main", "unanswered", "at")[:1]


def told(row: Mapping[str, Any], phases: Iterable[Phase]) -> Verdict | None:
    """A decision of a row of `last_about`, as JSON has it, after one of these phases."""
    phase = next((phase for phase in phases if phase.pk == row["phase_id"]), None)
    if phase is None:
        return None
    at = datetime.fromisoformat(row["at"])
    known = {name: row[name] for name in ("outcome", "is_main", "unanswered")}
    return Verdict.only_to_show(phase=phase, at=at, reasons={}, actor_name="", **known)


def holding(phase: Phase) -> list[Verdict]:
    """The decisions that hold after a phase, one for each text, the last act first."""
    found: dict[int | None, Verdict] = {}
    for one in Verdict.objects.filter(phase=phase).order_by("-number"):
        found.setdefault(one.text_id, one)
    return list(found.values())


def due(user: Any, at: datetime) -> list[Phase]:
    """The phases whose feedback can come in no more and about which nothing is decided yet, of the task forces that go
    on and for which the user decides; in the order in which they closed, in one statement."""
    everywhere, ids = task_force_ids(user, WHO["phase.decide"])
    if not everywhere and not ids:
        return []
    closed = Phase.objects.filter(
        windows.over_at(at), capabilities__contains=[Capability.FEEDBACK], published_at__isnull=False, cancelled_at=None
    ).exclude(task_force__state__in=ENDED)
    found = closed if everywhere else closed.filter(task_force_id__in=ids)
    return list(found.filter(subjects.undecided()).select_related("task_force").order_by("closes_at", "id"))
