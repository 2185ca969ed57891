"""Who on the staff side sees the outbox and may act on it, and reads the log."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts import rules as accounts
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.queries import has, has_anywhere, keep_grants
from taskforce.accounts.rights import Right, Table
from taskforce.core.errors import Refused
from taskforce.notifications.models import Hold, Mailing, OutboxMessage, Suppression
from taskforce.notifications.rules import Allow

POSTMASTERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})
AUDITORS = frozenset({Role.DATA_OFFICER, Role.ADMINISTRATOR})
AUDIT_READERS = frozenset({*AUDITORS, Role.COORDINATOR, Role.DEPUTY, Role.OBSERVER})
# Those who lead do not choose who watches over them; and somebody has to appoint who reads what no other role reads.
_APPOINT = frozenset({Role.ADMINISTRATOR})

WHO: Table = {
    "mail.settle": Right(gettext_lazy("See the mails that went out, send one again, stop a mailing"), POSTMASTERS),
    "mail.hold": Right(gettext_lazy("Put all mail on hold; lift a refused mailbox"), POSTMASTERS),
    "audit.read": Right(gettext_lazy("Read in the log what was changed, by whom and why"), AUDIT_READERS),
    "audit.read-looks": Right(gettext_lazy("Read in the log who looked at personal data"), AUDITORS),
    "audit.read-own-affairs": Right(
        gettext_lazy("Read in the log what people did on their own account: that they applied, or follow"),
        accounts.OFFICERS,
        appointed_by=_APPOINT,
    ),
}


def may(user: Any, task_force_id: int | None) -> tuple[bool, str]:
    """Whether the user may act on mail of this task force (None: of none), and if not, why."""
    return (True, "") if has(user, WHO["mail.settle"], task_force_id) else (False, _why())


def may_anywhere(user: Any) -> tuple[bool, str]:
    """Whether the user may do what is for all mail, such as the hold: a brake is for everybody who sends."""
    return (True, "") if has_anywhere(user, WHO["mail.hold"]) else (False, _why())


def may_lift(user: Any, hold: Hold) -> tuple[bool, str]:
    """Whether the user may let all mail go again: it is the mail of every task force, those of others too."""
    allowed, why = may_anywhere(user)
    if not allowed:
        return allowed, why
    if has(user, WHO["mail.hold"]) or user.pk == hold.actor_id:
        return True, ""
    return False, _(
        "It holds the mail of all task forces: only whoever put it, %(name)s, or somebody with the role for all of "
        "them lets mail go again."
    ) % {"name": hold.actor_name}


def _why() -> str:
    return _("Only coordinators, their deputies and administrators may decide about mail.")


def still_may(user_id: int) -> Allow:
    """Asks, once it is given a row, whether the person may decide about this mail: by their roles at that moment.

    Of one service's call only: whoever it is is read with the first row, under the lock, and stays so for the others.
    """
    known: list[User] = []
    settled: set[int | None] = set()

    def ask(row: Hold | Suppression | Mailing | OutboxMessage) -> None:
        user = known[0] if known else _read_once(user_id, known)
        if isinstance(row, Mailing | OutboxMessage):
            if row.task_force_id not in settled:
                require(may(user, row.task_force_id))
                settled.add(row.task_force_id)
        elif isinstance(row, Hold) and row.lifted_at is None and row.actor_id != user_id:
            require(may_lift(user, row))
        else:
            require(may_anywhere(user))

    return ask


def _read_once(user_id: int, known: list[User]) -> User:
    """The person with the roles that they have now, kept for the rows to come."""
    user = User.objects.get(pk=user_id)
    keep_grants(user)
    known.append(user)
    return user


def require(answer: tuple[bool, str]) -> None:
    """Refuse, with the reason, what the answer does not allow."""
    allowed, why = answer
    if not allowed:
        raise Refused(why)
