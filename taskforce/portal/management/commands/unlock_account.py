"""`manage.py unlock_account ADDRESS`: the way back of `lock_account`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from taskforce.accounts import queries, services
from taskforce.core.clock import app_now


class Command(BaseCommand):
    """For the operator."""

    help = "Unlock an account: its owner signs in as before, with the roles that they had, and is told by mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose."""
        parser.add_argument("address", help="a confirmed address of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line; exit code 1 where no locked account has this address."""
        user = queries.locked_account_of(options["address"])
        if user is None:
            raise CommandError("No locked account has confirmed this address.")
        services.unlock_account(user.pk, at=app_now())
        self.stdout.write(f"The account of {user.email} is unlocked. Its owner is told by mail.")
