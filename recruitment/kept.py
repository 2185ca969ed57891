"""What someone typed whose sign-in had expired: kept in the session, and back in the form after signing in.

Django keeps an anonymous session's data when it becomes a signed-in one. A form that was shown to a signed-in person
carries a signed mark of whose it is, so that nobody else who signs in on the same machine gets to read it. What comes
without one, from a form that was filled in by a script or shown to nobody, waits a short while only.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from django import forms
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import QueryDict

from recruitment import groups
from recruitment.enums import Group
from recruitment.forms.applying import ApplicationForm
from recruitment.models import Call
from taskforce.core.clock import real_now
from taskforce.core.text import clean
from taskforce.questions.fields import LongText, SeveralChoices

_SIGNER = signing.Signer(salt="recruitment.kept.owner")
# For so long what is nobody's waits for whoever signs in.
WITHIN = timedelta(minutes=15)
# Room for a choice or a box, and for the mark of an owner: more than our own forms ever send.
_CODE = 50
_MARK = 200


class Kept(NamedTuple):
    """The fields as they were typed, and the versions of the groups that they were typed on, by the names of their
    fields, as they were posted."""

    fields: dict[str, str | list[str]]
    versions: dict[str, str]


def owner_mark(user: Any) -> str:
    """The mark of whose form this is, for a hidden field `owner`."""
    return _SIGNER.sign(str(user.pk))


def keep(session: SessionBase, call: Call, posted: QueryDict) -> bool:
    """Remember the fields of the call's own form from a post without sign-in.

    False, and nothing kept, where they hold more than the form has room for: that is worth a row in the
    database to nobody but an attacker.
    """
    form = ApplicationForm(call, posted)
    fields = {name: _sent(form, name) for name in form.fields if name in form.data}
    if sum(sum(map(len, each)) if isinstance(each, list) else len(each) for each in fields.values()) > _most(form):
        return False
    versions = {name: posted.get(name, "") for name in map(groups.version_name, Group) if name in posted}
    session[_key(call)] = {
        "fields": fields,
        # One character more than can be right: a damaged version stays damaged, and is refused as one.
        "versions": {name: clean(raw[: groups.LONGEST_TOKEN + 1]) for name, raw in versions.items()},
        "owner": clean(posted.get("owner", "")[:_MARK]),
        "at": real_now().timestamp(),
    }
    return True


def _sent(form: ApplicationForm, name: str) -> str | list[str]:
    """What came in a field; all of it where it takes several choices."""
    if isinstance(form.fields[name], SeveralChoices) and isinstance(form.data, QueryDict):
        return [str(each) for each in form.data.getlist(name)]
    return str(form.data[name])


def most(call: Call) -> int:
    """How many characters of a post to this call are kept."""
    return _most(ApplicationForm(call))


def _most(form: ApplicationForm) -> int:
    return sum(map(_room, form.fields.values()))


def _room(field: forms.Field) -> int:
    """How many characters a field can hold."""
    if isinstance(field, LongText):
        return field.most
    if isinstance(field, SeveralChoices):
        return _CODE * len(field.codes)
    return getattr(field, "max_length", None) or _CODE


def find(session: SessionBase, call: Call, user: Any) -> Kept | None:
    """What is kept for this person and call; what another person typed is thrown away, not shown."""
    found = session.get(_key(call))
    if found is None:
        return None
    is_theirs = found["owner"] == owner_mark(user) if found["owner"] else _is_fresh(found)
    if not is_theirs:
        drop(session, call)
        return None
    return Kept(found["fields"], found.get("versions", {}))


def _is_fresh(found: dict[str, Any]) -> bool:
    """Whether it was typed a short while ago; what was kept before there were times is not."""
    typed_at: float = found.get("at", 0)
    return 0 <= real_now().timestamp() - typed_at < WITHIN.total_seconds()


def drop(session: SessionBase, call: Call) -> None:
    """Forget it: it was saved."""
    session.pop(_key(call), None)


def _key(call: Call) -> str:
    return f"recruitment.kept.{call.pk}"
