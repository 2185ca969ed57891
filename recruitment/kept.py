"""What someone typed whose sign-in had expired: kept in the session, and back in the form after signing in.

Django keeps an anonymous session's data when it becomes a signed-in one. A form that was shown to a signed-in person
carries a signed mark of whose it is, so that nobody else who signs in on the same machine gets to read it.
"""

from typing import Any, NamedTuple

from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import QueryDict

from recruitment.models import Call

_SIGNER = signing.Signer(salt="recruitment.kept.owner")
# Longer than any application can be; more is not worth a row in the database to anybody but an attacker.
MOST = 200_000


class Kept(NamedTuple):
    """The fields as they were typed, and the version of the draft that they were typed on, as it was posted."""

    fields: dict[str, str]
    version: str | None


def owner_mark(user: Any) -> str:
    """The mark of whose form this is, for a hidden field `owner`."""
    return _SIGNER.sign(str(user.pk))


def keep(session: SessionBase, call: Call, posted: QueryDict) -> bool:
    """Remember the typed fields of a post without sign-in; False, and nothing kept, where they are too long."""
    fields = {name: str(posted[name]) for name in posted if name.startswith("q-")}
    fields |= {name: str(posted[name]) for name in ("name", "publish_name") if name in posted}
    if sum(len(name) + len(value) for name, value in fields.items()) > MOST:
        return False
    session[_key(call)] = {
        "fields": fields,
        "version": posted.get("version"),
        "owner": posted.get("owner", ""),
    }
    return True


def find(session: SessionBase, call: Call, user: Any) -> Kept | None:
    """What is kept for this person and call; what another person typed is thrown away, not shown."""
    found = session.get(_key(call))
    if found is None:
        return None
    if found["owner"] and found["owner"] != owner_mark(user):
        drop(session, call)
        return None
    return Kept(found["fields"], found["version"])


def drop(session: SessionBase, call: Call) -> None:
    """Forget it: it was saved."""
    session.pop(_key(call), None)


def _key(call: Call) -> str:
    return f"recruitment.kept.{call.pk}"
