"""Which answer holds for an item, kept beside the item: what lists say, count and go by is then in its row."""

from collections.abc import Iterable

from django.db import connection

from feedback.models import FeedbackItem

# Its own goes before that of its theme. Rows that stay as they are, are not written: whoever keeps what is made of them
# (`whole`) would see a change where there is none.
_KEEP = """
UPDATE feedback_feedbackitem AS item
SET standing_id = held.id, became = COALESCE(held.outcome, ''), became_in = held.number
FROM (
    SELECT one.id AS item_id, answer.id, answer.outcome, revision.number
    FROM feedback_feedbackitem AS one
    LEFT JOIN feedback_themeditem AS themed ON themed.item_id = one.id
    LEFT JOIN feedback_disposition AS own ON own.item_id = one.id AND own.stands
    LEFT JOIN feedback_disposition AS shared ON shared.theme_id = themed.theme_id AND shared.stands AND NOT themed.waits
    LEFT JOIN feedback_disposition AS answer ON answer.id = COALESCE(own.id, shared.id)
    LEFT JOIN proposals_revision AS revision ON revision.id = answer.revision_id
    WHERE one.id = ANY(%s)
) AS held
WHERE item.id = held.item_id AND item.standing_id IS DISTINCT FROM held.id
"""


def keep(ids: Iterable[int]) -> None:
    """Write down of these items which answer holds for them now; called by whoever changes that, who holds the window.

    The items are held in the order of their ids, as everybody holds several.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return
    held = FeedbackItem.objects.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",), no_key=True)
    list(held.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [wanted])
