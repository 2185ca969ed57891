"""Units of current texts, and what drafts would make of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from proposals.drafting import copies
from proposals.enums import ProposalKind, ProposalState, UnitKind
from proposals.models import Draft, Proposal, UnitText
from proposals.rendering import unit_html
from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.staff import sentence
from taskforce.portal.old_words.texts import Text
from taskforce.timeline.models import TaskForce

_CURRENT = (ProposalState.DRAFT, ProposalState.PUBLISHED)


def units(task_force: TaskForce) -> Iterator[Text]:
    """The current texts of the units that there are, in reading order; then what drafts would make of them."""
    published: dict[tuple[int, str], str] = {}
    drafts = _drafts(task_force)
    changing = {place for _draft, copy in drafts for place in _changing(copy)}
    found = UnitText.objects.filter(
        unit__proposal__task_force=task_force, unit__proposal__state__in=_CURRENT, unit__removed_in=None
    ).exclude(text="")
    for one in found.select_related("unit__proposal").order_by("unit__proposal_id", "unit__position", "language"):
        published[one.unit_id, one.language] = one.text
        yield Text(
            f"unit:{one.unit_id}",
            one.language,
            one.html,
            _unit_name(one),
            _unit_url(one, task_force),
            is_html=True,
            is_changing=not changing.isdisjoint({(one.unit_id, one.language), (one.unit_id, "")}),
        )
    yield from _in_drafts(drafts, published)


def _drafts(task_force: TaskForce) -> list[tuple[Draft, copies.Copy]]:
    found = Draft.objects.filter(proposal__task_force=task_force, proposal__state__in=_CURRENT)
    rows = found.select_related("proposal__task_force").order_by("proposal_id")
    return [(draft, copies.from_json(draft.content)) for draft in rows]


def _changing(copy: copies.Copy) -> Iterator[tuple[int, str]]:
    """The units that are other when the draft is published: what is changed in its language, what goes in all ("")."""
    for part in copy.parts:
        for piece in part.pieces:
            if piece.unit is not None and (part.is_removed or piece.is_removed):
                yield piece.unit, ""
            elif piece.unit is not None and piece.text != piece.base:
                yield piece.unit, piece.language


def _in_drafts(drafts: list[tuple[Draft, copies.Copy]], published: Mapping[tuple[int, str], str]) -> Iterator[Text]:
    """What somebody has written into the draft of a text and not published yet: it would say it from then on."""
    for draft, copy in drafts:
        place = 0
        for part in copy.shown:
            for piece in (each for each in part.shown if not each.is_dates):
                place += 1
                is_published = piece.unit is not None and published.get((piece.unit, piece.language)) == piece.text
                # What nobody has changed in the draft follows what is published.
                if piece.text.strip() and not is_published and (piece.unit is None or piece.text != piece.base):
                    yield _of_draft(draft, part, piece, place)


def _of_draft(draft: Draft, part: copies.Part, piece: copies.Piece, place: int) -> Text:
    proposal = draft.proposal

    def name() -> str:
        kind = capfirst(str(ProposalKind(proposal.kind).label))
        if piece.kind == UnitKind.PARAGRAPH:
            said = _("%(kind)s “%(slug)s”, draft, paragraph %(number)s")
            return sentence(said, kind=kind, slug=proposal.slug, number=number(place))
        said = _("%(kind)s “%(slug)s”, draft, %(number)s · %(what)s")
        what = str(UnitKind(piece.kind).label)
        return sentence(said, kind=kind, slug=proposal.slug, number=number(place), what=what)

    return Text(
        f"draft:{proposal.pk}:{piece.key}",
        piece.language,
        str(unit_html(piece.text)),
        name,
        lambda: _edit_url(proposal, part.key, piece.key, piece.language),
        is_html=True,
    )


def _edit_url(proposal: Proposal, part: str, piece: str, language: str) -> str:
    """The field of a paragraph, where its text is edited."""
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug, "part": part}
    with translation.override(language):
        return f"{reverse('proposals:edit_section', kwargs=names)}#e-{piece}"


def _unit_name(one: UnitText) -> Callable[[], str]:
    def name() -> str:
        proposal = one.unit.proposal
        kind = capfirst(str(ProposalKind(proposal.kind).label))
        if one.unit.kind == UnitKind.PARAGRAPH:
            said = _("%(kind)s “%(slug)s”, paragraph %(number)s")
            return sentence(said, kind=kind, slug=proposal.slug, number=number(one.unit.position))
        said = _("%(kind)s “%(slug)s”, %(number)s · %(what)s")
        what = str(UnitKind(one.unit.kind).label)
        return sentence(said, kind=kind, slug=proposal.slug, number=number(one.unit.position), what=what)

    return name


def _unit_url(one: UnitText, task_force: TaskForce) -> Callable[[], str]:
    """Where it is corrected: a translation on its own page, an original or a draft where texts are edited."""

    def url() -> str:
        proposal = one.unit.proposal
        names: dict[str, Any] = {"task_force": task_force.slug, "proposal": proposal.slug}
        if one.language == one.unit.source_language or proposal.state == ProposalState.DRAFT:
            proposal.task_force = task_force
            part = f"s{one.unit.section_id}" if one.unit.section_id else copies.LEAD
            return _edit_url(proposal, part, f"u{one.unit_id}", one.language)
        with translation.override(one.language):
            return reverse("proposals:translate_unit", kwargs={**names, "unit": one.unit_id})

    return url
