"""`manage.py grant_role ADDRESS ROLE (--task-force T | --everywhere) [--language L]`: how the first staff come in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from taskforce.accounts import queries, services
from taskforce.accounts.enums import Role
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.timeline.models import TaskForce


class Command(BaseCommand):
    """For the operator: whoever may run it could write the row by hand, and would leave no trace in the log."""

    help = "Give a role to somebody who has an account. Giving it twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, what, where; where has no default, since a role for all task forces is given on purpose."""
        parser.add_argument("address", help="a confirmed address of the account")
        parser.add_argument("role", choices=Role.values)
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--task-force", metavar="T", help="slug")
        where.add_argument("--everywhere", action="store_true", help="for all task forces, later ones too")
        parser.add_argument("--language", default="", choices=languages.CODES, metavar="L", help="by default all")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line; exit code 1 where there is no such account or task force."""
        user, slug = queries.account_of(options["address"]), options["task_force"]
        if user is None:
            raise CommandError("No account has confirmed this address. The person signs up on the portal first.")
        task_force = TaskForce.objects.filter(slug=slug).first()
        if slug and task_force is None:
            raise CommandError(f"There is no task force “{slug}”.")
        role, language = Role(options["role"]), options["language"]
        task_force_id = task_force.pk if task_force else None
        services.grant_role(user, role, at=app_now(), actor_id=None, task_force_id=task_force_id, language=language)
        self.stdout.write(f"{user.email} is {role.value} of {slug or 'all task forces'}.")
