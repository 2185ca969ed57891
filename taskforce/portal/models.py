"""The demo's mailbox: what the demo's own SMTP server was given, as a witness beside the outbox."""

from django.db import models


class DemoMail(models.Model):
    """One mail as it arrived over SMTP; `received_at` is on the portal's clock."""

    raw = models.BinaryField()
    recipient = models.CharField(max_length=254)
    message_id = models.CharField(max_length=200, db_index=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"mail {self.pk}"
