"""Who holds which role."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q

from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant


def holds(user: Any, role: Role | str, task_force_id: int | None = None, language: str = "") -> bool:
    """Whether the user holds the role for this task force (or everywhere) and, if given, this language.

    Asked anew at each request, so that a removed role ends at once.
    """
    return bool(roles_of(user, task_force_id, language) & {str(role)})


def roles_of(user: Any, task_force_id: int | None = None, language: str = "") -> frozenset[str]:
    """The codes of all roles that an active user holds for the task force; nobody: empty."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    grants = RoleGrant.objects.filter(user=user).filter(Q(task_force_id=None) | Q(task_force_id=task_force_id))
    if language:
        grants = grants.filter(language__in=["", language])
    return frozenset(grants.values_list("role", flat=True))


def task_force_ids(user: Any, roles: frozenset[str] | set[str]) -> tuple[bool, set[int]]:
    """(everywhere, ids): where the user holds one of the roles."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return False, set()
    ids = set(RoleGrant.objects.filter(user=user, role__in=roles).values_list("task_force_id", flat=True))
    return None in ids, {i for i in ids if i is not None}


def confirmed_mailboxes(user: Any) -> list[str]:
    """The addresses that a person has shown to be their own, the main one first; nobody: empty."""
    if not getattr(user, "is_authenticated", False):
        return []
    own = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return list(own.values_list("email", flat=True))


def is_confirmed(mailbox: str) -> bool:
    """Whether some account has shown that this address is its own."""
    return bool(EmailAddress.objects.filter(email__iexact=mailbox.strip(), verified=True).exists())
