"""Translations of what was said."""

import pgtrigger
from django.db import models

from feedback.models.items import FeedbackItem
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User


class FeedbackTranslation(models.Model):
    """One version of an item in another language; the newest is what is read, one without texts is none any more.
    Append-only.

    `texts` are {id of a question, as text: what the answer to it says}, made of the item as it stood after so many
    `edits`. `name` is what its translator chose to be called (empty: nothing), `role` the role in which they did it.
    """

    item = models.ForeignKey(FeedbackItem, on_delete=models.PROTECT, related_name="translations")
    language = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    texts = models.JSONField()
    edits = models.PositiveSmallIntegerField()
    translator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["item", "language", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "language", "number"], name="one_translation_per_number")
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"translation {self.number} of item {self.item_id} into {self.language}"
