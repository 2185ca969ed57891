"""What waits for moderators, items and replies alike: appeals of authors, reports of readers, and what is held."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from feedback import queries
from feedback.enums import ItemState, Suspicion
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackReply, FeedbackReport, FeedbackWindow
from feedback.reporting import on_items, on_replies
from feedback.rules import WHO
from taskforce.accounts.queries import task_force_ids

PER_PAGE = 20
Text = FeedbackItem | FeedbackReply
_WINDOW: dict[type[Text], str] = {FeedbackItem: "window", FeedbackReply: "item__window"}


class Why(models.TextChoices):
    """Why an item waits, what is to be decided first in front."""

    APPEAL = "appeal", _("Its author has appealed")
    REPORTED = "reported", _("Readers have reported it")
    REPLY = "reply", _("Readers have reported a reply to it")
    HELD = "held", _("It is held: nobody else can read it yet")


_OPEN_APPEALS = FeedbackAppeal.objects.filter(outcome="")
# The open one of each text, as `appeal_of` gives it.
_APPEALS = [Prefetch("appeals", _OPEN_APPEALS, to_attr="open_appeals")]


def _alike(name: str) -> dict[Why, Q]:
    """What waits of items as of replies; by the `name` that an appeal has for them."""
    appealed = Exists(_OPEN_APPEALS.filter(**{name: OuterRef("pk")}))
    return {Why.APPEAL: Q(appealed, state=ItemState.HIDDEN), Why.HELD: Q(state=ItemState.HELD)}


# What readers have reported of a reply stands at the item.
_REPORTED = {
    Why.REPORTED: Q(on_items(), state=ItemState.PUBLISHED),
    Why.REPLY: Q(on_replies(), state=ItemState.PUBLISHED),
}
WAITS: dict[type[Text], dict[Why, Q]] = {FeedbackItem: {**_alike("item"), **_REPORTED}, FeedbackReply: _alike("reply")}


def version(text: Text) -> str:
    """What a moderator has before them, for the form: other words or another state have another version."""
    return f"{text.edits if isinstance(text, FeedbackItem) else 0}-{text.state}"


@dataclass(frozen=True)
class Chosen:
    """What of it somebody looks at; nothing chosen is everything."""

    why: str = ""
    window: int | None = None
    language: str = ""
    sign: str = ""


def page(user: Any, chosen: Chosen, number: Any) -> "Page[Any]":
    """A page of the items and replies about which the user may decide and that wait, each with `why`: appeals first,
    then reports, each the oldest first. Four queries, whatever there is."""
    rows = [_rows(_of(user, model), model, chosen) for model in (FeedbackItem, FeedbackReply)]
    found = Paginator(rows[0].union(rows[1], all=True).order_by("rank", "received_at", "kind", "pk"), PER_PAGE)
    shown = found.get_page(number)
    shown.object_list = _whole(list(shown.object_list))
    return shown


class Span(NamedTuple):
    """What of all that is held is still to be looked at: behind this item and this reply, of what came until then."""

    item: int
    reply: int
    until: datetime


def held(user: Any, chosen: Chosen, span: Span) -> int:
    """How much that is; two queries."""
    return sum(found.count() for found in _held(user, chosen, span))


def next_held(user: Any, chosen: Chosen, span: Span, most: int) -> tuple[list[int], list[int]]:
    """The next items, and where there are no more of them the next replies."""
    items, replies = (
        list(found.order_by("pk").values_list("pk", flat=True)[:most]) for found in _held(user, chosen, span)
    )
    return items, replies[: most - len(items)]


def _held(user: Any, chosen: Chosen, span: Span) -> list[QuerySet[Any]]:
    only = replace(chosen, why=Why.HELD)
    after: dict[type[Text], int] = {FeedbackItem: span.item, FeedbackReply: span.reply}
    return [
        _chosen(_of(user, model), model, only).filter(pk__gt=pk, received_at__lte=span.until)
        for model, pk in after.items()
    ]


def _rows(found: QuerySet[Any], model: type[Text], chosen: Chosen) -> QuerySet[Any]:
    waits = WAITS[model]
    found = _chosen(found, model, chosen)
    # In the order of `Why`, which is that of the page.
    ranked = [(place, code, waits[code]) for place, code in enumerate(Why) if code in waits]
    why = Case(*(When(one, then=Value(code.value)) for _place, code, one in ranked), output_field=models.CharField())
    rank = Case(*(When(one, then=Value(place)) for place, _code, one in ranked))
    kind = Value(model.__name__, output_field=models.CharField())
    rows: QuerySet[Any] = found.annotate(why=why, rank=rank, kind=kind).values_list(
        "kind", "pk", "why", "rank", "received_at"
    )
    return rows


def _chosen(found: QuerySet[Any], model: type[Text], chosen: Chosen) -> QuerySet[Any]:
    window, waits = _WINDOW[model], WAITS[model]
    found = found.filter(waits.get(Why(chosen.why), _any([])) if chosen.why else _any(waits.values()))
    if chosen.window:
        found = found.filter(**{window: chosen.window})
    if chosen.language:
        found = found.filter(queries.in_language(chosen.language))
    if chosen.sign:
        found = found.filter(suspicion=chosen.sign)
    return found


def _whole(rows: list[Any]) -> list[Any]:
    """The items and replies of these rows, in their order."""
    ids: dict[str, list[int]] = {model.__name__: [] for model in _WINDOW}
    for kind, pk, *_rest in rows:
        ids[kind].append(pk)
    items = FeedbackItem.objects.select_related("window__phase__task_force", "revision").prefetch_related(*_APPEALS)
    replies = FeedbackReply.objects.select_related("item__window__phase__task_force").prefetch_related(*_APPEALS)
    found: dict[tuple[str, int], Any] = {
        (model.__name__, one.pk): one
        for model, texts in ((FeedbackItem, items), (FeedbackReply, replies))
        for one in texts.filter(pk__in=ids[model.__name__])
    }
    for kind, pk, why, *_rest in rows:
        found[kind, pk].why = why
    return [found[kind, pk] for kind, pk, *_rest in rows]


def counts(user: Any) -> dict[str, int]:
    """{why: how many wait} for this person, of those of which some do; two queries. Somebody else decides about what
    they have sent themselves, and about an appeal against what they have hidden or reported."""
    found = Counter[str]()
    for model, waits in WAITS.items():
        others = {**waits, Why.APPEAL: waits[Why.APPEAL] & ~_is_party(user, model)}
        counts = {code.value: Count("pk", filter=one) for code, one in others.items()}
        found.update(_of(user, model).exclude(_is_own(user, model)).aggregate(**counts))
    return {code: number for code, number in found.items() if number}


def windows(user: Any) -> list[FeedbackWindow]:
    """The windows in which something waits, for the filter; one query."""
    waits = [_of(user, model).filter(_any(WAITS[model].values())).values(window) for model, window in _WINDOW.items()]
    return list(FeedbackWindow.objects.filter(Q(pk__in=waits[0]) | Q(pk__in=waits[1])).order_by("id"))


def signs() -> list[tuple[str, Any]]:
    """What an item may be held for."""
    return [(code.value, code.label) for code in Suspicion]


def _of(user: Any, model: type[Text]) -> QuerySet[Any]:
    everywhere, ids = task_force_ids(user, WHO["feedback.moderate"])
    found: QuerySet[Any] = model._default_manager.order_by()
    return found if everywhere else found.filter(**{f"{_WINDOW[model]}__phase__task_force__in": ids})


def _is_own(user: Any, model: type[Text]) -> Q:
    """As `rules.may_moderate` says it."""
    found = Q(author=user.pk, author__isnull=False)
    return found | Q(entered_by=user.pk, entered_by__isnull=False) if model is FeedbackItem else found


def _is_party(user: Any, model: type[Text]) -> Q:
    """As `rules.may_decide_appeal` says it besides."""
    name = "item" if model is FeedbackItem else "reply"
    reports = FeedbackReport.objects.filter(**{name: OuterRef("pk")}, reporter=user.pk)
    reported = Exists(reports.filter(reply=None) if model is FeedbackItem else reports)
    hidden = Exists(_OPEN_APPEALS.filter(**{name: OuterRef("pk")}, hidden_by=user.pk))
    return Q(hidden) | Q(reported)


def _any(conditions: Any) -> Q:
    found = Q(pk__in=[])
    for one in conditions:
        found |= one
    return found
