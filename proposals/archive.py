"""Whether the page of a revision is one of the past: whether what it shows has a later revision."""

from typing import Any

from proposals import queries
from proposals.models import Proposal, RevisionContent
from proposals.reading import Reading


def is_archived(proposal: Proposal, reading: Reading, number: int) -> bool:
    """Whether a later revision than `number` changed the language of `reading`, its page, or else what stands there:
    in another language for want of a translation, or in another order; two queries at most."""
    later = RevisionContent.objects.filter(revision__proposal=proposal, revision__number__gt=number)
    found = dict(later.order_by("revision__number").values_list("language", "revision__number"))
    if not found or reading.language in found:
        return bool(found)
    now = queries.page_at(proposal, reading.language, max(found.values()))
    return _shown(now) != _shown(reading) or _originals(now, reading) != _originals(reading, reading)


def _shown(reading: Reading) -> list[Any]:
    """The words of the page, paragraph by paragraph, and the dates where they stand."""
    units = [
        (unit.id, unit.kind, unit.depth, unit.ordered, unit.number, unit.language, unit.html)
        for unit in reading.units()
    ]
    sections = [
        (section.kind, section.anchor, [block.phases for block in section.blocks]) for section in reading.sections
    ]
    return [*units, *sections]


def _originals(reading: Reading, then: Reading) -> dict[int, Any]:
    """The originals that stand beside outdated translations, of the units that had one on the page of then."""
    units = {unit.id for unit in then.units() if unit.newer}
    return {unit.id: unit.newer for unit in reading.units() if unit.id in units}
