"""Who holds which role."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from taskforce.accounts.enums import SPOKEN_ROLES, DeletionState, Role
from taskforce.accounts.links import Invited
from taskforce.accounts.models import DeletionRequest, Invitation, RoleGrant, User
from taskforce.accounts.rights import Grant as Grant
from taskforce.accounts.rights import Right
from taskforce.accounts.rules import OF_SUPERUSERS, OFFICER_FOR_ALL, WHO, may_give
from taskforce.audit.models import Entry
from taskforce.core import languages

_KEPT = "grants_of_this_request"


def holds(user: Any, role: Role | str, task_force_id: int | None = None, language: str = "") -> bool:
    """Whether the user holds the role for this task force (or everywhere) and, if given, this language.

    Asked anew at each request, so that a removed role ends at once.
    """
    return bool(roles_of(user, task_force_id, language) & {str(role)})


def keep_grants(user: Any) -> None:
    """Read a person's roles once for as long as this instance of them lives: a staff page asks for each of its parts.

    Only for the user of a request, or of one service's call, whose end it is: a removed role ends with the next.
    """
    if not hasattr(user, _KEPT):
        setattr(user, _KEPT, grants_of(user))


def has_anywhere(user: Any, right: Right) -> bool:
    """Whether the user's roles give them this right for some task force."""
    return any(right.is_given_by(grant) for grant in grants_of(user))


def holders(right: Right) -> list[User]:
    """Everybody whose roles give them this right somewhere."""
    held = RoleGrant.objects.filter(role__in=right.roles).values("user")
    found = User.objects.filter(Q(pk__in=held) | Q(is_superuser=True), is_active=True).order_by("pk")
    return [user for user in found if has_anywhere(user, right)]


def speakers(roles: Collection[Role], task_force_id: int, codes: Sequence[str]) -> dict[User, list[str]]:
    """{who has one of these roles in a task force for one of these languages, or for all: for which of them}; one
    query."""
    if not codes:
        return {}
    found: dict[User, set[str]] = {}
    held = RoleGrant.objects.filter(
        Q(task_force_id=None) | Q(task_force_id=task_force_id),
        Q(language="") | Q(language__in=codes),
        role__in=roles,
        user__is_active=True,
    )
    for grant in held.select_related("user").order_by("user_id"):
        found.setdefault(grant.user, set()).update([grant.language] if grant.language else codes)
    return {user: [code for code in codes if code in own] for user, own in found.items()}


def deletions_to_answer(user: Any) -> QuerySet[DeletionRequest]:
    """The open requests for deletion that wait for this user's answer; nobody answers their own."""
    if not has_anywhere(user, WHO["deletion.answer"]):
        return DeletionRequest.objects.none()
    return DeletionRequest.objects.filter(state=DeletionState.OPEN).exclude(user=user)


def deletions_without_officer(user: Any) -> QuerySet[DeletionRequest]:
    """The open requests for deletion that nobody can answer, for whoever may appoint somebody; others: none."""
    if not may_give(grants_of(user), OFFICER_FOR_ALL)[0]:
        return DeletionRequest.objects.none()
    found = DeletionRequest.objects.filter(state=DeletionState.OPEN)
    officers = [officer.pk for officer in holders(WHO["deletion.answer"])]
    if len(officers) > 1:
        return found.none()
    return found.filter(user__in=officers) if officers else found


def appointers(wanted: Grant) -> list[User]:
    """Everybody who may give this role."""
    return [user for user in holders(WHO["role.grant"]) if may_give(grants_of(user), wanted)[0]]


def grants_of(user: Any) -> frozenset[Grant]:
    """All roles of an active user, of a superuser an administrator's too; nobody: empty."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    kept: frozenset[Grant] | None = getattr(user, _KEPT, None)
    if kept is not None:
        return kept
    rows = RoleGrant.objects.filter(user=user).values_list("role", "task_force_id", "language")
    given = [OF_SUPERUSERS] if user.is_superuser else []
    return frozenset([*(Grant(*row) for row in rows), *given])


def roles_of(user: Any, task_force_id: int | None = None, language: str = "") -> frozenset[str]:
    """The codes of all roles that an active user holds for the task force; nobody: empty."""
    return frozenset(
        grant.role
        for grant in grants_of(user)
        if grant.task_force_id in (None, task_force_id) and (not language or grant.language in ("", language))
    )


def has(user: Any, right: Right, task_force_id: int | None = None, language: str = "") -> bool:
    """Whether the user's roles give them this right for the task force (None: for all) and, if given, the language."""
    place = None if right.is_everywhere else task_force_id
    return bool(roles_of(user, place, language) & right.roles)


def task_force_ids(user: Any, right: Right) -> tuple[bool, set[int]]:
    """(everywhere, ids): where the user's roles give them this right."""
    ids = {grant.task_force_id for grant in grants_of(user) if right.is_given_by(grant)}
    return None in ids, {i for i in ids if i is not None}


def grant_of(user: User, role: str, task_force_id: int | None, language: str) -> RoleGrant | None:
    """The row of exactly this role, place and language; None where the person does not hold it."""
    return RoleGrant.objects.filter(user=user, role=role, task_force_id=task_force_id, language=language).first()


def visible_grants(user: Any) -> QuerySet[RoleGrant]:
    """The roles that a staff member sees: in the task forces whose people they see, and those for all, which hold there
    too. `giver` is the name of whoever gave it.
    """
    everywhere, ids = task_force_ids(user, WHO["role.read"])
    there = Q() if everywhere else Q(task_force_id__in=ids) | Q(task_force_id=None)
    seen = RoleGrant.objects.filter(there) if everywhere or ids else RoleGrant.objects.none()
    return seen.annotate(giver=_name_of("granted_by_id"))


def visible_invitations(user: Any) -> QuerySet[Invitation]:
    """The invitations to roles that a staff member could give there; `giver` is the name of whoever invited.

    Of any other the address is not theirs to read, nor to be had by the order of a list.
    """
    return Invitation.objects.filter(_could_give(grants_of(user))).annotate(giver=_name_of("inviter_id"))


def _could_give(held: frozenset[Grant]) -> Q:
    """What offers a role that whoever holds `held` may give; whoever may give it for all places may in each."""
    found = Q(pk__in=[])
    for place in {grant.task_force_id for grant in held}:
        there = Q() if place is None else Q(task_force_id=place)
        for role in Role:
            offered = languages.OWN_NAMES if role in SPOKEN_ROLES else ("",)
            spoken = [each for each in offered if may_give(held, Grant(role, place, each))[0]]
            if spoken:
                found |= there & Q(role=role, language__in=spoken)
    return found


def _name_of(column: str) -> Subquery:
    return Subquery(User.objects.filter(pk=OuterRef(column)).values("name")[:1])


def invitation_of(invited: Invited) -> Invitation | None:
    """The invitation that a link names; None where it is gone."""
    found = Invitation.objects.filter(pk=invited.invitation_id).first()
    return found if found and invited.went_to(found.mailbox) else None


def is_invited(user: Any, invitation: Invitation) -> bool:
    """Whether the invitation went to an address that the person has shown to be their own."""
    return invitation.mailbox in {own.lower() for own in confirmed_mailboxes(user)}


def confirmed_mailboxes(user: Any) -> list[str]:
    """The addresses that a person has shown to be their own, the main one first; nobody: empty."""
    if not getattr(user, "is_authenticated", False):
        return []
    return list(confirmed_addresses(user).values())


def confirmed_addresses(user: User) -> dict[int, str]:
    """As `confirmed_mailboxes`, by the number of each."""
    own = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return dict(own.values_list("pk", "email"))


def confirmed_since(user: User) -> dict[str, datetime]:
    """As `confirmed_mailboxes`, each with the instant (UTC) since when it is theirs, as the log has it.

    Older entries do not say which address they are of: then the one with which somebody came is theirs since their
    account is, and of any other the newest such entry counts.
    """
    named, made, latest = _address_entries(user)
    came_with = EmailAddress.objects.filter(user=user).order_by("pk").values_list("pk", flat=True).first()
    return {
        email: named.get(pk, made if pk == came_with else latest) for pk, email in confirmed_addresses(user).items()
    }


def _address_entries(user: User) -> tuple[dict[int, datetime], datetime, datetime]:
    """({number of an address: when it was confirmed}, when the account was made, the newest entry without a number)."""
    acts = ("account.created", "account.address-added", "account.address-confirmed")
    found = Entry.objects.filter(target_type=User._meta.label_lower, target_id=user.pk, action__in=acts).order_by("pk")
    named: dict[int, datetime] = {}
    made = latest = None
    for action, at, details in found.values_list("action", "at", "details"):
        if "address" in details:
            named[details["address"]] = at
        elif action == acts[0]:
            made = at
        else:
            latest = at
    made = made or latest or user.date_joined
    return named, made, latest or made


def mailboxes_of(user_id: int) -> list[str]:
    """The addresses that this person has shown to be their own."""
    return list(EmailAddress.objects.filter(user_id=user_id, verified=True).values_list("email", flat=True))


def account_of(mailbox: str) -> User | None:
    """The active account that has shown this address to be its own; None where there is none."""
    found = EmailAddress.objects.filter(email__iexact=mailbox.strip(), verified=True, user__is_active=True)
    return next((one.user for one in found.select_related("user")), None)


def account_at(mailbox: str) -> User | None:
    """The account that a password for this address would open, confirmed or not; None where there is none."""
    typed = mailbox.strip().lower()
    found = EmailAddress.objects.filter(email=typed).order_by("-verified", "pk").select_related("user").first()
    return found.user if found else User.objects.filter(email=typed).first()


def never_entered(mailbox: str) -> User | None:
    """The account that somebody has made with this address, where nobody has confirmed or entered it since."""
    return all_never_entered().filter(email=mailbox.strip().lower()).first()


def all_never_entered() -> QuerySet[User]:
    """Without a confirmed address, a sign-in or a role; those that the operator made in a shell have no address."""
    own = EmailAddress.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(
        Exists(own.filter(verified=False)),
        ~Exists(own.filter(verified=True)),
        ~Exists(RoleGrant.objects.filter(user=OuterRef("pk"))),
        last_login=None,
        is_active=True,
        is_staff=False,
        is_superuser=False,
    )


def locked_account_of(mailbox: str) -> User | None:
    """The locked account that had shown this address to be its own; None where there is none."""
    found = EmailAddress.objects.filter(email__iexact=mailbox.strip(), verified=True, user__is_active=False)
    return next((one.user for one in found.select_related("user")), None)


def is_confirmed(mailbox: str) -> bool:
    """Whether some account has shown that this address is its own."""
    return bool(EmailAddress.objects.filter(email__iexact=mailbox.strip(), verified=True).exists())
