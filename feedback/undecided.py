"""What waits for moderators: appeals of authors, reports of readers, and what is held until somebody has read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from feedback.enums import ItemState, Suspicion
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackWindow
from feedback.reporting import on_items, on_replies
from feedback.rules import WHO
from taskforce.accounts.queries import task_force_ids

PER_PAGE = 20


class Why(models.TextChoices):
    """Why an item waits, what is to be decided first in front."""

    APPEAL = "appeal", _("Its author has appealed")
    REPORTED = "reported", _("Readers have reported it")
    REPLY = "reply", _("Readers have reported a reply to it")
    HELD = "held", _("It is held: nobody else can read it yet")


WAITS = {
    Why.APPEAL: Q(state=ItemState.HIDDEN, appeal__outcome="", appeal__isnull=False),
    Why.REPORTED: Q(on_items(), state=ItemState.PUBLISHED),
    Why.REPLY: Q(on_replies(), state=ItemState.PUBLISHED),
    Why.HELD: Q(state=ItemState.HELD),
}


@dataclass(frozen=True)
class Chosen:
    """What of it somebody looks at; nothing chosen is everything."""

    why: str = ""
    window: int | None = None
    language: str = ""
    sign: str = ""


def waiting(user: Any, chosen: Chosen | None = None) -> QuerySet[FeedbackItem]:
    """The items about which the user may decide and that wait, each with `why`; appeals first, then reports, each the
    oldest first."""
    chosen = chosen or Chosen()
    found = _of(user).filter(_any(WAITS.values()))
    if chosen.why:
        found = found.filter(WAITS[Why(chosen.why)])
    if chosen.window:
        found = found.filter(window=chosen.window)
    if chosen.language:
        found = found.filter(language=chosen.language)
    if chosen.sign:
        found = found.filter(suspicion=chosen.sign)
    why = Case(*(When(one, then=Value(code.value)) for code, one in WAITS.items()), output_field=models.CharField())
    rank = Case(*(When(one, then=Value(place)) for place, one in enumerate(WAITS.values())))
    found = found.annotate(why=why, rank=rank).order_by("rank", "id")
    return found.select_related("window__phase__task_force", "appeal", "revision")


def page(user: Any, chosen: Chosen, number: Any) -> "Page[FeedbackItem]":
    """A page of it, and how much there is; two queries, whatever there is."""
    return Paginator(waiting(user, chosen), PER_PAGE).get_page(number)


def counts(user: Any) -> dict[str, int]:
    """{why: how many wait}, of those of which some do; one query."""
    sums = {code.value: Count("pk", filter=one) for code, one in WAITS.items()}
    return {code: number for code, number in _of(user).aggregate(**sums).items() if number}


def windows(user: Any) -> list[FeedbackWindow]:
    """The windows in which something waits, for the filter; one query."""
    found = FeedbackWindow.objects.filter(pk__in=_of(user).filter(_any(WAITS.values())).values("window"))
    return list(found.order_by("id"))


def signs() -> list[tuple[str, Any]]:
    """What an item may be held for."""
    return [(code.value, code.label) for code in Suspicion]


def appeals_of(items: Sequence[FeedbackItem]) -> Mapping[int, FeedbackAppeal]:
    """{item: its appeal} of those that have one; they came with the items."""
    return {item.pk: item.appeal for item in items if getattr(item, "appeal", None)}


def _of(user: Any) -> QuerySet[FeedbackItem]:
    everywhere, ids = task_force_ids(user, WHO["feedback.moderate"])
    found = FeedbackItem.objects.all() if everywhere else FeedbackItem.objects.filter(window__phase__task_force__in=ids)
    return found.order_by()


def _any(conditions: Any) -> Q:
    found = Q(pk__in=[])
    for one in conditions:
        found |= one
    return found
