"""The only writer of where authors are told: kept when they ask for it, gone when it is of no use any more."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from feedback import telling
from feedback.models import FeedbackItem, Release, ToldMailbox
from feedback.notices import moderation as moderation_notices
from feedback.telling import Stop

# For so long after the close of a window, or its last release where that is later: answers are corrected within months,
# and nobody is told of anything after that.
KEPT = timedelta(days=365)


def keep(item: FeedbackItem, mailbox: str, language: str) -> None:
    """Tell this mailbox from now on what becomes of an item; in the transaction that stores it."""
    ToldMailbox.objects.create(item=item, sealed=telling.sealed(item.pk, mailbox), language=language)


def forget(item: FeedbackItem) -> None:
    """Forget where its author is told: they have withdrawn it."""
    ToldMailbox.objects.filter(item=item).delete()


@transaction.atomic
def stop_telling(stop: Stop) -> int:
    """Forget a mailbox with all that was sent from it in a window, and take back what has not left yet about what staff
    hid; returns with how many texts it stood. Twice is the same as once."""
    mailbox = stop.mailbox.lower()
    return _forget_of(ToldMailbox.objects.filter(item__window=stop.window_id), {mailbox})[mailbox]


@transaction.atomic
def forget_mailboxes(mailboxes: Iterable[str]) -> dict[str, int]:
    """The same everywhere, of whoever asks for erasure; returns with how many texts each of them stood."""
    named = {mailbox: mailbox.lower() for mailbox in mailboxes}
    stood = _forget_of(ToldMailbox.objects.all(), {*named.values()})
    return {mailbox: stood[small] for mailbox, small in named.items()}


def forget_told(at: datetime) -> int:
    """Forget mailboxes that nobody will write to any more; returns how many."""
    still = Release.objects.filter(at__gt=at - KEPT).values("window")
    old = ToldMailbox.objects.filter(item__window__phase__closes_at__lte=at - KEPT).exclude(item__window__in=still)
    return int(old.delete()[0])


def _forget_of(rows: QuerySet[ToldMailbox], mailboxes: set[str]) -> Counter[str]:
    """Forget these, written small; with how many texts each stood. No row says by itself whose it is, so that all are
    opened: thousands in a moment."""
    known = rows.order_by("pk").values_list("item", "sealed")
    opened = ((item, telling.mailbox_of(item, sealed).lower()) for item, sealed in known)
    found = {item: mailbox for item, mailbox in opened if mailbox in mailboxes}
    for item in FeedbackItem.objects.filter(pk__in=found).select_related("window__phase__task_force").order_by("pk"):
        moderation_notices.gone(moderation_notices.of_item(item))
    ToldMailbox.objects.filter(item__in=found).delete()
    return Counter(found.values())
