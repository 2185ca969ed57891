"""What someone typed whose sign-in had expired: kept in the session, and back in the form after signing in.

Django keeps an anonymous session's data when it becomes a signed-in one. A form that was shown to a signed-in person
carries a signed mark of whose it is, so that nobody else who signs in on the same machine gets to read it. What comes
without one, from a form that was filled in by a script or shown to nobody, waits a short while only.

What was sent from one tab does not cost what was sent from another: what was written in different fields is shown
together, and in the same ones one after the other, the newest first. Each goes once it was sent from a form that showed
it, or was sent again as it was.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django import forms
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import QueryDict

from recruitment import groups, merging
from recruitment.enums import Group
from recruitment.forms.applying import LANGUAGE, ApplicationForm
from recruitment.models import Call
from taskforce.core.clock import real_now
from taskforce.core.text import clean, digest
from taskforce.questions.fields import LongText, SeveralChoices

_SIGNER = signing.Signer(salt="recruitment.kept.owner")
# For so long what is nobody's waits for whoever signs in.
WITHIN = timedelta(minutes=15)
# So many forms to a call wait at a time; the oldest is forgotten.
FORMS = 3
# The hidden field that says which of them a form shows.
SHOWN = "was_kept"
# Room for a choice or a box, and for the mark of an owner: more than our own forms ever send.
_CODE = 50
_MARK = 200
# As much of a digest as tells the few that are kept apart.
_DIGITS = 12
# Beside its name, what the mark of a field takes.
_MARKED = 12


class Kept(NamedTuple):
    """The fields as they were typed, and the versions of the groups that they were typed on with their marks, by the
    names of their fields, as they were posted; none of a group that did not say."""

    key: str
    fields: dict[str, str | list[str]]
    versions: dict[str, str]

    def typed(self, group: Group) -> dict[str, list[str]]:
        """What was typed in a group, by field."""
        return _typed(self.fields, group)

    def is_typed_on(self, group: Group) -> bool:
        """Whether it says on what the group was typed."""
        return groups.version_name(group) in self.versions


def owner_mark(user: Any) -> str:
    """The mark of whose form this is, for a hidden field `owner`."""
    return _SIGNER.sign(str(user.pk))


def keep(session: SessionBase, call: Call, posted: QueryDict) -> bool:
    """Remember the fields of the call's own form from a post without sign-in; what has none is not kept.

    False, and nothing kept, where they hold more than the form has room for: that is worth a row in the
    database to nobody but an attacker.
    """
    form = ApplicationForm(call, posted)
    fields = {name: _sent(form, name) for name in form.fields if name in form.data}
    if sum(sum(map(len, each)) if isinstance(each, list) else len(each) for each in fields.values()) > _most(form):
        return False
    if not any(map(any, fields.values())):
        return True
    new = {
        "fields": fields,
        "versions": _versions(form, posted),
        "owner": clean(posted.get("owner", "")[:_MARK]),
        "at": real_now().timestamp(),
    }
    new["key"] = digest(new)[:_DIGITS]
    others = []
    # Whoever sends a form that showed what was kept has gone on from that.
    for one in (one for one in _kept(session, call) if one["key"] != posted.get(SHOWN)):
        both = _together(one, new)
        if both is None:
            others.append(one)
        else:
            new = both
    session[_key(call)] = [*others[-(FORMS - 1) :], new]
    return True


def _versions(form: ApplicationForm, posted: QueryDict) -> dict[str, str]:
    """On what each group was typed, where that is said; one character more than can be right: a damaged version stays
    damaged, and is refused as one."""
    found = {}
    for group in Group:
        name, marked = groups.version_name(group), merging.marks_name(group)
        if not posted.get(name):
            continue
        found[name] = clean(posted.get(name, "")[: groups.LONGEST_TOKEN + 1])
        most = sum(len(field) + _MARKED for field in form.fields if groups.group_of(field) == group)
        if marked in posted and len(posted.get(marked, "")) <= most:
            found[marked] = clean(posted.get(marked, ""))
    return found


def _typed(fields: Mapping[str, str | list[str]], group: Group) -> dict[str, list[str]]:
    own = {name: said for name, said in fields.items() if groups.group_of(name) == group and name != LANGUAGE}
    return {name: said if isinstance(said, list) else [said] for name, said in own.items()}


def _written(one: Mapping[str, Any]) -> set[str]:
    """The fields in which somebody has written, by what the form was shown with."""
    marks = {group: one["versions"].get(merging.marks_name(group)) for group in Group}
    return set().union(*(merging.changed(_typed(one["fields"], group), marks[group]) for group in Group))


def _together(one: dict[str, Any], new: dict[str, Any]) -> dict[str, Any] | None:
    """Both in one form; None where the same field was written in two ways, or they are of two people."""
    former, later = _written(one), _written(new)
    differs = (name for name in former & later if one["fields"].get(name) != new["fields"].get(name))
    if one["owner"] != new["owner"] or any(differs):
        return None
    stays = former - later
    fields = {name: said for name, said in new["fields"].items() if name not in stays}
    fields |= {name: one["fields"][name] for name in stays if name in one["fields"]}
    versions = dict(new["versions"])
    for group in {groups.group_of(name) for name in stays}:
        # What was shown first: whatever is newer is told of.
        name, marked = groups.version_name(group), merging.marks_name(group)
        if _number(one, name) < _number(new, name):
            for each in (name, marked):
                versions.pop(each, None)
                versions |= {each: one["versions"][each]} if each in one["versions"] else {}
    return {**new, "fields": fields, "versions": versions}


def _number(one: Mapping[str, Any], name: str) -> int:
    number = one["versions"].get(name, "").partition("-")[0]
    return int(number) if number.isdecimal() else -1


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
    """The newest that is kept for this person and call; what another person typed is thrown away, not shown."""
    kept = _kept(session, call)
    left = [one for one in kept if (one["owner"] == owner_mark(user) if one["owner"] else _is_fresh(one))]
    if left != kept:
        _store(session, call, left)
    return Kept(left[-1]["key"], left[-1]["fields"], left[-1]["versions"]) if left else None


def _is_fresh(found: dict[str, Any]) -> bool:
    """Whether it was typed a short while ago; what was kept before there were times is not."""
    typed_at: float = found.get("at", 0)
    return 0 <= real_now().timestamp() - typed_at < WITHIN.total_seconds()


def drop(session: SessionBase, call: Call, posted: QueryDict, saved: Collection[Group] = tuple(Group)) -> None:
    """Forget what was saved by this post, in these groups: what its form showed, or what was sent again as it was."""
    kept, left = _kept(session, call), []
    for one in kept:
        written = {name for name in _written(one) if groups.group_of(name) in saved}
        is_again = all(_is_sent(one, name, posted) for name in written)
        rest = _without(one, saved) if is_again or one["key"] == posted.get(SHOWN) else one
        if any(map(any, rest["fields"].values())):
            left.append(rest)
    if left != kept:
        _store(session, call, left)


def _without(one: dict[str, Any], saved: Collection[Group]) -> dict[str, Any]:
    """The same without these groups."""
    said = {make(group) for group in saved for make in (groups.version_name, merging.marks_name)}
    return {
        **one,
        "fields": {name: text for name, text in one["fields"].items() if groups.group_of(name) not in saved},
        "versions": {name: text for name, text in one["versions"].items() if name not in said},
    }


def _is_sent(one: Mapping[str, Any], name: str, posted: QueryDict) -> bool:
    said = one["fields"].get(name, "")
    return merging.is_same(said if isinstance(said, list) else [said], posted.getlist(name))


def _kept(session: SessionBase, call: Call) -> list[dict[str, Any]]:
    """All that is kept for the call, the oldest first; what was kept otherwise before an update is no such thing."""
    kept = session.get(_key(call), [])
    return [one for one in kept if isinstance(one, dict) and "key" in one] if isinstance(kept, list) else []


def _store(session: SessionBase, call: Call, kept: list[dict[str, Any]]) -> None:
    if kept:
        session[_key(call)] = kept
    else:
        session.pop(_key(call), None)


def _key(call: Call) -> str:
    return f"recruitment.kept.{call.pk}"
