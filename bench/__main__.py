"""`python -m bench`: measure, print, and end with 1 where a ratio of `baselines.json` is missed.

Ratios, no absolute times: a slower machine makes both sides slower.
"""

import json
import statistics
import sys
from pathlib import Path

from tests.chaos.prepared import fresh_database, prepared

BASELINES = Path(__file__).with_name("baselines.json")
WORDS = {1: "one worker process", 2: "two worker processes"}


def measure() -> dict[str, float]:
    """Every figure under its name in the baselines."""
    stack = prepared()
    figures: dict[str, float] = {}
    try:
        from bench import applying, mails, pages, posts, publishing  # noqa: PLC0415 - Django is set up only now

        fresh_database(stack)
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
        fresh_database(stack)
        figures |= _pages(pages.compare(stack))
        fresh_database(stack)
        figures |= _posts(posts.compare(stack))
        fresh_database(stack)
        figures |= _applications(applying.compare(stack))
    finally:
        stack.close()
    return figures


def _pages(rates: dict[str, list[float]]) -> dict[str, float]:
    from bench import pages  # noqa: PLC0415 - Django is set up by now

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


def _posts(rates: dict[str, list[float]]) -> dict[str, float]:
    from bench import pages, posts  # noqa: PLC0415 - Django is set up by now

    for name, found in rates.items():
        rounds = ", ".join(f"{rate:.0f}" for rate in found)
        say(f"posted form, {name}: {statistics.median(found):.0f} posts/s ({rounds})")
    plain = pages.ratio(rates, posts.SENT, posts.PLAIN)
    say(f"posted form, sent, against a bare one with Django's own middleware: {plain:.2f} (no limit)")
    return {"posted form against a bare one of Django": pages.ratio(rates, posts.SENT, posts.BARE)}


def _applications(rates: dict[str, list[float]]) -> dict[str, float]:
    from bench import applying, pages  # noqa: PLC0415 - Django is set up by now

    for name, found in rates.items():
        rounds = ", ".join(f"{rate:.0f}" for rate in found)
        say(f"round trip with a form, {name}: {statistics.median(found):.0f} a second ({rounds})")
    return {
        "round trip of an application against a bare form of Django": pages.ratio(
            rates, applying.APPLIED, applying.BARE
        )
    }


def say(line: str) -> None:
    """One line for people."""
    print(line, flush=True)  # noqa: T201 - figures are for people


def main() -> int:
    """0 where every ratio is kept."""
    baselines: dict[str, float] = json.loads(BASELINES.read_text())
    figures = measure()
    missed = 0
    for name, limit in baselines.items():
        # More is better for what is compared with another way; for the rest less is.
        at_least = name.startswith(("batches", "page", "posted", "round trip"))
        kept = figures[name] >= limit if at_least else figures[name] <= limit
        missed += not kept
        say(f"{'ok    ' if kept else 'MISSED'} {name}: {figures[name]:.2f} ({'≥' if at_least else '≤'} {limit:g})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
