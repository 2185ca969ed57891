"""`manage.py sweep`: one pass of every due thing, for cron."""

from typing import Any

from django.core.management.base import BaseCommand

from taskforce.portal import sweep


class Command(BaseCommand):
    """One pass of every due thing; running it twice, or beside beat, does nothing twice."""

    help = "One pass of every due thing (cron may run it; it does what beat's sweep does)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how much of each was done."""
        for what, count in sweep.run().items():
            self.stdout.write(f"{what}: {count}")
