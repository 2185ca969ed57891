"""Translations that wait for a second person: how many of them a reader may review, and where."""

from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import override

from proposals import queries
from proposals.enums import ProposalState
from proposals.models import Proposal, UnitText
from proposals.rules import WHO
from taskforce.accounts.models import User
from taskforce.accounts.queries import grants_of
from taskforce.core import languages
from taskforce.core.labels import Label
from taskforce.timeline.enums import ENDED


class Waiting(NamedTuple):
    """So many translations of a text into a language wait for the reader's review, at this address."""

    proposal: Proposal
    title: Label
    language: str
    own_name: str
    total: int
    url: str


def _by_others(user: User) -> QuerySet[UnitText]:
    """Translations that wait for a review and that the user has neither written nor confirmed: `rules.may_review` as
    a filter, but for the roles."""
    source = UnitText.objects.filter(unit=OuterRef("unit"), language=OuterRef("unit__source_language"))
    return (
        UnitText.objects.filter(
            unit__removed_in=None,
            unit__proposal__goals__language=F("language"),
            unit__proposal__goals__wants_review=True,
            source_version__gte=Subquery(source.values("version")),
        )
        .exclude(text="")
        .exclude(language=F("unit__source_language"))
        .exclude(reviewed_version=F("version"))
        .exclude(author_id=user.pk)
        .exclude(co_author_ids__contains=[user.pk])
        .exclude(confirmer_id=user.pk)
    )


def count_for(user: User, proposal: Proposal, language: str) -> int:
    """How many translations of the text into the language wait for somebody and may be reviewed by this translator; one
    query."""
    return _by_others(user).filter(unit__proposal=proposal, language=language).count()


def waiting(user: Any, reader_language: str) -> list[Waiting]:
    """What waits for the user's review, by text and language; nothing of a text that has ended, or whose task force
    has. One query, and two more where something waits."""
    held = [grant for grant in grants_of(user) if WHO["text.review"].is_given_by(grant)]
    if not held:
        return []
    where = Q(pk=None)
    for grant in held:
        place = Q() if grant.task_force_id is None else Q(unit__proposal__task_force=grant.task_force_id)
        where |= Q(pk__isnull=False) & place & (Q(language=grant.language) if grant.language else Q())
    found = _by_others(user).filter(where, unit__proposal__state=ProposalState.PUBLISHED)
    found = found.exclude(unit__proposal__task_force__state__in=ENDED)
    rows = list(
        found.order_by("unit__proposal", "language")
        .values_list("unit__proposal", "language")
        .annotate(count=Count("pk"))
    )
    if not rows:
        return []
    texts = Proposal.objects.filter(pk__in={row[0] for row in rows}).select_related("task_force")
    titled = {one.proposal.pk: one for one in queries.titled(list(texts), reader_language)}
    return [
        Waiting(*titled[pk], code, languages.OWN_NAMES[code], count, work_url(titled[pk].proposal, code, "waiting"))
        for pk, code, count in rows
    ]


def work_url(proposal: Proposal, language: str, show: str = "") -> str:
    """The page on which a text is translated into a language."""
    with override(language):
        url = reverse("proposals:translate", args=[proposal.task_force.slug, proposal.slug])
    return f"{url}?show={show}" if show else url
