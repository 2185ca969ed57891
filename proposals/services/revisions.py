"""Revisions: one act, one number, and the whole content of each language that it changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from proposals import queries, snapshots
from proposals.models import Proposal, Revision, RevisionContent, UnitText, Wording
from taskforce.audit import log
from taskforce.core import locks
from taskforce.core.errors import Conflict
from taskforce.core.text import digest
from taskforce.timeline import queries as timeline


@dataclass(frozen=True)
class Act:
    """Who saved, at which moment (UTC; kept to the minute), with which summary; `language` labels the revision."""

    editor_name: str
    editor_id: int | None
    at: datetime
    summary: str
    language: str


def hold(proposal_id: int) -> None:
    """Let nobody else write this text until the transaction ends."""
    locks.take(locks.Kind.REVISION, proposal_id)


def held(proposal_id: int) -> Proposal:
    """The text, which nobody else writes until the transaction ends; `Conflict` where it has gone."""
    hold(proposal_id)
    found = Proposal.objects.select_related("task_force").filter(pk=proposal_id).first()
    if found is None:
        raise Conflict(
            _("This text has been thrown away meanwhile. Copy what you typed from here if you want to keep it.")
        )
    return found


def next_number(proposal: Proposal) -> int:
    """The number of the next revision; the text must be held."""
    last = queries.current_revision(proposal)
    return last.number + 1 if last else 1


def record(proposal: Proposal, act: Act, changed: Iterable[str]) -> Revision:
    """Append the revision for texts that are already written; `changed` are the languages that they are in."""
    revision = Revision.objects.create(
        proposal=proposal,
        number=next_number(proposal),
        language=act.language,
        editor_id=act.editor_id,
        editor_name=act.editor_name,
        at=act.at.replace(second=0, microsecond=0),
        summary=act.summary,
    )
    units = queries.live_units(proposal)
    sections = sorted({unit.section for unit in units if unit.section}, key=lambda section: section.position)
    phases = list(timeline.phases(proposal.task_force))
    texts: dict[str, dict[int, UnitText]] = {language: {} for language in sorted(changed)}
    for text in UnitText.objects.filter(unit__in=units, language__in=texts):
        texts[text.language][text.unit_id] = text
    contents = []
    for language, by_unit in texts.items():
        content = snapshots.content(units, by_unit, sections, phases)
        contents.append(RevisionContent(revision=revision, language=language, units=content, sha256=digest(content)))
    RevisionContent.objects.bulk_create(contents)
    _record_wordings(revision, texts)
    return revision


def _record_wordings(revision: Revision, texts: Mapping[str, Mapping[int, UnitText]]) -> None:
    """Which texts the revision is the first to have."""
    said = [row for by_unit in texts.values() for row in by_unit.values() if row.text]
    known = Wording.objects.filter(unit__proposal=revision.proposal_id, language__in=texts)
    latest = {
        (unit, code): number for unit, code, number in known.values_list("unit", "language").annotate(Max("version"))
    }
    Wording.objects.bulk_create(
        Wording(revision=revision, unit_id=row.unit_id, language=row.language, version=row.version)
        for row in said
        if row.version > latest.get((row.unit_id, row.language), 0)
    )


def log_act(proposal: Proposal, action: str, *, at: datetime, actor_id: int | None, **details: Any) -> None:
    """The audit row of an act on a text."""
    log.record(
        action,
        proposal,
        at=at,
        actor_id=actor_id,
        task_force_id=proposal.task_force_id,
        slug=proposal.slug,
        **details,
    )
