"""What was said or changed last in a window, as its feed has it: items, each with its translation and what became of
it, and the replies to them, which are entries of their own."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Case, CharField, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest, TruncDay

from feedback import answering, queries, translated
from feedback.answering import Answer
from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.models import Disposition, FeedbackAnswer, FeedbackItem, FeedbackReply, FeedbackWindow
from feedback.translated import Translated

PER_PAGE = 30
_ITEM, _REPLY = "item", "reply"
# What everybody could read once leaves word of what became of it.
_KNOWN = Q(state=ItemState.PUBLISHED) | Q(was_public=True)


class Entry(NamedTuple):
    """An item as it stands with all that everybody reads of it, or a `reply` to it; `changed_at` is when that changed
    last: it came, was let through, changed, hidden or withdrawn, or (an item) it was answered."""

    item: FeedbackItem
    reply: FeedbackReply | None
    changed_at: datetime
    answers: Sequence[FeedbackAnswer]
    became: Answer | None
    translation: Translated | None


class Page(NamedTuple):
    """A page of the feed: its entries, its number, and whether there are older ones."""

    entries: Sequence[Entry]
    number: int
    has_older: bool


def page(window: FeedbackWindow, number: int, language: str) -> Page:
    """One page, counted from 1, for readers of a language; nine queries at most. Empty where there is none of that
    number."""
    start = (number - 1) * PER_PAGE
    rows = list(_changed(window)[start : start + PER_PAGE + 1])
    return Page(_entries(window, rows[:PER_PAGE], language), number, len(rows) > PER_PAGE)


def _changed(window: FeedbackWindow) -> "QuerySet[Any, Any]":
    """The rows of what everybody may read, or could once; the day (UTC) of its last change first, within a day by the
    references, which are random.

    A translation is no change of what was said, nor is a reply, which is an entry itself.
    """
    said = FeedbackItem.objects.filter(_KNOWN, window=window, visibility__in=sorted(FOR_EVERYBODY)).order_by()
    own = Disposition.objects.filter(item=OuterRef("pk"), stands=True)
    shared = Disposition.objects.filter(theme__themed__item=OuterRef("pk"), theme__themed__waits=False, stands=True)
    told = Coalesce(Subquery(own.values("release__at")[:1]), Subquery(shared.values("release__at")[:1]))
    answered = Case(When(state=ItemState.PUBLISHED, then=told), default=None, output_field=DateTimeField())
    items = said.annotate(
        changed_at=Greatest("received_at", "state_at", "edited_at", answered, output_field=DateTimeField()),
        is_of=Value(_ITEM, CharField()),
    )
    # Below what is gone nobody reads replies any more.
    replies = FeedbackReply.objects.filter(
        _KNOWN, item__window=window, item__state=ItemState.PUBLISHED, item__visibility__in=sorted(FOR_EVERYBODY)
    ).order_by()
    replied = replies.annotate(
        changed_at=Greatest("received_at", "state_at", output_field=DateTimeField()), is_of=Value(_REPLY, CharField())
    )
    columns = ("day", "reference", "is_of", "pk", "changed_at")
    parts = [one.annotate(day=TruncDay(F("changed_at"), tzinfo=UTC)).values_list(*columns) for one in (items, replied)]
    return parts[0].union(parts[1], all=True).order_by("-day", "reference")


def _entries(window: FeedbackWindow, rows: Sequence[Any], language: str) -> list[Entry]:
    ids = {kind: [pk for _day, _reference, of, pk, _at in rows if of == kind] for kind in (_ITEM, _REPLY)}
    replies = FeedbackReply.objects.select_related("item").in_bulk(ids[_REPLY])
    items = (
        FeedbackItem.objects.select_related("revision")
        .defer("search_text", "translated_text", "fingerprint")
        .in_bulk(ids[_ITEM])
    )
    standing = [item for item in items.values() if item.state == ItemState.PUBLISHED]
    answers, became = queries.answers_of(standing), answering.answers_of(standing)
    translations = translated.for_readers(standing, answers, language)
    found = []
    for _day, _reference, kind, pk, at in rows:
        reply = replies[pk] if kind == _REPLY else None
        item = reply.item if reply else items[pk]
        item.window = window
        if reply:
            found.append(Entry(item, reply, at, (), None, None))
        else:
            found.append(Entry(item, None, at, answers.get(pk, ()), became.get(pk), translations.get(pk)))
    return found
