"""Which reminders of unfinished applications were written, and who wants none."""

from django.conf import settings
from django.db import models

from recruitment.enums import Reminding
from recruitment.models.calls import Call


class RemindedOf(models.Model):
    """That those with an unfinished application were reminded of it; once of each kind for each end of the phase.

    `count` is how many mails that were.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Reminding)
    ends_version = models.PositiveIntegerField()
    at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "kind", "ends_version"], name="one_reminder_of_each_kind")
        ]

    def __str__(self) -> str:
        return f"reminder ({self.kind}) of #{self.call_id}"


class NoReminders(models.Model):
    """That a person wants no reminders of their application to a call, this one or one that they begin later."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="+")
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "applicant"], name="one_wish_for_no_reminders")]

    def __str__(self) -> str:
        return f"no reminders {self.pk}"
