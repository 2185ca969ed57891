"""The themes of a window, with what holds for them. Part of the room `answering`."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q

from feedback.answering.standing import whole
from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.models import (
    Disposition,
    FeedbackItem,
    FeedbackWindow,
    Theme,
)


class ThemeAt(NamedTuple):
    """A theme with what holds for it, what is drafted, and how many published items it has: all, and those that
    everybody may read."""

    theme: Theme
    standing: Disposition | None
    draft: Disposition | None
    items: int
    readable: int

    @property
    def stamp(self) -> str:
        """As that of an item."""
        return "-".join(str(row.pk if row else 0) for row in (self.standing, self.draft))


def earlier_of(themes: Collection[Theme]) -> dict[int, list[Disposition]]:
    """{id of a theme: what held for it before, the newest first}; one query."""
    found: dict[int, list[Disposition]] = {}
    for row in whole().filter(theme__in=themes, release__isnull=False, stands=False).order_by("-pk"):
        found.setdefault(row.theme_id or 0, []).append(row)
    return found


def themes(window: FeedbackWindow | int) -> list[ThemeAt]:
    """The themes of a window in their order; three queries."""
    found = list(Theme.objects.filter(window=window).order_by("position"))
    in_them = FeedbackItem.objects.filter(themed__theme__in=found, state=ItemState.PUBLISHED).order_by()
    counted = in_them.values_list("themed__theme").annotate(
        items=Count("pk"), readable=Count("pk", filter=Q(visibility__in=sorted(FOR_EVERYBODY)))
    )
    counts = {theme: (many, readable) for theme, many, readable in counted}
    rows = {(row.theme_id, row.stands): row for row in whole().filter(theme__in=found).exclude(_is_history())}
    return [
        ThemeAt(one, rows.get((one.pk, True)), rows.get((one.pk, False)), *counts.get(one.pk, (0, 0))) for one in found
    ]


def _is_history() -> Q:
    return Q(release__isnull=False, stands=False)


class Offered(NamedTuple):
    """By what a list of a window can be narrowed: its themes, and outcomes once something was answered."""

    themes: list[Theme]
    is_answered: bool


def is_public() -> Q:
    """Of themes: that everybody reads them, which is once something in one is answered."""
    answered = Disposition.objects.filter(stands=True)
    own, of_items = answered.filter(theme=OuterRef("pk")), answered.filter(item__themed__theme=OuterRef("pk"))
    return Q(Exists(own)) | Q(Exists(of_items))


def public_themes(window: FeedbackWindow) -> list[ThemeAt]:
    """The themes of a window that everybody reads; three queries."""
    shown = set(Theme.objects.filter(is_public(), window=window).values_list("pk", flat=True))
    return [one for one in themes(window) if one.theme.pk in shown] if shown else []


def theme_in(window: FeedbackWindow, given: str) -> Theme | None:
    """The theme of a window that an address names by its id; no query for other words."""
    if not (given.isascii() and given.isdecimal() and len(given) <= _LONGEST_ID):
        return None
    return Theme.objects.filter(window=window, pk=int(given)).first()


# More digits no id has.
_LONGEST_ID = 18
