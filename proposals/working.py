"""The working copy of a text at the moment, and what would be published of it. Reads the database, writes nothing."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from django.db.models import F
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from proposals import queries, rules, snapshots
from proposals.differences.units import State, source_state
from proposals.drafting.copies import DATES, LEAD, Copy, Part, Piece, Shape, begun, followed, from_json
from proposals.drafting.restoring import restored
from proposals.enums import ProposalState, SectionKind, UnitKind
from proposals.models import Draft, Proposal, Section, Unit, UnitText
from proposals.reading import Reading
from proposals.rendering import plain_text, shows_nothing, unit_html
from proposals.returning import Returning, returning
from proposals.snapshots import Content
from taskforce.accounts.models import User
from taskforce.accounts.queries import task_force_ids
from taskforce.core import languages
from taskforce.core.labels import Label
from taskforce.core.text import digest
from taskforce.timeline import queries as timeline
from taskforce.timeline.models import TaskForce

# Written without blanks between words.
_UNSPACED = frozenset({"ja", "zh-hans", "zh-hant"})


class Working(NamedTuple):
    """The copy as it is now, the text as it is published, the row where something has been changed, and the
    translations that come back with an earlier revision."""

    copy: Copy
    live: Copy
    draft: Draft | None
    returning: Sequence[Returning] = ()

    @property
    def is_changed(self) -> bool:
        """Whether publishing would change anything."""
        is_text_changed = any(is_changed(part, self) for part in self.copy.parts) or self.order != _keys(self.live)
        return is_text_changed or bool(self.returning)

    @property
    def token(self) -> str:
        """All that publishing would change, in short: whoever publishes has seen that."""
        token = self.copy.token
        return digest([token, *self.returning])[: len(token)] if self.returning else token

    @property
    def order(self) -> list[str]:
        """The sections' keys."""
        return _keys(self.copy)


def _keys(copy: Copy) -> list[str]:
    return [part.key for part in copy.shown]


def is_changed(part: Part, working: Working) -> bool:
    """Whether a section is not as it is published."""
    was = next((each for each in working.live.parts if each.key == part.key), None)
    if was is None:
        return not part.is_removed
    return part.is_removed or _said(part) != _said(was)


def _said(part: Part) -> list[tuple[Any, ...]]:
    return [(piece.key, piece.text, piece.shape) for piece in part.shown if not is_blank(piece)]


def is_blank(piece: Piece) -> bool:
    """Whether it is new and nobody has written anything into it yet: it is not published."""
    return piece.unit is None and not piece.is_dates and not piece.text.strip()


def editable_or_404(task_force: TaskForce, slug: str, user: Any) -> Proposal:
    """The text, published or not, for whoever may change it; for everybody else it is not there."""
    found = Proposal.objects.filter(task_force=task_force, slug=slug).first()
    if found is None or not rules.may(user, "text.edit", found)[0]:
        raise Http404
    found.task_force = task_force
    return found


def editable(user: Any) -> list[Proposal]:
    """The texts, published or not, that the user may change, by task force; two queries for those who may."""
    everywhere, ids = task_force_ids(user, rules.WHO["text.edit"])
    if not everywhere and not ids:
        return []
    found = Proposal.objects.select_related("task_force").order_by("task_force", "pk")
    return list(found if everywhere else found.filter(task_force__in=ids))


def titled(proposals: Sequence[Proposal], language: str) -> list[queries.Listed]:
    """Texts with their titles for a reader of `language`: those never published with that of their draft; one query,
    and one more where there are such."""
    found = queries.titled(proposals, language)
    new = [one.proposal.pk for one in found if one.proposal.state == ProposalState.DRAFT]
    drafts = dict(Draft.objects.filter(proposal__in=new).values_list("proposal_id", "content")) if new else {}
    titles = {pk: _title(from_json(content)) for pk, content in drafts.items()}
    return [one._replace(title=titles.get(one.proposal.pk, one.title)) for one in found]


def _title(copy: Copy) -> Label:
    title = next((piece for piece in copy.pieces() if piece.kind == UnitKind.TITLE), None)
    return Label(plain_text(unit_html(title.text)), title.language) if title else Label("", "en")


def working(proposal: Proposal) -> Working:
    """The working copy; three queries, whatever its size, and two more where it restores an earlier revision."""
    live = published(proposal)
    draft = Draft.objects.filter(proposal=proposal).first()
    if draft:
        copy = followed(from_json(draft.content), live)
        return Working(copy, live, draft, returning(proposal, copy, live))
    # A text that was never published and has no draft yet begins with its title.
    is_new = proposal.state == ProposalState.DRAFT and not any(part.pieces for part in live.parts)
    return Working(begun("", get_language() or "en") if is_new else deepcopy(live), live, None)


def published(proposal: Proposal) -> Copy:
    """The text as it is published, as a copy that nobody has changed."""
    units = queries.live_units(proposal)
    source = UnitText.objects.filter(
        unit__proposal=proposal, unit__removed_in=None, language=F("unit__source_language")
    )
    texts = dict(source.values_list("unit_id", "text"))
    sections = {unit.section.pk: unit.section for unit in units if unit.section}
    lead = Part(LEAD, SectionKind.TEXT, None, [_piece(unit, texts) for unit in units if unit.section is None])
    parts = [lead]
    for section in sorted(sections.values(), key=lambda each: each.position):
        own = [_piece(unit, texts) for unit in units if unit.section_id == section.pk]
        if section.kind == SectionKind.TIMELINE:
            own.insert(min(section.phases_after + 1, len(own)), _dates(section))
        parts.append(Part(f"s{section.pk}", section.kind, section.pk, own))
    return Copy(parts)


def _dates(section: Section) -> Piece:
    return Piece(f"dates-s{section.pk}", Shape(DATES), "", "")


def _piece(unit: Unit, texts: Mapping[int, str]) -> Piece:
    shape = Shape(unit.kind, unit.depth, unit.ordered, unit.number)
    text = texts.get(unit.pk, "")
    return Piece(f"u{unit.pk}", shape, unit.source_language, text, unit.pk, text, shape)


def restored_copy(proposal: Proposal, number: int, live: Copy) -> Copy:
    """The copy that the text would have been after revision `number`; two queries."""
    contents = queries.contents_at(proposal, number)
    latest = max(contents.values(), key=lambda each: each.revision.number, default=None)
    sources = {
        entry["id"]: entry["text"]
        for code, each in contents.items()
        for entry in each.units
        if entry["kind"] != snapshots.PHASE and entry["source_language"] == code
    }
    homes = dict(proposal.units.values_list("pk", "section_id"))
    copy = restored(latest.units if latest else [], sources, homes, deepcopy(live))
    copy.restores = number
    return copy


def editor_of(draft: Draft | None) -> str:
    """The name of whoever changed the copy last; "" where nobody has, or they are gone."""
    found = User.objects.filter(pk=draft.editor_id).first() if draft else None
    return str(found) if found else ""


def gap(language: str) -> str:
    """What stands between two texts that are joined."""
    return "" if language in _UNSPACED else " "


# --- what would be published -----------------------------------------------------------------------------------------


def pieces_to_publish(part: Part) -> list[Piece]:
    """The units of a section, in order: without the dates and without what nobody has written into."""
    return [piece for piece in part.shown if not piece.is_dates and not is_blank(piece)]


def phases_after(part: Part) -> int:
    """Behind how many units of a section, its heading not counted, the dates stand."""
    before = 0
    for piece in part.shown:
        if piece.is_dates:
            return before
        before += not piece.is_fixed and not is_blank(piece)
    return 0


class Problem(NamedTuple):
    """What must be put right before the copy can be published, and where."""

    part: Part
    piece: Piece
    text: str


def problems(copy: Copy) -> list[Problem]:
    """All of them, in reading order."""
    found = []
    for part in copy.shown:
        for piece in part.shown:
            if piece.is_gone:
                said = _("It was changed here, and removed from the published text meanwhile.")
                found.append(Problem(part, piece, said))
            elif piece.theirs is not None:
                found.append(Problem(part, piece, _("It was changed and published by somebody else meanwhile.")))
            elif not piece.is_dates and not is_blank_paragraph(piece) and _says_nothing(piece):
                found.append(Problem(part, piece, _("It says nothing: write something, or remove it.")))
    return found


def _says_nothing(piece: Piece) -> bool:
    """Whether nobody has written anything, or has changed it to what shows nothing."""
    is_written = piece.unit is None or piece.text != piece.base
    return not piece.text.strip() or (is_written and shows_nothing(piece.text))


def is_blank_paragraph(piece: Piece) -> bool:
    """Whether it can be left out without a word; a new section needs its heading."""
    return is_blank(piece) and not piece.is_fixed


def content(proposal: Proposal, copy: Copy) -> Content:
    """The copy as a revision would keep it, each unit with the text in its own language.

    A new unit has the number of its key, below zero.
    """
    entries: Content = []
    phases = list(timeline.phases(proposal.task_force))
    position = 0
    for part in copy.shown:
        position += part.key != LEAD
        place = {"section": position, "section_kind": part.kind}
        if part.key == LEAD:
            place = {"section": None, "section_kind": None}
        for piece in part.shown:
            if piece.is_dates:
                entries += [snapshots.phase_entry(position, phase) for phase in phases]
            elif not is_blank(piece):
                entries.append(_entry(piece, place))
    return entries


def _entry(piece: Piece, place: Mapping[str, Any]) -> snapshots.Entry:
    return {
        "id": id_of(piece),
        **place,
        **piece.shape._asdict(),
        "source_language": piece.language,
        "text": piece.text,
        "version": None,
        "source_version": None,
    }


def id_of(piece: Piece) -> int:
    """The unit, or for a new one the number of its key, below zero."""
    return piece.unit if piece.unit is not None else -int(piece.key[1:])


def states(proposal: Proposal, now: Working) -> tuple[State, State]:
    """What is published and what would be, to be compared: each text in the language that it was written in."""
    return source_state(content(proposal, now.live)), source_state(content(proposal, now.copy))


Texts = dict[int, dict[str, UnitText]]


def texts_of(units: list[int]) -> Texts:
    """{unit: {language: its text}}; one query."""
    found: Texts = {unit: {} for unit in units}
    for row in UnitText.objects.filter(unit__in=units):
        found[row.unit_id][row.language] = row
    return found


def units_in(copy: Copy) -> list[int]:
    """The units whose texts the copy is made of."""
    found = [unit for piece in copy.pieces() for unit in (piece.unit, *piece.joined)]
    return [unit for unit in found if unit is not None]


def translations(piece: Piece, texts: Texts) -> dict[str, str]:
    """{language: text} of a unit's translations, with those of the units that were joined to it."""
    own = [texts.get(unit, {}) for unit in (piece.unit, *piece.joined) if unit is not None]
    codes = {code for rows in own for code in rows} - {piece.language}
    return {code: gap(code).join(rows[code].text for rows in own if code in rows and rows[code].text) for code in codes}


def preview(proposal: Proposal, now: Working, language: str) -> Reading:
    """The page as readers of a language would see it, with the translations that come back."""
    structure = content(proposal, now.copy)
    texts = texts_of(units_in(now.copy))
    pieces = {id_of(piece): piece for piece in now.copy.pieces() if not piece.is_dates}
    back = {(one.unit, one.language): one.then for one in now.returning}
    contents: dict[str, Content] = {code: [] for code in languages.CODES}
    for entry in structure:
        if entry["kind"] != snapshots.PHASE:
            for code, found in _in_all(entry, pieces[entry["id"]], texts, back).items():
                contents[code].append(found)
    return snapshots.reading(contents, structure, language)


def _in_all(
    entry: snapshots.Entry, piece: Piece, texts: Texts, back: Mapping[tuple[int, str], str]
) -> dict[str, snapshots.Entry]:
    """An entry in every language that it would have a text in; what comes back (`back`) is up to date."""
    own = texts.get(piece.unit, {}) if piece.unit is not None else {}
    source = own.get(piece.language)
    version = source.version + (source.text != piece.text) if source else 1
    found = {piece.language: {**entry, "version": version}}
    for code, text in translations(piece, texts).items():
        made_from = own[code].source_version if code in own else 0
        then = back.get((entry["id"], code))
        shown, of = (text, made_from) if then is None else (then, version)
        found[code] = {**entry, "text": shown, "version": 1, "source_version": of}
    return found
