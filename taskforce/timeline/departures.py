"""Who has left, as far as a list of staff is concerned; no address is kept of them."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils.crypto import salted_hmac

from taskforce.timeline.models import Departure

_SALT = "taskforce.timeline.departures"


def key_of(mailbox: str) -> str:
    """The keyed hash under which a mailbox, as it is stored, is known to have left."""
    return salted_hmac(_SALT, mailbox.strip().lower(), algorithm="sha256").hexdigest()


def found(
    mailboxes: Collection[str], task_force_id: int, topics: Collection[str], back: Collection[str]
) -> dict[str, datetime]:
    """{mailbox: when it left} of those that have left any of these topics, the task force, or everything.

    `back`: those that follow something of the task force now. Who left everything and came back to this one has left
    the others only.
    """
    keys = {key_of(mailbox): mailbox for mailbox in mailboxes}
    here = Q(task_force_id=task_force_id) | Q(task_force_id=None)
    rows = Departure.objects.filter(here, mailbox_key__in=list(keys), topic__in=["", *topics])
    gone: dict[str, datetime] = {}
    for key, left_of, left_at in rows.values_list("mailbox_key", "task_force_id", "left_at").order_by("left_at"):
        if left_of is not None or keys[key] not in back:
            gone[keys[key]] = left_at
    return gone
