"""`manage.py send_outbox`: everything that is due goes out now; for cron, and for people without a worker."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from taskforce.core.clock import app_now
from taskforce.notifications import delivery, expansion, queries


class Command(BaseCommand):
    help = "Send every mail that is due."

    def handle(self, *args: Any, **options: Any) -> None:
        """Expand and deliver until nothing is due; a mail server that does not answer ends it early."""
        queued = handled = 0
        while True:
            new, sent = expansion.expand_due(), delivery.deliver_due()
            queued, handled = queued + new, handled + sent
            if not new and not sent:
                break
        holders = {"MAIL_HOLD": settings.MAIL_HOLD, "staff": queries.hold_in_force() is not None}
        holding = " and by ".join(name for name, holds in holders.items() if holds)
        held = f" (held by {holding})" if holding else ""
        self.stdout.write(f"queued {queued}, handled {handled}, still due {queries.due_count(app_now())}{held}")
