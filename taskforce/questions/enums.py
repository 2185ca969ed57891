"""Kinds of questions, and what an answer may hold."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QuestionKind(models.TextChoices):
    """What an answer looks like."""

    LONG_TEXT = "long-text", _("long text")
    SHORT_TEXT = "short-text", _("one line of text")
    ONE_CHOICE = "one-choice", _("one choice")
    SEVERAL = "several", _("several choices")
    SCALE = "scale", _("scale")
    LANGUAGE = "language", _("language")
    REGION = "region", _("region of the world")


# Answered in words; every other kind by codes.
IN_WORDS = frozenset({QuestionKind.LONG_TEXT, QuestionKind.SHORT_TEXT})
# With choices of their own.
WITH_CHOICES = frozenset({QuestionKind.ONE_CHOICE, QuestionKind.SEVERAL})


class Region(models.TextChoices):
    """The regions in which the Wikimedia movement counts itself."""

    SUB_SAHARAN_AFRICA = "ssa", _("Sub-Saharan Africa")
    MIDDLE_EAST_NORTH_AFRICA = "mena", _("Middle East and North Africa")
    EAST_ASIA_PACIFIC = "eseap", _("East, Southeast Asia and Pacific")
    SOUTH_ASIA = "sa", _("South Asia")
    CENTRAL_EASTERN_EUROPE = "cee-ca", _("Central and Eastern Europe and Central Asia")
    NORTH_WESTERN_EUROPE = "nwe", _("Northern and Western Europe")
    LATIN_AMERICA = "lac", _("Latin America and Caribbean")
    NORTH_AMERICA = "usca", _("United States and Canada")


# No answer is longer than this many characters (code points), whatever the question allows.
LONGEST_ANSWER = 10_000
# In the place of a question's number: what is said on a paragraph of a text, which no question asks for.
PARAGRAPH = 0
# Nor one of one line.
LONGEST_LINE = 300
# The numbers of a scale: more buttons than these nobody tells apart.
SCALE_END = 10

# What a form sends for "No answer" to a question that may stay open; never the code of a choice. It is not
# the empty string, so that a group without a choice and a group where someone chose this look different.
NO_ANSWER = "-"
# What a form sends for a language that is not in the list and is named beside it.
OTHER_LANGUAGE = "+"
# The tag of a language that has none (ISO 639-2); the answer's text has what it is called.
UNCODED = "mis"
