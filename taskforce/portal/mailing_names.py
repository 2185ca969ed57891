"""What a mailing is called: its kind, and the text or the phase that it comes from, so that one is known from another.

Only here is known what all kinds of mailings are about; a list is worked out at once.
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recruitment.models import CallChange
from taskforce.announcements.models import Announcement
from taskforce.core.templatetags.portal import translated
from taskforce.core.templatetags.staff import isolated, sentence
from taskforce.notifications.admin import kind_name
from taskforce.notifications.models import Mailing
from taskforce.timeline.models import Bulletin, Extension, PhaseEvent, TaskForce, Verdict


class About(NamedTuple):
    """What a mailing is about, in the reader's language or the next of the chain: "" where nothing is known."""

    subject: str
    task_force: str


class _Source(NamedTuple):
    """Where a mailing's subject stands: under which of its params the row's key is, and what of the row it is."""

    rows: "QuerySet[Any]"
    path: str
    field: str


_SOURCES = {
    "announcement": _Source(Announcement.objects.all(), "", "title"),
    "bulletin": _Source(Bulletin.objects.all(), "", "subject"),
    "change": _Source(CallChange.objects.select_related("call"), "call", "title"),
    "event": _Source(PhaseEvent.objects.select_related("phase"), "phase", "title"),
    "extension": _Source(Extension.objects.select_related("phase"), "phase", "title"),
    "verdict": _Source(Verdict.objects.select_related("phase"), "phase", "title"),
}


def with_abouts(mailings: Iterable[Mailing]) -> list[Mailing]:
    """The same mailings, each knowing what it is about (`about_of`); at most one statement for each kind of source."""
    found = list(mailings)
    task_forces = TaskForce.objects.in_bulk({one.task_force_id for one in found if one.task_force_id})
    subjects = {name: _subjects(source, _keys(found, name)) for name, source in _SOURCES.items()}
    for one in found:
        own = (subjects[name].get(one.params.get(name)) for name in _SOURCES)
        subject = next(filter(None, own), "")
        task_force = task_forces.get(one.task_force_id or 0)
        one.about = About(subject, translated(task_force, "name") if task_force else "")  # type: ignore[attr-defined]  # ours, for this page
    return found


def _keys(mailings: Iterable[Mailing], name: str) -> set[int]:
    return {key for one in mailings if isinstance(key := one.params.get(name), int)}


def _subjects(source: _Source, keys: Collection[int]) -> dict[Any, str]:
    if not keys:
        return {}
    rows = source.rows.in_bulk(keys)
    owners: dict[int, Model] = {key: getattr(row, source.path) if source.path else row for key, row in rows.items()}
    return {key: translated(owner, source.field) for key, owner in owners.items()}


def about_of(mailing: Mailing) -> About:
    """What it is about; asked for one that no list has worked out, it costs a few statements."""
    if not hasattr(mailing, "about"):
        with_abouts([mailing])
    about: About = mailing.about  # type: ignore[attr-defined]  # set above
    return about


def short_name(mailing: Mailing) -> SafeString:
    """Its kind, what it is about, and its number: several can be about one thing."""
    subject = about_of(mailing).subject
    words = _("%(kind)s: %(subject)s, mailing %(number)s") if subject else _("%(kind)s, mailing %(number)s")
    values = {"kind": kind_name(mailing.kind), "number": str(mailing.pk)} | ({"subject": subject} if subject else {})
    return sentence(words, **values)


def full_name(mailing: Mailing) -> SafeString:
    """The same with the task force, for where no column beside it names that."""
    task_force = about_of(mailing).task_force
    return format_html("{} · {}", short_name(mailing), isolated(task_force)) if task_force else short_name(mailing)
