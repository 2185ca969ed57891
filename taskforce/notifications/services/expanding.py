"""From a mailing to its rows, as the rows see it: one batch a transaction, each recipient once."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from taskforce.audit import log
from taskforce.core.clock import real_now
from taskforce.core.errors import Conflict
from taskforce.core.states import step
from taskforce.notifications import kinds, rules
from taskforce.notifications.enums import MailingState
from taskforce.notifications.kinds import Context, Recipient
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.services import rows
from taskforce.notifications.services.resolving import checked_reason
from taskforce.notifications.services.sending import LEASE, MAX_ATTEMPTS, backoff
from taskforce.notifications.transitions import MAILING


@transaction.atomic(durable=True)
def claim_mailing() -> Mailing | None:
    """Take the next mailing to expand, committed when this returns; another pass leaves it alone for a while."""
    now = real_now()
    due = Mailing.objects.select_for_update(skip_locked=True).filter(state=MailingState.QUEUED, not_before__lte=now)
    mailing = due.order_by("not_before", "id").first()
    if mailing is not None:
        mailing.not_before = now + LEASE
        mailing.save(update_fields=["not_before"])
    return mailing


def add_recipients(
    mailing_id: int, recipients: Sequence[Recipient], context_for: Callable[[str], Context], *, at: datetime
) -> int | None:
    """Write the mails of one batch; who has one already gets no second. Returns how many are new.

    `context_for(language)` makes the context that is frozen here: it may be slow, so it is asked before the mailing is
    held, once for each language. None: the mailing was taken back meanwhile.
    """
    languages = dict.fromkeys(rows.offered(language) for _, language, _ in recipients)
    contexts = {language: context_for(language) for language in languages}
    return _add(mailing_id, recipients, contexts, at)


@transaction.atomic
def _add(mailing_id: int, recipients: Sequence[Recipient], contexts: dict[str, Context], at: datetime) -> int | None:
    """The rows of one batch, if the mailing still stands, now that it is held."""
    mailing = _queued(mailing_id)
    if mailing is None:
        return None
    kind = kinds.get(mailing.kind)
    made = {}
    for recipient in recipients:
        row = rows.of_mailing(kind, mailing, recipient, contexts[rows.offered(recipient[1])], at)
        made[row.key] = row
    for known in OutboxMessage.objects.filter(key__in=list(made)).values_list("key", flat=True):
        del made[known]
    OutboxMessage.objects.bulk_create(made.values(), ignore_conflicts=True)
    mailing.not_before = real_now() + LEASE
    mailing.save(update_fields=["not_before"])
    return len(made)


@transaction.atomic
def finish_mailing(mailing_id: int, *, at: datetime) -> None:
    """Every recipient has a row; what was in the way before is not any more."""
    mailing = _queued(mailing_id)
    if mailing is not None:
        mailing.state = step(MAILING, mailing.state, "finish")
        mailing.error = ""
        mailing.save(update_fields=["state", "error"])
        log.record(
            "mailing.expanded",
            mailing,
            at=at,
            actor_id=None,
            task_force_id=mailing.task_force_id,
            count=mailing.messages.count(),
        )


@transaction.atomic
def expire_mailing(mailing_id: int) -> None:
    """Its time is over before anybody got it."""
    mailing = _queued(mailing_id)
    if mailing is not None:
        mailing.state = step(MAILING, mailing.state, "expire")
        mailing.save(update_fields=["state"])


@transaction.atomic
def put_off_mailing(mailing_id: int, *, error: str) -> None:
    """Its recipients or its text could not be worked out: later again, and after many times for staff to see."""
    mailing = _queued(mailing_id)
    if mailing is not None:
        mailing.failures += 1
        mailing.error = rows.one_line(error)
        mailing.not_before = real_now() + backoff(mailing.failures)
        if mailing.failures >= MAX_ATTEMPTS:
            mailing.state = step(MAILING, mailing.state, "park")
        mailing.save(update_fields=["failures", "error", "not_before", "state"])


@transaction.atomic
def requeue_mailing(mailing_id: int, *, reason: str, at: datetime, actor_id: int, allow: rules.Allow | None) -> Mailing:
    """Staff have mended what was in the way: it is tried again from the next pass on, as often as a new one.

    Who has a mail of it already gets no second. `at` is on the portal's clock. `Invalid` without a reason, `Conflict`
    where it cannot be: it is not parked (any more), or what it says is no longer true.
    """
    reason = checked_reason(reason)
    mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
    rules.ask(allow, mailing)
    allowed, why = rules.may_requeue(mailing, at)
    if not allowed:
        raise Conflict(why)
    mailing.state = step(MAILING, MailingState(mailing.state), "requeue")
    failures, mailing.failures = mailing.failures, 0
    mailing.error, mailing.not_before = "", real_now()
    mailing.save(update_fields=["state", "failures", "error", "not_before"])
    log.record(
        "mailing.requeue",
        mailing,
        at=at,
        actor_id=actor_id,
        task_force_id=mailing.task_force_id,
        reason=reason,
        failures=failures,
    )
    return mailing


def _queued(mailing_id: int) -> Mailing | None:
    return Mailing.objects.select_for_update().filter(pk=mailing_id, state=MailingState.QUEUED).first()
