"""What was edited on the portal since the last import, where a later page does not have it, and the translations of
what the page has no more: told, since it is lost from the text, and only its revisions keep it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from proposals import queries
from proposals.differences.tokens import beginning
from proposals.matching import Known, Match
from proposals.models import Proposal, Revision
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


def put_back(proposal: Proposal, known: Sequence[Known], found: Match) -> list[PutBack]:
    """The edits since the last import that this one overwrites, takes away, or undoes by adding what was removed and by
    moving back what was moved; and every translation that goes with a unit, whoever wrote it. `known` is in order.

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
    return [
        *_of_the_page(found.pairs, then, gone),
        *_moved_back(_order(last), known, found),
        *_taken_away(found, then),
    ]


def _order(revision: Revision) -> list[int]:
    content = revision.contents.order_by("language").first()
    return [entry["id"] for entry in content.units if entry.get("id")] if content else []


def _moved_back(then: Sequence[int], known: Sequence[Known], found: Match) -> Iterable[PutBack]:
    """What stands elsewhere than after the last import, and elsewhere than on the page."""
    of_page = [old.id for _planned, old in found.pairs if old]
    common = set(then) & set(of_page)
    now = [unit.id for unit in known if unit.id in common]
    moved = _out_of_order(then, now, common) & _out_of_order(of_page, now, common)
    for planned, old in found.pairs:
        if old and old.id in moved:
            yield PutBack("moved here since, and put back in its place", planned.language, planned.text, planned.line)


def _out_of_order(before: Sequence[int], now: Sequence[int], common: set[int]) -> set[int]:
    """Which of those that both rows have moved between them."""
    matcher = SequenceMatcher(None, [one for one in before if one in common], now, autojunk=False)
    stayed = [now[block.b : block.b + block.size] for block in matcher.get_matching_blocks()]
    return set(now).difference(*stayed)


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


def _taken_away(found: Match, then: dict[tuple[int, str], str]) -> Iterable[PutBack]:
    lines = {(planned.language, planned.text): planned.line for planned, old in found.pairs if old is None}
    for old in found.removed:
        for code, text in old.texts.items():
            if not text:
                continue
            line = lines.get((code, text))
            if text != then.get((old.id, code)):
                is_new = not any(unit == old.id for unit, _ in then)
                yield PutBack(f"{'added' if is_new else 'edited'} here since, and removed; it said", code, text, line)
            elif line:
                yield PutBack("another kind of unit now, removed and added anew", code, text, line)
            elif code != old.language:
                yield PutBack("a translation that goes with what was removed; it said", code, text)
