"""Public reading pages of texts: the same bytes for everybody, so they never ask who is there."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from proposals import (
    addresses,
    archive,
    chronicle,
    comparing,
    current,
    drawing,
    endings,
    heads,
    kept,
    paragraphs,
    queries,
)
from proposals.around import Around, around
from proposals.forms import CompareForm, HistoryForm
from proposals.models import Proposal
from proposals.reading import Reading
from taskforce.core import fragments, labels, languages, slots
from taskforce.core.clock import app_now
from taskforce.core.context import language_links
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import caching, describe, offers
from taskforce.timeline import queries as timeline

_REVISIONS_PER_PAGE = 100
# So many names can be chosen from; an older one is still in the list of all revisions.
_EDITORS = 300


@require_safe
def text(request: HttpRequest, task_force: str, proposal: str) -> HttpResponseBase:
    """The text as it is now."""
    language = _language()

    def drawn(page: current.Page) -> bytes:
        return render(request, "proposals/text.html", _text_context(request, page, language)).content

    return kept.page(request, task_force, proposal, language, drawn)


def _text_context(request: HttpRequest, page: current.Page, language: str) -> dict[str, Any]:
    for shown in page.reading.units():
        shown.extras = _slot("proposal.unit", shown, language)
    context = _text_page(request, page.proposal, page.reading) | {
        "ended": endings.ended(page.proposal, page.successor),
        "verdict": describe.verdict(page.verdict, holds=True) if page.verdict else None,
        "at": page.at,
        "has_phases": page.has_phases,
        "timeline": _timeline(page, language),
        "revision": page.revision,
        "revision_url": addresses.revision_url(page.proposal, page.revision.number) if page.revision else "",
        "extras": fragments.remembered(
            (current.SLOT, language, page.now.around),
            lambda: format_html_join("", "{}", ((extra,) for extra in _slot(current.SLOT, page, language))),
        ),
    }
    context["available"] = _available(context["text_url"], page.reading)
    context["crumbs"][-1] = (context["kind"], None)
    return context


def _timeline(page: current.Page, language: str) -> Callable[[bool], SafeString]:
    """Draws the timeline, with a heading of its own or without; once in each process as long as it says the same."""

    def drawn(has_heading: bool) -> SafeString:
        def draw() -> SafeString:
            steps = describe.rows(page.phases, page.at, offers.found_in(page.phases))
            name = "timeline_steps" if has_heading else "timeline"
            return render_to_string(f"components/{name}.html", {"phases": steps, "at": page.at})

        return fragments.remembered(("timeline", has_heading, language, page.now.around), draw)

    return drawn


@require_safe
def revision(request: HttpRequest, task_force: str, proposal: str, number: int) -> HttpResponseBase:
    """The text as it stood after a revision, for ever; archived once what it shows has a later one."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    act = queries.revision_or_404(found, number)
    language = _language()
    last = queries.current_revision(found)
    reading = queries.page_at(found, language, number)
    context = _text_page(request, found, reading) | {
        "ended": endings.ended(found, queries.successor(found, language)),
        "revision": act,
        "is_archived": archive.is_archived(found, reading, number),
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if last and number < last.number else None,
        "from_previous": addresses.difference_url(found, number - 1, number),
        "to_current": addresses.difference_url(found, number, last.number) if last and number < last.number else "",
        "extras": [extra for one in chronicle.told(found, [number]) for extra in _slot(chronicle.SLOT, one, language)],
    }
    context["crumbs"].append((_("Revision %(number)d") % {"number": number}, None))
    response = render(request, "proposals/revision.html", context)
    # The past has no phase that could begin while somebody reads.
    return caching.public_page(request, response, phases=(), at=app_now())


@require_safe
def unit(request: HttpRequest, task_force: str, proposal: str, unit: int) -> HttpResponseBase:
    """A paragraph for ever: whether it still stands, what it says or said last, the revisions that changed it."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    language, at = _language(), app_now()
    row = paragraphs.unit_or_404(found, unit)
    about = paragraphs.paragraph(found, row, language)
    phases = list(timeline.phases(found.task_force))
    page = paragraphs.UnitPage(found, row, phases, at, request.GET.get("page", ""))
    context = _page_around(request, found) | {
        "head": heads.head(request.path),
        "ended": endings.ended(found, queries.successor(found, language)),
        "paragraph": about,
        "extras": _slot(paragraphs.SLOT, page, language),
    }
    context["crumbs"].append((about.kind, None))
    response = render(request, "proposals/unit.html", context)
    return caching.public_page(request, response, phases=phases, at=at)


@require_safe
def history(request: HttpRequest, task_force: str, proposal: str) -> HttpResponseBase:
    """Every revision, newest first, or those of a language or an editor; two of them can be chosen to be compared."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    form = HistoryForm(request.GET, chronicle.edited_languages(found), chronicle.editors(found, _EDITORS))
    chosen = form.chosen()
    page = Paginator(chronicle.history(found, **chosen), _REVISIONS_PER_PAGE).get_page(request.GET.get("page"))
    last, language = queries.current_revision(found), _language()
    beside = chronicle.told(found, [act.number for act in page])
    context = _page_around(request, found) | {
        "ended": endings.ended(found, queries.successor(found, language)),
        "page": page,
        "entries": [
            {"entry": entry, "extras": _slot(chronicle.SLOT, one, language)}
            for entry, one in zip(comparing.entries(found, list(page)), beside, strict=True)
        ],
        "current": last.number if last else None,
        "form": form,
        "is_chosen": bool(chosen or form.errors),
        "unchanged": form.unchanged and describe.in_language(languages.OWN_NAMES[form.unchanged], form.unchanged),
        "kept": f"{urlencode(chosen)}&" if chosen else "",
        "compare_url": reverse("proposals:compare", kwargs={"task_force": task_force, "proposal": proposal}),
    }
    context["crumbs"].append((_("History"), None))
    response = render(request, "proposals/history.html", context)
    # The past has no phase that could begin while somebody reads.
    return caching.public_page(request, response, phases=(), at=app_now())


@require_safe
def compare(request: HttpRequest, task_force: str, proposal: str) -> HttpResponseBase:
    """From two revisions, chosen in the history, to the page of their difference; without them, back to choose."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    form = CompareForm(request.GET)
    if not form.is_valid():
        return redirect("proposals:history", task_force=task_force, proposal=proposal)
    old, new = sorted((form.cleaned_data["old"], form.cleaned_data["new"]))
    return redirect(addresses.difference_url(found, old, new))


@require_safe
def difference(request: HttpRequest, task_force: str, proposal: str, old: int, new: int) -> HttpResponseBase:
    """What changed in the reader's language between two revisions, the older one first; 0 is before the first."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    if old > new:
        old, new = new, old
        queries.revision_or_404(found, new)
        return redirect(addresses.difference_url(found, old, new))
    language = _language()
    before = queries.revision_or_404(found, old) if old else None
    context = _page_around(request, found) | {
        "ended": endings.ended(found, queries.successor(found, language)),
        "old": before,
        "new": queries.revision_or_404(found, new),
        "difference": comparing.difference(found, language, old, new),
        "earlier": comparing.earlier(found, language, old),
        "later": comparing.later(found, language, new),
    }
    context["crumbs"] += [(_("History"), context["history_url"]), (_("Difference"), None)]
    response = render(request, "proposals/diff.html", context)
    # The past has no phase that could begin while somebody reads.
    return caching.public_page(request, response, phases=(), at=app_now())


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _page_title(kind: str, title: str, task_force: str) -> str:
    """What the browser's tab says: a text that has its task force's name says only what kind of text it is."""
    parts = [kind, task_force] if title == task_force else [title, kind, task_force]
    return " · ".join(parts)


def _text_page(request: HttpRequest, proposal: Proposal, reading: Reading) -> dict[str, Any]:
    """What a page needs that shows the text."""
    said = Around(reading.title.plain if reading.title else "", reading.percents)
    return _context(request, proposal, said) | {"reading": reading, "head": heads.head(request.path, reading)}


def _page_around(request: HttpRequest, proposal: Proposal) -> dict[str, Any]:
    """What a page needs that is about the text and does not show it."""
    return _context(request, proposal, around(proposal, _language()))


def _context(request: HttpRequest, proposal: Proposal, said: Around) -> dict[str, Any]:
    """What all these pages need; the last crumb leads to the text itself."""
    places = addresses.of(proposal)
    kind = capfirst(proposal.get_kind_display())
    title = said.title or _("Text without a title")
    return {
        "proposal": proposal,
        "task_force": proposal.task_force,
        "kind": kind,
        "text_title": title,
        "page_title": _page_title(kind, title, labels.label(proposal.task_force, "name").text),
        "language_links": language_links(request, said.percents),
        "text_url": places.text,
        "history_url": places.history,
        "translate_url": places.translate,
        "crumbs": [
            (_("Home"), places.home),
            (translated(proposal.task_force, "name"), places.task_force),
            (kind, places.text),
        ],
    }


def _available(address: str, reading: Reading) -> SafeString:
    """`address` is the text's in the page's own language, which it begins with."""
    tail = address.removeprefix(f"/{reading.language}")
    ways = (drawing.Way(code, name, percent, f"/{code}{tail}") for code, name, percent in reading.available)
    return drawing.available(ways, reading.language)


def _slot(name: str, obj: Any, language: str) -> list[SafeString]:
    """What higher rooms put on the page; each filler's context is the whole context of its template."""
    return [render_to_string(template, context) for template, context in slots.contents(name, obj, language)]
