"""What looks like a machine's, and what is held because of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError

from feedback import earlier, queries, search, suspects, transitions
from feedback.enums import FOR_EVERYBODY, NEARLY_THE_SAME, SLIGHT, ItemState, Suspicion
from feedback.models import FeedbackItem, FeedbackUnconfirmed
from taskforce.audit import log
from taskforce.core import clock, locks, states
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.questions.forms import Answer
from taskforce.timeline import gates


def judge(
    item: FeedbackItem,
    answers: Iterable[Answer],
    *,
    is_trapped: bool,
    filled_in: timedelta | None = None,
    waits: bool = False,
    is_compared_later: bool = False,
) -> bool:
    """Note what looks like a machine's, and by what it is found. Before the gate, so that nobody who closes the phase
    waits for it. `waits`: for its author's mail, as others do which it may be like. `is_compared_later`: what it is
    like is asked on the way to the gate (`to_compare`). Whether it is one of so many of the same few words that
    `hold_few_words` is to look."""
    texts = [answer.text for answer in answers if answer.text]
    item.search_text = search.text_of(texts) if item.visibility in FOR_EVERYBODY else ""
    item.fingerprint = suspects.fingerprint(texts) or suspects.few_words(texts)
    said = suspects.Said(
        item.window_id, texts, item.name, is_trapped, filled_in, item.fingerprint, item.pk, waits, is_compared_later
    )
    item.suspicion, item.alike = suspects.judged(said)
    if item.suspicion and item.suspicion not in SLIGHT:
        item.state = ItemState.HELD
    return _is_short(item) and _few_words(item, clock.app_now())


def to_compare(item: FeedbackItem) -> tuple[str, list[Any]] | None:
    """What is asked before the lock of the gate: of which item a new one is nearly a copy (`note_alike`). None where
    nothing needs to be asked, or the database would not hear of it: then that is judged."""
    if not suspects.can_be_compared(item.suspicion, item.fingerprint):
        return None
    sql, values = queries.near_asked(item.window_id, item.fingerprint)
    try:
        gates.plan_first(sql)
    except DatabaseError:
        compare(item)
        return None
    return sql, values


def note_alike(item: FeedbackItem, found: str | None) -> None:
    """Note the id of which item a new one is nearly a copy, as it was found on the way to the gate; None: of none."""
    if found is not None:
        item.suspicion, item.alike = suspects.repeated(is_fast=item.suspicion in _FAST), int(found)


def compare(item: FeedbackItem) -> None:
    """The same asked for itself; held where it cannot be asked."""
    sign = Suspicion.FAST if item.suspicion in _FAST else ""
    item.suspicion, item.alike = suspects.compared(item.window_id, sign, item.fingerprint)
    if item.suspicion == Suspicion.UNCHECKED:
        item.state = ItemState.HELD


def judge_confirmed(item: FeedbackItem, answers: Iterable[Answer], *, task_force_id: int, at: datetime) -> None:
    """Judge what its author confirms at a moment once more: by what stands now, which may have been confirmed since it
    was sent. Where much that is like it is confirmed at a time, it is held with that, as where much is sent."""
    texts, before = [answer.text for answer in answers if answer.text], item.suspicion
    item.confirmed_at = at
    if before and before not in SLIGHT:
        item.alike = None
        return
    # It was sent within seconds, or was not: that is known already.
    filled_in = timedelta(0) if before in _FAST else None
    said = suspects.Said(
        item.window_id, texts, item.name, is_trapped=False, filled_in=filled_in, fingerprint=item.fingerprint
    )
    now, item.alike = suspects.judged(said)
    # What is like something that waits has nothing yet that stands beside it.
    item.suspicion = before if now in ("", Suspicion.FAST) else now
    if item.suspicion and item.suspicion not in SLIGHT:
        item.state = ItemState.HELD
    # How fast something was sent was counted when it was.
    if item.state == ItemState.PUBLISHED and item.suspicion in NEARLY_THE_SAME:
        count_odd(item, task_force_id=task_force_id, at=at, act="confirmed ")
    if _few_words(item, at):
        hold_few_words(item, task_force_id=task_force_id, at=at)


# Of the slight signs, these say that it was sent within seconds.
_FAST = frozenset({Suspicion.FAST, Suspicion.FAST_REPEATED})


def hold_few_words(item: FeedbackItem, *, task_force_id: int, at: datetime) -> None:
    """Hold a short text with all that say the very same words, where there are more of them than people would send:
    each sees all that came before. While there are not half as many nobody asks it, and so nobody waits for anybody.
    """
    if item.state != ItemState.PUBLISHED or not _is_short(item):
        return
    limit = _limit_of_words(item)
    since = at - limit.within
    with limits.in_line():
        locks.take(locks.Kind.FEW_WORDS, (item.fingerprint[0] ^ item.window_id) & 0x7FFFFFFF)
    if queries.count_same_words(item, since, limit.most) < limit.most:
        return
    # "both": it was sent within seconds too.
    item.suspicion = Suspicion.FAST_REPEATED if item.suspicion in _FAST else Suspicion.REPEATED
    _hold_with(
        item,
        queries.same_words_since(item, since),
        earlier.waiting_same_words_since(item, since),
        task_force_id=task_force_id,
        at=at,
    )


def _few_words(item: FeedbackItem, at: datetime) -> bool:
    """Whether it says a few words that so many have said lately that the next ones may be too many."""
    if item.state != ItemState.PUBLISHED or not _is_short(item):
        return False
    limit = _limit_of_words(item)
    return queries.count_same_words(item, at - limit.within, limit.most) >= limit.most // 2


def _is_short(item: FeedbackItem) -> bool:
    return len(item.fingerprint) == 1


def _limit_of_words(item: FeedbackItem) -> table.Limit:
    return table.COMMON_WORDS if item.fingerprint[0] < 0 else table.FEW_WORDS


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


def count_odd(item: FeedbackItem, *, task_force_id: int, at: datetime, act: str = "") -> None:
    """Count an item with a slight sign, and hold it with all that are like it where they are many: first those that
    say nearly the same as it, so that a flood of one text takes no place of what others have agreed to say. `act` is
    what is counted, where it was not sent now."""
    since = at - table.ODD_FEEDBACK.within
    if item.alike is not None and _are_too_many_alike(item, act):
        held = queries.alike_since(item, since, _apart()), earlier.waiting_alike_since(item, since)
        _hold_with(item, *held, task_force_id=task_force_id, at=at)
    elif _are_many(item, act):
        held = queries.odd_since(item, since, _apart()), earlier.waiting_odd_since(item, since)
        _hold_with(item, *held, task_force_id=task_force_id, at=at)


def _are_too_many_alike(item: FeedbackItem, act: str) -> bool:
    """Count an item among those that say nearly the same; whether there are more of them than stand."""
    same = f"{act}window {item.window_id} like {item.alike}"
    return not (limits.has_room(table.ALIKE_FEEDBACK, same) and limits.fits(table.ALIKE_FEEDBACK, same))


def _are_many(item: FeedbackItem, act: str) -> bool:
    """Count an item with its slight sign; whether there are more of them than stand.

    One with both signs counts among those of nearly the same words, lest a campaign that is sent in a hurry makes all
    who are quick suspects; where the quick ones are many it is one of them.
    """
    fast, same = (f"{act}window {item.window_id} {sign}" for sign in (Suspicion.FAST, Suspicion.REPEATED))
    here = same if item.suspicion in NEARLY_THE_SAME else fast
    # First without waiting: whoever sends very much at once is not to queue before the gate.
    if not (limits.has_room(table.ODD_FEEDBACK, here) and limits.fits(table.ODD_FEEDBACK, here)):
        return True
    return item.suspicion == Suspicion.FAST_REPEATED and not limits.has_room(table.ODD_FEEDBACK, fast)


def _hold_with(
    item: FeedbackItem, others: Iterable[int], waiting: Iterable[int], *, task_force_id: int, at: datetime
) -> None:
    """Hold an item, and with it all that lately came like it and nobody has looked at, also what waits for its author's
    mail: it comes to stand by nothing but that."""
    item.state = states.step(transitions.ITEM, ItemState.PUBLISHED, "hold")
    ids = [pk for pk in others if pk != item.pk]
    number = FeedbackItem.objects.filter(pk__in=ids).update(state=item.state)
    number += FeedbackUnconfirmed.objects.filter(pk__in=list(waiting)).update(said=earlier.as_held())
    if number:
        log.record(
            "feedback.held-together", None, at=at, actor_id=None, task_force_id=task_force_id,
            window=item.window_id, count=number,
        )  # fmt: skip
