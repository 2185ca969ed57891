"""What staff decide about many texts at once, items and replies among them: each for itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from feedback.models import FeedbackItem, FeedbackReply
from feedback.services.as_read import OtherWords
from feedback.services.moderation import moderate
from feedback.services.reply_moderation import moderate_reply
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, Invalid, Refused

MOST_AT_ONCE = 50
_Ids = Sequence[int] | Mapping[int, str]


@dataclass(frozen=True)
class Many:
    """How many texts were decided about, and which were not, by their references, with the reason; `changed` are those
    of them that say something else than what was read."""

    done: int
    left: list[tuple[str, str]]
    changed: list[str]


def moderate_many(
    item_ids: _Ids,
    action: str,
    *,
    reason: str,
    actor: User,
    at: datetime,
    rule: str = "",
    reply_ids: _Ids = (),
) -> Many:
    """As `moderate` and `moderate_reply` for at most `MOST_AT_ONCE` texts, in the order in which they came; the ids
    may come with what was `seen` of each.

    What somebody else has decided meanwhile, says something else than what was read, or is not this person's to decide,
    is left as it is. `Refused` for who may decide about none of them, `Invalid` for too many, and as `moderate`.
    """
    asked = len(item_ids) + len(reply_ids)
    if asked > MOST_AT_ONCE:
        raise Invalid(_("At most %(count)d texts are decided about at once.") % {"count": MOST_AT_ONCE})
    done, left, changed = 0, [], []
    refused: list[Refused] = []
    kinds: list[tuple[_Ids, type[FeedbackItem] | type[FeedbackReply], Callable[..., object]]] = [
        (item_ids, FeedbackItem, moderate),
        (reply_ids, FeedbackReply, moderate_reply),
    ]
    for pk, seen, model, act in ((*one, model, act) for ids, model, act in kinds for one in _each(ids)):
        try:
            act(pk, action, reason=reason, actor=actor, at=at, rule=rule, seen=seen)
            done += 1
        except (Conflict, Refused) as error:
            reference = model.objects.values_list("reference", flat=True).get(pk=pk)
            left.append((reference, str(error.message)))
            if isinstance(error, OtherWords):
                changed.append(reference)
            if isinstance(error, Refused):
                refused.append(error)
    if refused and len(refused) == asked:
        raise refused[0]
    return Many(done, left, changed)


def _each(ids: _Ids) -> list[tuple[int, str | None]]:
    """Each with what was read of it, if that comes along, in the order in which they came."""
    return [(pk, ids[pk] if isinstance(ids, Mapping) else None) for pk in sorted(ids)]
