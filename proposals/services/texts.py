"""Making texts and changing what their units say."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from proposals import notices, queries
from proposals.enums import ProposalKind, ProposalState, UnitKind
from proposals.models import Proposal, Revision, Unit, UnitText
from proposals.rendering import shows_nothing, unit_html
from proposals.services.revisions import Act, hold, log_act, record
from proposals.transitions import PROPOSAL
from taskforce.accounts.models import User
from taskforce.core import languages, states
from taskforce.core.errors import Conflict, Invalid
from taskforce.core.text import clean_text
from taskforce.timeline.models import TaskForce

LONGEST_TEXT = 20_000
LONGEST_SUMMARY = 2_000


class LongSummary(Invalid):
    """What is said of an edit is longer than the history keeps."""


@transaction.atomic
def create(
    task_force: TaskForce,
    *,
    slug: str,
    kind: str = ProposalKind.PROPOSAL,
    at: datetime,
    actor_id: int | None = None,
) -> Proposal:
    """A new text in draft; `Conflict` where the task force has one under this slug."""
    if Proposal.objects.filter(task_force=task_force, slug=slug).exists():
        raise _taken(slug)
    proposal = Proposal(task_force=task_force, slug=slug, kind=kind, state=ProposalState.DRAFT, created_at=at)
    try:
        with transaction.atomic():
            proposal.save(force_insert=True)
    except IntegrityError as error:
        # Somebody has made one at the same moment.
        raise _taken(slug) from error
    log_act(proposal, "proposal.created", at=at, actor_id=actor_id)
    return proposal


def _taken(slug: str) -> Conflict:
    return Conflict(_("This task force already has a text with the address “%(slug)s”.") % {"slug": slug})


@transaction.atomic
def publish(proposal: Proposal, *, at: datetime, actor_id: int | None = None) -> Proposal:
    """Make a draft public; `Conflict` if it is already."""
    proposal = Proposal.objects.select_for_update(of=("self",)).select_related("task_force").get(pk=proposal.pk)
    proposal.state = states.step(PROPOSAL, proposal.state, "publish")
    proposal.save(update_fields=["state"])
    log_act(proposal, "proposal.published", at=at, actor_id=actor_id)
    return proposal


def save_translation(
    unit_id: int, language: str, text: str, *, editor: User, at: datetime, summary: str = ""
) -> Revision | None:
    """One unit's text in one language: one revision, or None where nothing changes. See `save_translations`."""
    unit = Unit.objects.get(pk=unit_id)
    return save_translations(unit.proposal_id, language, {unit_id: text}, editor=editor, at=at, summary=summary)


@transaction.atomic
def save_translations(
    proposal_id: int,
    language: str,
    texts: Mapping[int, str],
    *,
    editor: User,
    at: datetime,
    summary: str = "",
    seen: Mapping[int, int] | None = None,
) -> Revision | None:
    """Texts of several units, by unit id, in one language, as one revision; None where nothing changes.

    A text in a unit's own source language changes the source: its translations are outdated from then on. Saving a
    translation again without a change confirms it for the source as it is now, or for the version of it that `seen`
    names: whoever wrote while the source changed has translated what they saw. A mail that waits to tell translators
    of what is done by then says only what is left. Raises `Invalid` for an empty or
    too long text or summary, an unknown language, or a unit that the text does not have (any more).
    """
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    ready = {unit_id: _checked(text) for unit_id, text in texts.items()}
    summary = checked_summary(summary)
    hold(proposal_id)
    proposal = Proposal.objects.select_related("task_force").get(pk=proposal_id)
    units = {unit.pk: unit for unit in queries.live_units(proposal)}
    if set(ready) - set(units):
        raise Invalid(_("This text no longer has that paragraph."))
    notes = {unit.number for unit in units.values() if unit.kind == UnitKind.NOTE and unit.number}
    # Every text is written before anything is asked: `any()` would stop at the first change.
    written = [
        write_text(units[unit_id], language, text, notes, seen=(seen or {}).get(unit_id), author_id=editor.pk)
        for unit_id, text in ready.items()
    ]
    if not any(written):
        return None
    act = Act(str(editor), editor.pk, at, summary, language)
    revision = record(proposal, act, [language])
    log_act(
        proposal,
        "proposal.translated",
        at=at,
        actor_id=editor.pk,
        revision=revision.number,
        language=language,
        units=sum(written),
    )
    notices.recount(proposal)
    return revision


def _checked(text: str) -> str:
    ready = clean_text(text, most=LONGEST_TEXT)
    if not ready:
        raise Invalid(_("A text is missing."))
    if len(ready) > LONGEST_TEXT:
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": LONGEST_TEXT})
    if shows_nothing(ready):
        raise Invalid(_("Readers would see nothing of this text, only blanks or links without words. Write something."))
    return ready


def checked_summary(summary: str) -> str:
    """What is said of an edit, as it is stored for good; `LongSummary` rather than a part of it."""
    ready = clean_text(summary, most=LONGEST_SUMMARY)
    if len(ready) > LONGEST_SUMMARY:
        raise LongSummary(_("The text is too long: at most %(count)d characters.") % {"count": LONGEST_SUMMARY})
    return ready


def write_text(
    unit: Unit, language: str, text: str, notes: set[int], *, seen: int | None = None, author_id: int | None = None
) -> bool:
    """Write one text; the text of the proposal must be held. Whether anything changed.

    `seen` is the version of the source that a translation was made from, by default the one that there is;
    `author_id` is who wrote it (None: it is brought in); who only confirms the words of another is not their author,
    and is kept as who did so.
    """
    by_language = {row.language: row for row in unit.texts.filter(language__in=[language, unit.source_language])}
    source = by_language.get(unit.source_language)
    made_from = source.version if source and language != unit.source_language else None
    if source and made_from is not None and seen is not None:
        made_from = _made_from(source, seen)
    html = str(unit_html(text, () if unit.kind == UnitKind.NOTE else notes))
    row = by_language.get(language)
    if row is None:
        UnitText.objects.create(
            unit=unit, language=language, text=text, html=html, source_version=made_from, author_id=author_id
        )
        return True
    if row.text == text and not _is_newer(made_from, row.source_version):
        return False
    if row.text != text:
        row.author_id, row.co_author_ids, row.confirmer_id = author_id, [], None
    else:
        row.confirmer_id = author_id
    row.minor_since = None
    row.text, row.html, row.source_version, row.version = text, html, made_from, row.version + 1
    row.reviewed_version = row.reviewer_id = None
    row.save()
    return True


def _is_newer(made_from: int | None, than: int | None) -> bool:
    """Whether the same words are confirmed for a later source. An older page, sent once more, confirms less than
    somebody has since, and takes nothing of that back."""
    return made_from != than and (made_from is None or than is None or made_from > than)


def _made_from(source: UnitText, seen: int) -> int:
    """The version of the source that a translation of what somebody saw is made from: what was changed since in minor
    ways only makes it no older."""
    since = source.minor_since or source.version
    return source.version if since <= seen else seen
