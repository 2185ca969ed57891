"""What was said in other languages than it was said in, and what is still to be translated."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.urls import reverse
from django.utils.safestring import SafeString

from feedback import describe, queries, search
from feedback.models import (
    RECEIVED_ON,
    FeedbackAnswer,
    FeedbackItem,
    FeedbackTranslation,
    FeedbackWindow,
    SummaryDraft,
)
from taskforce.core import languages
from taskforce.questions.enums import IN_WORDS

PER_PAGE = 20
Answers = Mapping[int, Sequence[FeedbackAnswer]]


@dataclass(frozen=True)
class Translated:
    """A translation of an item as it stands, with the answers that it has words for; `is_outdated`: the item has been
    changed by its author since."""

    row: FeedbackTranslation
    answers: list[tuple[FeedbackAnswer, str]]
    is_outdated: bool

    @property
    def day(self) -> SafeString:
        """On which day it was made: the minute might tell who wrote what it translates."""
        return describe.day(self.row.at)

    @property
    def spoken(self) -> str:
        """What its language is called in itself."""
        return languages.OWN_NAMES.get(self.row.language, self.row.language)


def current(item: FeedbackItem, language: str) -> FeedbackTranslation | None:
    """The newest version of an item in a language, if there is one; it may be without texts."""
    return FeedbackTranslation.objects.filter(item=item, language=language).order_by("-number").first()


def history(item: FeedbackItem, language: str) -> list[FeedbackTranslation]:
    """All its versions in a language, the newest first."""
    return list(FeedbackTranslation.objects.filter(item=item, language=language).order_by("-number"))


def standing(
    items: Collection[FeedbackItem], wanted: Collection[str] | None = None
) -> dict[int, list[FeedbackTranslation]]:
    """{id of an item: its translations that everybody reads, by language}, of all languages or of those that are
    wanted; one query. One of an earlier wording is none: it may have the words that the author has taken off."""
    found: dict[int, list[FeedbackTranslation]] = {}
    edits = {item.pk: item.edits for item in items}
    newest = FeedbackTranslation.objects.filter(item__in=edits)
    if wanted is not None:
        newest = newest.filter(language__in=wanted)
    newest = newest.order_by("item_id", "language", "-number")
    for row in newest.distinct("item_id", "language") if items else ():
        if row.texts and row.edits == edits[row.item_id]:
            found.setdefault(row.item_id, []).append(row)
    return found


def searched(item: FeedbackItem) -> str:
    """By what its translations are found."""
    rows = standing([item]).get(item.pk, [])
    return search.text_of(text for row in rows for text in row.texts.values())


def for_readers(items: Collection[FeedbackItem], answers: Answers, language: str) -> dict[int, Translated]:
    """{id of an item: its translation for readers of a language}, the first that there is in their chain before the
    language in which it was said, of the answers that are shown. Nothing where they read the original; one query."""
    wanted = {item.pk: _wanted(item, language) for item in items}
    rows = standing([item for item in items if wanted[item.pk]], languages.chain(language))
    found = {}
    for item in items:
        there = {row.language: row for row in rows.get(item.pk, [])}
        row = next((there[code] for code in wanted[item.pk] if code in there), None)
        of = shown(item, row, answers.get(item.pk, ())) if row else None
        if of and of.answers:
            found[item.pk] = of
    return found


def _wanted(item: FeedbackItem, language: str) -> Sequence[str]:
    chain = languages.chain(language)
    return chain[: chain.index(item.language)] if item.language in chain else chain


def shown(item: FeedbackItem, row: FeedbackTranslation, answers: Iterable[FeedbackAnswer]) -> Translated:
    """A version with the answers that it is of."""
    texts = [(one, row.texts[str(one.asked_id)]) for one in answers if str(one.asked_id) in row.texts]
    return Translated(row, texts, row.edits != item.edits)


def in_words(item: FeedbackItem) -> list[FeedbackAnswer]:
    """What of an item can be translated: what its author wrote."""
    return [one for one in queries.answers(item) if one.text and one.asked.kind in IN_WORDS]


def on_item(item: FeedbackItem, answers: Sequence[FeedbackAnswer], language: str) -> dict[str, Any]:
    """What the public page of an item says of its translation, the same for everybody who reads in a language."""
    window = item.window
    place = [window.phase.task_force.slug, window.slug, item.reference]
    url = reverse("feedback:translate_item", args=place) if language != item.language else ""
    return {"translated": for_readers([item], {item.pk: answers}, language).get(item.pk), "translate_url": url}


def windows_of(task_force_ids: Collection[int | None]) -> list[FeedbackWindow]:
    """The windows of these task forces (None: of all) in which there is something to read, the newest first, each with
    `has_summary`: whether one is written. One query, or none for nobody's."""
    if not task_force_ids:
        return []
    found = queries.in_phases().filter(phase__published_at__isnull=False)
    found = found.filter(Exists(queries.for_everybody().order_by().filter(window=OuterRef("pk"))))
    found = found.annotate(has_summary=Exists(SummaryDraft.objects.filter(window=OuterRef("pk"))))
    if None not in task_force_ids:
        found = found.filter(phase__task_force__in=task_force_ids)
    return list(found.select_related("phase__task_force").order_by("-phase__opens_at", "-id"))


def to_do(window: FeedbackWindow, language: str, source: str, number: Any) -> "Page[FeedbackItem]":
    """A page of what everybody may read and nobody has translated into a language, or not since it was changed, said in
    another one (`source`; "": whichever); the first day first."""
    return Paginator(_to_do(window, language, source), PER_PAGE).get_page(number)


def next_to_do(item: FeedbackItem, language: str) -> FeedbackItem | None:
    """What is to be translated next by whoever has translated an item: the first there is in its language, else in any
    other one; one query."""
    found = _to_do(item.window, language, "").exclude(pk=item.pk)
    return found.order_by(Case(When(language=item.language, then=0), default=1), RECEIVED_ON, "-reference").first()


def sources(window: FeedbackWindow, language: str) -> dict[str, int]:
    """{language: how much is to do out of it}, for the choice above the list; one query."""
    rows = _to_do(window, language, "").order_by("language").values_list("language")
    return dict(rows.annotate(Count("pk")))


def _to_do(window: FeedbackWindow, language: str, source: str) -> QuerySet[FeedbackItem]:
    newest = FeedbackTranslation.objects.filter(item=OuterRef("pk"), language=language).order_by("-number")
    found = queries.for_everybody().filter(window=window).exclude(language=language).reverse()
    # What has no words of its own needs no translation.
    found = found.exclude(search_text="").alias(
        done=Subquery(newest.values("edits")[:1]), said=Subquery(newest.values("texts")[:1])
    )
    found = found.filter(Q(done=None) | Q(done__lt=F("edits")) | Q(said={}))
    return found.filter(language=source) if source else found
