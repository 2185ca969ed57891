"""The mails of the timeline: one function per mail."""

from taskforce.timeline.notices import dates
from taskforce.timeline.notices.dates import extended

__all__ = ["extended", "register"]


def register() -> None:
    """Make the timeline's mails known to the outbox; called once when the app is ready."""
    dates.register()
