"""Task forces, phases as rules with their instants, changes of published ends, events."""

from datetime import UTC, date, datetime, timedelta

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    BigIntegerRangeField,
    DateTimeRangeField,
    RangeOperators,
)
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from taskforce.timeline.enums import (
    ENDED,
    FIRST_YEAR,
    GRACE,
    LAST_YEAR,
    NOTICE_PERIOD,
    Act,
    Capability,
    EventKind,
    EventOutcome,
    TaskForceState,
)

# An address that was given out leads there for ever: it changes together with the row that says from what to what.
_SLUG_NEEDS_A_RENAMING = """
IF NEW.slug IS DISTINCT FROM OLD.slug AND NOT EXISTS (
    SELECT 1 FROM timeline_rename
    WHERE task_force_id = NEW.id AND old_slug = OLD.slug AND new_slug = NEW.slug
)
THEN
    RAISE EXCEPTION 'the address of a task force changes only by a renaming' USING ERRCODE = '23514';
END IF;
RETURN NULL;
"""
# Asked behind the unique index, which waits for whoever is just giving the address up: then that is seen here.
_SLUG_WAS_ANOTHERS = """
IF EXISTS (SELECT 1 FROM timeline_rename WHERE old_slug = NEW.slug AND task_force_id <> NEW.id) THEN
    RAISE EXCEPTION 'this address leads to another task force for ever' USING ERRCODE = '23505';
END IF;
RETURN NULL;
"""


class TaskForce(models.Model):
    """A group that a community wants. Never deleted; `name` is translated, and changes by a `Rename`.

    `ended_at`: since when it has been over (ended or cancelled), null while it goes on; `unanswered` is how much of
    what was said in it was not answered then (null also where nobody counted yet). `turns` is how often it has ended or
    was taken up again, `turned_at` when it last did (null: never); neither goes back.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    purpose = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=TaskForceState, default=TaskForceState.PROPOSED)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    unanswered = models.PositiveIntegerField(null=True)
    turns = models.PositiveIntegerField(default=0)
    turned_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("task force")
        verbose_name_plural = _("task forces")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(ENDED), ended_at__isnull=False)
                | (~Q(state__in=sorted(ENDED)) & Q(ended_at__isnull=True)),
                name="it_says_since_when_it_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(turns=0, turned_at__isnull=True) | Q(turns__gt=0, turned_at__isnull=False),
                name="it_says_when_it_last_turned",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="slug_needs_a_renaming",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func=_SLUG_NEEDS_A_RENAMING,
            ),
            pgtrigger.Trigger(
                name="slug_was_anothers",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("slug"),  # type: ignore[no-untyped-call] # theirs
                func=_SLUG_WAS_ANOTHERS,
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def has_ended(self) -> bool:
        """Whether it takes nothing more in any phase."""
        return self.state in ENDED


def _no_overlap(capability: str) -> ExclusionConstraint:
    """Two published phases of one task force with the same capability never overlap."""
    one_task_force = Func(
        F("task_force_id"),
        F("task_force_id"),
        function="int8range",
        template="%(function)s(%(expressions)s, '[]')",
        output_field=BigIntegerRangeField(),
    )
    span = Func(F("opens_at"), F("closes_at"), function="tstzrange", output_field=DateTimeRangeField())
    return ExclusionConstraint(
        name=f"no_overlap_{capability}",
        expressions=[(one_task_force, RangeOperators.EQUAL), (span, RangeOperators.OVERLAPS)],
        condition=Q(published_at__isnull=False, cancelled_at__isnull=True, capabilities__contains=[capability]),
    )


# A published date changes only together with the row that says who changed it and why (DESIGN 2.3). Checked at the
# end of the transaction, for each update apart, so that two acts in one transaction are two rows too.
_NEEDS_AN_ACT = """
IF OLD.published_at IS NULL THEN
    RETURN NULL;
END IF;
IF (NEW.id, NEW.task_force_id, NEW.slug, NEW.capabilities, NEW.opens_on, NEW.opens_time, NEW.opens_at, NEW.zone,
    NEW.cap, NEW.published_at)
    IS DISTINCT FROM
    (OLD.id, OLD.task_force_id, OLD.slug, OLD.capabilities, OLD.opens_on, OLD.opens_time, OLD.opens_at, OLD.zone,
    OLD.cap, OLD.published_at)
THEN
    RAISE EXCEPTION 'what a published phase says about itself is not changed any more' USING ERRCODE = '23514';
END IF;
IF (NEW.closes_on, NEW.closes_time, NEW.closes_at, NEW.grace_seconds, NEW.cancelled_at, NEW.ends_version)
    IS DISTINCT FROM
    (OLD.closes_on, OLD.closes_time, OLD.closes_at, OLD.grace_seconds, OLD.cancelled_at, OLD.ends_version)
    AND NOT EXISTS (
        SELECT 1 FROM timeline_extension AS done
        WHERE done.phase_id = NEW.id
            AND NEW.ends_version = OLD.ends_version + 1
            AND done.ends_version = NEW.ends_version
            -- What is cancelled or closed stays so, whatever an act says.
            AND OLD.cancelled_at IS NULL
            AND done.at < OLD.closes_at
            -- Without a number nobody can have been the last one.
            AND (done.act <> 'full' OR OLD.cap IS NOT NULL)
            AND (done.old_closes_on, done.old_closes_time, done.old_closes_at)
                IS NOT DISTINCT FROM (OLD.closes_on, OLD.closes_time, OLD.closes_at)
            AND (done.new_closes_on, done.new_closes_time, done.new_closes_at)
                IS NOT DISTINCT FROM (NEW.closes_on, NEW.closes_time, NEW.closes_at)
            AND NEW.cancelled_at IS NOT DISTINCT FROM
                CASE WHEN done.act = 'cancelled' THEN done.at ELSE OLD.cancelled_at END
            AND NEW.grace_seconds =
                CASE WHEN done.act IN ('closed', 'full', 'cancelled') THEN 0 ELSE OLD.grace_seconds END
    )
THEN
    RAISE EXCEPTION 'a published date changes only by an act with its reason' USING ERRCODE = '23514';
END IF;
RETURN NULL;
"""


class Phase(models.Model):
    """A stretch of time with capabilities. The rule (date, time, zone) and the instants derived from it.

    `opens_time` null means the start of `opens_on`, `closes_time` null the end of `closes_on`; `zone` `AoE`
    or an IANA name. Half-open: opens_at <= moment < closes_at. `ends_version` rises with each changed end.
    `published_at` null: a draft, which no visitor sees. `grace_seconds` after the close an answer may still arrive
    that a form asked for before it. With a `cap` the phase also closes when so many have come in. A phase that was
    cancelled keeps its dates, and is open no more from `cancelled_at` on.
    """

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="phases")
    slug = models.SlugField()
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    capabilities = ArrayField(models.CharField(max_length=12, choices=Capability), default=list, blank=True)
    opens_on = models.DateField()
    opens_time = models.TimeField(null=True, blank=True)
    closes_on = models.DateField()
    closes_time = models.TimeField(null=True, blank=True)
    zone = models.CharField(max_length=64, default="AoE")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    grace_seconds = models.PositiveIntegerField(default=GRACE)
    cap = models.PositiveIntegerField(null=True, blank=True)
    ends_version = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["opens_at", "id"]
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        constraints = [
            models.UniqueConstraint(fields=["task_force", "slug"], name="one_phase_slug"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="closes_after_it_opens"),
            models.CheckConstraint(condition=Q(cap__isnull=True) | Q(cap__gt=0), name="cap_lets_someone_in"),
            *[_no_overlap(capability) for capability in Capability.values],
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_dates_need_an_act",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func=_NEEDS_AN_ACT,
            ),
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} of #{self.task_force_id}"

    @property
    def ended_at(self) -> datetime | None:
        """Since when its task force has ended; None where that goes on."""
        return self.task_force.ended_at

    @property
    def dropped_at(self) -> datetime | None:
        """Since when it takes nothing because its task force has ended; None where that goes on, or ended later."""
        ended_at = self.ended_at
        return ended_at if ended_at is not None and ended_at < self.closes_at else None

    @property
    def hard_closes_at(self) -> datetime:
        """The instant from which nothing is taken any more, whenever its form was issued."""
        return self.closes_at + timedelta(seconds=self.grace_seconds)


# By how much at most an end that comes at once lies behind its act: what fills a phase comes while it is still open.
_NEXT = timedelta(microseconds=1)
# What an act says of its own moment is true, so that nobody dates one back to before an end that has passed. Checked as
# the row is written: the tolerance is more than an act, which any wait of its own ends after seconds, can take to get
# there. To change the end is for the same transaction: an act in reserve could be used once the end has passed.
_HAPPENS_NOW = """
IF NEW.at NOT BETWEEN app_now() - interval '1 minute' AND app_now() + interval '1 minute' THEN
    RAISE EXCEPTION 'an act on a published date is dated at its own moment' USING ERRCODE = '23514';
END IF;
RETURN NEW;
"""
_CHANGES_ITS_PHASE = """
IF NOT EXISTS (
    SELECT 1 FROM timeline_phase WHERE id = NEW.phase_id AND ends_version >= NEW.ends_version
) THEN
    RAISE EXCEPTION 'an act on a published date changes it in its own transaction' USING ERRCODE = '23514';
END IF;
RETURN NULL;
"""


class Extension(models.Model):
    """A changed end of a published phase: a public act with its reason.

    The old and the new rule (day and time in the phase's zone; time null: end of the day) and their instants; equal
    where the phase was cancelled. `actor_id` null: nobody's act, the cap was reached.
    """

    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="extensions")
    act = models.CharField(max_length=10, choices=Act, default=Act.EXTENDED)
    old_closes_on = models.DateField()
    old_closes_time = models.TimeField(null=True, blank=True)
    old_closes_at = models.DateTimeField()
    new_closes_on = models.DateField()
    new_closes_time = models.TimeField(null=True, blank=True)
    new_closes_at = models.DateTimeField()
    ends_version = models.PositiveIntegerField()
    reason = models.TextField()
    reason_language = models.CharField(max_length=10, default="en")
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("change of an end")
        verbose_name_plural = _("changes of ends")
        constraints = [
            models.UniqueConstraint(fields=["phase", "ends_version"], name="one_act_per_ends_version"),
            models.CheckConstraint(
                condition=Q(act=Act.EXTENDED, new_closes_at__gt=F("old_closes_at"))
                | Q(act__in=[Act.SHORTENED, Act.CLOSED, Act.FULL], new_closes_at__lt=F("old_closes_at"))
                | Q(act=Act.CANCELLED, new_closes_at=F("old_closes_at")),
                name="the_end_moves_as_the_act_says",
            ),
            models.CheckConstraint(
                condition=Q(actor_id__isnull=False) | Q(act=Act.FULL), name="somebody_changed_the_end"
            ),
            models.CheckConstraint(condition=Q(reason__regex=r"\S") | Q(act=Act.FULL), name="an_act_says_why"),
            models.CheckConstraint(
                condition=~Q(act__in=[Act.CLOSED, Act.FULL])
                | Q(new_closes_at__gte=F("at"), new_closes_at__lte=F("at") + _NEXT),
                name="what_ends_at_once_ends_then",
            ),
            models.CheckConstraint(
                condition=~Q(act=Act.SHORTENED) | Q(new_closes_at__gte=F("at") + NOTICE_PERIOD),
                name="who_shortens_gives_notice",
            ),
            models.CheckConstraint(
                condition=Q(
                    new_closes_on__gte=date(FIRST_YEAR, 1, 1),
                    new_closes_on__lte=date(LAST_YEAR, 12, 31),
                    # Behind the last day by the zone that is the farthest back.
                    new_closes_at__lte=datetime(LAST_YEAR + 1, 1, 1, 12, tzinfo=UTC),
                ),
                name="the_end_is_of_this_age",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(name="happens_now", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_HAPPENS_NOW),
            pgtrigger.Trigger(
                name="changes_its_phase",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_CHANGES_ITS_PHASE,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.phase_id} → {self.new_closes_at:%Y-%m-%d %H:%M}"


class PhaseEvent(models.Model):
    """Something about a phase that the sweep has noticed, once: (phase, kind, ends_version) is unique.

    `due_at` is the instant of which it speaks, `noticed_at` the portal's moment of the noticing. `count`: how many
    submissions a closed phase has, taken under its lock after the hard close, when no more can come; else null.
    """

    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=14, choices=EventKind)
    ends_version = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=EventOutcome)
    count = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["due_at", "id"]
        verbose_name = _("phase event")
        verbose_name_plural = _("phase events")
        constraints = [models.UniqueConstraint(fields=["phase", "kind", "ends_version"], name="one_event")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} #{self.phase_id} v{self.ends_version}"
