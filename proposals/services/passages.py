"""What a revision took from one unit to another, written down for good."""

from collections.abc import Iterable, Mapping

from django.db.models import F

from proposals.differences.passages import Passed
from proposals.models import Passage, Revision, UnitText


def record_passages(revision: Revision, passed: Iterable[Passed], units: Mapping[int, int]) -> list[Passage]:
    """Append the passages of a revision that is written; `units` are the units by the ids that the copy gave them."""
    pairs = [(one.kind, one.source, units.get(one.target, one.target)) for one in passed]
    named = {unit for _kind, source, target in pairs for unit in (source, target)}
    live = UnitText.objects.filter(unit__in=named, language=F("unit__source_language"), unit__removed_in=None)
    versions = dict(live.values_list("unit_id", "version")) if named else {}
    return Passage.objects.bulk_create(
        Passage(
            revision=revision,
            kind=kind,
            source_id=source,
            target_id=target,
            source_version=versions.get(source),
            target_version=versions[target],
        )
        for kind, source, target in pairs
    )
