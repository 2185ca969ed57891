"""Sessions in the database, sealed: whoever reads the table or a backup of it reads no code, no address, no form.

Until somebody has signed in, a session holds what they typed: the address, the code that was sent there (allauth's own
state holds it as it is), a form that waits for the sign-in.
"""

from contextlib import suppress
from typing import Any

from django.contrib.sessions.backends import db

from taskforce.accounts import sealing


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
