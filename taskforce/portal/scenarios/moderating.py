"""What moderators of the model case do: readers report, an advertisement is hidden, its poster is kept from posting for
a while, and what only one reader minded stands.

So that the pages of moderators have something to show at each moment of the feedback. In the project's own words.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from feedback import services
from feedback.enums import BrokenRule
from feedback.models import FeedbackBlock, FeedbackItem
from feedback.services import Report
from taskforce.portal.scenarios.conversation import form_key, say
from taskforce.portal.scenarios.voices import Voice
from taskforce.portal.scenarios.world import WINDOW, World

# An address that is nobody's (RFC 5737): by its network the poster of the advertisement is told apart.
_NETWORK = "192.0.2.44"
_ADVERTISEMENT = Voice(
    timedelta(),
    "en",
    "public",
    "Best Words (demo)",
    "yes",
    "Our agency translates every page of your wiki within a day. First month at half the price, ask for an offer now!",
)
_MONEY, _NAME = "El grupo no debería", "“Task force” sounds"


def _moment(month: int, day: int, hour: int) -> datetime:
    # At a minute of its own: no two acts happen at one moment.
    return datetime(2022, month, day, hour, 43, tzinfo=UTC)


def acts() -> list[tuple[datetime, Callable[[World, datetime], None]]]:
    """(moment, act): at each moment of the demonstration with an open window, and a day later, a report waits."""
    return [
        (_moment(2, 9, 10), partial(say, _ADVERTISEMENT, sender=_NETWORK)),
        (_moment(2, 9, 15), partial(_report, _ADVERTISEMENT.text, BrokenRule.ADVERTISING, "It sells something.")),
        (_moment(2, 10, 8), _hide_and_block),
        (_moment(2, 14, 18), partial(_report, _MONEY, BrokenRule.OFF_TOPIC, "Nobody asked about money here.")),
        (_moment(2, 16, 9), _lift),
        (_moment(2, 17, 9), partial(_leave, _MONEY, "It is about what the group may do, which is in the text.")),
        (_moment(2, 28, 20), partial(_report, _NAME, BrokenRule.ATTACK, "It laughs at those who proposed the name.")),
        (_moment(3, 3, 8), partial(_leave, _NAME, "Strong, and about the name, not about anybody.")),
    ]


def _item(world: World, words: str) -> FeedbackItem:
    """The text that begins so."""
    return FeedbackItem.objects.get(window=world.windows[WINDOW], answers__text__startswith=words)


def _report(begin: str, rule: str, words: str, world: World, at: datetime) -> None:
    """A reader without an account, each time from another browser."""
    item = _item(world, begin)
    sent = Report(form_key(at, item.window.phase_id), rule, words, browser=begin)
    services.report(item.pk, sent, reporter=None, at=at)


def _leave(begin: str, note: str, world: World, at: datetime) -> None:
    services.leave(_item(world, begin).pk, note=note, actor=world.people["moderator"], at=at)


def _hide_and_block(world: World, at: datetime) -> None:
    """Hidden, and who posted it is kept from posting more for a week."""
    item, moderator = _item(world, _ADVERTISEMENT.text), world.people["moderator"]
    rule, reason = BrokenRule.ADVERTISING, "It offers a service for money."
    services.moderate(item.pk, "hide", rule=rule, reason=reason, actor=moderator, at=at)
    services.block(item.pk, rule=rule, reason=reason, days=7, actor=moderator, at=at)


def _lift(world: World, at: datetime) -> None:
    """A day before the block ends: whoever it was has written to the moderators."""
    made = FeedbackBlock.objects.get(item=_item(world, _ADVERTISEMENT.text))
    services.lift(made.pk, reason="They wrote that it will not happen again.", actor=world.people["moderator"], at=at)
