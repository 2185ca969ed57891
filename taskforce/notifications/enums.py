"""Codes of the outbox; labels are translated at display."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MessageState(models.TextChoices):
    """Where a mail to one person stands (DESIGN 4, Outbox)."""

    QUEUED = "queued", _("queued")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    SUPERSEDED = "superseded", _("taken back")
    EXPIRED = "expired", _("expired")
    UNKNOWN = "unknown", _("outcome unknown")


# What leaves no more if the recipient does, or wants it otherwise: no sender has it.
UNSENT = (MessageState.QUEUED, MessageState.FAILED, MessageState.UNKNOWN)
# What a sender has, or can be given again.
MAY_STILL_GO = (MessageState.SENDING, *UNSENT)


class MailClass(models.TextChoices):
    """Transactional mail may go again under the same Message-ID when its outcome is unknown; an announcement not."""

    TRANSACTIONAL = "transactional", _("transactional")
    ANNOUNCEMENT = "announcement", pgettext_lazy("class of mail", "announcement")


class MailingState(models.TextChoices):
    """Where a mailing to many stands."""

    QUEUED = "queued", _("queued")
    EXPANDED = "expanded", _("all recipients queued")
    FAILED = "failed", _("failed")
    SUPERSEDED = "superseded", _("taken back")
    EXPIRED = "expired", _("expired")
    STOPPED = "stopped", _("stopped")
