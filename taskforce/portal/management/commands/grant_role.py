"""`manage.py grant_role ADDRESS ROLE (--task-force T | --everywhere) [--language L]`: how the first staff come in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from taskforce.accounts import services
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError
from taskforce.portal import roles


class Command(BaseCommand):
    """For the operator: whoever may run it could write the row by hand, and would leave no trace in the log."""

    help = "Give a role to somebody who has an account. Giving it twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """As `revoke_role`."""
        roles.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """One line; exit code 1 where there is no such account or task force, the language is not the role's, or
        two roles exclude each other.
        """
        given = roles.named(options)
        user, role, task_force_id, language, _where = given
        try:
            services.grant_role(user, role, at=app_now(), actor_id=None, task_force_id=task_force_id, language=language)
        except PortalError as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(f"{given.sentence}.")
