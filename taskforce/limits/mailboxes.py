"""Mail that anybody can cause to a mailbox that nobody has shown to be theirs: few a day, over all forms.

Also the lock of a mailbox, under which it is counted and under which what it follows is changed.
"""

from collections.abc import Collection
from datetime import timedelta
from functools import lru_cache

from django.db import transaction
from django.db.models import Count

from taskforce.core import locks
from taskforce.core.clock import real_now
from taskforce.limits.models import Counter
from taskforce.limits.services import key_of

MOST = 3
WITHIN = timedelta(hours=24)
_WHAT = "unconfirmed-mail"
# The second key of whoever holds all mailboxes at once; no single mailbox has it.
_ALL = 0


def folded(mailbox: str) -> str:
    """The mailbox as it is counted: without case, tag and dots, which many servers do not look at.

    For counting only: two people may differ by a dot, and each gets their own mail. Takes any text.
    """
    user, _at, domain = mailbox.strip().lower().rpartition("@")
    return f"{user.partition('+')[0].replace('.', '')}@{_in_ascii(domain[:254])}"


@lru_cache(maxsize=1024)
def _in_ascii(domain: str) -> str:
    """A domain as servers write it; one that cannot be written so stays as it is."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def hold(mailbox: str) -> None:
    """Wait until nobody else changes or counts this mailbox; held to the end of the transaction."""
    locks.share(locks.Kind.MAILBOX, _ALL)
    # 31 bits of its fingerprint: two mailboxes that share them only wait for each other needlessly.
    locks.take(locks.Kind.MAILBOX, 1 + (int(key_of(folded(mailbox))[:8], 16) >> 1))


def hold_all() -> None:
    """Wait until nobody else changes or counts any mailbox; for long lists, to the end of the transaction."""
    locks.take(locks.Kind.MAILBOX, _ALL)


@transaction.atomic
def admit(mailbox: str) -> bool:
    """Count one mail that a stranger may have asked for; False, and nothing counted, where the day's are used up.

    Any 24 hours, not a day of the calendar. Stands and falls with the caller's transaction.
    """
    hold(mailbox)
    return bool(_admitted([mailbox]))


@transaction.atomic
def admit_many(mailboxes: Collection[str]) -> set[str]:
    """As `admit`, for a long list at once: those that may get one mail."""
    hold_all()
    return _admitted(mailboxes)


def _admitted(mailboxes: Collection[str]) -> set[str]:
    now = real_now()
    keys = {mailbox: key_of(folded(mailbox)) for mailbox in mailboxes}
    counted = Counter.objects.filter(what=_WHAT, key__in=set(keys.values()))
    counted.filter(window_start__lte=now - WITHIN).delete()
    used = dict(counted.order_by().values_list("key").annotate(Count("id")))
    admitted, rows = set(), []
    for mailbox, key in keys.items():
        before = used.get(key, 0)
        if before < MOST:
            used[key] = before + 1
            admitted.add(mailbox)
            # Each mail is a window of its own, from its own instant on; two of one instant stand side by side.
            rows.append(Counter(what=_WHAT, key=key, window_start=now + timedelta(microseconds=before), count=1))
    Counter.objects.bulk_create(rows, batch_size=2000)
    return admitted
