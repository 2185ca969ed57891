"""What looks like a machine's, and what is held because of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from feedback import queries, search, suspects, transitions
from feedback.enums import FOR_EVERYBODY, NEARLY_THE_SAME, SLIGHT, ItemState, Suspicion
from feedback.models import FeedbackItem
from taskforce.audit import log
from taskforce.core import states
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.questions.forms import Answer


def judge(
    item: FeedbackItem, answers: Iterable[Answer], *, is_trapped: bool, filled_in: timedelta | None = None
) -> None:
    """Note what looks like a machine's, and by what it is found. Before the gate, so that nobody who closes the phase
    waits for it."""
    texts = [answer.text for answer in answers if answer.text]
    item.search_text = search.text_of(texts) if item.visibility in FOR_EVERYBODY else ""
    item.fingerprint = suspects.fingerprint(texts)
    said = suspects.Said(item.window_id, texts, item.name, is_trapped, filled_in, item.fingerprint, item.pk)
    item.suspicion, item.alike = suspects.judged(said)
    if item.suspicion and item.suspicion not in SLIGHT:
        item.state = ItemState.HELD


def count(item: FeedbackItem, sender: str | None, *, task_force_id: int, at: datetime) -> None:
    """Count an item that is to be stored, and hold it beyond what stands; `TooOften` beyond what is held.

    Whoever counts for the same window, or the same sender, waits: the one after sees all that came before. Whoever
    finds the limit reached sees them too, since what counts is committed.
    """
    if item.suspicion in SLIGHT:
        count_odd(item, task_force_id=task_force_id, at=at)
    elif sender and item.state == ItemState.PUBLISHED and not limits.fits(table.FEEDBACK, sender):
        hold_as_many(item, sender)
        return
    if sender and item.state == ItemState.HELD:
        limits.hit(table.HELD_FEEDBACK, sender)


def counts_with_it(item: FeedbackItem) -> bool:
    """Whether an item, as it was judged, is counted for its sender alone: then that can be done in the statement that
    stores it (`counting`)."""
    return item.state == ItemState.PUBLISHED and not item.suspicion


def counting(sender: str) -> tuple[str, list[Any]]:
    """The part of that statement which counts; without a row where the sender has sent as much as stands."""
    return limits.counting(table.FEEDBACK, sender)


def hold_as_many(item: FeedbackItem, sender: str | None) -> None:
    """Hold an item of a sender from whom no more stands; `TooOften` beyond what is held."""
    item.suspicion, item.state = Suspicion.MANY, ItemState.HELD
    if sender:
        limits.hit(table.HELD_FEEDBACK, sender)


def _apart() -> timedelta:
    """How far apart the texts of a flood come that has just enough of them to be one, at an even pace. What stood for
    longer before somebody copied it is not the flood's own."""
    return table.ALIKE_FEEDBACK.within / table.ALIKE_FEEDBACK.most


def count_odd(item: FeedbackItem, *, task_force_id: int, at: datetime) -> None:
    """Count an item with a slight sign, and hold it with all that are like it where they are many: first those that
    say nearly the same as it, so that a flood of one text takes no place of what others have agreed to say."""
    since = at - table.ODD_FEEDBACK.within
    if item.alike is not None and _are_too_many_alike(item):
        _hold_with(item, queries.alike_since(item, since, _apart()), task_force_id=task_force_id, at=at)
    elif _are_many(item):
        _hold_with(item, queries.odd_since(item, since, _apart()), task_force_id=task_force_id, at=at)


def _are_too_many_alike(item: FeedbackItem) -> bool:
    """Count an item among those that say nearly the same; whether there are more of them than stand."""
    same = f"window {item.window_id} like {item.alike}"
    return not (limits.has_room(table.ALIKE_FEEDBACK, same) and limits.fits(table.ALIKE_FEEDBACK, same))


def _are_many(item: FeedbackItem) -> bool:
    """Count an item with its slight sign; whether there are more of them than stand.

    One with both signs counts among those of nearly the same words, lest a campaign that is sent in a hurry makes all
    who are quick suspects; where the quick ones are many it is one of them.
    """
    fast, same = (f"window {item.window_id} {sign}" for sign in (Suspicion.FAST, Suspicion.REPEATED))
    here = same if item.suspicion in NEARLY_THE_SAME else fast
    # First without waiting: whoever sends very much at once is not to queue before the gate.
    if not (limits.has_room(table.ODD_FEEDBACK, here) and limits.fits(table.ODD_FEEDBACK, here)):
        return True
    return item.suspicion == Suspicion.FAST_REPEATED and not limits.has_room(table.ODD_FEEDBACK, fast)


def _hold_with(item: FeedbackItem, others: Iterable[int], *, task_force_id: int, at: datetime) -> None:
    """Hold an item with a slight sign, and with it all that lately came like it and nobody has looked at."""
    item.state = states.step(transitions.ITEM, ItemState.PUBLISHED, "hold")
    ids = [pk for pk in others if pk != item.pk]
    if number := FeedbackItem.objects.filter(pk__in=ids).update(state=item.state):
        log.record(
            "feedback.held-together", None, at=at, actor_id=None, task_force_id=task_force_id,
            window=item.window_id, count=number,
        )  # fmt: skip
