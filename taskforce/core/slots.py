"""Named slots: a lower room leaves a place on its page, a higher room fills it, and neither imports the other.

A filler gets the object that the page is about and the reader's language, and returns (template name, context).
It must say the same to everybody: what is personal is a link. Registered once, in `AppConfig.ready()`.
"""

from collections.abc import Callable
from typing import Any

Filler = Callable[[Any, str], tuple[str, dict[str, Any]] | None]
_fillers: dict[str, list[Filler]] = {}


def fill(slot: str, filler: Filler) -> None:
    """Register a filler for a slot such as `proposal.unit`; registering the same one twice changes nothing."""
    known = _fillers.setdefault(slot, [])
    if filler not in known:
        known.append(filler)


def contents(slot: str, obj: Any, language: str) -> list[tuple[str, dict[str, Any]]]:
    """What stands in a slot for `obj` in `language`, in the order of registration."""
    made = (filler(obj, language) for filler in _fillers.get(slot, []))
    return [content for content in made if content is not None]
