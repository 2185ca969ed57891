"""What everybody reads of a window: the list of what was said, what it is narrowed by, and single items."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404

from feedback import answering, comments, queries, search
from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.models import RECEIVED_ON, FeedbackAnswer, FeedbackItem, FeedbackWindow
from proposals import calling
from proposals.models import UnitText
from taskforce.core import languages
from taskforce.questions.enums import PARAGRAPH
from taskforce.questions.models import Question, QuestionSetVersion

PER_PAGE = 20
# So few of each group that has the words are named as they are counted: texts are looked through once and not again.
FEW = 100
# In place of a paragraph: what is about none, but about the text as a whole.
WHOLE = 0
# What most people agree with first, in place of the newest day.
AGREED = "agreed"


@dataclass(frozen=True)
class Chosen:
    """What of it a reader asks for: all of the words, one language, one channel, what answers one question, what is
    about one paragraph (`WHOLE`: about none), what is in one theme, what this became of (`answering.UNDECIDED`: nothing
    yet), what one revision has taken up, in which order. Nothing chosen is everything, the newest day first."""

    words: Sequence[str] = ()
    language: str = ""
    channel: str = ""
    question: int | None = None
    unit: int | None = None
    theme: int | None = None
    disposition: str = ""
    revision: int | None = None
    sort: str = ""


class Group(NamedTuple):
    """How many items one language, channel and paragraph have: all of them, and those that were `found`, that is, which
    have the words and answer the question. `ids` are those that were found by words, as long as they are `FEW`."""

    language: str
    channel: str
    unit: int
    total: int
    found: int
    ids: Sequence[int] = ()

    def is_of(self, chosen: Chosen) -> bool:
        """Whether it is asked for."""
        return (
            chosen.language in ("", self.language)
            and chosen.channel in ("", self.channel)
            and chosen.unit in (None, self.unit)
        )


def total(window: FeedbackWindow) -> int:
    """How much there is to read; one query."""
    return _of(window).order_by().count()


def groups(window: FeedbackWindow, chosen: Chosen) -> list[Group]:
    """All that there is to read, counted in one query, whatever is chosen."""
    found = _found(chosen)
    rows = _of(window).order_by().values_list("language", "channel", "unit")
    counted = rows.annotate(total=Count("*"))
    if not found:
        return [Group(row[0], row[1], row[2] or WHOLE, row[3], row[3]) for row in counted]
    if not chosen.words:
        # By a column of the list's index, so that no item itself is looked at.
        return [
            Group(row[0], row[1], row[2] or WHOLE, *row[3:])
            for row in counted.annotate(found=Count("window", filter=found))
        ]
    # The same aggregate twice is made once: each item is looked through one time.
    ids = ArrayAgg("pk", filter=found)
    counted = counted.annotate(
        found=Coalesce(Func(ids, function="cardinality", output_field=IntegerField()), 0),
        ids=Func(ids, template=f"(%(expressions)s)[1:{FEW}]"),
    )
    return [Group(row[0], row[1], row[2] or WHOLE, row[3], row[4], row[5] or ()) for row in counted]


def page(window: FeedbackWindow, chosen: Chosen, found: Iterable[Group], number: Any) -> "Page[FeedbackItem]":
    """A page of what is asked for, of which so much was found, each item with the answer that holds for it; one query,
    none where that is nothing."""
    asked = [group for group in found if group.is_of(chosen)]
    count = sum(group.found for group in asked)
    items = _of(window).select_related("standing__release")
    if chosen.words and count <= FEW:
        items = items.filter(pk__in=[pk for group in asked for pk in group.ids])
    else:
        items = items.filter(_found(chosen))
    if chosen.language:
        items = items.filter(language=chosen.language)
    if chosen.channel:
        items = items.filter(channel=chosen.channel)
    if chosen.sort == AGREED:
        items = items.order_by("-agreed", RECEIVED_ON.desc(), "reference")
    if chosen.unit is not None:
        items = items.filter(unit=chosen.unit or None)
    pages = Paginator(items if count else items.none(), PER_PAGE)
    # Counted before, with the rest.
    pages.count = count
    return pages.get_page(number)


def answers(
    items: Collection[FeedbackItem], chosen: Chosen, asked: Iterable[Question]
) -> dict[int, list[FeedbackAnswer]]:
    """{id of an item: its answers in the order of the questions}, of all questions or of the one that is asked for.

    One query where the window asks these questions still; two more where some are to one that it asked before.
    """
    rows = FeedbackAnswer.objects.filter(item__in=[item.pk for item in items]).order_by()
    if chosen.question is not None:
        rows = rows.filter(question=chosen.question)
    known = {question.pk: question for question in asked}
    known[PARAGRAPH] = comments.question()
    earlier = {row.asked_id for row in rows} - known.keys()
    if earlier:
        known |= Question.objects.prefetch_related("choices").in_bulk(earlier)
    found: dict[int, list[FeedbackAnswer]] = {}
    for row in sorted(rows, key=lambda row: (row.asked_id != PARAGRAPH, known[row.asked_id].position)):
        if row.question_id:
            row.question = known[row.question_id]
        found.setdefault(row.item_id, []).append(row)
    return found


def questions(window: FeedbackWindow) -> list[Question]:
    """What the window asks, in order, without choices; one query."""
    return list(Question.objects.filter(version=window.questions_id).order_by("position"))


class Asked(NamedTuple):
    """Which version of its questions a window asks and its answers keep; `is_last`: the set has no later one."""

    number: int
    is_last: bool


def asked(window: FeedbackWindow) -> Asked:
    """The version of the questions; one query."""
    later = QuestionSetVersion.objects.filter(question_set=OuterRef("question_set"), number__gt=OuterRef("number"))
    number, is_later = (
        QuestionSetVersion.objects.filter(pk=window.questions_id).values_list("number", Exists(later)).get()
    )
    return Asked(number, not is_later)


def called(units: Collection[int], language: str) -> dict[int, calling.Named]:
    """{unit: what readers of a language know it by}; one query, none without units."""
    if not units:
        return {}
    chain = languages.chain(language)
    rows = UnitText.objects.filter(Q(language__in=chain) | Q(language=F("unit__source_language")), unit__in=units)
    texts: dict[int, dict[str, str]] = {}
    for unit, code, text in rows.exclude(text="").values_list("unit", "language", "text"):
        texts.setdefault(unit, {})[code] = text
    found = {}
    for unit, many in texts.items():
        code = next((code for code in chain if code in many), next(iter(many)))
        found[unit] = calling.first_words(many[code], code)
    return found


def item_or_404(window: FeedbackWindow, reference: str) -> FeedbackItem:
    """An item that everybody may read, or what is left of one that everybody could read once: hidden, withdrawn, or
    held until somebody has looked at it.

    What was never to be read by everybody is not there, so that nobody learns from an answer that it exists.
    """
    known = Q(state=ItemState.PUBLISHED) | Q(was_public=True)
    found = FeedbackItem.objects.filter(known, window=window, reference=reference, visibility__in=FOR_EVERYBODY)
    item = found.select_related("revision").first()
    if item is None:
        raise Http404
    item.window = window
    return item


def page_with(item: FeedbackItem) -> int:
    """On which page of the whole list an item stands; one query."""
    day = item.received_at.astimezone(UTC).date()
    before = _of(item.window).order_by().alias(day=RECEIVED_ON)
    before = before.filter(Q(day__gt=day) | Q(day=day, reference__lt=item.reference))
    return before.count() // PER_PAGE + 1


def _of(window: FeedbackWindow) -> QuerySet[FeedbackItem]:
    return queries.for_everybody().filter(window=window)


def _found(chosen: Chosen) -> Q:
    """The part of the choice by which items are looked at one by one."""
    found = Q()
    for word in chosen.words:
        is_in = Q(search_text__contains=word) | Q(translated_text__contains=word)
        if forms := search.other_forms(word):
            # The pattern is asked of those texts alone that have the stem.
            for column in ("search_text", "translated_text"):
                is_in |= Q(**{f"{column}__contains": forms.stem}) & Q(**{f"{column}__regex": forms.pattern})
        named = search.reference(word)
        found &= is_in | Q(reference=named) if named else is_in
    if chosen.question is not None:
        found &= Q(answered__contains=[chosen.question])
    if chosen.disposition:
        found &= answering.with_outcome(chosen.disposition)
    if chosen.revision is not None:
        found &= answering.in_revision(chosen.revision)
    # Behind what is in the row: they are looked at in this order.
    if chosen.theme is not None:
        found &= answering.in_theme(chosen.theme)
    return found
