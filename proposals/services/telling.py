"""Who is told that a source has changed: those who translate it, once for each publication."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from proposals import notices, queries
from proposals.models import Proposal, Revision

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
    changed it and needs no word of it. What was declared minor has made nothing outdated, and nobody hears of it. What
    still waits to tell of an earlier change, and is not so any more, is taken back.
    """
    stale = queries.outdated(proposal)
    counts = Counter(one.language for one in stale)
    touched = {one.language for one in stale if one.made_from >= before.get(one.unit, 1)}
    told = 0
    for user, codes in queries.translators(proposal, list(counts) if touched else []).items():
        # Told of all that is outdated in their languages: an earlier mail that still waited is taken back.
        if user.pk != by_id and touched.intersection(codes):
            notices.outdated(proposal, revision, user, {code: counts[code] for code in sorted(codes)}, at)
            told += 1
    notices.recount(proposal)
    return told
