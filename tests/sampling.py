"""How much of a generated test runs: all of it (`FUZZ=all`: `make fuzz`, `make whole`), or a sample drawn by a seed.

Without a word it is always the same sample, so that a change is judged by itself; `FUZZ_SEED=` draws another. The seed
is printed at the end of the run.
"""

import os
import random
import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, TypeVar

import pytest

WHOLE = os.environ.get("FUZZ") == "all"
SEED = os.environ.get("FUZZ_SEED", "1")
# Names of what a test puts into its `user_properties`: what it has sent, and a line of figures (`record_property`).
NOTED, FIGURE = "requests sent", "figure"

Case = TypeVar("Case")


def sample(cases: Iterable[Case], most: int, *, of: str) -> list[Case]:
    """All cases in a whole run, else at most `most` of them; `of` names the draw, so that each is one of its own."""
    every = list(cases)
    if WHOLE or len(every) <= most:
        return every
    chosen = sorted(random.Random(f"{SEED} {of}").sample(range(len(every)), most))
    return [every[index] for index in chosen]


def sample_of_each(cases: Iterable[Case], most: int, *, of: str, kind: Callable[[Case], object]) -> list[Case]:
    """As `sample`, and one of each kind besides; a case whose kind is None is drawn by chance alone."""
    every = list(cases)
    if WHOLE:
        return every
    kinds: dict[object, list[Case]] = {}
    for case in every:
        kinds.setdefault(kind(case), []).append(case)
    kinds.pop(None, None)
    chance = random.Random(f"{SEED} {of} each")
    return [*(chance.choice(some) for some in kinds.values()), *sample(every, most, of=of)]


def named_in(page: Path) -> set[str]:
    """The tests that a document names, as `path::name` or `path::class::name`, or as `path`: all of a file."""
    return set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+){0,2})`", page.read_text("utf-8")))


def put_off(items: Iterable[pytest.Item], proofs: Collection[str]) -> set[pytest.Item]:
    """The cases of tests that `make test` leaves to `make long`: all but the first of each test whose cases are dear.

    The first is the portal's own where there are counter-examples: a test lists it before them. Dear are the tests that
    say so, and those that ask the database, but for the `proofs` (`path::name` or `path`) by which a document says that
    something holds. A browser's tests choose for themselves.
    """
    tests: dict[str, list[pytest.Item]] = {}
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        test, _, _ = item.nodeid.partition("[")
        asks = "django_db" in marks or "db" in getattr(item, "fixturenames", ())
        is_dear = "dear" in marks or (asks and not {test, test.partition("::")[0]} & {*proofs})
        if is_dear and not marks & {"long", "browser"}:
            tests.setdefault(test, []).append(item)
    return {item for first, *others in tests.values() for item in others}


def told(reports: Iterable[pytest.TestReport]) -> list[str]:
    """The lines that end a run: the figures that tests have recorded, and for each file what it has sent."""
    figures: list[str] = []
    sent: dict[str, list[Any]] = {}
    for report in reports:
        if getattr(report, "when", "") == "teardown":
            file = report.nodeid.partition("::")[0]
            figures += [f"{file}: {value}" for name, value in report.user_properties if name == FIGURE]
            sent.setdefault(file, []).extend(value for name, value in report.user_properties if name == NOTED)
    lines = [f"{file}: {_added_up(notes)}" for file, notes in sorted(sent.items()) if notes]
    how = "whole" if WHOLE else f"sample, FUZZ_SEED={SEED}"
    return [*sorted(figures), *(f"{line} ({how})" for line in lines)]


def _added_up(notes: list[Any]) -> str:
    """Addresses, requests, what went wrong, the slowest."""
    addresses = {address for note in notes for address in note["addresses"]}
    requests, errors, slow = (sum(note[name] for note in notes) for name in ("requests", "errors", "slow"))
    seconds, slowest = max((note["slowest"] for note in notes), key=lambda one: one[0])
    return (
        f"{len(addresses)} addresses, {requests:,} requests, {errors} answers of 5xx, {slow} over two seconds, "
        f"slowest {seconds:.2f} s: {slowest}"
    )
