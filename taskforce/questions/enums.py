"""Kinds of questions."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QuestionKind(models.TextChoices):
    """What an answer looks like."""

    LONG_TEXT = "long-text", _("long text")
    ONE_CHOICE = "one-choice", _("one choice")


# No answer is longer than this many characters (code points), whatever the question allows.
LONGEST_ANSWER = 10_000

# What a form sends for "No answer" to a question that may stay open; never the code of a choice. It is not
# the empty string, so that a group without a choice and a group where someone chose this look different.
NO_ANSWER = "-"
