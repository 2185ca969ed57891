"""What of a text that somebody posts moderators judge, of items and replies alike. Part of the room `models`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.enums import BrokenRule, ItemState, Suspicion
from taskforce.accounts.models import User


class Judged(models.Model):
    """Its state, since when and why; hidden texts have the `rule` that they break and the `moderator` who says so. What
    looks like a machine's has a `suspicion`; by its `fingerprint` texts are found that are nearly the same."""

    state = models.CharField(max_length=10, choices=ItemState, verbose_name=_("state"))
    state_at = models.DateTimeField(null=True)
    state_reason = models.TextField(blank=True, verbose_name=_("reason"))
    rule = models.CharField(
        max_length=12, choices=BrokenRule, blank=True, default="", verbose_name=_("rule that was broken")
    )
    moderator = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    suspicion = models.CharField(max_length=12, choices=Suspicion, blank=True, verbose_name=_("held because"))
    fingerprint = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        abstract = True
