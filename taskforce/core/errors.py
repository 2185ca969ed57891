"""Refusals as typed errors that carry their reason; `core.middleware.Refusals` turns them into pages.

A refusal says who, what and until when, in the reader's language (DESIGN 2.8). Messages are lazy translations or
plain values; `facts` are (label, instant or text) pairs that the page lists.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

Fact = tuple[Any, datetime | str]


class PortalError(Exception):
    """What a service refuses. `status` is the HTTP status (CONTRACT: Status codes)."""

    status = 400
    title: Any = _("This could not be done")

    def __init__(self, message: Any, *, facts: Sequence[Fact] = (), title: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.facts = list(facts)
        if title is not None:
            self.title = title


class Refused(PortalError):
    """Closed, not yet open, or not this person's to do: 403 with the reason and the instants."""

    status = 403
    title = _("Not possible now")


class Conflict(PortalError):
    """Somebody changed it meanwhile, or the same form key came with another text: 409."""

    status = 409
    title = _("Changed meanwhile")


class TooOften(PortalError):
    """Over a limit: 429 with `Retry-After` in seconds."""

    status = 429
    title = _("Too often")

    def __init__(self, message: Any, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Invalid(PortalError):
    """Bad bytes, too long, wrong type: 400."""

    status = 400
    title = _("This cannot be read")
