"""Publishing the working copy of a text: sections, units and texts as it has them, and one revision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from proposals import passing, rules, working
from proposals.drafting.copies import LEAD, Copy, Part, Piece
from proposals.enums import PassageKind, ProposalState, UnitKind
from proposals.models import Proposal, Revision, Section, Unit, UnitText
from proposals.rendering import unit_html
from proposals.returning import says_again, translations_at, writers_of
from proposals.services.importing_units import link_notes_anew
from proposals.services.passages import record_passages
from proposals.services.revisions import Act, held, log_act, next_number, record
from proposals.services.telling import source_versions, tell_translators
from proposals.services.texts import LONGEST_SUMMARY
from proposals.transitions import PROPOSAL
from taskforce.accounts.models import User
from taskforce.core import states
from taskforce.core.errors import Conflict, Invalid
from taskforce.core.text import clean_text

# While sections and units change places, each stands this far behind its old place, so that no two are in one.
_ASIDE = 1_000_000
_STRUCTURE = ("section", "position", "kind", "depth", "ordered", "number", "removed_in")
# {(unit, language): who wrote what is brought back}.
Writers = Mapping[tuple[int, str], int | None]


@dataclass
class _Done:
    """What publishing did, and the languages whose content changed; `units` are all by the ids that the copy has,
    `returned` the translations that came back with an earlier revision."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    returned: int = 0
    languages: set[str] = field(default_factory=set)
    units: dict[int, int] = field(default_factory=dict)


@transaction.atomic
def publish_draft(
    proposal_id: int, *, summary: str, is_minor: bool, expected: str, editor: User, at: datetime
) -> Revision:
    """The working copy becomes the next revision, and the copy is gone; with the first one everybody can read the text.

    `is_minor`: translations that were up to date stay so, but for those of what was split or joined, which say more or
    less than their source by then. Who translates hears of what is outdated. Raises `Conflict` where the copy is not
    the one that was shown (`expected`), or
    nothing has been changed; `Invalid` without a summary, or where something in it must be put right first.
    """
    summary = clean_text(summary, most=LONGEST_SUMMARY)
    if not summary:
        raise Invalid(_("Say in a few words what you have changed: the history shows it."))
    if len(summary) > LONGEST_SUMMARY:
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": LONGEST_SUMMARY})
    proposal = held(proposal_id)
    rules.require(editor, "text.edit", proposal)
    now = working.working(proposal)
    _refuse(now, expected)
    before = source_versions(proposal)
    passed = passing.in_draft(proposal, now)
    done = _write(proposal, now, next_number(proposal), is_minor=is_minor)
    if now.draft:
        now.draft.delete()
    if proposal.state == ProposalState.DRAFT:
        proposal.state = states.step(PROPOSAL, ProposalState(proposal.state), "publish")
        proposal.save(update_fields=["state"])
        log_act(proposal, "proposal.published", at=at, actor_id=editor.pk)
    # What brings back nothing but translations is a revision of their language.
    changed = sorted(done.languages) or [now.copy.language]
    language = now.copy.language if now.copy.language in changed else changed[0]
    act = Act(str(editor), editor.pk, at, summary, language)
    revision = record(proposal, act, done.languages)
    record_passages(revision, passed, done.units)
    kinds = [one.kind for one in passed]
    exchanged = {"split": kinds.count(PassageKind.SPLIT), "joined": kinds.count(PassageKind.JOIN)} if passed else {}
    back = {"returned": done.returned} if done.returned else {}
    log_act(
        proposal,
        "proposal.revised",
        at=at,
        actor_id=editor.pk,
        revision=revision.number,
        new=done.added,
        changed=done.changed,
        removed=done.removed,
        minor=is_minor,
        **exchanged,
        **back,
    )
    tell_translators(proposal, revision, before, at=at, by_id=editor.pk)
    return revision


def _refuse(now: working.Working, expected: str) -> None:
    if not now.is_changed:
        raise Conflict(_("There is nothing to publish: the text is as it is published."))
    if now.token != expected:
        raise Conflict(
            _(
                "The draft has been changed since you opened this page, so nothing was published. Read below what "
                "would be published now, and send the form again."
            )
        )
    if working.problems(now.copy):
        raise Invalid(_("Something in the draft must be put right before it can be published."))


def _write(proposal: Proposal, now: working.Working, number: int, *, is_minor: bool) -> _Done:
    done = _Done()
    before = _notes(now.live.pieces())
    sections = _write_sections(proposal, now.copy)
    units = _write_units(proposal, now, sections, number, done)
    notes = _notes(now.copy.pieces())
    texts = working.texts_of([*working.units_in(now.copy), *(unit.pk for unit in units.values())])
    earlier = translations_at(proposal, now.copy.restores) if now.copy.restores else {}
    writers = writers_of(proposal, [(one.unit, one.language, one.then) for one in now.returning])
    for piece in now.copy.pieces():
        if piece.key in units:
            unit = units[piece.key]
            done.units[working.id_of(piece)] = unit.pk
            _write_texts(piece, unit, texts, notes, is_minor=is_minor, done=done)
            if says_again(piece, earlier):
                _restore_translations(unit, earlier[unit.pk], texts[unit.pk], notes, writers, done)
    if before != notes:
        link_notes_anew(proposal, notes)
    return done


def _notes(pieces: Iterable[Piece]) -> set[int]:
    return {piece.shape.number for piece in pieces if piece.kind == UnitKind.NOTE and piece.shape.number}


# --- sections and units ----------------------------------------------------------------------------------------------


def _write_sections(proposal: Proposal, copy: Copy) -> dict[str, Section | None]:
    """The sections by key, in their order; those that the text no longer has stand behind them."""
    rows = {section.pk: section for section in proposal.sections.all()}
    found: dict[str, Section | None] = {LEAD: None}
    order: list[Section] = []
    for part in copy.shown:
        if part.key != LEAD:
            section = rows.pop(part.section, None) if part.section else None
            section = section or Section(proposal=proposal, kind=part.kind)
            section.phases_after = working.phases_after(part)
            found[part.key] = section
            order.append(section)
    order += sorted(rows.values(), key=lambda section: section.position)
    proposal.sections.update(position=F("position") + _ASIDE)
    for position, section in enumerate(order, start=1):
        section.position = position
        section.save()
    return found


def _write_units(
    proposal: Proposal, now: working.Working, sections: dict[str, Section | None], number: int, done: _Done
) -> dict[str, Unit]:
    """The units by the key of their piece: removed, put in order, changed in what they are, and made."""
    places = [(part, piece) for part in now.copy.shown for piece in working.pieces_to_publish(part)]
    kept = {piece.unit for _part, piece in places}
    _remove([piece for piece in now.live.pieces() if piece.unit and piece.unit not in kept], number, done)
    rows = proposal.units.in_bulk([unit for unit in kept if unit is not None])
    made: dict[str, Unit] = {}
    fresh: list[Unit] = []
    moved: list[Unit] = []
    for position, (part, piece) in enumerate(places, start=1):
        unit = rows.get(piece.unit or 0)
        if unit is None:
            unit = Unit(proposal=proposal, source_language=piece.language)
            fresh.append(unit)
        elif _place_of(unit) != _wanted(part, piece, sections, position):
            moved.append(unit)
        if unit.removed_in is not None:
            done.added += 1
        unit.section, unit.position, unit.removed_in = sections[part.key], position, None
        unit.kind, unit.depth, unit.ordered, unit.number = piece.shape
        made[piece.key] = unit
    if moved:
        Unit.objects.filter(pk__in=[unit.pk for unit in moved]).update(position=F("position") + _ASIDE)
        Unit.objects.bulk_update(moved, _STRUCTURE)
    Unit.objects.bulk_create(fresh)
    done.added += len(fresh)
    if moved or now.order != [part.key for part in now.live.shown] or _dates_moved(now):
        done.languages.add(now.copy.language)
    return made


def _place_of(unit: Unit) -> tuple[object, ...]:
    return (unit.section_id, unit.position, unit.kind, unit.depth, unit.ordered, unit.number, unit.removed_in)


def _wanted(part: Part, piece: Piece, sections: dict[str, Section | None], position: int) -> tuple[object, ...]:
    section = sections[part.key]
    return (section.pk if section else None, position, *piece.shape, None)


def _dates_moved(now: working.Working) -> bool:
    was = {part.key: working.phases_after(part) for part in now.live.shown}
    return any(working.phases_after(part) != was.get(part.key, 0) for part in now.copy.shown)


def _remove(gone: list[Piece], number: int, done: _Done) -> None:
    units = [piece.unit for piece in gone if piece.unit is not None]
    Unit.objects.filter(pk__in=units).update(removed_in=number)
    languages = UnitText.objects.filter(unit__in=units).exclude(text="").values_list("language", flat=True)
    done.languages |= set(languages.distinct())
    done.removed += len(units)


# --- texts -----------------------------------------------------------------------------------------------------------


def _write_texts(
    piece: Piece, unit: Unit, texts: working.Texts, notes: set[int], *, is_minor: bool, done: _Done
) -> None:
    """The unit's text in its own language, and what becomes of its translations."""
    own = texts.get(unit.pk, {})
    links = () if unit.kind == UnitKind.NOTE else notes
    source = own.get(piece.language)
    if unit.removed_in is None and piece.is_taken_back:
        done.languages |= {code for code, row in own.items() if row.text}
    if source is not None and source.text == piece.text:
        return
    html = str(unit_html(piece.text, links))
    done.languages.add(piece.language)
    if source is None:
        UnitText.objects.create(unit=unit, language=piece.language, text=piece.text, html=html)
        # What was joined to it brings its translations along; they are of another source, so out of date.
        _join(piece, unit, texts, 0, links, done)
        return
    done.changed += 1
    before = source.version
    says_the_same = is_minor and not piece.joined and not piece.is_cut and not piece.parts
    source.minor_since = (source.minor_since or before) if says_the_same else None
    source.text, source.html, source.version = piece.text, html, before + 1
    source.save(update_fields=["text", "html", "version", "minor_since"])
    if piece.joined:
        _join(piece, unit, texts, before, links, done)
    elif says_the_same:
        current = [row for row in own.values() if row.source_version == before and row is not source]
        UnitText.objects.filter(pk__in=[row.pk for row in current]).update(source_version=source.version)
        done.languages |= {row.language for row in current}


def _restore_translations(
    unit: Unit, then: Mapping[str, str], rows: Mapping[str, UnitText], notes: set[int], writers: Writers, done: _Done
) -> None:
    """With the source that it had after an earlier revision a unit has its translations of then, up to date."""
    links = () if unit.kind == UnitKind.NOTE else notes
    source = rows[unit.source_language]
    for code, text in then.items():
        row = rows.get(code)
        if code == unit.source_language or row is None or (row.text, row.source_version) == (text, source.version):
            continue
        if row.text != text:
            row.text, row.html, row.version = text, str(unit_html(text, links)), row.version + 1
            # Whoever wrote it may not review it, and it is not the work of whoever wrote what stood there since.
            row.author_id, row.co_author_ids, row.confirmer_id = writers.get((unit.pk, code)), [], None
            row.reviewed_version = row.reviewer_id = None
        row.source_version = source.version
        row.save()
        done.returned += 1
        done.languages.add(code)


def _join(piece: Piece, unit: Unit, texts: working.Texts, before: int, links: Iterable[int], done: _Done) -> None:
    """The translations of what was joined are joined too; they are out of date, whatever was changed besides."""
    own = texts.get(unit.pk, {})
    units = [one for one in (piece.unit, *piece.joined) if one is not None]
    for code, text in working.translations(piece, texts).items():
        row = own.get(code)
        if not text or (row and row.text == text):
            continue
        parts = [texts[one][code] for one in units if code in texts.get(one, {})]
        # In their order, each once: none of them may review what they wrote a part of.
        wrote = list(dict.fromkeys(writer for part in parts if part.text for writer in part.writers))
        row = row or UnitText(unit=unit, language=code, version=0, source_version=before)
        row.text, row.html, row.version = text, str(unit_html(text, set(links))), row.version + 1
        row.author_id, row.co_author_ids = (wrote[0], wrote[1:]) if wrote else (None, [])
        row.confirmer_id = None
        row.save()
        done.languages.add(code)
