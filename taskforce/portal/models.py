"""The demo's mailbox: what the demo's own SMTP server was given, as a witness beside the outbox."""

from django.db import models
from django.db.models import Q


class DemoMail(models.Model):
    """One mail as it arrived over SMTP; `received_at` is on the portal's clock.

    As in every good mailbox a mail that comes again under its Message-ID is shown once; `arrivals` tells how often it
    came, so that the witness stays honest.
    """

    raw = models.BinaryField()
    recipient = models.CharField(max_length=254)
    message_id = models.CharField(max_length=200, db_index=True)
    received_at = models.DateTimeField()
    arrivals = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["message_id", "recipient"], condition=~Q(message_id=""), name="one_mail_per_message_id"
            )
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"
