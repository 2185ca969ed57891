"""What task forces were called before, at which addresses, and the words that are looked for since."""

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


class OldWord(models.Model):
    """A word that staff look for besides the former names; `language` "": in texts of every language."""

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="old_words")
    language = models.CharField(max_length=10, blank=True)
    word = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = _("old word")
        verbose_name_plural = _("old words")
        constraints = [models.UniqueConstraint(fields=["task_force", "language", "word"], name="one_old_word")]

    def __str__(self) -> str:
        return self.word


class StaysAsItIs(models.Model):
    """That a text may go on saying an old word, and why: one place in one language, as long as it says what it said.

    `place` is plain: `unit:ID`, `draft:TEXT:PIECE`, `label:MODEL:ID:FIELD`, `mail:KIND`; `digest` is of the text that
    was looked at.
    """

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=120)
    language = models.CharField(max_length=10)
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = _("text that stays as it is")
        verbose_name_plural = _("texts that stay as they are")
        constraints = [
            models.UniqueConstraint(fields=["task_force", "place", "language"], name="one_mark_of_a_place"),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="what_stays_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.place} ({self.language})"
