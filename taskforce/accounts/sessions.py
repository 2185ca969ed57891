"""Sessions in the database, sealed: whoever reads the table or a backup of it reads no code, no address, no form.

Until somebody has signed in, a session holds what they typed: the address, the code that was sent there (allauth's own
state holds it as it is), a form that waits for the sign-in.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends import db

from taskforce.accounts import sealing
from taskforce.core.clock import real_now

# In a session: what somebody typed whose sign-in had ended (`signed_out.py`), one of these for each page.
TYPED_SIGNED_OUT = "typed_signed_out"
# In one of them: that its page has shown it to its person.
SHOWN = "shown"
# For so long they are kept: longer than a code by mail works, by which their person comes back.
WITHIN = timedelta(minutes=30)


class SessionStore(db.SessionStore):
    """Django's, its data sealed. What was written before sessions were sealed is still read, and sealed when saved."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        """The data as they are stored."""
        return sealing.seal(super().encode(session_dict))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """The data; none where they are damaged, or sealed under a key that the portal no longer has."""
        # Else it is signed and not sealed, or nothing that Django reads either.
        with suppress(sealing.Unreadable):
            session_data = sealing.unseal(session_data if isinstance(session_data, str) else session_data.decode())
        found: dict[str, Any] = super().decode(session_data)
        return found

    def load(self) -> dict[str, Any]:
        """The data, without what somebody had typed signed out, once its half hour is over."""
        found: dict[str, Any] = super().load()
        if _forget_old(found):
            self.modified = True
        return found


def is_fresh(one: Mapping[str, Any]) -> bool:
    """Of what is kept signed out: not too old; what was kept before there were marks is nobody's, and is."""
    kept_at: float = one.get("at", 0)
    return 0 <= real_now().timestamp() - kept_at < WITHIN.total_seconds()


def _forget_old(session: dict[str, Any]) -> bool:
    """Take out what was typed too long ago; whether there was anything.

    Of what its person never got to see stays that there was something, until they can be told that it is gone
    (`signed_out.drop_others`).
    """
    stored = session.get(TYPED_SIGNED_OUT, [])
    # Before each page had its place, one form was kept: it is too old.
    kept = [] if isinstance(stored, dict) else stored
    left = [one if is_fresh(one) else {**one, "typed": {}} for one in kept if SHOWN not in one or is_fresh(one)]
    if left == stored:
        return False
    session[TYPED_SIGNED_OUT] = left
    if not left:
        del session[TYPED_SIGNED_OUT]
    return True
