"""Summaries of a window, their drafts and the word that one is due."""

import pgtrigger
from django.db import models

from feedback.models.windows import FeedbackWindow


class SummaryDraft(models.Model):
    """What is being written about a window: `texts` by language, of which that in `source` is the one that the others
    are made from; `made_from` holds for each of them the digest of the source it was made from, `hands` whose work it
    is: the ids of its `writers`, of the `reviewer` who has compared it with its source (null: nobody has), and the
    `stamp` of the two texts that this belongs to.

    `days` after its close the summary is expected. `version` rises with each save.
    """

    window = models.OneToOneField(FeedbackWindow, on_delete=models.PROTECT, related_name="summary_draft")
    source = models.CharField(max_length=10)
    texts = models.JSONField(default=dict)
    made_from = models.JSONField(default=dict)
    hands = models.JSONField(default=dict)
    days = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=0)
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft of the summary of #{self.window_id}"


class Summary(models.Model):
    """A summary as it was published, and for good: a later version is another row, which says what changed and why.

    `texts` and `changes` are {language: text}; `outdated` are the languages in which the text was made from an earlier
    source, `reviewed` those in which a second person had compared it with its source; `tally` is what was counted
    (`counting.Tally.as_json`) at `counted_at`, which a later version may keep.
    """

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="summaries")
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=10)
    texts = models.JSONField()
    outdated = models.JSONField(default=list)
    reviewed = models.JSONField(default=list)
    changes = models.JSONField(default=dict)
    tally = models.JSONField()
    counted_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["window", "number"], name="one_summary_number"),
            models.CheckConstraint(
                condition=models.Q(number=1) | ~models.Q(changes={}), name="a_later_summary_says_what_changed"
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"summary {self.number} of #{self.window_id}"


class SummaryReminder(models.Model):
    """That staff were reminded of a summary; once for each end of its phase."""

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="+")
    ends_version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["window", "ends_version"], name="one_summary_reminder")]

    def __str__(self) -> str:
        return f"reminder of the summary of #{self.window_id}"
