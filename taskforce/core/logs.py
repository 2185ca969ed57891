"""Log lines: one event, one line, without personal data (no address, name, token or text of anybody)."""

import json
import logging
from datetime import UTC, datetime

_EXTRA = ("method", "route", "status", "milliseconds", "request_id", "count", "kind", "task")


class WithoutAddress(logging.Filter):
    """Django's line of an unhandled error, without the address that it would repeat; the request's id instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the line, keep its traceback; always true."""
        request = getattr(record, "request", None)
        record.msg, record.args = "unhandled error", ()
        record.request_id = getattr(request, "META", {}).get("portal.request_id", "")
        return True


class TextFormatter(logging.Formatter):
    """One readable line; line ends inside a message are shown, so that input cannot forge a second event."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """The line, with the extra fields behind it."""
        line = super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")
        extra = " ".join(f"{name}={getattr(record, name)}" for name in _EXTRA if hasattr(record, name))
        return f"{line} {extra}".rstrip()


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
        return json.dumps(line, ensure_ascii=False, default=str)
