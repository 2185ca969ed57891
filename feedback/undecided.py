"""What waits for moderators, items and replies alike: appeals of authors, reports of readers, and what is held."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from feedback import queries
from feedback.enums import ItemState, Suspicion
from feedback.models import FeedbackItem, FeedbackReply, FeedbackWindow
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


_ALIKE = {
    Why.APPEAL: Q(state=ItemState.HIDDEN, appeal__outcome="", appeal__isnull=False),
    Why.HELD: Q(state=ItemState.HELD),
}
# What readers have reported of a reply stands at the item.
_REPORTED = {
    Why.REPORTED: Q(on_items(), state=ItemState.PUBLISHED),
    Why.REPLY: Q(on_replies(), state=ItemState.PUBLISHED),
}
WAITS: dict[type[Text], dict[Why, Q]] = {FeedbackItem: {**_ALIKE, **_REPORTED}, FeedbackReply: _ALIKE}


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
    items = FeedbackItem.objects.select_related("window__phase__task_force", "appeal", "revision")
    replies = FeedbackReply.objects.select_related("item__window__phase__task_force", "appeal")
    found: dict[tuple[str, int], Any] = {
        (model.__name__, one.pk): one
        for model, texts in ((FeedbackItem, items), (FeedbackReply, replies))
        for one in texts.filter(pk__in=ids[model.__name__])
    }
    for kind, pk, why, *_rest in rows:
        found[kind, pk].why = why
    return [found[kind, pk] for kind, pk, *_rest in rows]


def counts(user: Any) -> dict[str, int]:
    """{why: how many wait} for this person, of those of which some do; two queries. About an appeal somebody else
    decides than who has hidden the text or sent it."""
    found = Counter[str]()
    for model, waits in WAITS.items():
        own = {**waits, Why.APPEAL: waits[Why.APPEAL] & ~_is_own(user, model)}
        found.update(_of(user, model).aggregate(**{code.value: Count("pk", filter=one) for code, one in own.items()}))
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
    """As `rules.may_decide_appeal` says it."""
    found = Q(appeal__hidden_by=user.pk) | Q(author=user.pk)
    return found | Q(entered_by=user.pk) if model is FeedbackItem else found


def _any(conditions: Any) -> Q:
    found = Q(pk__in=[])
    for one in conditions:
        found |= one
    return found
