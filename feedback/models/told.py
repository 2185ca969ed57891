"""Where authors asked to be told what becomes of their texts, in windows that ask for a mail address."""

from django.db import models


class ToldMailbox(models.Model):
    """The mailbox of whoever confirmed an item and asked to be told there what becomes of it.

    `sealed` is the mailbox together with the item's number, under a key that is not in the database
    (`feedback.telling`): a copy of it tells neither whose a text is, nor which texts are of one mailbox. `language` is
    that of their mails.
    """

    item = models.OneToOneField("feedback.FeedbackItem", on_delete=models.PROTECT, related_name="told")
    sealed = models.TextField()
    language = models.CharField(max_length=10)

    def __str__(self) -> str:
        return f"where is told of item {self.item_id}"
