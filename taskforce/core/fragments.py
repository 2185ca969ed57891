"""Pieces of pages that a process has drawn and draws again and again: kept under all that they are made of."""

from collections.abc import Callable, Hashable

from django.utils.safestring import SafeString

# So many at most; then all of them go, and are drawn anew when they are asked for.
_MOST = 500
_drawn: dict[Hashable, SafeString] = {}


def remembered(key: Hashable, draw: Callable[[], SafeString]) -> SafeString:
    """The piece under this key, which must name everything that it depends on, its language too."""
    found = _drawn.get(key)
    if found is None:
        if len(_drawn) >= _MOST:
            _drawn.clear()
        found = _drawn[key] = draw()
    return found
