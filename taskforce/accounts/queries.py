"""Who holds which role."""

from typing import Any, NamedTuple

from allauth.account.models import EmailAddress

from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User

_KEPT = "grants_of_this_request"


class Grant(NamedTuple):
    """A role, where it holds (`task_force_id` None: everywhere) and in which language ("": every one)."""

    role: str
    task_force_id: int | None
    language: str


def holds(user: Any, role: Role | str, task_force_id: int | None = None, language: str = "") -> bool:
    """Whether the user holds the role for this task force (or everywhere) and, if given, this language.

    Asked anew at each request, so that a removed role ends at once.
    """
    return bool(roles_of(user, task_force_id, language) & {str(role)})


def keep_grants(user: Any) -> None:
    """Read a person's roles once for as long as this instance of them lives: a staff page asks for each of its parts.

    Only for the user of a request, whose end it is: a removed role ends with the next.
    """
    if not hasattr(user, _KEPT):
        setattr(user, _KEPT, _grants(user))


def _grants(user: Any) -> frozenset[Grant]:
    """All roles of an active user; nobody: empty."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    kept: frozenset[Grant] | None = getattr(user, _KEPT, None)
    if kept is not None:
        return kept
    rows = RoleGrant.objects.filter(user=user).values_list("role", "task_force_id", "language")
    return frozenset(Grant(*row) for row in rows)


def roles_of(user: Any, task_force_id: int | None = None, language: str = "") -> frozenset[str]:
    """The codes of all roles that an active user holds for the task force; nobody: empty."""
    return frozenset(
        grant.role
        for grant in _grants(user)
        if grant.task_force_id in (None, task_force_id) and (not language or grant.language in ("", language))
    )


def task_force_ids(user: Any, roles: frozenset[str] | set[str]) -> tuple[bool, set[int]]:
    """(everywhere, ids): where the user holds one of the roles."""
    ids = {grant.task_force_id for grant in _grants(user) if grant.role in roles}
    return None in ids, {i for i in ids if i is not None}


def confirmed_mailboxes(user: Any) -> list[str]:
    """The addresses that a person has shown to be their own, the main one first; nobody: empty."""
    if not getattr(user, "is_authenticated", False):
        return []
    own = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return list(own.values_list("email", flat=True))


def account_of(mailbox: str) -> User | None:
    """The active account that has shown this address to be its own; None where there is none."""
    found = EmailAddress.objects.filter(email__iexact=mailbox.strip(), verified=True, user__is_active=True)
    return next((one.user for one in found.select_related("user")), None)


def is_confirmed(mailbox: str) -> bool:
    """Whether some account has shown that this address is its own."""
    return bool(EmailAddress.objects.filter(email__iexact=mailbox.strip(), verified=True).exists())
