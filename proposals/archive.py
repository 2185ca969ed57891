"""Whether the page of a revision is one of the past: whether anything that it shows has a later revision."""

from typing import Any

from proposals import snapshots
from proposals.models import Proposal, RevisionContent
from proposals.reading import Reading

# What a content says besides the structure.
_WORDS = ("text", "version", "source_version")


def is_archived(proposal: Proposal, reading: Reading, number: int) -> bool:
    """Whether a later revision than `number` changed a language that `reading`, its page, shows, or which paragraphs
    there are and in which order; three queries at most.

    The reader's language counts also where the page has nothing in it.
    """
    contents = RevisionContent.objects.filter(revision__proposal=proposal)
    later = contents.filter(revision__number__gt=number)
    codes = set(later.values_list("language", flat=True).distinct())
    if codes & shown_languages(reading):
        return True
    return bool(codes) and _structure(later) != _structure(contents.filter(revision__number__lte=number))


def shown_languages(reading: Reading) -> set[str]:
    """The reader's language, and those in which a text of the page is."""
    shown = {reading.language}
    for unit in reading.units():
        shown |= {unit.language, *([unit.newer.language] if unit.newer else [])}
    return shown


def _structure(contents: Any) -> list[dict[str, Any]]:
    """What there is, in its order, after the last of these contents: of one revision they all have the same."""
    last = contents.order_by("-revision__number", "language").values_list("units", flat=True).first() or []
    return [
        {name: value for name, value in entry.items() if name not in _WORDS or entry["kind"] == snapshots.PHASE}
        for entry in last
    ]
