"""`python -m bench`: measure, print, and end with 1 where a ratio of `baselines.json` is missed.

`python -m bench pages` measures that part alone.

Ratios, no absolute times: a slower machine makes both sides slower.
"""

import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.prepared import fresh_database, prepared
from tests.chaos.stack import Stack

BASELINES = Path(__file__).with_name("baselines.json")
WORDS = {1: "one worker process", 2: "two worker processes"}


def measure(parts: Sequence[str]) -> dict[str, float]:
    """Every figure of these parts under its name in the baselines."""
    stack = prepared()
    figures: dict[str, float] = {}
    try:
        for part in parts:
            fresh_database(stack)
            figures |= PARTS[part](stack)
    finally:
        stack.close()
    return figures


def _mails(stack: Stack) -> dict[str, float]:
    from bench import mails, publishing  # noqa: PLC0415 - Django is set up only now

    figures: dict[str, float] = {}
    bench = mails.Bench(stack)
    opened = []
    for processes, words in WORDS.items():
        batches, single = bench.compare(processes)
        opened.append(batches.per_hundred)
        for name, way in (("batches", batches), ("one task per mail", single)):
            rounds = ", ".join(f"{rate:.0f}" for rate in way.rates)
            say(f"{words}, {name}: {way.rate:.0f} mails/s ({rounds}), {way.per_hundred:.2f} connections per 100")
        figures[f"batches against one task per mail, {words}"] = batches.rate / single.rate
        bare = 1 / (1 / single.rate - mails.GREETING / processes)
        say(f"{words}, without what a connection costs at that distance: {batches.rate / bare:.2f} (no limit)")
    figures["SMTP connections per 100 mails"] = max(opened)
    more, ratio = publishing.compare()
    figures["queries more for 5,000 followers than for 5"] = more
    figures["time of publishing to 5,000 against 5"] = ratio
    return figures


def _pages(stack: Stack) -> dict[str, float]:
    from bench import pages  # noqa: PLC0415 - Django is set up only now

    rates = pages.compare(stack)
    for name, found in rates.items():
        rounds = ", ".join(f"{rate:.0f}" for rate in found)
        say(f"page of a text, {name}: {statistics.median(found):.0f} pages/s ({rounds})")
    figures = {}
    for way in ("drawn", "kept"):
        figures[f"page {way} against a bare page"] = pages.ratio(rates, way, "bare")
        figures[f"page {way} with 10,000 items and 10,000 applications against none"] = pages.ratio(
            rates, f"{way}, sent", way
        )
    return figures


def _posts(stack: Stack) -> dict[str, float]:
    from bench import pages, posts  # noqa: PLC0415 - Django is set up only now

    rates = posts.compare(stack)
    for name, found in rates.items():
        rounds = ", ".join(f"{rate:.0f}" for rate in found)
        say(f"posted form, {name}: {statistics.median(found):.0f} posts/s ({rounds})")
    plain = pages.ratio(rates, posts.SENT, posts.PLAIN)
    say(f"posted form, sent, against a bare one with Django's own middleware: {plain:.2f} (no limit)")
    return {"posted form against a bare one of Django": pages.ratio(rates, posts.SENT, posts.BARE)}


def _applications(stack: Stack) -> dict[str, float]:
    from bench import applying, pages  # noqa: PLC0415 - Django is set up only now

    rates = applying.compare(stack)
    for name, found in rates.items():
        rounds = ", ".join(f"{rate:.0f}" for rate in found)
        say(f"round trip with a form, {name}: {statistics.median(found):.0f} a second ({rounds})")
    return {
        "round trip of an application against a bare form of Django": pages.ratio(
            rates, applying.APPLIED, applying.BARE
        )
    }


PARTS = {"mails": _mails, "pages": _pages, "posts": _posts, "applications": _applications}


def say(line: str) -> None:
    """One line for people."""
    print(line, flush=True)  # noqa: T201 - figures are for people


def main() -> int:
    """0 where every ratio that was measured is kept."""
    baselines: dict[str, float] = json.loads(BASELINES.read_text())
    figures = measure(sys.argv[1:] or list(PARTS))
    missed = 0
    for name in figures:
        limit = baselines[name]
        # More is better for what is compared with another way; for the rest less is.
        at_least = name.startswith(("batches", "page", "posted", "round trip"))
        kept = figures[name] >= limit if at_least else figures[name] <= limit
        missed += not kept
        say(f"{'ok    ' if kept else 'MISSED'} {name}: {figures[name]:.2f} ({'≥' if at_least else '≤'} {limit:g})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
