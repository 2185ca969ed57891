"""Whom an act on a call concerns, and what of a rubric it changes; the rubrics are as the act keeps them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q

from recruitment.enums import ApplicationState
from recruitment.models import Application, Call, NoReminders
from taskforce.core import languages

_AT_ONCE = 1000
Spec = Mapping[str, Any]


def to_tell_of_change(call: Call, *, drafts_too: bool) -> Iterator[list[Application]]:
    """The applications whose applicants hear of an act on their call, a thousand at a time: what was submitted, and
    `drafts_too` what was only begun, of people who want mails about that. Nothing that was withdrawn."""
    declined = NoReminders.objects.filter(call=call, applicant=OuterRef("applicant"))
    meant = Q(state=ApplicationState.SUBMITTED)
    if drafts_too:
        meant |= Q(~Exists(declined), state=ApplicationState.DRAFT, version__gt=0)
    rows = Application.objects.filter(meant, call=call, applicant__is_active=True).select_related("applicant")
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        last = batch[-1].pk
        yield batch


class Meant(NamedTuple):
    """What a score of a criterion meant, and what it means now, by language."""

    labels: Mapping[str, str]
    score: int
    before: Mapping[str, str]
    now: Mapping[str, str]


def is_weighed_otherwise(old: Sequence[Spec], new: Sequence[Spec]) -> bool:
    """Whether the criteria, what they are called, their order or weights differ; not what helps to score them."""
    return [_weighed(one) for one in old] != [_weighed(one) for one in new]


class Reworded(NamedTuple):
    """A text of a criterion, `labels` or `help_texts`, that says something else in a language."""

    labels: Mapping[str, str]
    field: str
    language: str
    before: str
    now: str


def reworded(old: Sequence[Spec], new: Sequence[Spec]) -> list[Reworded]:
    """What criteria that were there are called otherwise, and what helps otherwise to score them, by language."""
    before = {one.get("criterion"): one for one in old}
    found = []
    for spec in new:
        was = before.get(spec.get("criterion"))
        if spec.get("criterion") is None or was is None:
            continue
        for field in ("labels", "help_texts"):
            says, said = spec.get(field, {}), was.get(field, {})
            found += [
                Reworded(was["labels"], field, code, said.get(code, ""), says.get(code, ""))
                for code in languages.CODES
                if said.get(code, "") != says.get(code, "")
            ]
    return found


def remeant(old: Sequence[Spec], new: Sequence[Spec]) -> list[Meant]:
    """The scores that mean something else than before, of criteria that were there."""
    before = {one.get("criterion"): one.get("meanings", {}) for one in old}
    found = []
    for spec in new:
        was, now = before.get(spec.get("criterion")), spec.get("meanings", {})
        if spec.get("criterion") is None or was is None:
            continue
        means = (Meant(spec["labels"], int(one), was.get(one, {}), now.get(one, {})) for one in sorted({*was, *now}))
        found += [one for one in means if one.before != one.now]
    return found


def _weighed(spec: Spec) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if name not in ("meanings", "help_texts")}
