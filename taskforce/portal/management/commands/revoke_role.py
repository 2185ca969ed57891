"""`manage.py revoke_role ADDRESS ROLE (--task-force T | --everywhere) [--language L]`: the way back of `grant_role`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from taskforce.accounts import queries, services
from taskforce.core.clock import app_now
from taskforce.portal import roles


class Command(BaseCommand):
    """For the operator: also where nobody on the staff side may, as with the last coordinator."""

    help = "Take a role away. It ends with the person's next request; the log keeps who held it since when."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """As `grant_role`."""
        roles.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """One line; exit code 1 where the account does not hold exactly this role."""
        given = roles.named(options)
        held = queries.grant_of(given.user, given.role, given.task_force_id, given.language)
        if held is None:
            raise CommandError(f"{given.user.email} does not hold this role there.")
        services.remove_role(held.pk, at=app_now(), actor_id=None)
        self.stdout.write(f"{given.sentence} no more.")
