"""What task forces were called before, and at which addresses."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from taskforce.timeline.models.process import TaskForce


class Rename(models.Model):
    """A new name of a task force: a public act with its reason.

    `old_names` and `new_names` are {language: name}, whole, as they stood before and stand after the act; the slugs are
    equal where the address stayed. An `old_slug` leads to the task force for ever, and is no other one's any more.
    """

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="renames")
    old_slug = models.SlugField()
    new_slug = models.SlugField()
    old_names = models.JSONField()
    new_names = models.JSONField()
    reason = models.TextField()
    reason_language = models.CharField(max_length=10, default="en")
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("renaming")
        verbose_name_plural = _("renamings")
        constraints = [
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="a_renaming_says_why"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"#{self.task_force_id}: {self.old_slug} → {self.new_slug}"
