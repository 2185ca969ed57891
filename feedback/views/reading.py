"""What was said in a window, as everybody reads it: the same bytes for all, so these pages never ask who is there."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from feedback import answering, describe, listing, opendata, queries, responses, terms, translated
from feedback import frame as frames
from feedback.answered import became, shortly
from feedback.enums import ItemState
from feedback.forms.reading import ItemsForm
from feedback.models import FeedbackItem, FeedbackWindow
from proposals import addresses
from proposals.calling import Named
from proposals.paragraphs import quoted
from taskforce.core import labels, languages, packed, pagecache
from taskforce.core.clock import app_now
from taskforce.core.templatetags.portal import translated as called
from taskforce.timeline import caching, windows
from taskforce.timeline import queries as timeline
from taskforce.timeline.models import TaskForce


@require_safe
def items(request: HttpRequest, task_force: str, window: str) -> HttpResponseBase:
    """What was said, narrowed as the reader asks; eight queries at most, whatever there is."""
    frame = frames.frame_or_404(task_force, window)
    found, language = frame.window, get_language() or "en"
    form = ItemsForm(request.GET, frame.questions, frame.offered)
    chosen = form.chosen()
    groups = listing.groups(found, chosen or listing.Chosen())
    called = listing.called({group.unit for group in groups} - {listing.WHOLE}, language)
    form.offer(groups, called)
    page = listing.page(found, chosen, groups, request.GET.get("page")) if chosen else None
    total = sum(group.total for group in groups)
    context = {
        **_about(found, _("What was said")),
        "form": form,
        "filters": form.filters(),
        "query": form.query,
        "page": page,
        "items": _said(frame, list(page), chosen, called) if page and chosen else [],
        "total": total,
        "is_answered": frame.offered.is_answered,
        "is_open": windows.is_open(found.phase, frame.at),
    }
    response = render(request, "feedback/items.html", context)
    return caching.public_page(request, response, phases=[found.phase], at=frame.at)


@require_safe
def item(request: HttpRequest, task_force: str, window: str, reference: str) -> HttpResponseBase:
    """One of them for ever; of what was hidden or withdrawn, that it was.

    Such a page is found (200), since it has something to say to whoever comes by a link, and no search engine keeps it.
    """
    found, at = queries.window_or_404(task_force, window), app_now()
    one = listing.item_or_404(found, reference)
    about = _about(found, one.reference)
    about["crumbs"].insert(-1, (_("What was said"), about["items_url"]))
    response = render(request, "feedback/item.html", {**about, **_item(one, at, request.GET.get("page"))})
    return caching.public_page(request, response, phases=[found.phase], at=at)


def _item(item: FeedbackItem, at: datetime, replies_page: str | None) -> dict[str, Any]:
    """All that everybody reads of it; nothing of what does not stand but that, since when, and why."""
    if item.state != ItemState.PUBLISHED:
        return {"item": item, "states": {item.state: True}, "is_gone": True}
    proposal, number, unit = item.window.proposal, listing.page_with(item), queries.paragraph_of(item)
    place = f"?page={number}" if number > 1 else ""
    return {
        "item": item,
        "answers": (answers := queries.answers(item)),
        "asked": listing.asked(item.window),
        "became": became(answering.answer_of(item), proposal),
        "when": describe.when(item),
        "licence": terms.LICENCE if item.terms else "",
        "licence_url": terms.licence_url(get_language() or "en"),
        "was_read": describe.was_read(item),
        **translated.on_item(item, answers, get_language() or "en"),
        **(about := responses.on_item(item, at, replies_page)),
        "said_in_reply": [describe.of_reply(one) for one in about["replies"]],
        "paragraph": quoted(unit, get_language() or "en") if unit else None,
        "language_name": languages.own_name(item.language),
        "revision_url": addresses.revision_url(proposal, item.revision.number) if item.revision else "",
        "place": f"{items_url(item.window)}{place}#{item.reference}",
    }


@require_safe
def feedback_json(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """What everybody may read of all windows, as a JSON list."""
    return _data(request, task_force, "json")


@require_safe
def feedback_csv(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """The same as CSV, one line for each answer."""
    return _data(request, task_force, "csv")


def _data(request: HttpRequest, task_force: str, form: str) -> HttpResponseBase:
    found, at = timeline.task_force_or_404(task_force), app_now()
    key, types = _key(found, form), {"json": "application/json", "csv": "text/csv; charset=utf-8"}
    response = StreamingHttpResponse(content_type=types[form])
    if form == "csv":
        response.headers["Content-Disposition"] = f'attachment; filename="{found.slug}-feedback.csv"'
    response.headers["Content-Language"] = "en"
    answer = caching.public_page(request, response, phases=timeline.phases(found), at=at, etag=_tag(key))
    if answer is response:
        # Whole before the first byte of it is sent: a fault is an answer of its own, and no data that ends midway.
        response.headers["ETag"], content = _packed(found, form, key)
        response.streaming_content = packed.opened(content)
    return answer


# Packed. What is longer is made anew for each reader.
_LONGEST_KEPT = 16 * 2**20


def _packed(task_force: TaskForce, form: str, key: str) -> tuple[str, bytes]:
    """The data and its tag; made once for all readers, as long as nothing changes that it is made of.

    Where something changes while it is made, it is kept for nobody.
    """
    kept = pagecache.get(key)
    if kept is not None:
        return _tag(key), kept.body
    content = packed.pack((opendata.as_json if form == "json" else opendata.as_csv)(task_force))
    tag = pagecache.etag(content)
    if _key(task_force, form) != key:
        return tag, content
    if len(content) <= _LONGEST_KEPT:
        pagecache.put(key, pagecache.Kept(tag, content))
    return _tag(key), content


def _key(task_force: TaskForce, form: str) -> str:
    return pagecache.key("open data", task_force.pk, form, opendata.version(task_force))


def _tag(key: str) -> str:
    return f'"{key[:32]}"'


def items_url(window: FeedbackWindow) -> str:
    """The list of what was said in a window."""
    return reverse("feedback:items", args=[window.phase.task_force.slug, window.slug])


def _said(
    frame: frames.Frame, items: Collection[FeedbackItem], chosen: listing.Chosen, called: dict[int, Named]
) -> list[dict[str, Any]]:
    answers = listing.answers(items, chosen, frame.questions)
    read = translated.for_readers(items, answers, get_language() or "en")
    places = describe.places(frame.window, [item.reference for item in items])
    themes = {theme.pk: theme for theme in frame.offered.themes}
    return [
        {
            "item": item,
            "answers": answers.get(item.pk, []),
            "translated": read.get(item.pk),
            "became": shortly(item, frame.window.proposal, themes),
            **describe.said(item, called.get(item.unit_id) if item.unit_id else None, places[item.reference]),
        }
        for item in items
    ]


def _about(window: FeedbackWindow, page: str) -> dict[str, Any]:
    """What both pages say about the window."""
    task_force, proposal = window.phase.task_force, window.proposal
    task_force_url = reverse("task_force", args=[task_force.slug])
    window_url = reverse("feedback:window", args=[task_force.slug, window.slug])
    return {
        "task_force": task_force,
        "window": window,
        "proposal": proposal,
        "window_title": labels.label(window, "title").text,
        "window_url": window_url,
        "items_url": items_url(window),
        "json_url": reverse("feedback_json", args=[task_force.slug]),
        "csv_url": reverse("feedback_csv", args=[task_force.slug]),
        "text_url": reverse("proposals:text", args=[task_force.slug, proposal.slug]),
        "crumbs": [
            (_("Home"), reverse("home")),
            (called(task_force, "name"), task_force_url),
            (called(window, "title"), window_url),
            (page, None),
        ],
    }
