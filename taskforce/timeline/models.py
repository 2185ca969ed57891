"""Task forces, phases as rules with their instants, extensions, subscriptions."""

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

from taskforce.timeline.enums import Capability, TaskForceState, Topic


class TaskForce(models.Model):
    """A group that a community wants. Never deleted; `name` is translated."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    purpose = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=TaskForceState, default=TaskForceState.PROPOSED)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("task force")
        verbose_name_plural = _("task forces")

    def __str__(self) -> str:
        return self.slug


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
        condition=Q(published_at__isnull=False, capabilities__contains=[capability]),
    )


class Phase(models.Model):
    """A stretch of time with capabilities. The rule (date, time, zone) and the instants derived from it.

    `opens_time` null means the start of `opens_on`, `closes_time` null the end of `closes_on`; `zone` `AoE`
    or an IANA name. Half-open: opens_at <= moment < closes_at. `ends_version` rises with each changed end.
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
    ends_version = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["opens_at", "id"]
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        constraints = [
            models.UniqueConstraint(fields=["task_force", "slug"], name="one_phase_slug"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="closes_after_it_opens"),
            *[_no_overlap(capability) for capability in Capability.values],
        ]

    def __str__(self) -> str:
        return f"{self.slug} of #{self.task_force_id}"


class Extension(models.Model):
    """A changed end of a published phase: a public act with its reason.

    The old and the new rule (day and time in the phase's zone; time null: end of the day) and their instants.
    """

    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="extensions")
    old_closes_on = models.DateField()
    old_closes_time = models.TimeField(null=True, blank=True)
    old_closes_at = models.DateTimeField()
    new_closes_on = models.DateField()
    new_closes_time = models.TimeField(null=True, blank=True)
    new_closes_at = models.DateTimeField()
    ends_version = models.PositiveIntegerField()
    reason = models.TextField()
    reason_language = models.CharField(max_length=10, default="en")
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        constraints = [
            models.UniqueConstraint(fields=["phase", "ends_version"], name="one_act_per_ends_version"),
            models.CheckConstraint(condition=Q(new_closes_at__gt=F("old_closes_at")), name="extended_to_later"),
        ]

    def __str__(self) -> str:
        return f"#{self.phase_id} → {self.new_closes_at:%Y-%m-%d %H:%M}"


class Subscription(models.Model):
    """Someone who follows a task force: mailbox, topic, language and zone."""

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="subscriptions")
    mailbox = models.CharField(max_length=254)
    user_id = models.BigIntegerField(null=True)
    topic = models.CharField(max_length=16, choices=Topic)
    language = models.CharField(max_length=10)
    zone = models.CharField(max_length=64, default="UTC")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [models.UniqueConstraint(fields=["task_force", "mailbox", "topic"], name="one_subscription")]

    def __str__(self) -> str:
        return f"{self.topic} #{self.task_force_id}"
