"""Small groups in printed numbers: none is printed, and none follows from what is printed by subtracting.

Whoever reads a table knows its sum, how it is made, and perhaps which groups there could be. So small groups are one
number together, without their names, and the smallest of the larger ones are always in it (complementary suppression),
with all that are as large: which of those in it is a small one, and how small, nobody can tell then. What can be read
nowhere is told in steps, which hold against whatever somebody knows besides.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)


class Told(NamedTuple):
    """What is printed: groups by size, the largest first, and all others together (0: there are none)."""

    groups: Sequence[tuple[str, int]]
    rest: int


class Span(NamedTuple):
    """So many from one day to another, both of them within."""

    first: date
    last: date
    size: int


def told(counts: Mapping[str, int], least: int) -> Told:
    """`counts` ({group: how many}) without any group of less than `least`; what cannot be told apart is only `rest`,
    all of it where it is too little for two groups."""
    found = sorted(((code, count) for code, count in counts.items() if count), key=lambda one: (-one[1], one[0]))
    total = sum(count for _code, count in found)
    if total < 2 * least:
        return Told([], total)
    shown = [one for one in found if one[1] >= least]
    if len(shown) < len(found) and shown:
        smallest = shown[-1][1]
        shown = [one for one in shown if one[1] > smallest]
    return Told(shown, total - sum(count for _code, count in shown))


def step(count: int, least: int) -> int:
    """`count` rounded down to a multiple of `least`: what is told of a number that nobody can count for themselves."""
    return count - count % least


def stepped(counts: Mapping[str, int], least: int) -> dict[str, int]:
    """Each group by steps, the largest first, without those that have none.

    Each is rounded for itself and no other number depends on it, so nothing follows of one from another: whoever prints
    a sum prints that of these.
    """
    found = {group: step(count, least) for group, count in counts.items() if count >= least}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def spans(days: Iterable[tuple[date, int]], least: int, start: date) -> list[Span]:
    """Days with how many each has, as spans one after the other from `start` (or earlier, where
    something came before), of which each has `least` or more; none where all of it is less.

    A span ends with the day on which it has enough, so that nobody knows on which of its days something came. What is
    left over at the end belongs to the last one.
    """
    found: list[Span] = []
    waiting, day = 0, start
    for day, count in sorted((day, count) for day, count in days if count):
        waiting += count
        if waiting >= least:
            found.append(Span(found[-1].last + DAY if found else min(start, day), day, waiting))
            waiting = 0
    if waiting and found:
        last = found.pop()
        found.append(Span(last.first, day, last.size + waiting))
    return found
