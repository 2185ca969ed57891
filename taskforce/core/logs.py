"""Log lines: one event, one line, without personal data (no address, name, token or text of anybody)."""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

# Causes of causes that are still told.
_DEEPEST = 5
_EXTRA = ("method", "route", "status", "milliseconds", "request_id", "count", "kind", "task")
# What would end a line, move a terminal's cursor, turn the order of what is read, or be drawn as nothing: controls
# (C0, C1), line and paragraph separators, bidi and other invisible format characters; lone surrogates, which no stream
# takes.
_FORGING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def _shown(text: str) -> str:
    """The text with such characters written out, as Python and JSON would: `\\r`, `\\u202e`."""
    return _FORGING.sub(lambda found: json.dumps(found[0])[1:-1], text)


class WithoutAddress(logging.Filter):
    """Django's line of an unhandled error, without the address that it would repeat; the request's id instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the line, keep its traceback; always true."""
        request = getattr(record, "request", None)
        record.msg, record.args = "unhandled error", ()
        record.request_id = getattr(request, "META", {}).get("portal.request_id", "")
        match = getattr(request, "resolver_match", None)
        record.route = match.route if match else "(no route)"
        return True


class WithoutCause(logging.Filter):
    """Celery's line of a task that failed, without what the error said; the task's name instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the line, keep its traceback; always true."""
        task = getattr(record, "data", None)
        if isinstance(task, dict) and "description" in task:
            record.msg, record.args = f"a task {task['description']}", ()  # "raised unexpected" and the like
            record.task = task.get("name", "")
        return True


class WithoutRequest(logging.Filter):
    """gunicorn's lines of what it could not read or pass on, without the sender's address and what they sent."""

    # "Invalid request from ip=192.0.2.1: Invalid HTTP Version: 'x'", "Error handling request GET /x".
    _INVALID = re.compile(r"^(Invalid request) from ip=.*?: (?:([A-Za-z ]*)\b)?", re.DOTALL)
    _FAULT = re.compile(r"^(?:Error handling request|Invalid request)\b", re.DOTALL)

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the line, keep its traceback; always true."""
        said = str(record.msg)
        if found := self._INVALID.match(said):
            record.msg, record.args = ": ".join(part for part in found.groups() if part), ()
        elif found := self._FAULT.match(said):
            record.msg, record.args = found[0], ()
        return True


class _WithoutWords(logging.Formatter):
    """Shows of an error where it happened and its kind, never what it says: that may quote what somebody wrote.

    Of an error of the database its code and the name of the rule that was broken; PostgreSQL itself quotes the row.
    """

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        """The traceback, of its causes too, without messages."""
        return "".join(_steps(ei[1])).rstrip()


def _steps(error: BaseException | None) -> Iterator[str]:
    for number, one in enumerate(reversed(causes(error))):
        yield "\nThen:\n" if number else ""
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(one.__traceback__)
        yield f"{type(one).__module__}.{type(one).__qualname__} {rule(one)}".rstrip() + "\n"


def causes(error: BaseException | None) -> list[BaseException]:
    """An error and what it came of, the oldest last; no more than six."""
    found: list[BaseException] = []
    while error is not None and len(found) <= _DEEPEST:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def rule(error: BaseException) -> str:
    """The code and the constraint of an error of PostgreSQL; empty for any other."""
    code = getattr(error, "pgcode", None)
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    return " ".join(part for part in (code, constraint) if part)


class TextFormatter(_WithoutWords):
    """One readable line; what input could forge a second event with is written out.

    The lines of a traceback follow, each indented, so that none of them can pass for an event either.
    """

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """The line, with the extra fields behind it."""
        extra = " ".join(f"{name}={getattr(record, name)}" for name in _EXTRA if hasattr(record, name))
        return _shown(f"{super().formatMessage(record)} {extra}".rstrip())

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        """The traceback, indented."""
        return self.formatStack(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the name is logging's
        """The lines of a stack, indented."""
        return "\n".join(f"    {_shown(line)}" for line in stack_info.split("\n"))


class JsonFormatter(_WithoutWords):
    """One JSON object a line: time (UTC), level, logger, message, known extra fields, traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in _EXTRA if hasattr(record, name)})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _shown(json.dumps(line, ensure_ascii=False, default=str))
