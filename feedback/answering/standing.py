"""How items stand: which dispositions hold for them, which are drafted, what held before. Part of `answering`."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from feedback import queries
from feedback.enums import ItemState
from feedback.models import (
    Disposition,
    FeedbackItem,
    FeedbackWindow,
    Theme,
    ThemedItem,
)

# In place of a theme: what is in none. In place of an outcome: what has none yet.
NO_THEME = 0
UNDECIDED = "none"


class Answer(NamedTuple):
    """How an item stands: its theme, the disposition that holds for it (its own, or its theme's), and what is drafted
    of its own."""

    item: FeedbackItem
    theme: Theme | None = None
    own: Disposition | None = None
    shared: Disposition | None = None
    draft: Disposition | None = None

    @property
    def holding(self) -> Disposition | None:
        """What everybody reads of what became of it."""
        return self.own or self.shared

    @property
    def stamp(self) -> str:
        """Another one as soon as somebody has changed anything of it: what was confirmed is what was seen."""
        ids = (row.pk if row else 0 for row in (self.theme, self.own, self.draft))
        return "-".join(map(str, (self.item.state, self.item.edits, *ids)))


def decided() -> Q:
    """Of items: that a disposition holds for them."""
    return ~Q(became="")


def with_outcome(outcome: str) -> Q:
    """Of items: that this became of them (`UNDECIDED`: nothing yet)."""
    return Q(became="" if outcome == UNDECIDED else outcome)


def in_theme(theme_id: int) -> Q:
    """Of items: that they are in this theme (`NO_THEME`: in none)."""
    themed = ThemedItem.objects.filter(item=OuterRef("pk"))
    return Q(Exists(themed.filter(theme=theme_id))) if theme_id != NO_THEME else ~Q(Exists(themed))


def to_answer(windows: Iterable[FeedbackWindow | int]) -> QuerySet[FeedbackItem]:
    """The items of windows that are to be answered, the oldest first."""
    found = FeedbackItem.objects.filter(window__in=list(windows), state=ItemState.PUBLISHED)
    return found.order_by("received_at", "pk")


def answers_of(items: Collection[FeedbackItem]) -> dict[int, Answer]:
    """{id of an item: how it stands}; two queries, none without items."""
    if not items:
        return {}
    ids = [item.pk for item in items]
    found = list(ThemedItem.objects.filter(item__in=ids).select_related("theme"))
    themed = {row.item_id: row.theme for row in found}
    waiting = {row.item_id for row in found if row.waits}
    about = Q(item__in=ids) | Q(theme__in={theme.pk for theme in themed.values()}, stands=True)
    rows = list(whole().filter(about, Q(stands=True) | Q(release=None)))
    shared = {row.theme_id: row for row in rows if row.theme_id}
    own = {(row.item_id, row.stands): row for row in rows if row.item_id}
    return {
        item.pk: Answer(
            item,
            theme := themed.get(item.pk),
            own.get((item.pk, True)),
            shared.get(theme.pk) if theme and item.pk not in waiting else None,
            own.get((item.pk, False)),
        )
        for item in items
    }


def answer_of(item: FeedbackItem) -> Answer:
    """How one item stands; two queries."""
    return answers_of([item])[item.pk]


def earlier(disposition: Disposition) -> list[Disposition]:
    """What held before for the same item or theme, the newest first; one query."""
    about = {"item": disposition.item_id} if disposition.item_id else {"theme": disposition.theme_id}
    return list(whole().filter(**about, release__isnull=False, stands=False).order_by("-pk"))


def whole() -> QuerySet[Disposition]:
    """Dispositions with the revisions that they name and the releases by which they are public."""
    return Disposition.objects.select_related("revision", "release")


def outcomes(window: FeedbackWindow) -> dict[str, int]:
    """{outcome, or `UNDECIDED`: how many items that everybody may read it is of}; one query."""
    found = queries.for_everybody().order_by().filter(window=window).values_list("became")
    return {code or UNDECIDED: many for code, many in found.annotate(Count("pk"))}


def own_answers(window: FeedbackWindow, most: int) -> list[FeedbackItem]:
    """What was answered by itself and everybody may read, the last answer first, each with it in
    `standing`; one query."""
    found = queries.for_everybody().filter(window=window, standing__item=F("pk"), standing__joins=None)
    answered = found.select_related("standing__release", "standing__revision", "revision")
    return list(answered.order_by("-standing__release__at", "reference")[:most])
