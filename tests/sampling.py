"""How much of a generated test runs: all of it (`FUZZ=all`, as `make fuzz` sets), or a sample drawn by a seed.

Without a word it is always the same sample, so that a change is judged by itself; `FUZZ_SEED=` draws another. The seed
is printed at the end of the run.
"""

import os
import random
from collections.abc import Iterable
from typing import Any, TypeVar

import pytest

WHOLE = os.environ.get("FUZZ") == "all"
SEED = os.environ.get("FUZZ_SEED", "1")
NOTED = "requests sent"

Case = TypeVar("Case")


def sample(cases: Iterable[Case], most: int, *, of: str) -> list[Case]:
    """All cases in a whole run, else at most `most` of them; `of` names the draw, so that each is one of its own."""
    every = list(cases)
    if WHOLE or len(every) <= most:
        return every
    chosen = sorted(random.Random(f"{SEED} {of}").sample(range(len(every)), most))
    return [every[index] for index in chosen]


def told(reports: Iterable[pytest.TestReport]) -> str:
    """The line that ends a run: addresses, requests, the slowest; empty where nothing was sent."""
    notes: list[Any] = [
        note
        for report in reports
        if getattr(report, "when", "") == "teardown"
        for name, note in report.user_properties
        if name == NOTED
    ]
    if not notes:
        return ""
    addresses = {address for note in notes for address in note["addresses"]}
    requests = sum(note["requests"] for note in notes)
    seconds, slowest = max((note["slowest"] for note in notes), key=lambda one: one[0])
    how = "whole" if WHOLE else f"sample, FUZZ_SEED={SEED}"
    return f"{len(addresses)} addresses, {requests:,} requests, slowest {seconds:.2f} s: {slowest} ({how})"
