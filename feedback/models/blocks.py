"""Who is not to post in a task force for a while. Part of the room `models`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.enums import BlockKind, BrokenRule
from taskforce.accounts.models import User
from taskforce.timeline.models import TaskForce


class FeedbackBlock(models.Model):
    """That whoever posted an item, or a `reply` to it, cannot post more in the task force, `until` an instant or
    (null) until it is lifted.

    By their account (`user`), or by a `code` of their mailbox or network as the item had it (`blocks`): shown to
    nobody. Somebody may be blocked several times, for several texts, and nobody can tell from these who has written
    both. `rule` and `reason` are for whoever is blocked.
    """

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="+", verbose_name=_("task force"))
    kind = models.CharField(max_length=10, choices=BlockKind, verbose_name=_("blocked by"))
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=64, blank=True)
    item = models.ForeignKey("feedback.FeedbackItem", on_delete=models.PROTECT, related_name="blocks")
    reply = models.ForeignKey("feedback.FeedbackReply", null=True, on_delete=models.PROTECT, related_name="blocks")
    rule = models.CharField(max_length=12, choices=BrokenRule, verbose_name=_("rule that was broken"))
    reason = models.TextField(verbose_name=_("reason"))
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(verbose_name=_("blocked on"))
    until = models.DateTimeField(null=True, verbose_name=_("until"))
    lifted_at = models.DateTimeField(null=True, verbose_name=_("lifted"))
    lifted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=BlockKind.ACCOUNT, code="")
                | models.Q(kind__in=[BlockKind.MAILBOX, BlockKind.NETWORK], user=None),
                name="block_by_one_thing",
            ),
            # Networks are many people's, and soon other people's.
            models.CheckConstraint(
                condition=~models.Q(kind=BlockKind.NETWORK) | models.Q(until__isnull=False),
                name="block_of_a_network_ends",
            ),
        ]
        indexes = [
            models.Index(
                fields=["task_force", "code"],
                condition=models.Q(lifted_at=None) & ~models.Q(code=""),
                name="feedback_blocks_by_code",
            ),
            models.Index(
                fields=["task_force", "user"],
                condition=models.Q(lifted_at=None, user__isnull=False),
                name="feedback_blocks_by_user",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reply or self.item}"
