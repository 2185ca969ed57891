"""Which texts of a window are nearly the same."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from feedback.enums import NEARLY_THE_SAME, ItemState, Suspicion
from feedback.models import FeedbackItem
from taskforce.core import prepared

# So many of 16 marks: texts of which four fifths are the same share about eight, strangers' texts none or one.
NEAR = 3
# One of them is enough: each knows the first that it was like.
# A function of the database, since it is to be planned as nothing else is (migration 0032).
_NEAR_ANOTHER = "SELECT feedback_near(%s::bigint[], %s::bigint, %s::bigint, %s::text, %s::bigint)"
# What stands or is held, and what waits.
_SAME_WORDS = """
SELECT (SELECT count(*) FROM (
    SELECT FROM feedback_feedbackitem WHERE fingerprint @> %s::bigint[] AND window_id = %s::bigint AND id <> %s::bigint
        AND state <> %s::text AND (received_at > %s::timestamptz OR confirmed_at > %s::timestamptz) LIMIT %s::bigint
) AS stands) + (SELECT count(*) FROM (
    SELECT FROM feedback_feedbackunconfirmed WHERE fingerprint @> %s::bigint[] AND window_id = %s::bigint
        AND form_key <> %s::text AND sent_at > %s::timestamptz LIMIT %s::bigint
) AS waits)
"""


def near_another(window_id: int, fingerprint: list[int], item_id: int | None = None) -> int | None:
    """The first of the texts of the window (as far as they stand or wait, and without this item) that share `NEAR`
    marks or more with this fingerprint, or with another one that does; None where no text does."""
    row = prepared.row(*near_asked(window_id, fingerprint, item_id))
    return row[0] if row else None


def near_asked(window_id: int, fingerprint: list[int], item_id: int | None = None) -> tuple[str, list[Any]]:
    """What `near_another` asks, with its values, for whoever asks it on another way."""
    return _NEAR_ANOTHER, [fingerprint, window_id, item_id or 0, ItemState.WITHDRAWN.value, NEAR]


def alike_since(item: FeedbackItem, since: datetime, apart: timedelta) -> list[int]:
    """What came to the window since and stands as it came, of those that say nearly the same as an item. The first of
    them stays where it had no sign itself and no copy followed it within `apart`: nobody takes a text off the page by
    copying it, and a flood is held with the text that it began with. Locked as `odd_since`."""
    is_first = Q(pk=item.alike) & (~Q(suspicion="") | _is_copied_within(apart))
    return list(_locked(_standing_since(item, since).filter(Q(alike=item.alike) | is_first)))


def odd_since(item: FeedbackItem, since: datetime, apart: timedelta) -> list[int]:
    """What came to the window since and stands as it came, with the item's slight sign; for a text that came before
    also what has nearly the same words and came fast, or was followed by a copy within `apart`.

    Locked for who holds it; what somebody else decides about at this moment is theirs.
    """
    standing = _standing_since(item, since)
    alike = NEARLY_THE_SAME if item.suspicion in NEARLY_THE_SAME else {Suspicion.FAST, Suspicion.FAST_REPEATED}
    found = list(_locked(standing.filter(suspicion__in=alike)))
    if item.suspicion in NEARLY_THE_SAME:
        is_near = Q(suspicion=Suspicion.FAST) | Q(suspicion="") & _is_copied_within(apart)
        near = standing.filter(is_near, fingerprint__overlap=item.fingerprint)
        found += [pk for pk, marks in _locked(near, "fingerprint") if len({*marks} & {*item.fingerprint}) >= NEAR]
    return found


def same_words_since(item: FeedbackItem, since: datetime) -> list[int]:
    """What came to the window since and stands as it came, of those that say the same few words. Locked as
    `odd_since`."""
    return list(_locked(_standing_since(item, since).filter(fingerprint__contains=item.fingerprint)))


def count_same_words(item: FeedbackItem, since: datetime, most: int) -> int:
    """How many came to the window since with the same few words, or wait for a mail, whatever became of them but for
    what was withdrawn; each counted no further than `most`. One statement."""
    values = [item.fingerprint, item.window_id, item.pk or 0, ItemState.WITHDRAWN.value, since, since, most]
    row = prepared.row(_SAME_WORDS, [*values, item.fingerprint, item.window_id, item.form_key, since, most])
    return int(row[0]) if row else 0


def _standing_since(item: FeedbackItem, since: datetime) -> QuerySet[FeedbackItem]:
    """What came to the item's window since, or was confirmed since, and stands as it came."""
    came = Q(received_at__gt=since) | Q(confirmed_at__gt=since)
    return FeedbackItem.objects.filter(came, window=item.window_id, state=ItemState.PUBLISHED, state_at=None)


def _is_copied_within(apart: timedelta) -> Q:
    """Of an item: another one that says nearly the same came, or was confirmed, so soon after it."""
    copies = FeedbackItem.objects.filter(window=OuterRef("window"), alike=OuterRef("pk"))
    soon = Q(received_at__lte=OuterRef("received_at") + apart) | Q(confirmed_at__lte=OuterRef("confirmed_at") + apart)
    return Q(Exists(copies.filter(soon)))


def _locked(found: QuerySet[FeedbackItem], *columns: str) -> QuerySet[FeedbackItem, Any]:
    """Ids, or rows of the id and these columns, each locked in the order of the ids."""
    rows = found.order_by("pk").select_for_update(skip_locked=True)
    return rows.values_list("pk", *columns) if columns else rows.values_list("pk", flat=True)
