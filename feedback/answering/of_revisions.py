"""What the revisions of a text answer of what was said. Part of the room `answering`."""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q

from feedback import queries
from feedback.models import (
    Disposition,
    FeedbackWindow,
    Theme,
)
from proposals.models import Proposal, Revision


def revisions(proposal: Proposal, most: int = 100) -> list[Revision]:
    """The revisions of a text, the newest first."""
    return list(proposal.revisions.order_by("-number")[:most])


class Answered(NamedTuple):
    """What a revision answers of what was said in a window: how many items that everybody may read, and the themes that
    it answers as a whole."""

    window: FeedbackWindow
    items: int
    themes: list[Theme]


def answered_in(proposal: Proposal, numbers: Collection[int]) -> dict[int, list[Answered]]:
    """{number of a revision: what it answers, window by window}; those that answer nothing are left out. One query
    where none does, else five."""
    answers = Disposition.objects.filter(revision=OuterRef("pk"), stands=True)
    numbers = list(proposal.revisions.filter(Exists(answers), number__in=numbers).values_list("number", flat=True))
    if not numbers:
        return {}
    themes: dict[tuple[int, int], list[Theme]] = {}
    of_themes = Disposition.objects.filter(_taken_up(proposal, numbers), theme__isnull=False, stands=True)
    for row in of_themes.select_related("theme", "revision").order_by("theme__position"):
        assert row.theme is not None and row.revision is not None  # noqa: S101, PT018 - as asked for
        themes.setdefault((row.revision.number, row.theme.window_id), []).append(row.theme)
    counts = _counted(proposal, numbers)
    pairs = counts.keys() | themes.keys()
    found: dict[int, list[Answered]] = {}
    for window in queries.windows_on(proposal):
        for number in sorted(number for number, pk in pairs if pk == window.pk):
            at = (number, window.pk)
            found.setdefault(number, []).append(Answered(window, counts[at], themes.get(at, [])))
    return found


def _taken_up(proposal: Proposal, numbers: Collection[int], way: str = "") -> Q:
    return Q(**{f"{way}revision__proposal": proposal, f"{way}revision__number__in": list(numbers)})


def _counted(proposal: Proposal, numbers: Collection[int]) -> Counter[tuple[int, int]]:
    """{(number of a revision, id of a window): how many items that everybody may read it answers}; two queries."""
    own = Disposition.objects.filter(item=OuterRef("pk"), stands=True)
    readable = queries.for_everybody().order_by()
    # The conditions on one theme's disposition in one filter: of several, each could be met by another one.
    own_way, way = "dispositions__", "themed__theme__dispositions__"
    of_theme = _taken_up(proposal, numbers, way) & Q(**{f"{way}stands": True, "themed__waits": False})
    counts: Counter[tuple[int, int]] = Counter()
    for found, at in (
        (readable.filter(_taken_up(proposal, numbers, own_way), dispositions__stands=True), own_way),
        (readable.filter(of_theme).exclude(Exists(own)), way),
    ):
        rows = found.values_list(f"{at}revision__number", "window").annotate(many=Count("pk"))
        counts.update({(number, window): many for number, window, many in rows})
    return counts


def in_revision(number: int) -> Q:
    """Of items: that this revision of their text has taken them up, by their own disposition or by their theme's."""
    return Q(became_in=number)
