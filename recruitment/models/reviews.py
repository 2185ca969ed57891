"""Reviews of what was submitted."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from recruitment.enums import ReviewState
from recruitment.models.applications import Application, Snapshot
from recruitment.models.calls import Criterion

_USER = settings.AUTH_USER_MODEL


class Review(models.Model):
    """One reviewer's review of one application, pinned to the snapshot that was read."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reviews")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="reviews")
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.DRAFT)
    note = models.TextField(blank=True)
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "reviewer"], name="one_review_per_reviewer"),
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at__isnull=True)
                | Q(state="submitted", submitted_at__isnull=False),
                name="review_submitted_when",
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"


class Score(models.Model):
    """A review's score (1 to 5) on one criterion."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "criterion"], name="one_score_per_criterion"),
            models.CheckConstraint(condition=Q(value__gte=1, value__lte=5), name="score_in_range"),
        ]

    def __str__(self) -> str:
        return str(self.value)
