"""The outbox: one row per mail to one person, one row per mailing to many."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from taskforce.notifications.enums import MailClass, MailingState, MessageState


class Mailing(models.Model):
    """A mail to many: who they are is worked out by the sweep, under unique (mailing, mailbox).

    `created_at` and `valid_until` are on the portal's clock; `not_before` is machinery, on the real one: until then
    another pass works on the mailing, or a failed one waits. `task_force_id` is a plain id (null: none).
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    task_force_id = models.BigIntegerField(null=True)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=MailingState, default=MailingState.QUEUED)
    failures = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    created_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        ordering = ["id"]
        indexes = [models.Index(fields=["not_before", "id"], condition=Q(state="queued"), name="mailing_due")]

    def __str__(self) -> str:
        return self.key


class OutboxMessage(models.Model):
    """A mail to one mailbox: context frozen when the row is written, text rendered when it is sent.

    `created_at`, `valid_until` and `sent_at` are on the portal's clock; `not_before` and `lease_until` are
    machinery, on the real one. `attempts` counts claims and tells a sender whether a row is still its own.
    `task_force_id` is a plain id (null: none).
    """

    key = models.CharField(max_length=240, unique=True)
    mailing = models.ForeignKey(Mailing, null=True, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=60)
    mail_class = models.CharField(max_length=14, choices=MailClass)
    task_force_id = models.BigIntegerField(null=True)
    mailbox = models.CharField(max_length=254)
    language = models.CharField(max_length=10)
    zone = models.CharField(max_length=64, default="UTC")
    context = models.JSONField(default=dict)
    message_id = models.CharField(max_length=320, unique=True)
    state = models.CharField(max_length=12, choices=MessageState, default=MessageState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["mailing", "mailbox"], name="one_mail_per_mailing_and_mailbox"),
        ]
        indexes = [
            models.Index(fields=["mail_class", "not_before", "id"], condition=Q(state="queued"), name="outbox_due"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="outbox_leased"),
        ]

    def __str__(self) -> str:
        return self.key
