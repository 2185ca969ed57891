"""The one way in which the state of an item changes after it was received."""

from dataclasses import dataclass
from datetime import datetime

from feedback import transitions
from feedback.enums import ItemState
from feedback.models import FeedbackItem
from feedback.services import reporting
from taskforce.core import states


@dataclass(frozen=True)
class Why:
    """When a state changed, in whose words, for which rule that was broken, and by whom (None: no staff)."""

    at: datetime
    reason: str = ""
    rule: str = ""
    moderator_id: int | None = None


def change(item: FeedbackItem, action: str, why: Why) -> None:
    """Take a locked item one step on; `Conflict` where its state has no such step."""
    item.state = states.step(transitions.ITEM, ItemState(item.state), action)
    item.state_at, item.state_reason = why.at, why.reason
    item.rule, item.moderator_id = why.rule, why.moderator_id
    item.was_public = item.was_public or item.state == ItemState.PUBLISHED
    item.save(
        update_fields=[
            *("state", "state_at", "state_reason", "rule", "moderator"),
            *("name", "spoke", "spoke_words", "place_url", "fingerprint", "search_text", "translated_text"),
            *("was_public", "poster"),
        ]
    )
    reporting.end_with(item, why.at, why.moderator_id)
