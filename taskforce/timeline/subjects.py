"""The texts on which a phase asked for feedback: the room that knows them says it, and is not imported here."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from taskforce.timeline.models import Phase


class Subject(NamedTuple):
    """A text by its number and its titles, {language: text}; `is_main`: the task force stands or falls with it."""

    id: int
    is_main: bool
    titles: dict[str, str]


Find = Callable[[Phase], Iterable[Subject]]
_finders: list[Find] = []


def register(find: Find) -> None:
    """Make known who knows texts; in `AppConfig.ready()`."""
    _finders.append(find)


def of(phase: Phase) -> list[Subject]:
    """Each text once on which a phase asks or asked, the main ones first."""
    found = {subject.id: subject for find in _finders for subject in find(phase)}
    return sorted(found.values(), key=lambda subject: (not subject.is_main, subject.id))
