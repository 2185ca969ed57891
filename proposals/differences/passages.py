"""Words that went from one unit to another: what was split off, what was joined, over one act or many."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from proposals.enums import PassageKind


class Passed(NamedTuple):
    """That words of a unit went to another one."""

    kind: PassageKind
    source: int
    target: int


def net(acts: Iterable[Passed], old: Collection[int], new: Collection[int]) -> list[Passed]:
    """What acts, in their order, come to between two states that have the units `old` and `new`.

    What came from a unit that came in between is followed to where that came from; what went and came back did not go.
    Told is what the states bear out: who was joined is gone, who was split off was not there before.
    """
    found: dict[tuple[int, int], Passed] = {}
    for act in acts:
        for way in [act] if act.source in old else _followed(act, found.values()):
            back = found.pop((way.target, way.source), None)
            if back is None and way.source != way.target:
                found[way.source, way.target] = way
    return [way for way in found.values() if way.target in new and _is_so(way, old, new)]


def _followed(act: Passed, before: Iterable[Passed]) -> list[Passed]:
    """The same act, from the units of which its own source was made."""
    return [
        Passed(act.kind if one.kind == act.kind else PassageKind.PART, one.source, act.target)
        for one in before
        if one.target == act.source
    ]


def _is_so(way: Passed, old: Collection[int], new: Collection[int]) -> bool:
    if way.kind == PassageKind.SPLIT:
        return way.target not in old
    return way.kind == PassageKind.PART or way.source not in new


def inverse(passed: Passed) -> Passed:
    """What takes the words back."""
    kinds = {PassageKind.SPLIT: PassageKind.JOIN, PassageKind.JOIN: PassageKind.SPLIT}
    return Passed(kinds.get(passed.kind, PassageKind.PART), passed.target, passed.source)
