"""How fast mail goes to one receiving domain, over all senders at once (`MAIL_DOMAIN_RATE`).

The row of a domain is the gate: who moves its `next_at` on may send one mail. What finds the gate shut is given a later
`not_before`, so that a long queue for one domain is not looked through again and again by those who have mail for
another. A wait costs no attempt.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import RecipientDomain

# A sender that comes a little late for a domain's turn may make up for it, so that the rate is also reached.
_SLACK = timedelta(seconds=0.1)
_FORGOTTEN = timedelta(hours=1)

_TURN = """
INSERT INTO notifications_recipientdomain AS known (domain, next_at) VALUES (%(domain)s, %(now)s + %(gap)s)
ON CONFLICT (domain) DO UPDATE SET next_at = greatest(known.next_at, %(now)s - %(slack)s) + %(gap)s
WHERE known.next_at <= %(now)s
RETURNING next_at
"""
# Behind what already waits for its turn, one after the other at the domain's pace, in the order that they had.
_POSTPONE = """
UPDATE notifications_outboxmessage AS message
SET not_before = (
    SELECT greatest(
        (SELECT next_at FROM notifications_recipientdomain WHERE domain = %(domain)s),
        (SELECT max(not_before) + %(gap)s FROM notifications_outboxmessage
         WHERE state = %(queued)s AND domain = %(domain)s AND mail_class = %(mail_class)s
         AND attempts = 0 AND not_before > %(now)s)
    )
) + waiting.place * %(gap)s
FROM (
    SELECT id, row_number() OVER (ORDER BY not_before, id) - 1 AS place FROM (
        SELECT id, not_before FROM notifications_outboxmessage
        WHERE state = %(queued)s AND domain = %(domain)s AND mail_class = %(mail_class)s AND not_before <= %(now)s
        FOR UPDATE SKIP LOCKED
    ) AS due
) AS waiting
WHERE message.id = waiting.id
"""


def take_turn(domain: str, now: datetime) -> bool:
    """Whether one mail may go to the domain at this moment of the real clock; if so, the next one's turn is later."""
    gap = _gap()
    if not gap or not domain:
        return True
    values: dict[str, Any] = {"domain": domain, "now": now, "gap": gap, "slack": _SLACK}
    with connection.cursor() as cursor:
        cursor.execute(_TURN, values)
        return cursor.fetchone() is not None


def postpone(domain: str, mail_class: str, now: datetime) -> None:
    """Give everything of this class that is due for the domain a turn of its own."""
    values: dict[str, Any] = {"domain": domain, "mail_class": str(mail_class), "now": now, "gap": _gap()}
    values["queued"] = MessageState.QUEUED.value
    with connection.cursor() as cursor:
        cursor.execute(_POSTPONE, values)


def forget_domains(now: datetime) -> None:
    """Drop domains that nothing went to for a while: who is written to is nobody's list to keep."""
    RecipientDomain.objects.filter(next_at__lt=now - _FORGOTTEN).delete()


def _gap() -> timedelta:
    rate = settings.MAIL_DOMAIN_RATE
    return timedelta(seconds=1 / rate) if rate else timedelta()
