"""The outbox: one row per mail to one person, one row per mailing to many; who refused mail; the hold switch."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from taskforce.notifications.enums import MAY_STILL_GO, UNSENT, MailClass, MailingState, MessageState


class Mailing(models.Model):
    """A mail to many: who they are is worked out by the sweep, under unique (mailing, mailbox).

    `created_at` and `valid_until` are on the portal's clock; `not_before` is machinery, on the real one: until then
    another pass works on the mailing, or a failed one waits. `task_force_id` is a plain id (null: none), `topic` what a
    follower leaves who does not want such mail any more ("": it cannot be left). `corrects` is the mailing that this
    one puts right.
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    task_force_id = models.BigIntegerField(null=True)
    topic = models.CharField(max_length=16, blank=True)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=MailingState, default=MailingState.QUEUED)
    failures = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    created_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(state="queued"), name="mailing_due"),
            models.Index(fields=["task_force_id", "topic", "created_at"], name="mailing_topic"),
        ]

    def __str__(self) -> str:
        return f"mailing {self.pk} ({self.key})"


class OutboxMessage(models.Model):
    """A mail to one mailbox: context frozen when the row is written, text rendered when it is sent.

    `created_at`, `valid_until`, `sent_at` and `released_at` are on the portal's clock; `not_before` and `lease_until`
    are machinery, on the real one. `attempts` counts claims and tells a sender whether a row is still its own.
    `task_force_id` is a plain id (null: none), `topic` what the recipient can leave ("": nothing). `domain` is the
    mailbox's, in lower case, for the rate of each receiving server. `released_at`: staff let it go in spite of a hold.
    """

    key = models.CharField(max_length=240, unique=True)
    mailing = models.ForeignKey(Mailing, null=True, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=60)
    mail_class = models.CharField(max_length=14, choices=MailClass)
    task_force_id = models.BigIntegerField(null=True)
    topic = models.CharField(max_length=16, blank=True)
    mailbox = models.CharField(max_length=254)
    domain = models.CharField(max_length=254, blank=True)
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
    released_at = models.DateTimeField(null=True)
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
            models.Index(
                fields=["domain", "mail_class", "not_before"], condition=Q(state="queued"), name="outbox_domain"
            ),
            # What may still go: asked for by mailbox when somebody leaves, and for what a hold that is over released.
            models.Index(Upper("mailbox"), condition=Q(state__in=UNSENT), name="outbox_unsent"),
            models.Index(
                fields=["id"], condition=Q(released_at__isnull=False, state__in=MAY_STILL_GO), name="outbox_released"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Suppression(models.Model):
    """A mailbox (lower case) that a server has refused for good: no announcement goes there any more.

    Mail that the person asks for (a receipt, a code) is still tried. `lifted_at`: staff know that it works again.
    """

    mailbox = models.CharField(max_length=254, unique=True)
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("refused mailbox")
        verbose_name_plural = _("refused mailboxes")

    def __str__(self) -> str:
        return f"suppression {self.pk}"


class RecipientDomain(models.Model):
    """When the next mail may go to a receiving domain, so that no server is flooded; on the real clock."""

    domain = models.CharField(max_length=254, unique=True)
    next_at = models.DateTimeField()

    class Meta:
        verbose_name = _("receiving domain")
        verbose_name_plural = _("receiving domains")

    def __str__(self) -> str:
        return self.domain


class Hold(models.Model):
    """The hold switch: while a row is not lifted, only mail goes out that staff release one by one.

    `MAIL_HOLD` of the environment holds too, and cannot be lifted here.
    """

    reason = models.TextField()
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=120)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("hold of mail")
        verbose_name_plural = _("holds of mail")
        constraints = [
            models.UniqueConstraint(
                fields=["lifted_at"], condition=Q(lifted_at=None), nulls_distinct=False, name="one_hold"
            )
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"
