"""What readers report of what others said. Part of the room `models`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.enums import BrokenRule, ReportOutcome, Suspicion
from taskforce.accounts.models import User


class FeedbackReport(models.Model):
    """That somebody says of an item, or of a `reply` to it, that it breaks a rule; each person, or browser, once.

    It does nothing by itself: moderators read it and decide. Nothing was decided while `outcome` is empty; `note` is
    what they say of letting it stand. `reporter` is the account (null: none, or nobody's any more) and `browser_hash`
    a code of the browser where there was none: shown to nobody, and emptied with the `words` some time after the
    decision. `suspicion`: it looked like a machine's; one that was caught by the trap waits for nobody.
    """

    item = models.ForeignKey("feedback.FeedbackItem", on_delete=models.PROTECT, related_name="reports")
    reply = models.ForeignKey("feedback.FeedbackReply", null=True, on_delete=models.PROTECT, related_name="reports")
    form_key = models.CharField(max_length=64, unique=True)
    rule = models.CharField(max_length=12, choices=BrokenRule, verbose_name=_("rule that was broken"))
    words = models.TextField(blank=True)
    suspicion = models.CharField(max_length=12, choices=Suspicion, blank=True)
    reporter = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    browser_hash = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=ReportOutcome, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "reply", "reporter"],
                condition=models.Q(reporter__isnull=False),
                nulls_distinct=False,
                name="one_report_per_person",
            ),
            models.UniqueConstraint(
                fields=["item", "reply", "browser_hash"],
                condition=~models.Q(browser_hash=""),
                nulls_distinct=False,
                name="one_report_per_browser",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", closed_at=None, closed_by=None, note="")
                | (~models.Q(outcome="") & models.Q(closed_at__isnull=False)),
                name="report_closed_wholly",
            ),
        ]
        indexes = [
            # The few that wait, of all that ever did.
            models.Index(
                fields=["item"],
                condition=models.Q(outcome="") & ~models.Q(suspicion=Suspicion.TRAP),
                name="feedback_reports_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"
