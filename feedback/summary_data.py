"""Summaries as data for programs and spreadsheets: every version that was published, with the numbers kept with it."""

import json
from datetime import UTC, datetime
from typing import Any

from feedback import summaries
from feedback.models import Summary
from taskforce.core import languages, tables
from taskforce.timeline.models import TaskForce

Row = dict[str, Any]
_COLUMNS = (
    *("window", "text", "version", "language", "is_source", "is_outdated", "is_reviewed", "published_at", "counted_at"),
    "total",
)
_WORDS = ("summary", "changes")


def rows(task_force: TaskForce) -> list[Row]:
    """All versions of all windows, the first version first."""
    return [_row(one) for one in summaries.published_in(task_force)]


def as_json(found: list[Row]) -> bytes:
    """The versions as a JSON list in UTF-8."""
    return json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n"


def as_csv(found: list[Row]) -> bytes:
    """One line for each language of a version."""
    lines = [
        [
            *(row["window"], row["text"], row["version"], tag, tag == row["source"], tag in row["outdated"]),
            tag in row["reviewed"],
            *(row["published_at"], row["counted_at"], row["counts"]["total"]),
            *(words, row["changes"].get(tag)),
        ]
        for row in found
        for tag, words in row["texts"].items()
    ]
    return tables.csv_bytes([*_COLUMNS, *_WORDS], lines)


def _row(summary: Summary) -> Row:
    tally = summaries.tally_of(summary)
    return {
        "window": summary.window.slug,
        "text": summary.window.proposal.slug,
        "version": summary.number,
        "source": languages.html_lang(summary.source),
        "outdated": [languages.html_lang(code) for code in summary.outdated],
        "reviewed": [languages.html_lang(code) for code in summary.reviewed],
        "published_at": _instant(summary.at),
        "counted_at": _instant(summary.counted_at),
        "texts": {
            languages.html_lang(code): summaries.filled(text, tally, code) for code, text in summary.texts.items()
        },
        "changes": {languages.html_lang(code): text for code, text in summary.changes.items()},
        "counts": summary.tally,
    }


def _instant(moment: datetime) -> str:
    return str(moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z"))
