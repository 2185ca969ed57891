"""Who agrees, and what is replied."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.enums import (
    BrokenRule,
    ItemState,
)
from feedback.models.items import FeedbackItem
from feedback.models.judged import Judged
from taskforce.accounts.models import User


class FeedbackAgreement(models.Model):
    """That a person agrees with an item, as it stood after so many `edits`; nobody but them sees that it is them."""

    item = models.ForeignKey(FeedbackItem, on_delete=models.PROTECT, related_name="agreements")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    edits = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "user"], name="one_agreement_per_person")]

    def __str__(self) -> str:
        return f"agreement {self.pk}"


class FeedbackReply(Judged):
    """What somebody with an account said to an item; nobody replies to a reply.

    Its states are those of items, as are `rule` and `moderator`. `author` is shown to nobody but them; `name` is what
    they chose to be called (empty: without a name). `is_answer`: it is said for the people who run the process.
    `form_key`, `fields_digest`, `suspicion`, `fingerprint`, `was_public` and `in_grace` are as an item's.
    """

    item = models.ForeignKey(FeedbackItem, on_delete=models.PROTECT, related_name="replies", verbose_name=_("reply to"))
    reference = models.CharField(max_length=20, unique=True, verbose_name=_("reference"))
    form_key = models.CharField(max_length=64, unique=True)
    fields_digest = models.CharField(max_length=64)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    is_answer = models.BooleanField(default=False, verbose_name=_("answer by staff"))
    name = models.CharField(max_length=120, blank=True, verbose_name=_("name"))
    language = models.CharField(max_length=10, verbose_name=_("language"))
    text = models.TextField(verbose_name=_("reply"))
    was_public = models.BooleanField(default=False)
    received_at = models.DateTimeField(verbose_name=_("received"))
    in_grace = models.BooleanField(default=False, verbose_name=_("received in the grace after the close"))

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=(ItemState.HIDDEN, ItemState.WITHDRAWN), rule__in=BrokenRule.values)
                | (~models.Q(state=ItemState.HIDDEN) & models.Q(rule="")),
                name="reply_hidden_for_a_rule",
            ),
        ]
        indexes = [
            models.Index(fields=["item", "state"], name="feedback_replies"),
            GinIndex(fields=["fingerprint"], name="feedback_reply_fingerprint"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def shown_name(self) -> str:
        """The name that everybody reads beside it; empty where none was given."""
        return self.name
