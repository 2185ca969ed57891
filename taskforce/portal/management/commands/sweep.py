"""`manage.py sweep`: one pass of every due thing, for cron."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from taskforce.portal import sweep


class Command(BaseCommand):
    """One pass of every due thing; running it twice, or beside beat, does nothing twice."""

    help = "One pass of every due thing (cron may run it; it does what beat's sweep does)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how much of each was done, in order; ends with an error where a step failed."""
        done = sweep.run()
        for what, count in done.items():
            self.stdout.write(f"{what}: {'failed' if count is None else count}")
        if None in done.values():
            raise CommandError("A step failed; the log says why. The others are done.")
