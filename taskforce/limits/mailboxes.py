"""Mail that strangers can cause: few to one mailbox, over all forms, and not without end for all together.

Also the lock of a mailbox, under which it is counted and under which what it follows is changed.
"""

from collections.abc import Collection
from functools import lru_cache

from django.db import transaction

from taskforce.core import locks
from taskforce.core.clock import real_now
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.limits.clients import wider
from taskforce.limits.models import Counter
from taskforce.limits.services import key_of
from taskforce.limits.table import Limit

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
    _hold_one(mailbox)


def _hold_one(mailbox: str) -> None:
    # 31 bits of its fingerprint: two mailboxes that share them only wait for each other needlessly.
    locks.take(locks.Kind.MAILBOX, 1 + (int(key_of(folded(mailbox))[:8], 16) >> 1))


def hold_all() -> None:
    """Wait until nobody else changes or counts any mailbox; for long lists, to the end of the transaction."""
    locks.take(locks.Kind.MAILBOX, _ALL)


@transaction.atomic
def may_ask(
    mailbox: str,
    *,
    sender: str | None,
    to: Limit = table.MAILS_TO_UNCONFIRMED,
    has_code: bool = False,
    is_known: bool = False,
    asked: Limit | None = None,
) -> bool:
    """Count one mail that somebody who may be anybody asks for, by whatever form.

    False where the mailbox has had its mails, or as many of those that nobody has confirmed as `sender` alone may
    cause: then none goes out, and nobody is told. One of these waits for a mail with a code for an account
    (`has_code`), unless the mailbox is an account's, which gets codes anyway, or follows already (`is_known`). Raises
    `TooOften` where the address `sender` (None: not counted) or all strangers together have caused very many, or
    `sender` as many as `asked` allows for this mailbox: the same for every mailbox, so that nobody learns from it who
    has an account.
    """
    limits.require_room(table.MAILS_OF_ALL, "")
    if sender is not None:
        limits.hit(table.MAILS_OF_SENDER, sender)
        if asked is not None:
            limits.hit(asked, sender, mailbox=folded(mailbox))
    if not _admit_from(sender, mailbox, to, _of_one(has_code=has_code, is_known=is_known)):
        return False
    limits.hit(table.MAILS_OF_ALL, "")
    return True


def _of_one(*, has_code: bool, is_known: bool) -> list[Limit]:
    """What counts for one address and one mailbox; as many for a known mailbox as for others, for the time it takes."""
    without = table.WITHOUT_CODE_FROM
    if is_known:
        without = without._replace(most=table.UNCONFIRMED_FROM.most)
    return [table.UNCONFIRMED_FROM, *([] if has_code else [without])]


def _admit_from(sender: str | None, mailbox: str, to: Limit, of_one: list[Limit]) -> bool:
    """As `admit`, where one address alone does not use up what nobody has confirmed; a /48 of IPv6 is one here."""
    if sender is None or to.what != table.MAILS_TO_UNCONFIRMED.what:
        return admit(mailbox, to=to)
    with transaction.atomic():
        one = f"{wider(sender) or sender} {folded(mailbox)}"
        if all(limits.fits(limit, one) for limit in of_one) and admit(mailbox, to=to):
            return True
        transaction.set_rollback(True)  # nothing went out, so nothing counts
    return False


@transaction.atomic
def admit(mailbox: str, *, to: Limit = table.MAILS_TO_UNCONFIRMED) -> bool:
    """Count one mail to a mailbox; False, and nothing counted, where its mails of the hour or day are used up.

    Any span of that length, not a day of the calendar. Stands and falls with the caller's transaction. Who waits too
    long for others who are counted at this mailbox has come too often (`TooOften`); who waits for a long list of
    staff's has not: then the portal is busy, and the database's error says so (503).
    """
    locks.share(locks.Kind.MAILBOX, _ALL)
    with limits.in_line():
        _hold_one(mailbox)
    # Held, so that nobody admits many meanwhile, who reads before it writes.
    return limits.fits(to, folded(mailbox))


@transaction.atomic
def admit_many(mailboxes: Collection[str]) -> set[str]:
    """As `admit`, for a long list of staff's at once: those that may get one mail."""
    hold_all()
    return _admitted(mailboxes, table.MAILS_OF_STAFF)


def _admitted(mailboxes: Collection[str], limit: Limit) -> set[str]:
    now = real_now()
    keys = {mailbox: key_of(folded(mailbox)) for mailbox in mailboxes}
    stored = Counter.objects.filter(what=limit.what, key__in=set(keys.values())).values_list("key", "hits")
    hits = {key: [hit for hit in before if hit > now - limit.within] for key, before in stored}
    admitted, changed = set(), {}
    for mailbox, key in keys.items():
        counted = hits.setdefault(key, [])
        if len(counted) < limit.most:
            counted.append(now)
            admitted.add(mailbox)
            changed[key] = Counter(what=limit.what, key=key, hits=counted, until=now + limit.within)
    # Nobody else writes these rows: each mailbox is held.
    Counter.objects.bulk_create(
        changed.values(),
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["what", "key"],
        update_fields=["hits", "until"],
    )
    return admitted
