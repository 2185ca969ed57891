"""The texts on which a phase asked for feedback: the room that knows them says it, and is not imported here."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from taskforce.timeline.models import Phase, Verdict


class Subject(NamedTuple):
    """A text by its number and its titles, {language: text}; `is_main`: the task force stands or falls with it."""

    id: int
    is_main: bool
    titles: dict[str, str]


Find = Callable[[Phase], Iterable[Subject]]
# One for each text that a phase asks or asked about: with its `phase`, the text's number as `text`, and as `goes_on`
# whether the text has not ended.
Rows = Callable[[], "QuerySet[Any]"]
_finders: list[Find] = []
_rows: list[Rows] = []


def register(find: Find, rows: Rows) -> None:
    """Make known who knows texts, of one phase and of all; in `AppConfig.ready()`."""
    _finders.append(find)
    _rows.append(rows)


def undecided() -> Q:
    """Of phases that have closed: nothing was decided since about a text that one asked about and that goes on; one
    that asked about none waits for no decision. A decision after a later phase on the same text counts.
    """
    about_it = Q(text_id=OuterRef("text")) | Q(text_id=None, phase=OuterRef("phase"))
    since = Q(phase__task_force=OuterRef("phase__task_force"), at__gte=OuterRef("phase__closes_at"))
    made = Verdict.objects.filter(about_it, since)
    waits = Q(pk__in=())
    for rows in _rows:
        waits |= Q(Exists(rows().filter(~Exists(made), phase=OuterRef("pk"), goes_on=True)))
    return waits


def of(phase: Phase) -> list[Subject]:
    """Each text once on which a phase asks or asked, the main ones first."""
    found = {subject.id: subject for find in _finders for subject in find(phase)}
    return sorted(found.values(), key=lambda subject: (not subject.is_main, subject.id))
