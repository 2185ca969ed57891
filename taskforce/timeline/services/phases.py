"""Phases: published with dates that hold from then on."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.audit import log
from taskforce.core import labels
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.timeline import rules, windows
from taskforce.timeline.enums import ANYWHERE_ON_EARTH, ENDED, GRACE, Capability
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.services.rows import check_labels, hold, record, write

# Beyond these a number is a slip: a cap that nobody reaches, a grace that is a second deadline.
MOST_IN = 1_000_000
LONGEST_GRACE = 600


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
    cap: int | None = None,
    grace_seconds: int = GRACE,
) -> Phase:
    """A phase as a rule with its instants, public from now on.

    With a `cap` it also closes when so many have come in; for `grace_seconds` after the close a form that was shown
    before it may still arrive. Raises `Refused` where the task force has ended, `Invalid` for a rule that names no
    instants or numbers that make no sense, `Conflict` where the dates overlap another phase with the same capability or
    the slug is taken.
    """
    check_labels(slug, titles)
    held = hold(task_force.pk)
    if held.state in ENDED:
        raise Refused(rules.why_dropped())
    phase = Phase(
        task_force=held,
        slug=slug,
        capabilities=list(capabilities),
        zone=zone,
        opens_on=opens_on,
        opens_time=opens_time,
        opens_at=windows.instant(opens_on, opens_time, zone, end=False),
        closes_on=closes_on,
        closes_time=closes_time,
        closes_at=windows.instant(closes_on, closes_time, zone, end=True),
        cap=cap,
        grace_seconds=grace_seconds,
        published_at=at,
        **labels.columns("title", titles),
        **labels.columns("text", texts or {}),
    )
    check_phase(phase)
    write(phase)
    record(phase, "phase.published", at=at, actor_id=actor_id)
    return phase


@transaction.atomic
def translate_title(phase: Phase, *, language: str, title: str, at: datetime, actor_id: int | None) -> None:
    """A published phase gets its title in a language in which it has none; `Conflict` where it has one by now."""
    hold(phase.task_force_id)
    held = Phase.objects.select_for_update(of=("self",)).get(pk=phase.pk)
    if labels.stored(held, "title").get(language):
        raise Conflict(_("This text says something else by now. Read it, and send yours again."))
    write(held, labels.assign(held, "title", {language: title}))
    log.record(
        "phase.translated",
        held,
        at=at,
        actor_id=actor_id,
        task_force_id=held.task_force_id,
        language=language,
    )


def check_phase(phase: Phase) -> None:
    """What the database would refuse, as reasons; the task force is held, so that the answers stay true."""
    if unknown := set(phase.capabilities) - set(Capability.values):
        raise Invalid(_("“%(name)s” is nothing that a phase can allow.") % {"name": sorted(unknown)[0]})
    if phase.closes_at <= phase.opens_at:
        raise Invalid(_("A phase must close after it opens."))
    if phase.cap is not None and not 0 < phase.cap <= MOST_IN:
        raise Invalid(
            _("A phase that closes when it is full lets at least one in, and at most %(most)d.") % {"most": MOST_IN}
        )
    if not 0 <= phase.grace_seconds <= LONGEST_GRACE:
        raise Invalid(_("The grace after the close lasts at most %(most)d seconds.") % {"most": LONGEST_GRACE})
    if Phase.objects.filter(task_force_id=phase.task_force_id, slug=phase.slug).exclude(pk=phase.pk).exists():
        raise Conflict(_("This task force already has a phase with the address “%(slug)s”.") % {"slug": phase.slug})
