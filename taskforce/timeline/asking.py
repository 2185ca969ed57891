"""What somebody asks to follow, and the token in the mail that asks whether they really do.

Signed with its time under a salt of its own, so that no other link's token is one, and sealed, so that whoever reads
logs learns no mailbox; bound to the mailbox, the task force and every choice that was made; of no use after a week.
What it opens is a page with a button: programs open links too.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from django.core import signing

from taskforce.core import sealedlinks

WORKS_FOR = timedelta(days=7)
_SALT = "taskforce.timeline.asking"
_LONGEST = 900


class Ask(NamedTuple):
    """A mailbox as it is stored, the task force and its topics, how soon, in which language and zone (IANA)."""

    mailbox: str
    task_force_id: int
    topics: tuple[str, ...]
    frequency: str
    language: str
    zone: str


class Expired(ValueError):
    """It was a token of ours, and its week is over; `ask` is what it said."""

    def __init__(self, ask: Ask) -> None:
        super().__init__("expired")
        self.ask = ask


def token(ask: Ask) -> str:
    """The token, for a path of an address."""
    return sealedlinks.seal([signing.dumps(list(ask), salt=_SALT)], _SALT)


def read(raw: str) -> Ask | None:
    """What a token says; None for one that is forged, damaged, too long or of another kind. Raises `Expired`."""
    if len(raw) > _LONGEST:
        return None
    try:
        # Mails that were sent before tokens were sealed hold the signed one itself, with `:` in it.
        (signed,) = [raw] if ":" in raw else sealedlinks.unseal(raw, _SALT)
        return _ask(signing.loads(signed, salt=_SALT, max_age=WORKS_FOR))
    except signing.SignatureExpired:
        raise Expired(_ask(signing.loads(signed, salt=_SALT))) from None
    except (signing.BadSignature, ValueError, TypeError):
        return None


def _ask(said: Any) -> Ask:
    mailbox, task_force_id, topics, frequency, language, zone = said
    return Ask(mailbox, task_force_id, tuple(topics), frequency, language, zone)
