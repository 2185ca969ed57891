"""What signing in and signing up leave behind, and nobody needs any more."""

from collections.abc import Collection
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from taskforce.accounts import queries
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.clock import real_now

# For so long an account waits for somebody to confirm its address.
UNCONFIRMED_FOR = timedelta(days=7)
# So many in one pass of the sweep; the next takes the next.
_BATCH = 500


def forget_sign_ins() -> int:
    """Drop sessions that have expired, and counts of signing in that no longer count; returns how many.

    These lie in the cache's table, which throws nothing away by itself until it is full.
    """
    now = real_now()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache_default WHERE expires < %s", [now])
        counts: int = cursor.rowcount
    return counts + Session.objects.filter(expire_date__lt=now).delete()[0]


@transaction.atomic
def forget_unconfirmed(at: datetime) -> int:
    """Drop accounts whose address nobody has confirmed in `UNCONFIRMED_FOR`, and to which nobody has signed in.

    Anybody can have typed the address. Returns how many; the log keeps that there was one, and not whose.
    """
    # Accounts are dated by the machine's clock.
    due = queries.all_never_entered().filter(date_joined__lt=real_now() - UNCONFIRMED_FOR).order_by("pk")
    return _forget(due.values_list("pk", flat=True)[:_BATCH], at)


@transaction.atomic
def free_address(mailbox: str, *, keep_id: int, at: datetime) -> None:
    """Somebody, whose account is `keep_id`, has shown that the address is theirs: an account that somebody else made
    with it, and that nobody has ever confirmed or signed in to, is gone.
    """
    squatting = queries.all_never_entered().exclude(pk=keep_id).filter(email=mailbox.strip().lower())
    _forget(squatting.values_list("pk", flat=True), at)


def _forget(ids: Collection[int], at: datetime) -> int:
    # Whoever confirms an address or signs in at this moment has done so, or finds no account any more.
    held = [user.pk for user in User.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk")]
    list(EmailAddress.objects.select_for_update().filter(user_id__in=held).order_by("pk"))
    gone = list(queries.all_never_entered().filter(pk__in=held))
    for user in gone:
        log.record("account.forgotten", user, at=at, actor_id=None)
    User.objects.filter(pk__in=[user.pk for user in gone]).delete()
    return len(gone)
