"""`manage.py demo_accounts`: the accounts that `make run` prints."""

from typing import Any

from django.core.management.base import BaseCommand

from taskforce.accounts import second_factor
from taskforce.portal.demo.cast import APP_KEY, CAST, PASSWORD, RECOVERY_SEED
from taskforce.portal.demo.only import demo_command


class Command(BaseCommand):
    """One line per account."""

    help = "Print the demo's accounts."

    @demo_command
    def handle(self, *args: Any, **options: Any) -> None:
        """Address, role, and how to get in."""
        self.stdout.write(f"Accounts (password “{PASSWORD}”, or a code to the mailbox at /demo/mail/):")
        for person in CAST:
            role = str(person.role.value) if person.role else "community member"
            languages = f" for {', '.join(person.role_languages)}" if any(person.role_languages) else ""
            self.stdout.write(f"  {person.email:<28} {role}{languages}")
        self.stdout.write("Staff also type a code from an app; the page that asks shows the one that works now.")
        self.stdout.write(f"  key for an app of your own: {APP_KEY}")
        self.stdout.write(
            f"  recovery codes, each once for each account: {' '.join(second_factor.codes_of(RECOVERY_SEED))}"
        )
