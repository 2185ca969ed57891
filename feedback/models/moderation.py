"""Appeals against what moderators decided."""

from django.db import models

from feedback.enums import AppealOutcome, BrokenRule
from feedback.models.items import FeedbackItem
from taskforce.accounts.models import User


class FeedbackAppeal(models.Model):
    """An author's words against the hiding of their item or reply; somebody else than who hid it decides.

    `rule` and `hidden_by` are as they stood when it was made. Nothing was decided while `outcome` is empty. It is made
    once; only who was put back, and is hidden again, makes another.
    """

    item = models.ForeignKey(FeedbackItem, null=True, on_delete=models.PROTECT, related_name="appeals")
    reply = models.ForeignKey("FeedbackReply", null=True, on_delete=models.PROTECT, related_name="appeals")
    words = models.TextField(blank=True)
    made_at = models.DateTimeField()
    rule = models.CharField(max_length=12, choices=BrokenRule)
    hidden_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=AppealOutcome, blank=True, default="")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=~models.Q(outcome=AppealOutcome.PUT_BACK), name="one_appeal_for_an_item"
            ),
            models.UniqueConstraint(
                fields=["reply"], condition=~models.Q(outcome=AppealOutcome.PUT_BACK), name="one_appeal_for_a_reply"
            ),
            models.CheckConstraint(
                condition=models.Q(item__isnull=True, reply__isnull=False)
                | models.Q(item__isnull=False, reply__isnull=True),
                name="appeal_for_an_item_or_a_reply",
            ),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("hidden_by")), name="appeal_decided_by_another"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", decided_by=None, decided_at=None, reason="")
                | models.Q(
                    outcome__in=[AppealOutcome.UPHELD, AppealOutcome.PUT_BACK],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                | models.Q(outcome=AppealOutcome.WITHDRAWN, decided_by=None, decided_at__isnull=False),
                name="appeal_decided_wholly",
            ),
        ]

    def __str__(self) -> str:
        return f"appeal for reply {self.reply_id}" if self.reply_id else f"appeal for item {self.item_id}"
