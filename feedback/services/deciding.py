"""What staff decide about many texts at once, items and replies among them: each for itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from feedback.models import FeedbackItem, FeedbackReply
from feedback.services.moderation import moderate
from feedback.services.reply_moderation import moderate_reply
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, Invalid, Refused

MOST_AT_ONCE = 50


@dataclass(frozen=True)
class Many:
    """How many texts were decided about, and which were not, by their references, with the reason."""

    done: int
    left: list[tuple[str, str]]


def moderate_many(
    item_ids: Sequence[int],
    action: str,
    *,
    reason: str,
    actor: User,
    at: datetime,
    rule: str = "",
    reply_ids: Sequence[int] = (),
) -> Many:
    """As `moderate` and `moderate_reply` for at most `MOST_AT_ONCE` texts, in the order in which they came.

    What somebody else has decided meanwhile, or is not this person's to decide, is left as it is. `Refused` for who
    may decide about none of them, `Invalid` for too many, and as `moderate`.
    """
    asked = len(item_ids) + len(reply_ids)
    if asked > MOST_AT_ONCE:
        raise Invalid(_("At most %(count)d texts are decided about at once.") % {"count": MOST_AT_ONCE})
    done, left = 0, []
    refused: list[Refused] = []
    kinds: list[tuple[Sequence[int], type[FeedbackItem] | type[FeedbackReply], Callable[..., object]]] = [
        (item_ids, FeedbackItem, moderate),
        (reply_ids, FeedbackReply, moderate_reply),
    ]
    for pk, model, act in ((pk, model, act) for ids, model, act in kinds for pk in sorted(ids)):
        try:
            act(pk, action, reason=reason, actor=actor, at=at, rule=rule)
            done += 1
        except (Conflict, Refused) as error:
            reference = model.objects.values_list("reference", flat=True).get(pk=pk)
            left.append((reference, str(error.message)))
            if isinstance(error, Refused):
                refused.append(error)
    if refused and len(refused) == asked:
        raise refused[0]
    return Many(done, left)
