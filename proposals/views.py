"""Public reading pages of texts: the same bytes for everybody, so they never ask who is there."""

from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from proposals import queries
from proposals.models import Proposal, Revision
from proposals.reading import Reading
from taskforce.core import labels, languages, slots
from taskforce.core.clock import app_now
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import caching, describe, offers
from taskforce.timeline import queries as timeline

_REVISIONS_PER_PAGE = 100


@require_safe
def text(request: HttpRequest, task_force: str, proposal: str) -> HttpResponseBase:
    """The text as it is now."""
    at = app_now()
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    language = _language()
    units = queries.live_units(found)
    reading = queries.page(found, language, units)
    by_id = {unit.pk: unit for unit in units}
    for shown in reading.units():
        shown.extras = _slot("proposal.unit", by_id[shown.id], language)
    # Also without a timeline of its own: what higher rooms put on the page begins and ends with the phases.
    phases = list(timeline.phases(found.task_force))
    context = _context(found, reading) | {
        "at": at,
        "steps": describe.rows(phases, at, offers.found(phases)) if reading.has_timeline else [],
        "revision": queries.current_revision(found),
        "extras": _slot("proposal.page", found, language),
        "available": _available(found, reading),
    }
    context["crumbs"][-1] = (context["kind"], None)
    response = render(request, "proposals/text.html", context)
    return caching.public_page(request, response, phases=phases, at=at)


@require_safe
def revision(request: HttpRequest, task_force: str, proposal: str, number: int) -> HttpResponseBase:
    """The text as it stood after a revision, for ever; archived once the language has a later one."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    act = queries.revision_or_404(found, number)
    language = _language()
    last = queries.current_revision(found)
    reading = queries.page_at(found, language, number)
    context = _context(found, reading) | {
        "revision": act,
        "is_archived": queries.has_later(found, language, number),
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if last and number < last.number else None,
    }
    context["crumbs"].append((_("Revision %(number)d") % {"number": number}, None))
    response = render(request, "proposals/revision.html", context)
    # The past has no phase that could begin while somebody reads.
    return caching.public_page(request, response, phases=(), at=app_now())


@require_safe
def history(request: HttpRequest, task_force: str, proposal: str) -> HttpResponseBase:
    """Every revision, newest first."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    page = Paginator(queries.history(found), _REVISIONS_PER_PAGE).get_page(request.GET.get("page"))
    context = _context(found, queries.page(found, _language())) | {"page": page, "entries": _entries(page)}
    context["crumbs"].append((_("History"), None))
    response = render(request, "proposals/history.html", context)
    # The past has no phase that could begin while somebody reads.
    return caching.public_page(request, response, phases=(), at=app_now())


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _title(reading: Reading) -> str:
    return reading.title.plain if reading.title else _("Text without a title")


def _page_title(kind: str, title: str, task_force: str) -> str:
    """What the browser's tab says: a text that has its task force's name says only what kind of text it is."""
    parts = [kind, task_force] if title == task_force else [title, kind, task_force]
    return " · ".join(parts)


def _context(proposal: Proposal, reading: Reading) -> dict[str, Any]:
    """What all three pages need; the last crumb leads to the text itself."""
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug}
    group = reverse("task_force", kwargs={"task_force": proposal.task_force.slug})
    address = reverse("proposals:text", kwargs=names)
    kind = capfirst(proposal.get_kind_display())
    title = _title(reading)
    return {
        "proposal": proposal,
        "task_force": proposal.task_force,
        "reading": reading,
        "kind": kind,
        "text_title": title,
        "page_title": _page_title(kind, title, labels.label(proposal.task_force, "name").text),
        "text_url": address,
        "history_url": reverse("proposals:history", kwargs=names),
        "crumbs": [
            (_("Home"), reverse("home")),
            (translated(proposal.task_force, "name"), group),
            (kind, address),
        ],
    }


class _Entry(NamedTuple):
    """A revision in the history: the languages that it changed, and the one that it translated into, if that is all
    that there is to say about it."""

    revision: Revision
    is_current: bool
    changed: list[SafeString]
    translated_into: SafeString | None


def _entries(page: Page[Revision]) -> list[_Entry]:
    unexplained = [act for act in page if not act.summary]
    translations = queries.translations(unexplained)
    entries: list[_Entry] = []
    for act in page:
        codes = [content.language for content in act.contents.all()]
        changed = [describe.in_language(languages.OWN_NAMES[code], code) for code in codes]
        is_translation = len(codes) == 1 and act.pk in translations
        is_current = not page.has_previous() and not entries
        entries.append(_Entry(act, is_current, changed, changed[0] if is_translation else None))
    return entries


class _Link(NamedTuple):
    """A language that has some of the text, and the text's address in it."""

    code: str
    name: str
    percent: int
    url: str


def _available(proposal: Proposal, reading: Reading) -> list[_Link]:
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug}
    links = []
    for code, name, percent in reading.available:
        with override(code):
            links.append(_Link(code, name, percent, reverse("proposals:text", kwargs=names)))
    return links


def _slot(name: str, obj: Any, language: str) -> list[SafeString]:
    """What higher rooms put on the page; each filler's context is the whole context of its template."""
    return [render_to_string(template, context) for template, context in slots.contents(name, obj, language)]
