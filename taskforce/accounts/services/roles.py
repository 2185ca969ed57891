"""Giving and taking away roles: one at a time in the whole portal, so that nobody acts on a right that just went."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.accounts import notices, queries, rules
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.rights import Grant
from taskforce.audit import log
from taskforce.core import locks
from taskforce.core.errors import Conflict, Refused
from taskforce.notifications import services as mail

_ALL = 0


def alone() -> None:
    """Wait until nobody else changes roles; held to the end of the transaction."""
    locks.take(locks.Kind.ROLES, _ALL)


@transaction.atomic
def grant_role(
    user: User,
    role: Role,
    *,
    at: datetime,
    actor_id: int | None,
    task_force_id: int | None = None,
    language: str = "",
    tell: bool = True,
) -> RoleGrant:
    """Give a role; giving it twice changes nothing. A staff role opens the staff side. The person is told by mail, also
    where they have said yes themselves: somebody else may have. `tell` is for worlds that are made.

    `actor_id` None is the operator's shell, which is asked for no right. Raises Refused where the actor may not give
    this role or the person has one beside which it cannot stand, Invalid for a language that does not fit the role.
    """
    alone()
    wanted = Grant(role, task_force_id, rules.checked_language(role, language))
    require_may_give(actor_id, wanted, receiver_id=user.pk)
    require_fits(user, wanted)
    grant, made = RoleGrant.objects.get_or_create(
        user=user, **wanted._asdict(), defaults={"granted_by_id": actor_id, "granted_at": at}
    )
    if made:
        _follow_roles(user)
        log.record(
            "role.granted", user, at=at, actor_id=actor_id, task_force_id=task_force_id, role=role, language=language
        )
        if tell:
            notices.role_given(grant, at=at)
    return grant


@transaction.atomic
def remove_role(grant_id: int, *, at: datetime, actor_id: int | None) -> None:
    """Take a role away; with the last staff role the staff side closes. The row goes, the log keeps all it said.

    The person is told by mail, at every address; whom none about the role has left for yet, hears of neither.

    Raises Refused where the actor may not (`grant_role`), Conflict where somebody else has taken it away already.
    """
    alone()
    grant = RoleGrant.objects.select_related("user").filter(pk=grant_id).first()
    if grant is None:
        raise Conflict(_("This role was taken away already."))
    gone = Grant(grant.role, grant.task_force_id, grant.language)
    require_may_give(actor_id, gone, receiver_id=grant.user_id)
    grant.delete()
    _follow_roles(grant.user)
    log.record(
        "role.removed",
        grant.user,
        at=at,
        actor_id=actor_id,
        task_force_id=gone.task_force_id,
        role=gone.role,
        language=gone.language,
        granted_by=grant.granted_by_id,
        granted_at=grant.granted_at.isoformat(),
    )
    if not mail.take_back_unheard(notices.role_key(grant_id)):
        notices.role_taken(grant.user, gone, at=at, actor_id=actor_id)


def require_may_give(actor_id: int | None, wanted: Grant, *, receiver_id: int | None) -> None:
    """Raise Refused unless the actor may give or take away this role now; `receiver_id` None: nobody with an account.

    Reads the actor's roles anew: what a page has kept of them may be gone by now.
    """
    if actor_id is None:
        return
    if actor_id == receiver_id:
        raise Refused(rules.own_roles())
    actor = User.objects.filter(pk=actor_id).first()
    allowed, why = rules.may_give(queries.grants_of(actor), wanted)
    if not allowed:
        raise Refused(why, title=_("Not yours to give"))


def require_fits(user: User, wanted: Grant) -> None:
    """Raise Refused where the person has a role beside which this one cannot stand; whoever gives it."""
    held = {Grant(*row) for row in user.grants.values_list("role", "task_force_id", "language")}
    can_stand, why = rules.fits(held, wanted)
    if not can_stand:
        raise Refused(why, title=_("Not both roles"))


def _follow_roles(user: User) -> None:
    """Staff are those who hold a staff role (and whoever was made one in the operator's shell)."""
    held = RoleGrant.objects.filter(user=user).values_list("role", flat=True)
    user.is_staff = user.is_superuser or bool(rules.WHO["staff.enter"].roles & set(held))
    user.save(update_fields=["is_staff"])
