"""`manage.py lock_account ADDRESS --reason WHY`: nobody gets in with an account any more, until `unlock_account`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from taskforce.accounts import queries, services
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError


class Command(BaseCommand):
    """For the operator: also where the account is an administrator's."""

    help = "Lock an account: nobody signs in with it, its sessions end. Its owner is told by mail, the log keeps why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and why."""
        parser.add_argument("address", help="a confirmed address of the account")
        parser.add_argument("--reason", required=True, help="why, for the log; its owner does not read it")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line; exit code 1 where there is no such account, or it is locked already."""
        user = queries.account_of(options["address"])
        if user is None:
            is_locked = queries.locked_account_of(options["address"]) is not None
            raise CommandError("It is locked already." if is_locked else "No account has confirmed this address.")
        try:
            services.lock_account(user.pk, options["reason"], at=app_now())
        except PortalError as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(f"The account of {user.email} is locked. Its owner is told by mail.")
