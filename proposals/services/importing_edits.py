"""What was written on the portal, where a page does not have it so, and the translations of what the page has no more:
told, since it is lost from the text, and only its revisions keep it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from proposals import queries
from proposals.differences.tokens import beginning
from proposals.enums import SectionKind, UnitKind
from proposals.matching import Known, Match
from proposals.models import Proposal, Revision, UnitText
from proposals.plan import Plan
from proposals.returning import writers_of
from proposals.services.importing_words import Told
from proposals.snapshots import PHASE, Entry

# So much of a text is enough to know it again.
_FIRST = 60


class _Fate(NamedTuple):
    """What an import does to it, and how a dry run says so."""

    done: str
    foretold: str


_OVERWRITTEN = _Fate("and overwritten; it said", "and would be overwritten; it says")
_REMOVED = _Fate("and removed; it said", "and would be removed; it says")
_ADDED_AGAIN = _Fate("and added again", "and would be added again")
_PUT_BACK = _Fate("and put back in its place", "and would be put back in its place")
_PUT_THERE = _Fate("and put in its place", "and would be put in its place")
_OF_ITS_KIND = _Fate("and made what the page has", "and would be made what the page has")
_DATES_PUT_THERE = _Fate("and put where the page has them", "and would be put where the page has them")
_GOES_WITH_IT = _Fate(
    "a translation that goes with what was removed; it said",
    "a translation that would go with what would be removed; it says",
)


def _told(how: str, fate: _Fate, language: str, text: str, line: int | None = None) -> Told:
    """What was done here, what becomes of it, which words in which language, and the page's line, if it has one."""
    place = f"line {line}: " if line else ""
    how = f"{how}, " if how else ""
    words = f"({language}): “{beginning(text, _FIRST)}”"
    return Told(f"{place}{how}{fate.done} {words}", f"{place}{how}{fate.foretold} {words}")


class _Then(NamedTuple):
    """The text after the last import, by unit and language, and in its order; empty where none was brought in yet:
    then all of it was written here. `gone` are the language and the words of what was removed since."""

    texts: dict[tuple[int, str], str]
    order: dict[int, Entry]
    gone: set[tuple[str, str]]
    is_imported: bool = False

    def how(self, since: str, ever: str) -> str:
        """What was done since the last import, or ever."""
        return since if self.is_imported else ever


def put_back(proposal: Proposal, known: Sequence[Known], found: Match) -> list[Told]:
    """The edits that this import overwrites, takes away, or undoes by adding what was removed and by moving back what
    was moved; and every translation that goes with a unit, whoever wrote it. `known` is in order.

    They are those since the last import, and words that were written here before it and were not the page's; where
    none was brought in before, whatever the page does not have as it is here. A text that the page has so is no such
    edit, whoever wrote it first. To be asked before anything is written.
    """
    if not known:
        return []
    then = _then(proposal, found)
    return [
        *_of_the_page(proposal, found, then),
        *_reshaped(found, then),
        *_moved_back(known, found, then),
        *_taken_away(found, then),
    ]


def taken_as(known: Sequence[Known], found: Match) -> list[Told]:
    """What is known again though it says something else and was moved, or is another kind: whoever imports can look
    whether it is the same. `known` is in order."""
    of_page = [old.id for _planned, old in found.pairs if old]
    common = set(of_page)
    moved = _out_of_order(of_page, [unit.id for unit in known if unit.id in common], common)
    told = []
    for planned, old in found.pairs:
        said = old.texts.get(planned.language, "") if old else ""
        if not old or said in ("", planned.text):
            continue
        if old.id in moved or (old.section, old.kind) != (planned.section, str(planned.kind)):
            what = f"the {_shape(old.kind, 0, is_ordered=False)} that said “{beginning(said, _FIRST)}”"
            told.append(Told.of(f"line {planned.line}", "", f"taken as {what}", f"would be taken as {what}"))
    return told


def _then(proposal: Proposal, found: Match) -> _Then:
    last = proposal.revisions.filter(editor_id=None).last()
    if last is None:
        removed = UnitText.objects.filter(unit__proposal=proposal, unit__removed_in__isnull=False).exclude(text="")
        return _Then({}, {}, set(removed.values_list("language", "text")))
    texts = {
        (entry["id"], code): entry["text"]
        for code, content in queries.contents_at(proposal, last.number).items()
        for entry in content.units
        if entry.get("id") and entry["text"]
    }
    live = {old.id for _, old in found.pairs if old} | {old.id for old in found.removed}
    gone = {(code, text) for (unit, code), text in texts.items() if unit not in live}
    return _Then(texts, _order(last), gone, is_imported=True)


def _order(revision: Revision) -> dict[int, Entry]:
    content = revision.contents.order_by("language").first()
    return {entry["id"]: entry for entry in content.units if entry["kind"] != PHASE} if content else {}


def _of_the_page(proposal: Proposal, found: Match, then: _Then) -> Iterable[Told]:
    earlier = _written_here_before(proposal, found, then)
    for planned, old in found.pairs:
        code, line = planned.language, planned.line
        ours = old.texts.get(code, "") if old else ""
        if ours == planned.text:
            continue
        if old and ours and ours != then.texts.get((old.id, code)):
            yield _told(then.how("edited here since", "written here"), _OVERWRITTEN, code, ours, line)
        elif old and ours and (old.id, code) in earlier:
            yield _told("written here", _OVERWRITTEN, code, ours, line)
        if (code, planned.text) in then.gone:
            yield _told(then.how("removed here since", "removed here"), _ADDED_AGAIN, code, planned.text, line)


def _written_here_before(proposal: Proposal, found: Match, then: _Then) -> set[tuple[int, str]]:
    """Units and languages whose words, which the page changes, stood here after the last import and were not its: the
    page of then had them in another language."""
    wanted = []
    for planned, old in found.pairs:
        ours = old.texts.get(planned.language, "") if old else ""
        if old and ours not in ("", planned.text) and ours == then.texts.get((old.id, planned.language)):
            wanted.append((old.id, planned.language, ours))
    return {place for place, writer in writers_of(proposal, wanted).items() if writer is not None}


def _reshaped(found: Match, then: _Then) -> Iterable[Told]:
    """What was made something else here, as a list item of a paragraph, and is what the page has."""
    for planned, old in found.pairs:
        now = _shape(old.kind, old.depth, is_ordered=old.ordered) if old else ""
        if not old or now == _shape(planned.kind, planned.depth, is_ordered=planned.ordered):
            continue
        was = then.order.get(old.id)
        if was is None or now != _shape(was["kind"], was["depth"], is_ordered=was["ordered"]):
            how = then.how(f"made a {now} here since", f"a {now} here")
            yield _told(how, _OF_ITS_KIND, planned.language, planned.text, planned.line)


def _shape(kind: str, depth: int, *, is_ordered: bool) -> str:
    """What a unit is, in words."""
    name = UnitKind(kind).value.replace("-", " ")
    if kind == UnitKind.LIST_ITEM and is_ordered:
        name = "numbered item"
    return f"{name} of level {depth + 1}" if depth else name


def _moved_back(known: Sequence[Known], found: Match, then: _Then) -> Iterable[Told]:
    """What stands elsewhere than after the last import, and elsewhere than on the page."""
    of_page = [old.id for _planned, old in found.pairs if old]
    common = {unit for unit in of_page if unit in then.order or not then.is_imported}
    now = [unit.id for unit in known if unit.id in common]
    moved = _out_of_order(of_page, now, common)
    if then.is_imported:
        moved &= _out_of_order(list(then.order), now, common)
    how = then.how("moved here since", "placed elsewhere here")
    fate = _PUT_BACK if then.is_imported else _PUT_THERE
    for planned, old in found.pairs:
        if old and old.id in moved:
            yield _told(how, fate, planned.language, planned.text, planned.line)


def _out_of_order(before: Sequence[int], now: Sequence[int], common: set[int]) -> set[int]:
    """Which of those that both rows have moved between them."""
    matcher = SequenceMatcher(None, [one for one in before if one in common], now, autojunk=False)
    stayed = [now[block.b : block.b + block.size] for block in matcher.get_matching_blocks()]
    return set(now).difference(*stayed)


def _taken_away(found: Match, then: _Then) -> Iterable[Told]:
    imported = {unit for unit, _ in then.texts}
    for old in found.removed:
        since = "edited here since" if old.id in imported else "added here since"
        for code, text in old.texts.items():
            if text and text != then.texts.get((old.id, code)):
                yield _told(then.how(since, "written here"), _REMOVED, code, text)
            elif text and code != old.language:
                yield _told("", _GOES_WITH_IT, code, text)


def dates_put_back(proposal: Proposal, plan: Plan) -> list[Told]:
    """Where the dates of a section were given another place among its paragraphs here, and the page has them elsewhere.
    To be asked before anything is written."""
    last = proposal.revisions.filter(editor_id=None).last()
    then = _dates(last) if last else {}
    wanted = {part.position: part.phases_after for part in plan.sections if part.kind == SectionKind.TIMELINE}
    found = []
    for position, now in proposal.sections.filter(position__in=wanted).values_list("position", "phases_after"):
        if now not in (wanted[position], then.get(position)):
            heading = next(unit for unit in plan.units if unit.section == position)
            how = f"its dates were moved here{' since' if last else ''}"
            found.append(_told(how, _DATES_PUT_THERE, heading.language, heading.text, heading.line))
    return found


def _dates(revision: Revision) -> dict[int, int]:
    """{position of a section: behind how many of its paragraphs the dates stood}."""
    content = revision.contents.order_by("language").first()
    before: Counter[int] = Counter()
    found: dict[int, int] = {}
    for entry in content.units if content else []:
        if entry["kind"] == PHASE:
            found.setdefault(entry["section"], max(0, before[entry["section"]] - 1))
        before[entry["section"]] += 1
    return found
