"""What was edited on the portal since the last import, where a later page does not have it: told, since it is lost
from the text, and only its revisions keep it."""

from collections.abc import Iterable
from dataclasses import dataclass

from proposals import queries
from proposals.differences.tokens import beginning
from proposals.matching import Known, Match
from proposals.models import Proposal
from proposals.plan import PlannedUnit

# So much of a text is enough to know it again.
_FIRST = 60


@dataclass(frozen=True)
class PutBack:
    """An edit that a page puts back: what was there, in which language, and the page's line, if it has one for it."""

    fate: str
    language: str
    text: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.fate} ({self.language}): “{beginning(self.text, _FIRST)}”"


def put_back(proposal: Proposal, found: Match) -> list[PutBack]:
    """The edits since the last import that this one overwrites, takes away, or undoes by adding what was removed.

    A text that the page has as it is here is no such edit, whoever wrote it first. To be asked before anything is
    written.
    """
    last = proposal.revisions.filter(editor_id=None).last()
    if last is None:
        return []
    contents = queries.contents_at(proposal, last.number)
    then = {
        (entry["id"], code): entry["text"]
        for code, content in contents.items()
        for entry in content.units
        if entry.get("id") and entry["text"]
    }
    live = {old.id for _, old in found.pairs if old} | {old.id for old in found.removed}
    gone = {(code, text) for (unit, code), text in then.items() if unit not in live}
    return [*_of_the_page(found.pairs, then, gone), *_taken_away(found.removed, then)]


def _of_the_page(
    pairs: Iterable[tuple[PlannedUnit, Known | None]], then: dict[tuple[int, str], str], gone: set[tuple[str, str]]
) -> Iterable[PutBack]:
    for planned, old in pairs:
        code, line = planned.language, planned.line
        if old is None:
            if (code, planned.text) in gone:
                yield PutBack("removed here since, and added again", code, planned.text, line)
            continue
        ours = old.texts.get(code, "")
        if ours and ours != planned.text and ours != then.get((old.id, code)):
            yield PutBack("edited here since, and overwritten; it said", code, ours, line)


def _taken_away(removed: Iterable[Known], then: dict[tuple[int, str], str]) -> Iterable[PutBack]:
    for old in removed:
        for code, text in old.texts.items():
            if text and text != then.get((old.id, code)):
                is_new = not any(unit == old.id for unit, _ in then)
                yield PutBack(f"{'added' if is_new else 'edited'} here since, and removed; it said", code, text)
