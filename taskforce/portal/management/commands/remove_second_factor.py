"""`manage.py remove_second_factor ADDRESS`: for somebody who has neither their app nor a recovery code any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from taskforce.accounts import queries, second_factor
from taskforce.core.clock import app_now


class Command(BaseCommand):
    """For the operator, who has made sure by other means that it is the account's owner who asks."""

    help = "Turn two-step sign-in off for an account; its owner is told by mail and can set it up anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose."""
        parser.add_argument("address", help="a confirmed address of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line; exit code 1 where there is no such account, or nothing to remove."""
        user = queries.account_of(options["address"])
        if user is None:
            raise CommandError("No account has confirmed this address.")
        if not second_factor.remove(user.pk, at=app_now(), actor_id=None):
            raise CommandError(f"{user.email} has no two-step sign-in.")
        self.stdout.write(
            f"Two-step sign-in of {user.email} is off. Staff set it up anew on their way to the staff side."
        )
