"""Calls for members and their criteria."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from taskforce.core import labels
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase


class Call(models.Model):
    """A call for members in a phase; title, purpose and criteria are translated."""

    phase = models.OneToOneField(Phase, on_delete=models.PROTECT, related_name="call")
    questions = models.ForeignKey(QuestionSetVersion, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    purpose = models.TextField(blank=True)
    seats = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = gettext_lazy("call for members")
        verbose_name_plural = gettext_lazy("calls for members")
        constraints = [models.CheckConstraint(condition=Q(seats__gt=0), name="call_has_seats")]

    def __str__(self) -> str:
        return labels.label(self, "title").text


class Criterion(models.Model):
    """One line of the rubric; weights of a call add up to 100 (percent)."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=300)
    help_text = models.CharField(max_length=600, blank=True)
    weight = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["call", "position"], name="one_criterion_per_position")]

    def __str__(self) -> str:
        return f"criterion {self.pk}"
