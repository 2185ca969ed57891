"""The texts on which a phase asked for feedback: the room that knows them says it, and is not imported here."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

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


class Count(Protocol):
    """How much of what was said on a text is not answered; with `hold` it stays so until the transaction ends."""

    def __call__(self, text_id: int, *, hold: bool) -> int: ...


# As ordered sets: nothing is counted twice.
_finders: dict[Find, None] = {}
_rows: dict[Rows, None] = {}
_counts: dict[Count, None] = {}


def register(find: Find, rows: Rows, unanswered: Count) -> None:
    """Make known who knows texts, of one phase and of all, and what of the feedback on one is not answered; in
    `AppConfig.ready()`. Registering the same twice changes nothing."""
    _finders[find] = _rows[rows] = _counts[unanswered] = None


def unanswered(text_id: int | None, *, hold: bool = False) -> int:
    """How much of what was said on a text is not answered (0 of none). `hold`: by whoever says so in public as they
    end the matter; nothing more of it is published or answered until the transaction ends."""
    return sum(count(text_id, hold=hold) for count in _counts) if text_id is not None else 0


def unanswered_in(task_force_id: int, *, hold: bool = False) -> int:
    """The same of all texts on which the phases of a task force asked."""
    found = {
        text for rows in _rows for text in rows().filter(phase__task_force=task_force_id).values_list("text", flat=True)
    }
    return sum(unanswered(text, hold=hold) for text in sorted(found))


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
