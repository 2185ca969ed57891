"""Where questions are asked: sets know nothing of windows and calls, whose apps say so here."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from taskforce.core.labels import Label


class Use(NamedTuple):
    """Something public that asks a version of questions (by its id): what it is called, and its address."""

    version_id: int
    name: Label
    url: str


# From ids of versions to what asks them; in one statement each.
Uses = Callable[[Collection[int]], Iterable[Use]]
_known: list[Uses] = []


def register(uses: Uses) -> None:
    """Make known what asks questions; once for each kind, in `AppConfig.ready()`."""
    if uses not in _known:
        _known.append(uses)


# From a person to what they can do with questions that are published: in words, and the address; None: nothing.
Way = Callable[[Any], tuple[str, str] | None]
_ways: list[Way] = []


def register_way(way: Way) -> None:
    """Make known where questions are put to use; once for each kind, in `AppConfig.ready()`."""
    if way not in _ways:
        _ways.append(way)


def ways(user: Any) -> list[tuple[str, str]]:
    """What somebody can do with questions that are published."""
    return [found for way in _ways if (found := way(user))]


def of(versions: Collection[int]) -> dict[int, list[Use]]:
    """What asks each of these versions; those that nothing asks are left out."""
    found: dict[int, list[Use]] = {}
    for uses in _known if versions else []:
        for use in uses(versions):
            found.setdefault(use.version_id, []).append(use)
    return found
