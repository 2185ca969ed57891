"""Named slots: a lower room leaves a place on its page, a higher room fills it, and neither imports the other.

A filler gets the object that the page is about and the reader's language, and returns (template name, context).
It must say the same to everybody: what is personal is a link. Registered once, in `AppConfig.ready()`.

A page that is kept reads what its fillers need in its own statement (`core/together.py`): each names its lists, whose
digests are part of the page's key, and finds the rows in `rows` of the page's object.
"""

from collections.abc import Callable, Mapping
from typing import Any

from taskforce.core.together import Part

Filler = Callable[[Any, str], tuple[str, dict[str, Any]] | None]
_fillers: dict[str, dict[Filler, dict[str, Part]]] = {}


def fill(slot: str, filler: Filler, reads: Mapping[str, Part] | None = None) -> None:
    """Register a filler for a slot such as `proposal.unit`; registering the same one twice changes nothing."""
    _fillers.setdefault(slot, {})[filler] = dict(reads or {})


def reads(slot: str) -> dict[str, Part]:
    """The lists that the fillers of a slot need, by their names."""
    return {name: part for parts in _fillers.get(slot, {}).values() for name, part in parts.items()}


def contents(slot: str, obj: Any, language: str) -> list[tuple[str, dict[str, Any]]]:
    """What stands in a slot for `obj` in `language`, in the order of registration."""
    made = (filler(obj, language) for filler in _fillers.get(slot, ()))
    return [content for content in made if content is not None]
