"""What is not said yet: drafts, and what waits for its author's mail."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from feedback.models.windows import FeedbackWindow
from proposals.models import Unit


class FeedbackDraft(models.Model):
    """What was typed in the form of a window and not sent, in one browser, which alone finds it (`browsers`).

    `unit` is the paragraph by which its form was opened (null: none). `fields` are {name of a field: what was typed in
    it, as a list}. `version` counts what was kept, so that a tab which has not seen the last of it is found out.
    """

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="drafts")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    browser_hash = models.CharField(max_length=64)
    fields = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["browser_hash", "window", "unit"], nulls_distinct=False, name="one_draft_per_browser_and_place"
            )
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class FeedbackUnconfirmed(models.Model):
    """What was sent in a window that asks for a mail address, until the link in the mail is followed. It is no item
    before: nobody reads it and nothing counts it. The address itself is in the mail alone, sealed in its link too.

    `form_key`, `fields_digest` and `token_hash` as of an item; `said` are the columns of the item that it becomes, and
    its `answers` as those of a wording. `sent_at` is when it was sent: that it was in time is for good. `together` is
    the `form_key` of the first that waits from the same browser for the same mailbox ("": itself): one mail confirms
    all. `fingerprint` are its marks as those of an item, by which what comes after is compared with what waits; while
    it waits, an `alike` of it that is no item's is the number of the first that waits and says nearly the same, below
    zero.
    """

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="unconfirmed")
    form_key = models.CharField(max_length=64, unique=True)
    fields_digest = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    said = models.JSONField()
    answers = models.JSONField()
    sent_at = models.DateTimeField()
    in_grace = models.BooleanField(default=False)
    together = models.CharField(max_length=64, blank=True, default="", db_index=True)
    fingerprint = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        indexes = [GinIndex(fields=["fingerprint"], name="feedback_waiting_fingerprint", fastupdate=False)]

    def __str__(self) -> str:
        return f"unconfirmed {self.pk}"
