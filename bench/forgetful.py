"""The cache of pages that finds nothing where it is told so: it is asked, and given each page, as on a first visit."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from taskforce.core import pagecache

_told = threading.local()


@contextlib.contextmanager
def nothing_is_found() -> Iterator[None]:
    """In this thread, for as long as it lasts."""
    _told.to_forget = True
    try:
        yield
    finally:
        _told.to_forget = False


class Pages(pagecache.Pages):
    """The portal's own, for a measurement."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """What is there, which is thrown away where nothing is to be found."""
        found = super().get(key, default, version)
        return default if getattr(_told, "to_forget", False) else found
