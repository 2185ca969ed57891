"""Phases: published with dates that hold from then on."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.core import labels
from taskforce.core.errors import Conflict, Invalid
from taskforce.timeline import windows
from taskforce.timeline.enums import ANYWHERE_ON_EARTH, Capability
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.services.rows import check_labels, hold, record, write


@transaction.atomic
def publish_phase(
    task_force: TaskForce,
    *,
    slug: str,
    titles: dict[str, str],
    capabilities: list[str],
    opens_on: date,
    closes_on: date,
    at: datetime,
    actor_id: int | None = None,
    zone: str = ANYWHERE_ON_EARTH,
    opens_time: time | None = None,
    closes_time: time | None = None,
    texts: dict[str, str] | None = None,
) -> Phase:
    """A phase as a rule with its instants, public from now on.

    Raises `Invalid` for a rule that names no instants, `Conflict` where the dates overlap another phase with
    the same capability or the slug is taken.
    """
    check_labels(slug, titles)
    phase = Phase(
        task_force=hold(task_force.pk),
        slug=slug,
        capabilities=list(capabilities),
        zone=zone,
        opens_on=opens_on,
        opens_time=opens_time,
        opens_at=windows.instant(opens_on, opens_time, zone, end=False),
        closes_on=closes_on,
        closes_time=closes_time,
        closes_at=windows.instant(closes_on, closes_time, zone, end=True),
        published_at=at,
        **labels.columns("title", titles),
        **labels.columns("text", texts or {}),
    )
    _check_new(phase)
    write(phase)
    record(phase, "phase.published", at=at, actor_id=actor_id)
    return phase


def _check_new(phase: Phase) -> None:
    """What the database would refuse, as reasons; the task force is held, so that the answers stay true."""
    if unknown := set(phase.capabilities) - set(Capability.values):
        raise Invalid(_("“%(name)s” is nothing that a phase can allow.") % {"name": sorted(unknown)[0]})
    if phase.closes_at <= phase.opens_at:
        raise Invalid(_("A phase must close after it opens."))
    if Phase.objects.filter(task_force_id=phase.task_force_id, slug=phase.slug).exists():
        raise Conflict(_("This task force already has a phase with the address “%(slug)s”.") % {"slug": phase.slug})
