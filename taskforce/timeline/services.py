"""The only writer of task forces, phases, extensions and subscriptions."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import labels, languages, locks, states
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_text
from taskforce.timeline import describe, gates, notices, queries, rules, windows
from taskforce.timeline.enums import ANYWHERE_ON_EARTH, Capability, TaskForceState, Topic
from taskforce.timeline.models import Extension, Phase, Subscription, TaskForce
from taskforce.timeline.transitions import TASK_FORCE

_NO_OVERLAP = tuple(f"no_overlap_{capability}" for capability in Capability.values)


@transaction.atomic
def create_task_force(
    slug: str,
    names: dict[str, str],
    *,
    at: datetime,
    actor_id: int | None = None,
    purposes: dict[str, str] | None = None,
) -> TaskForce:
    """A new task force, proposed; `Conflict` for a slug that is taken, `Invalid` for a bad one or no name."""
    _check_labels(slug, names)
    if TaskForce.objects.filter(slug=slug).exists():
        raise Conflict(_("There is already a task force with the address “%(slug)s”.") % {"slug": slug})
    fields = {**labels.columns("name", names), **labels.columns("purpose", purposes or {})}
    task_force = TaskForce.objects.create(slug=slug, created_at=at, **fields)
    log.record("task-force.created", task_force, at=at, actor_id=actor_id, task_force_id=task_force.pk, slug=slug)
    return task_force


def _check_labels(slug: str, texts: dict[str, str]) -> None:
    try:
        validate_slug(slug)
    except ValidationError:
        raise Invalid(_("“%(slug)s” cannot stand in an address.") % {"slug": slug}) from None
    if not any(map(clean_text, texts.values())):
        raise Invalid(_("A title is missing."))


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
    _check_labels(slug, titles)
    phase = Phase(
        task_force=_hold(task_force.pk),
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
    _write(phase)
    _record(phase, "phase.published", at=at, actor_id=actor_id)
    return phase


def _check_new(phase: Phase) -> None:
    """What the database would refuse, as reasons; the task force is held, so that the answers stay true."""
    if unknown := set(phase.capabilities) - set(Capability.values):
        raise Invalid(_("“%(name)s” is nothing that a phase can allow.") % {"name": sorted(unknown)[0]})
    if phase.closes_at <= phase.opens_at:
        raise Invalid(_("A phase must close after it opens."))
    if Phase.objects.filter(task_force_id=phase.task_force_id, slug=phase.slug).exists():
        raise Conflict(_("This task force already has a phase with the address “%(slug)s”.") % {"slug": phase.slug})


def _record(phase: Phase, action: str, *, at: datetime, actor_id: int | None) -> None:
    log.record(
        action,
        phase,
        at=at,
        actor_id=actor_id,
        task_force_id=phase.task_force_id,
        opens_at=phase.opens_at.isoformat(),
        closes_at=phase.closes_at.isoformat(),
        ends_version=phase.ends_version,
    )


def _hold(task_force_id: int) -> TaskForce:
    """The task force's row, locked to the end of the transaction against other changes of its dates or state.

    Without it two changes could each wait for the other inside the constraint against overlaps. Rows that only
    point to the task force do not wait (`no_key`).
    """
    return TaskForce.objects.select_for_update(no_key=True).get(pk=task_force_id)


def _write(phase: Phase, update_fields: Sequence[str] | None = None) -> None:
    """Save in a savepoint: what the database refuses as an overlap becomes a reason that people can read.

    The task force must be held.
    """
    try:
        with transaction.atomic():
            phase.save(update_fields=update_fields)
    except IntegrityError as error:
        if not any(name in str(error) for name in _NO_OVERLAP):
            raise
        raise _overlap(phase) from error


def _overlap(phase: Phase) -> Conflict:
    other = queries.clash(phase, phase.opens_at, phase.closes_at)
    if other is None:
        return Conflict(_("These dates overlap another phase that allows the same."))
    return Conflict(
        _("These dates overlap “%(phase)s” (%(period)s), which allows the same.")
        % {"phase": labels.label(other, "title").text, "period": describe.period(other)},
        facts=describe.facts(other, phase.opens_at)[:2],
        title=_("Overlapping dates"),
    )


@transaction.atomic
def extend(
    phase_id: int,
    *,
    closes_on: date,
    closes_time: time | None = None,
    reason: str,
    reason_language: str = "en",
    actor: User,
    ends_version: int | None = None,
) -> Extension:
    """Move the end of a phase to a later day or time (in the phase's own zone), openly.

    `ends_version` is the end that the actor saw: another one meanwhile is a `Conflict`. Raises `Refused`
    without the role or once the phase has closed, `Invalid` for an earlier end or without a reason,
    `Conflict` for overlaps.
    """
    passed = gates.enter_exclusively(phase_id)
    phase, at = passed.phase, passed.at
    _hold(phase.task_force_id)
    _check_extension(phase, actor, ends_version, at)
    extension = Extension(
        phase=phase,
        old_closes_on=phase.closes_on,
        old_closes_time=phase.closes_time,
        old_closes_at=phase.closes_at,
        new_closes_on=closes_on,
        new_closes_time=closes_time,
        new_closes_at=rules.later_end(phase, closes_on, closes_time),
        ends_version=phase.ends_version + 1,
        reason=rules.checked_reason(reason, reason_language),
        reason_language=reason_language,
        actor_id=actor.pk,
        actor_name=str(actor),
        at=at,
    )
    phase.closes_on, phase.closes_time, phase.closes_at = closes_on, closes_time, extension.new_closes_at
    phase.ends_version = extension.ends_version
    _write(phase, ["closes_on", "closes_time", "closes_at", "ends_version"])
    extension.save()
    _record(phase, "phase.extended", at=at, actor_id=actor.pk)
    notices.extended(extension, at=at)
    return extension


def _check_extension(phase: Phase, actor: User, ends_version: int | None, at: datetime) -> None:
    """Whether this actor may move this end at the moment, and has seen it as it is."""
    allowed, why = rules.may(actor, "phase.extend", phase, at)
    if not allowed:
        raise Refused(why, facts=describe.facts(phase, at))
    if ends_version not in (None, phase.ends_version):
        raise Conflict(
            _("Somebody has changed the end meanwhile. It closes now: %(rule)s.")
            % {"rule": describe.closes_rule(phase)},
            facts=describe.facts(phase, at),
        )


@transaction.atomic
def follow(
    task_force: TaskForce,
    *,
    mailbox: str,
    topics: list[str],
    language: str,
    zone: str = "UTC",
    user_id: int | None = None,
    at: datetime,
) -> None:
    """Make a mailbox follow topics, confirmed at once: only for one that is known to be the person's own."""
    if unknown := set(topics) - set(Topic.values):
        raise Invalid(_("“%(name)s” is nothing that can be followed.") % {"name": sorted(unknown)[0]})
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    windows.zone_of(zone)
    for topic in topics:
        subscription, _made = Subscription.objects.update_or_create(
            task_force=task_force,
            mailbox=mailbox.strip().lower(),
            topic=topic,
            defaults={"language": language, "zone": zone, "user_id": user_id, "confirmed_at": at},
        )
        log.record("subscription.confirmed", subscription, at=at, actor_id=user_id, task_force_id=task_force.pk)


@transaction.atomic
def change_state(task_force_id: int, action: str, *, at: datetime, actor_id: int | None, reason: str = "") -> TaskForce:
    """One act of a task force's life (`announce`, `end`, `cancel`); `Conflict` if the table has no such step.

    Holds every phase exclusively, so that no submission passes a gate while the task force ends.
    """
    for phase_id in Phase.objects.filter(task_force_id=task_force_id).order_by("id").values_list("id", flat=True):
        locks.take(locks.Kind.PHASE, phase_id)
    task_force = _hold(task_force_id)
    before = task_force.state
    task_force.state = states.step(TASK_FORCE, TaskForceState(before), action)
    task_force.save(update_fields=["state"])
    details: dict[str, Any] = {"before": before, "after": task_force.state}
    log.record(
        f"task-force.{action}",
        task_force,
        at=at,
        actor_id=actor_id,
        task_force_id=task_force_id,
        reason=reason,
        **details,
    )
    return task_force
