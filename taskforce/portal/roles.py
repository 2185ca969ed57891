"""What the commands `grant_role` and `revoke_role` share: whose role, which, where, in which language."""

from argparse import ArgumentParser
from typing import Any, NamedTuple

from django.core.management.base import CommandError

from taskforce.accounts import queries
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.timeline.queries.renaming import owner_of


class Named(NamedTuple):
    """What the words of a command line name; `where` is the task force's slug, or "all task forces"."""

    user: User
    role: Role
    task_force_id: int | None
    language: str
    where: str

    @property
    def sentence(self) -> str:
        """Who is what, for the command's answer."""
        spoken = f" ({self.language})" if self.language else ""
        return f"{self.user.email} is {self.role.value} of {self.where}{spoken}"


def add_arguments(parser: ArgumentParser) -> None:
    """Who, what, where; where has no default, since a role for all task forces is given on purpose."""
    parser.add_argument("address", help="a confirmed address of the account")
    parser.add_argument("role", choices=Role.values)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--task-force", metavar="T", help="slug")
    where.add_argument("--everywhere", action="store_true", help="for all task forces, later ones too")
    parser.add_argument(
        "--language", default="", choices=languages.CODES, metavar="L", help="of a translator or facilitator"
    )


def named(options: dict[str, Any]) -> Named:
    """Who and what that is; CommandError where there is no such account or task force."""
    user, slug = queries.account_of(options["address"]), options["task_force"]
    if user is None:
        raise CommandError("No account has confirmed this address. The person signs up on the portal first.")
    task_force = owner_of(slug) if slug else None
    if slug and task_force is None:
        raise CommandError(f"There is no task force “{slug}”.")
    task_force_id = task_force.pk if task_force else None
    return Named(user, Role(options["role"]), task_force_id, options["language"], slug or "all task forces")
