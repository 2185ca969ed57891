"""What somebody had before them when they read: how a text stood in their language at a revision."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Subquery

from feedback.enums import ReadState
from proposals.enums import TranslationState
from proposals.models import Revision, RevisionContent
from proposals.reading import Mark, UnitRow, percents, state_in
from proposals.snapshots import PHASE

_CALLED = {
    TranslationState.SOURCE: ReadState.ORIGINAL,
    TranslationState.TRANSLATED: ReadState.CURRENT,
    TranslationState.OUTDATED: ReadState.OUTDATED,
    TranslationState.MISSING: ReadState.MISSING,
}
# The worst first.
_ORDER = (ReadState.MISSING, ReadState.OUTDATED, ReadState.CURRENT, ReadState.ORIGINAL)


class Read(NamedTuple):
    """How it stood: a code of `ReadState` ("": not known), of a whole text the worst that it had, with the share that
    was in the language and up to date (null: it was about a paragraph)."""

    state: str = ""
    percent: int | None = None


def read(revision_id: int | None, language: str, unit_id: int | None) -> Read:
    """How a paragraph, or the whole text, stood after a revision for readers of a language.

    A revision never changes, so a process asks the database once for each and language, in one statement.
    """
    if revision_id is None or not language:
        return Read()
    states, percent = _standing(revision_id, language)
    if unit_id is not None:
        return Read(states.get(unit_id, ""))
    worst = next((state for state in _ORDER if state in states.values()), "")
    return Read(worst, percent if states else None)


@lru_cache(maxsize=128)
def _standing(revision_id: int, language: str) -> tuple[Mapping[int, str], int]:
    """{unit: its state} of the units that the text had, and the percent of it."""
    contents = RevisionContent.objects.filter(
        revision__proposal__revisions=revision_id,
        revision__number__lte=Subquery(Revision.objects.filter(pk=revision_id).values("number")),
    )
    last = contents.order_by("language", "-revision__number").distinct("language")
    found = list(last.values_list("revision__number", "language", "units"))
    if not found:
        return {}, 0
    marks: dict[int, dict[str, Mark]] = {}
    for _number, code, entries in found:
        for entry in entries:
            if entry["kind"] != PHASE and entry["text"]:
                marks.setdefault(entry["id"], {})[code] = Mark(entry["version"], entry["source_version"])
    latest = max(found, key=lambda row: row[0])[2]
    rows = [
        UnitRow(one["id"], one["section"], one["kind"], one["depth"], one["ordered"], one["number"], source)
        for one in latest
        if one["kind"] != PHASE and (source := one["source_language"])
    ]
    states = {
        row.id: str(_CALLED[state_in(language, row.source_language, marks[row.id])]) for row in rows if row.id in marks
    }
    return states, percents(rows, marks)[language]
