"""What staff do with mails that did not simply go: release, send again, settle what became of them."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.audit import log
from taskforce.core.clock import real_now
from taskforce.core.errors import Invalid
from taskforce.core.states import step
from taskforce.core.text import clean_text
from taskforce.notifications import kinds, queries, rules
from taskforce.notifications.models import OutboxMessage
from taskforce.notifications.transitions import MESSAGE

REASON_LENGTH = 1000


class Report(NamedTuple):
    """How many mails it was done to, and the others with the reason."""

    done: int
    refused: list[tuple[OutboxMessage, str]]


@transaction.atomic
def act(
    action: str, ids: Iterable[int], *, reason: str, at: datetime, actor_id: int, allow: rules.Allow | None
) -> Report:
    """Do one of `rules`' actions to these mails, each judged as it stands under its lock; the rest stays as it is.

    `at` is on the portal's clock. `Invalid` without a reason.
    """
    reason = checked_reason(reason)
    rows = OutboxMessage.objects.select_for_update(of=("self",)).select_related("mailing")
    mails = list(rows.filter(pk__in=list(ids)).order_by("pk"))
    for message in mails:
        rules.ask(allow, message)
    judged = judge(action, mails, at=at)
    done = [message for message, why in judged if not why]
    OutboxMessage.objects.filter(pk__in=[message.pk for message in done]).update(**_values(action, at))
    for task_force_id, count in Counter(message.task_force_id for message in done).items():
        mine = [message.pk for message in done if message.task_force_id == task_force_id]
        log.record(
            f"mail.{action}",
            at=at,
            actor_id=actor_id,
            task_force_id=task_force_id,
            reason=reason,
            count=count,
            ids=mine,
        )
    return Report(len(done), [(message, why) for message, why in judged if why])


def judge(action: str, mails: list[OutboxMessage], *, at: datetime) -> list[tuple[OutboxMessage, str]]:
    """Each mail with "" where the action can be done to it, else with the reason."""
    refused = queries.refused_mailboxes(message.mailbox for message in mails)
    corrected = queries.corrected({message.mailing_id for message in mails if message.mailing_id})
    passing = frozenset(kind for kind in kinds.that_pass_a_hold() if not queries.is_held(kind))
    facts = rules.Facts(at, queries.is_held(), passing, refused, corrected)
    return [(message, rules.may(action, message, facts)[1]) for message in mails]


def checked_reason(reason: str) -> str:
    """The reason, cleaned; `Invalid` if it is empty or too long."""
    reason = clean_text(reason)
    if not reason:
        raise Invalid(_("Say why: the log keeps it."))
    if len(reason) > REASON_LENGTH:
        raise Invalid(_("The reason is too long: at most %(count)d characters.") % {"count": REASON_LENGTH})
    return reason


def _values(action: str, at: datetime) -> dict[str, Any]:
    """The columns that the action writes. `not_before` is machinery, on the real clock; the others are on `at`'s."""
    if action == rules.RELEASE:
        return {"released_at": at}
    values: dict[str, Any] = {"state": step(MESSAGE, rules.FROM[action], action)}
    if action == rules.REQUEUE:
        values |= {"not_before": real_now(), "error": ""}
    if action == rules.AS_SENT:
        values |= {"sent_at": at, "error": ""}
    return values
