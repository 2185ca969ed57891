"""What stands for the mailbox of an author who asked to be told what becomes of a text, and the link that stops it."""

from typing import NamedTuple

from taskforce.core import sealedlinks

# What is kept, and what stands in links.
_KEPT, _STOP = "feedback.told-mailbox", "feedback.stop-telling"
_LONGEST = 700


class Stop(NamedTuple):
    """Who wants to hear no more of what they sent in a window."""

    window_id: int
    mailbox: str


def sealed(item_id: int, mailbox: str) -> str:
    """A mailbox as it is kept with an item: of two items never alike."""
    return sealedlinks.seal([item_id, mailbox], _KEPT)


def mailbox_of(item_id: int, kept: str) -> str:
    """The mailbox that is kept with an item; "" where the portal cannot open it any more."""
    try:
        number, mailbox = sealedlinks.unseal(kept, _KEPT)
    except (sealedlinks.NoToken, TypeError, ValueError):
        return ""
    return str(mailbox) if number == item_id else ""


def stop_token(window_id: int, mailbox: str) -> str:
    """What stands in the link by which somebody stops it."""
    return sealedlinks.seal([window_id, mailbox.lower()], _STOP)


def to_stop(window_id: int, token: str) -> Stop | None:
    """What such a link says; None for one that is forged, damaged or of another window."""
    if len(token) > _LONGEST:
        return None
    try:
        number, mailbox = sealedlinks.unseal(token, _STOP)
    except (sealedlinks.NoToken, TypeError, ValueError):
        return None
    return Stop(number, str(mailbox)) if number == window_id else None
