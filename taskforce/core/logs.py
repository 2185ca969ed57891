"""Log lines: one event, one line, without personal data (no address, name, token or text of anybody)."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

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
        return True


class TextFormatter(logging.Formatter):
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


class JsonFormatter(logging.Formatter):
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
