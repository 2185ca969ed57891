"""Tables of what was said elsewhere."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from feedback.enums import (
    LineFault,
)
from feedback.models.items import FeedbackItem
from feedback.models.windows import FeedbackWindow
from taskforce.accounts.models import User


class Sheet(models.Model):
    """A table of what was said elsewhere, as a facilitator pasted it: a part of the sweep enters its lines, each once.

    `form_key` is the nonce of the form it came by, `shown_at` when that form was shown, `fields_digest` whether it says
    the same. `columns` are what its columns are (`pasting`), `fallbacks` what a line means that leaves something out.
    It passed the gate at `pasted_at`, in the grace or not: so did each of its lines, whenever their turn comes.
    """

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="+")
    pasted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    form_key = models.CharField(max_length=64, unique=True)
    fields_digest = models.CharField(max_length=64)
    shown_at = models.DateTimeField()
    pasted_at = models.DateTimeField()
    in_grace = models.BooleanField(default=False)
    names = ArrayField(models.TextField(), default=list, blank=True)
    columns = ArrayField(models.CharField(max_length=40, blank=True), default=list, blank=True)
    fallbacks = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["pasted_by", "window", "-id"], name="feedback_sheets")]

    def __str__(self) -> str:
        return f"sheet {self.pk}"


class SheetLine(models.Model):
    """A line of it: its cells and what was read of them (`told`; null: they could not be read), until it is entered;
    the item that was made of it; or why none was (`fault`). Neither item nor fault: it waits.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    cells = ArrayField(models.TextField(), default=list, blank=True)
    told = models.JSONField(null=True)
    fault = models.CharField(max_length=12, choices=LineFault, blank=True, default="")
    item = models.OneToOneField(FeedbackItem, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "number"], name="one_line_per_number")]
        indexes = [
            # The few that wait, of all that ever did.
            models.Index(
                fields=["sheet", "number"], condition=models.Q(item=None, fault=""), name="feedback_lines_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"line {self.number}"
