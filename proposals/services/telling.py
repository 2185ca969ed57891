"""Who is told that a source has changed: those who translate it, once for each publication."""

from collections.abc import Mapping
from datetime import datetime

from proposals import notices, queries
from proposals.enums import TranslationState
from proposals.models import Proposal, Revision
from proposals.reading import state_in

Versions = Mapping[int, int]


def source_versions(proposal: Proposal) -> dict[int, int]:
    """{unit: the version of its source}: to be asked before a change of the source, for `tell_translators`."""
    marks = queries.marks(proposal)
    found = {unit.pk: marks.get(unit.pk, {}).get(unit.source_language) for unit in queries.live_units(proposal)}
    return {unit: mark.version for unit, mark in found.items() if mark}


def tell_translators(
    proposal: Proposal, revision: Revision, before: Versions, *, at: datetime, by_id: int | None = None
) -> int:
    """Tell those who translate into a language in which the revision made units outdated; returns how many mails.

    To be called in the transaction of the change, after it; `before` are the versions from before it, `by_id` is who
    changed it and needs no word of it. What was declared minor has made nothing outdated, and nobody hears of it.
    """
    counts, touched = _outdated(proposal, before)
    told = 0
    for user, codes in queries.translators(proposal, list(counts) if touched else []).items():
        # Told of all that is outdated in their languages: an earlier mail that still waited is taken back.
        if user.pk != by_id and touched.intersection(codes):
            notices.outdated(proposal, revision, user, {code: counts[code] for code in codes}, at)
            told += 1
    return told


def _outdated(proposal: Proposal, before: Versions) -> tuple[dict[str, int], set[str]]:
    """{language: how many units are outdated now}, and the languages in which one was not outdated before."""
    marks = queries.marks(proposal)
    counts: dict[str, int] = {}
    touched: set[str] = set()
    for unit in queries.live_units(proposal):
        has = marks.get(unit.pk, {})
        for code, mark in has.items():
            if state_in(code, unit.source_language, has) is TranslationState.OUTDATED:
                counts[code] = counts.get(code, 0) + 1
                if (mark.source_version or 0) >= before.get(unit.pk, 1):
                    touched.add(code)
    return counts, touched
