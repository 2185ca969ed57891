"""A call of a scenario, published at once. Staff draft theirs and publish it behind a check (`building`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from recruitment import plan
from recruitment.models import Call, Clarification, Criterion
from recruitment.models.calls import WHOLE
from recruitment.plan import Details, Line, Texts
from recruitment.services.building import write_line
from taskforce.audit import log
from taskforce.core import labels, languages
from taskforce.core.errors import Conflict, Invalid
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.queries import is_for
from taskforce.timeline import gates
from taskforce.timeline.enums import Capability
from taskforce.timeline.models import Phase


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
    texts: Mapping[str, Texts] | None = None,
    panel_size: int = 0,
    clarifications: Sequence[tuple[Texts, Texts]] = (),
) -> Call:
    """Publish the call of a phase at once, its rubric and questions fixed from then on.

    For scenarios, and not among the services: nothing of what `readiness` finds is asked here, and nobody who may.

    `titles` and `purposes` are {language: text}, `texts` the other words of a call by field; each criterion is a
    mapping with `labels` {language: text}, optionally `help_texts` and `meanings` ({score: {language: text}}), and
    `weight` (percent; together 100). Raises `Invalid` for a call that could not be run, `Conflict` if the phase has one
    already. `at` is the portal's moment (UTC).
    """
    said = plan.details(Details({**(texts or {}), "title": titles, "purpose": purposes}, seats, panel_size))
    phase = gates.enter_exclusively(phase.pk).phase
    _check(phase, titles, purposes, seats, criteria)
    if not is_for(version, phase.task_force_id):
        raise Invalid(_("These questions belong to another task force than the phase."))
    if Call.objects.filter(phase=phase).exists():
        raise Conflict(_("This phase has a call already."))
    call = Call(phase=phase, questions=version, seats=seats, panel_size=panel_size)
    for name, given in said.texts.items():
        labels.assign(call, name, dict(given))
    call.save()
    for position, spec in enumerate(criteria, start=1):
        line = Line(spec["labels"], spec["weight"], spec.get("help_texts", {}), spec.get("meanings", {}))
        write_line(Criterion(call=call, position=position), plan.criterion(line))
    for position, (question, answer) in enumerate(clarifications, start=1):
        made = Clarification(call=call, position=position, added_at=at)
        labels.assign(made, "question", dict(question))
        labels.assign(made, "answer", dict(answer))
        made.save()
    # Last of all, since from then on the database keeps what there is.
    call.published_at = at
    call.save(update_fields=["published_at"])
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
