"""Codes of announcements; labels are translated at display."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AnnouncementState(models.TextChoices):
    """An announcement is a draft until its one act of publishing."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
