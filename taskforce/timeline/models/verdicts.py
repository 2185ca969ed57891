"""What was decided once feedback on a text had closed."""

from typing import Any, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from taskforce.timeline.enums import Outcome
from taskforce.timeline.models.process import Phase


class Verdict(models.Model):
    """The act of deciding about a text after a feedback phase, with its reason.

    `number` counts the acts of the phase from 1; of those about the same text the last one holds. `text_id` is the
    number of a text in the room above (null: the phase asked about none), `titles` what it was called then, {language:
    text}, and `is_main` whether the task force stands or falls with it. `reasons` are {language: text}, as staff wrote
    them. `unanswered` is how much of what was said on the text was not answered then (null: nobody counted yet).
    """

    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="verdicts")
    number = models.PositiveIntegerField()
    text_id = models.BigIntegerField(null=True)
    titles = models.JSONField(default=dict)
    is_main = models.BooleanField(default=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    reasons = models.JSONField()
    unanswered = models.PositiveIntegerField(null=True)
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

    @classmethod
    def only_to_show(cls, **fields: Any) -> Self:
        """A decision that nobody stores: a preview, or one read without its row. Services write those that hold."""
        return cls(**fields)
