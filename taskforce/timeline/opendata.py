"""The dates of a task force as data: what its pages say, for programs and spreadsheets; in English where in words."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import translation
from modeltranslation.utils import build_localized_fieldname

from taskforce.core import languages, tables
from taskforce.timeline import describe, windows
from taskforce.timeline.models import Extension, Phase

Row = dict[str, Any]
_PLAIN = ("id", "slug")
_ENDS = ("day", "time", "zone", "rule", "at")
_LAST = ("state", "cap", "published_at", "cancelled_at", "dropped_at")


def phases(found: Iterable[Phase], at: datetime) -> list[Row]:
    """Each phase with its dates as rule and instant (UTC, ISO 8601) and every change of its end, oldest first.

    A time that is null is the start of the day where a phase opens, its end where it closes. `state` is as of `at`; a
    phase is `dropped` from `dropped_at` on, where its task force ended before its close.
    """
    with translation.override("en"):
        return [_phase(phase, at) for phase in found]


def as_json(rows: list[Row]) -> bytes:
    """The rows as a JSON list in UTF-8."""
    return json.dumps(rows, ensure_ascii=False, indent=1).encode() + b"\n"


def as_csv(rows: list[Row]) -> bytes:
    """One line a phase; what has several values stands in columns of its own, the changes as JSON in one cell."""
    header = [
        *_PLAIN,
        *(f"title_{code}" for code in languages.CODES),
        "capabilities",
        *(f"{side}_{name}" for side in ("opens", "closes") for name in _ENDS),
        *_LAST,
        "changes",
    ]
    return tables.csv_bytes(header, [_line(row) for row in rows])


def _line(row: Row) -> list[object]:
    return [
        *(row[name] for name in _PLAIN),
        *(row["titles"].get(code) for code in languages.CODES),
        " ".join(row["capabilities"]),
        *(row[side][name] for side in ("opens", "closes") for name in _ENDS),
        *(row[name] for name in _LAST),
        json.dumps(row["changes"], ensure_ascii=False) if row["changes"] else None,
    ]


def _phase(phase: Phase, at: datetime) -> Row:
    titles = {code: getattr(phase, build_localized_fieldname("title", code)) for code in languages.CODES}
    acts = sorted(phase.extensions.all(), key=lambda act: act.ends_version)
    return {
        "id": phase.pk,
        "slug": phase.slug,
        "titles": {code: title for code, title in titles.items() if title},
        "capabilities": list(phase.capabilities),
        "opens": _end(phase, phase.opens_on, phase.opens_time, phase.opens_at, end=False),
        "closes": _end(phase, phase.closes_on, phase.closes_time, phase.closes_at),
        "state": windows.state(phase, at).value,
        "cap": phase.cap,
        "published_at": _machine(phase.published_at),
        "cancelled_at": _machine(phase.cancelled_at),
        "dropped_at": _machine(phase.dropped_at),
        "changes": [_change(phase, act) for act in acts],
    }


def _change(phase: Phase, act: Extension) -> Row:
    return {
        "act": act.act,
        "at": _machine(act.at),
        "old": _end(phase, act.old_closes_on, act.old_closes_time, act.old_closes_at),
        "new": _end(phase, act.new_closes_on, act.new_closes_time, act.new_closes_at),
        "reason": act.reason,
        "reason_language": languages.html_lang(act.reason_language),
        "who": act.actor_name or None,
    }


def _end(phase: Phase, day: date, clock: time | None, instant: datetime, *, end: bool = True) -> Row:
    """One side of a phase: the rule in its parts and in words, and the instant."""
    return {
        "day": day.isoformat(),
        "time": clock.isoformat() if clock else None,
        "zone": phase.zone,
        "rule": describe.rule(day, clock, phase.zone, end=end, instant=instant),
        "at": _machine(instant),
    }


def _machine(instant: datetime | None) -> str | None:
    """`2022-03-01T12:00:00Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None
