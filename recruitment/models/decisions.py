"""What was decided."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from recruitment.enums import DecisionState, Outcome
from recruitment.models.applications import Application

_USER = settings.AUTH_USER_MODEL


class Decision(models.Model):
    """What was decided about an application; one row, held until released."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=10, choices=Outcome)
    state = models.CharField(max_length=10, choices=DecisionState, default=DecisionState.HELD)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="held", released_at__isnull=True) | Q(state="released", released_at__isnull=False),
                name="released_when",
            )
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}"
