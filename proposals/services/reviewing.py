"""A second person reads a translation and approves it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from proposals import queries
from proposals.enums import TranslationState
from proposals.models import Proposal, UnitText
from proposals.reading import state_in
from proposals.rules import as_of_now, may_review
from proposals.services.revisions import hold, log_act
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, Invalid, Refused


@transaction.atomic
def review(proposal_id: int, language: str, unit_id: int, version: int, *, reviewer: User, at: datetime) -> UnitText:
    """Approve the version of a translation that the reviewer has read; twice is once.

    Raises `Refused` for who may not and for whoever wrote or confirmed it, `Conflict` where it is another text by now,
    has gone or is outdated, `Invalid` where nobody asked for a review.
    """
    hold(proposal_id)
    proposal = Proposal.objects.select_related("task_force").get(pk=proposal_id)
    text = UnitText.objects.filter(unit=unit_id, unit__proposal=proposal, unit__removed_in=None, language=language)
    found = text.select_related("unit").exclude(text="").first()
    if found is None:
        raise Conflict(_("There is no such translation any more."))
    allowed, why = may_review(as_of_now(reviewer), proposal, found)
    if not allowed:
        raise Refused(why)
    if not queries.wants_review(proposal, language):
        raise Invalid(_("Nobody has asked for a review of this language."))
    marks = queries.marks(proposal).get(unit_id, {})
    is_current = state_in(language, found.unit.source_language, marks) is TranslationState.TRANSLATED
    if found.version != version or not is_current:
        raise Conflict(_("The translation or its original has changed meanwhile: read it once more."))
    if found.reviewed_version == version:
        return found
    found.reviewed_version, found.reviewer_id = version, reviewer.pk
    found.save(update_fields=["reviewed_version", "reviewer_id"])
    log_act(
        proposal, "proposal.reviewed", at=at, actor_id=reviewer.pk, language=language, unit=unit_id, version=version
    )
    return found
