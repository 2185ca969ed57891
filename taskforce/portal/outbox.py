"""What staff see of the outbox: rows of their own task forces; who holds a role everywhere also sees those of none."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from taskforce.accounts.queries import task_force_ids
from taskforce.announcements import queries as announcements
from taskforce.notifications import queries
from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Mailing, OutboxMessage, Suppression
from taskforce.portal.rules import WHO
from taskforce.timeline.models import Subscription
from taskforce.timeline.queries import bulletins

# Older failures are history: whoever had to act has acted, or never will.
_RECENT = timedelta(days=14)


class Waiting(NamedTuple):
    """How much waits for a member of staff: mail that did not simply go, and texts that need a second person."""

    unknown: int
    failed: int
    failed_mailings: int
    held: int
    to_send: int
    to_publish: int

    @property
    def is_stuck(self) -> bool:
        """Whether there is mail that did not simply go."""
        return bool(self.unknown or self.failed or self.failed_mailings or self.held)


def scoped(rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """The mails or mailings that the user may see and act on."""
    everywhere, ids = task_force_ids(user, WHO["mail.settle"])
    return rows if everywhere else rows.filter(task_force_id__in=ids)


def refused_mailboxes(user: Any) -> QuerySet[Suppression]:
    """The mailboxes that refused mail: all, or those that one's own task forces have written to, or that follow them.

    Whoever sees one may lift it, for the others too: that it works is a fact about the mailbox, and if it is wrong the
    next refusal puts it back.
    """
    everywhere, _ids = task_force_ids(user, WHO["mail.settle"])
    if everywhere:
        return Suppression.objects.all()
    written_to = scoped(OutboxMessage.objects.all(), user).annotate(lower=Lower("mailbox"))
    followers = scoped(Subscription.objects.filter(confirmed_at__isnull=False), user)
    return Suppression.objects.filter(
        Exists(written_to.filter(lower=OuterRef("mailbox"))) | Exists(followers.filter(mailbox=OuterRef("mailbox")))
    )


def is_held() -> bool:
    """Whether mail is on hold, by staff or by the environment."""
    return queries.is_held()


def waiting(user: Any, at: datetime) -> Waiting:
    """The numbers for the first page, each in one statement; `at` is on the portal's clock."""
    is_new = Q(created_at__gte=at - _RECENT)
    mails = scoped(OutboxMessage.objects.all(), user).aggregate(
        unknown=Count("pk", filter=Q(state=MessageState.UNKNOWN)),
        failed=Count("pk", filter=Q(state=MessageState.FAILED) & is_new),
        held=Count("pk", filter=Q(state=MessageState.QUEUED, released_at=None)),
    )
    mailings = scoped(Mailing.objects.all(), user).filter(state=MailingState.FAILED).filter(is_new).count()
    return Waiting(
        **{**mails, "held": mails["held"] if is_held() else 0},
        failed_mailings=mailings,
        to_send=bulletins.to_send(user).count(),
        to_publish=announcements.to_publish(user).count(),
    )


def counts(mailing_id: int) -> dict[str, Counter[str]]:
    """{language: {state: number}} of a mailing's mails, languages in order, in one statement.

    What waits of a mailing that was taken back counts as that: it does not leave, and the sweep brings the row after.
    """
    found: dict[str, Counter[str]] = {}
    rows = OutboxMessage.objects.filter(mailing_id=mailing_id).order_by("language")
    counted = rows.values_list("language", "state", "mailing__state").annotate(Count("id"))
    for language, written, of_all, number in counted:
        is_void = (written, of_all) == (MessageState.QUEUED, MailingState.SUPERSEDED)
        state = MessageState.SUPERSEDED if is_void else written
        found.setdefault(language, Counter())[state] += number
    return found
