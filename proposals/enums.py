"""Codes of texts; labels are translated at display."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProposalKind(models.TextChoices):
    """What a text is for."""

    PROPOSAL = "proposal", _("proposal")
    DEFINITION = "definition", _("definition")
    PLAN = "plan", _("plan")
    OTHER = "other", _("other text")


class ProposalState(models.TextChoices):
    """A text is a draft, then published, until it ends; what people answered to never disappears."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")
    SUPERSEDED = "superseded", _("replaced by another text")


ENDED = frozenset({ProposalState.WITHDRAWN, ProposalState.SUPERSEDED})
# What everybody may read.
PUBLIC = frozenset({ProposalState.PUBLISHED, *ENDED})


class UnitKind(models.TextChoices):
    """What a unit of translation is."""

    TITLE = "title", _("title")
    HEADING = "heading", _("heading")
    PARAGRAPH = "paragraph", _("paragraph")
    LIST_ITEM = "list-item", _("list item")
    QUOTE = "quote", _("quote")
    NOTE = "note", _("note")


class SectionKind(models.TextChoices):
    """What a section holds besides its units."""

    TEXT = "text", _("text")
    TIMELINE = "timeline", _("timeline")
    REFERENCES = "references", _("references")


class PassageKind(models.TextChoices):
    """How words of one unit came to another: a part of it became one, all of it was joined, or a part of it."""

    SPLIT = "split"
    JOIN = "join"
    PART = "part"


class TranslationState(models.TextChoices):
    """How a unit stands in a language; derived."""

    SOURCE = "source", _("source text")
    TRANSLATED = "translated", _("translated")
    OUTDATED = "outdated", _("outdated")
    MISSING = "missing", _("not translated yet")
