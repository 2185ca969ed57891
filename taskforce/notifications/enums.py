"""Codes of the outbox; labels are translated at display."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageState(models.TextChoices):
    """Where a mail to one person stands (DESIGN 4, Outbox)."""

    QUEUED = "queued", _("queued")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    SUPERSEDED = "superseded", _("superseded")
    EXPIRED = "expired", _("expired")
    UNKNOWN = "unknown", _("outcome unknown")


class MailClass(models.TextChoices):
    """Transactional mail may go again under the same Message-ID when its outcome is unknown; an announcement not."""

    TRANSACTIONAL = "transactional", _("transactional")
    ANNOUNCEMENT = "announcement", _("announcement")


class MailingState(models.TextChoices):
    """Where a mailing to many stands."""

    QUEUED = "queued", _("queued")
    EXPANDED = "expanded", _("all recipients queued")
    FAILED = "failed", _("failed")
    SUPERSEDED = "superseded", _("superseded")
    EXPIRED = "expired", _("expired")
    STOPPED = "stopped", _("stopped")
