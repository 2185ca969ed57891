"""Who may see and give roles, and enter the staff side. Nobody can give what they lack: that is computed."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts import rights
from taskforce.accounts.enums import SPOKEN_ROLES, STAFF_ROLES, Role
from taskforce.accounts.rights import Grant, Right, Table
from taskforce.core import languages
from taskforce.core.errors import Invalid

APPOINTERS = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})
READERS = frozenset({*APPOINTERS, Role.DEPUTY, Role.OBSERVER})
OFFICERS = frozenset({Role.DATA_OFFICER})
# Characters of what somebody says about a request for deletion, and of its answer.
LONGEST_REASON = 2000
# What an account that was made a superuser in the operator's shell holds beside its roles.
OF_SUPERUSERS = Grant(Role.ADMINISTRATOR, None, "")
# The role that answers requests for deletion.
OFFICER_FOR_ALL = Grant(Role.DATA_OFFICER, None, "")

WHO: Table = {
    "staff.enter": Right(
        gettext_lazy("Enter the staff side; read there how every mail is worded, and who may do what"), STAFF_ROLES
    ),
    "role.read": Right(gettext_lazy("See who holds which role"), READERS),
    "role.grant": Right(
        gettext_lazy("Give and take away roles and invite to them: only roles whose rights one holds there oneself"),
        APPOINTERS,
    ),
    # An account is one for all task forces: whoever coordinates one of them has no hand in who reads these.
    "deletion.answer": Right(
        gettext_lazy("With the role for all task forces: see and answer who asks for the deletion of their data"),
        OFFICERS,
        appointed_by=frozenset({Role.ADMINISTRATOR}),
        is_everywhere=True,
    ),
}

# Two roles that nobody has for the same task force, and why.
_APART: dict[frozenset[Role], Any] = {
    frozenset({Role.REVIEWER, Role.DATA_OFFICER}): gettext_lazy(
        "Nobody is reviewer and data officer of the same task force: data officers read in the log who has applied, "
        "and reviewers judge without names. Take the other role away first."
    ),
}


def may_give(held: Collection[Grant], wanted: Grant) -> tuple[bool, str]:
    """Whether whoever holds `held` may give or take away the role `wanted`; and if not, why.

    They need the right to give roles at that place, and there every right of the role, in the language of the role.
    """
    roles = {grant.role for grant in held if grant.reaches(wanted.task_force_id, wanted.language)}
    if not roles & WHO["role.grant"].roles:
        if wanted.task_force_id is None:
            return False, _("Only who holds such a role everywhere may give or take away roles for all task forces.")
        return False, _("Only coordinators and administrators of this task force may give or take away its roles.")
    lacking = rights.rights_of(wanted).difference(*map(rights.entrusted_to, roles))
    if lacking:
        return False, _("Nobody gives or takes away what they may not do themselves. You may not: %(rights)s.") % {
            "rights": " · ".join(rights.words_of(line) for line in sorted(lacking))
        }
    return True, ""


def gives_as_coordinator(held: Collection[Grant] | None, wanted: Grant) -> bool:
    """Whether it is as a coordinator that whoever holds `held` may give this role; None: whether coordinators may."""
    held = [Grant(Role.COORDINATOR, wanted.task_force_id, "")] if held is None else held
    return any(grant.role == Role.COORDINATOR and may_give([grant], wanted)[0] for grant in held)


def fits(held: Collection[Grant], wanted: Grant) -> tuple[bool, str]:
    """Whether somebody who holds `held` can also have the role `wanted`; and if not, why."""
    for pair, why in _APART.items():
        if wanted.role in pair and any(grant.role in pair - {wanted.role} and _meet(grant, wanted) for grant in held):
            return False, str(why)
    return True, ""


def _meet(one: Grant, other: Grant) -> bool:
    """Whether there is a task force for which both hold."""
    return None in (one.task_force_id, other.task_force_id) or one.task_force_id == other.task_force_id


def checked_language(role: Role, language: str) -> str:
    """The language of a role; `Invalid` where a role for one has none, or another role names one."""
    if role in SPOKEN_ROLES and not languages.is_offered(language):
        raise Invalid(_("This role is for one language. Choose it."))
    if role not in SPOKEN_ROLES and language:
        raise Invalid(_("This role is not for one language: choose none."))
    return language


def own_roles() -> str:
    """The reason why somebody's own roles are not theirs to give or take away."""
    return _("Nobody changes their own roles. Ask somebody else who may.")
