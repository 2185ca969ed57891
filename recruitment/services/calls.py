"""Publishing a call: what must be complete is checked here, never again at the opening instant."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from recruitment.models import Call, Criterion
from taskforce.audit import log
from taskforce.core import labels, languages
from taskforce.core.errors import Conflict, Invalid
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.queries import is_for
from taskforce.timeline import gates
from taskforce.timeline.enums import Capability
from taskforce.timeline.models import Phase

WHOLE = 100


@transaction.atomic
def publish_call(
    phase: Phase,
    version: QuestionSetVersion,
    *,
    titles: Mapping[str, str],
    purposes: Mapping[str, str],
    seats: int,
    criteria: Sequence[Mapping[str, Any]],
    at: datetime,
    actor_id: int | None = None,
) -> Call:
    """Publish the call of a phase; its rubric and questions are fixed from then on.

    `titles` and `purposes` are {language: text}; each criterion is a mapping with `labels` {language: text},
    optionally `help_texts`, and `weight` (percent; together 100). Raises `Invalid` for a call that could not be
    run, `Conflict` if the phase has one already. `at` is the portal's moment (UTC).
    """
    phase = gates.enter_exclusively(phase.pk).phase
    _check(phase, titles, purposes, seats, criteria)
    if not is_for(version, phase.task_force_id):
        raise Invalid(_("These questions belong to another task force than the phase."))
    if Call.objects.filter(phase=phase).exists():
        raise Conflict(_("This phase has a call already."))
    call = Call.objects.create(
        phase=phase,
        questions=version,
        seats=seats,
        published_at=at,
        **labels.columns("title", dict(titles)),
        **labels.columns("purpose", dict(purposes)),
    )
    for position, spec in enumerate(criteria, start=1):
        Criterion.objects.create(
            call=call,
            position=position,
            weight=spec["weight"],
            **labels.columns("label", dict(spec["labels"])),
            **labels.columns("help_text", dict(spec.get("help_texts", {}))),
        )
    log.record("call.published", call, at=at, actor_id=actor_id, task_force_id=phase.task_force_id, seats=seats)
    return call


def _check(
    phase: Phase,
    titles: Mapping[str, str],
    purposes: Mapping[str, str],
    seats: int,
    criteria: Sequence[Mapping[str, Any]],
) -> None:
    if Capability.APPLY not in phase.capabilities:
        raise Invalid(_("A call needs a phase in which people can apply."))
    if seats < 1:
        raise Invalid(_("A call needs at least one seat."))
    texts = [titles, purposes, *(spec["labels"] for spec in criteria)]
    if not all(any(one.values()) and all(map(languages.is_offered, one)) for one in texts):
        raise Invalid(_("Title, purpose and each criterion need a text in a language of the portal."))
    total = sum(spec["weight"] for spec in criteria)
    if total != WHOLE or any(spec["weight"] < 1 for spec in criteria):
        raise Invalid(_("The weights of the criteria add up to %(total)s, not to 100.") % {"total": total})
