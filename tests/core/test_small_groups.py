"""Small groups: an attacker who knows the method, which groups there could be and the sum, and subtracts."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from taskforce.core.small_groups import spans, told

START = date(2022, 2, 1)
Counts = tuple[int, ...]


def by_group(counts: Counts, least: int) -> Hashable:
    found = told({chr(97 + place): count for place, count in enumerate(counts)}, least)
    return tuple(found.groups), found.rest


def by_day(counts: Counts, least: int) -> Hashable:
    days = [(START + timedelta(days=place), count) for place, count in enumerate(counts)]
    return tuple(spans(days, least, START)), sum(counts)


def naively(counts: Counts, least: int) -> Hashable:
    """The mistake: what is small is left out, and the sum tells it."""
    return tuple((place, count) for place, count in enumerate(counts) if count >= least), sum(counts)


def worlds(make: Callable[[Counts, int], Hashable], places: int, least: int, most: int) -> Mapping[Hashable, Any]:
    """{what is printed: everything that could be behind it}, of sums that are small enough to be all there."""
    found: dict[Hashable, list[Counts]] = defaultdict(list)
    for counts in product(range(most + 1), repeat=places):
        if sum(counts) <= most:
            found[make(counts, least)].append(counts)
    return found


def made_out(possible: Mapping[Hashable, list[Counts]], least: int) -> Iterator[Counts]:
    """Whatever gives the exact size of a small group away."""
    for behind in possible.values():
        for place in zip(*behind, strict=True):
            if len({*place}) == 1 and 0 < place[0] < least:
                yield behind[0]


@pytest.mark.parametrize("make", [by_group, by_day])
@pytest.mark.parametrize(("places", "least", "most"), [(2, 5, 16), (3, 3, 12), (4, 2, 9), (4, 3, 10)])
def test_no_subtraction_makes_out_a_small_group(
    make: Callable[[Counts, int], Hashable], places: int, least: int, most: int
) -> None:
    assert not list(made_out(worlds(make, places, least, most), least))


def test_the_attacker_finds_what_is_only_left_out() -> None:
    assert list(made_out(worlds(naively, 3, 3, 12), 3))


def test_no_printed_number_is_small_and_all_of_them_are_the_sum() -> None:
    for counts in product(range(8), repeat=3):
        found = told(dict(zip("abc", counts, strict=True)), 4)
        assert sum(count for _code, count in found.groups) + found.rest == sum(counts)
        assert all(count >= 4 for _code, count in found.groups)
        assert found.rest == 0 or found.rest >= 4 or not found.groups
        days = spans([(START + timedelta(days=place), count) for place, count in enumerate(counts)], 4, START)
        assert not days or sum(span.size for span in days) == sum(counts)
        assert all(span.size >= 4 for span in days)


def test_spans_follow_each_other() -> None:
    days = [(START + timedelta(days=place), count) for place, count in [(2, 1), (3, 5), (7, 6), (9, 1)]]
    first, second = spans(days, 5, START)
    assert (first.first, first.last, first.size) == (START, START + timedelta(days=3), 6)
    assert (second.first, second.last, second.size) == (START + timedelta(days=4), START + timedelta(days=9), 7)
