"""What was decided once feedback on a text had closed."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from taskforce.timeline.enums import Outcome
from taskforce.timeline.models.process import Phase


class Verdict(models.Model):
    """The act of deciding after a feedback phase, with its reason; put right only by a later one of the same phase.

    `number` counts the acts of the phase from 1; the last one holds. `reasons` are {language: text}, as staff wrote
    them.
    """

    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="verdicts")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    reasons = models.JSONField()
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("decision after feedback")
        verbose_name_plural = _("decisions after feedback")
        constraints = [
            models.UniqueConstraint(fields=["phase", "number"], name="one_verdict_number"),
            models.CheckConstraint(condition=~Q(reasons={}), name="a_verdict_says_why"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.outcome} after #{self.phase_id}"
