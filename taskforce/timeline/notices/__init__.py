"""The mails of the timeline: one function per mail."""

from taskforce.timeline.notices import bulletins, dates, digests, events, following, verdicts
from taskforce.timeline.notices.dates import changed
from taskforce.timeline.notices.digests import Told, digest
from taskforce.timeline.notices.events import noticed
from taskforce.timeline.notices.following import confirm, invite, known, take_back_questions
from taskforce.timeline.notices.verdicts import decided

__all__ = [
    "Told",
    "changed",
    "confirm",
    "decided",
    "digest",
    "invite",
    "known",
    "noticed",
    "register",
    "take_back_questions",
]


def register() -> None:
    """Make the timeline's mails known to the outbox; called once when the app is ready."""
    dates.register()
    events.register()
    digests.register()
    bulletins.register()
    following.register()
    verdicts.register()
