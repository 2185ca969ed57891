"""Input cannot forge a log line: one event is one line, whatever it holds, in both formats."""

import io
import json
import logging

import pytest
from celery import shared_task
from django.db import IntegrityError

from taskforce.core.logs import JsonFormatter, TextFormatter

HOSTILE = [
    "x\nERROR portal.request: forged",
    "x\r\nERROR portal.request: forged",
    "x\rERROR forged",
    "x\x0b\x0cforged",
    "x\x85forged\u2028forged\u2029forged",
    "x\x1b[2K\x1b[1A\x1b[31mforged\x1b]0;title\x07",
    "x\x9b31mforged",
    "x\u202egpj.exe\u2066\u2069\u200f",
    "x\u200b\u2060\ufeff\U000e0041",
    "x\ud800",
    'x", "level": "error", "message": "forged',
    "x {0.__class__} {{ 7*7 }} %(x)s %s%s%n %%",
]
FORMATS = [TextFormatter, JsonFormatter]


def written(formatter: logging.Formatter, message: str, error: Exception | None = None, **extra: object) -> str:
    """What a stream gets, which takes UTF-8 only."""
    stream = io.BytesIO()
    handler = logging.StreamHandler(io.TextIOWrapper(stream, "utf-8", write_through=True, newline=""))
    handler.setFormatter(formatter)
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("portal.request", logging.INFO, "f", 1, "said: %s", (message,), info)
    record.__dict__.update(extra)
    handler.emit(record)
    return stream.getvalue().decode()


@pytest.mark.parametrize("formatter", FORMATS)
@pytest.mark.parametrize("message", HOSTILE)
def test_one_event_is_one_line(formatter: type[logging.Formatter], message: str) -> None:
    """In the message and in an extra field, as a viewer counts lines."""
    line = written(formatter(), message, route=message, kind=message)
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert line.rstrip("\n").isprintable()


@pytest.mark.parametrize("message", HOSTILE)
def test_json_says_what_was_said(message: str) -> None:
    line = json.loads(written(JsonFormatter(), message))
    assert line["message"] == f"said: {message}"
    assert line["level"] == "info"


@pytest.mark.parametrize("message", HOSTILE)
def test_no_line_of_a_traceback_passes_for_an_event(message: str) -> None:
    """In text they follow their event, each indented; JSON has all of it in one line."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - raised in the next line
        raise ValueError(message)
    first, *others = written(TextFormatter(), "x", caught.value).splitlines()
    assert first == "INFO portal.request: said: x"
    assert others
    assert all(other.startswith("    ") and other.isprintable() for other in others)
    assert len(written(JsonFormatter(), "x", caught.value).splitlines()) == 1


def test_words_of_all_languages_stay_readable() -> None:
    """Only what cannot be seen is written out; the joiners of Persian and Hindi are among that, in logs only."""
    assert "語 – é مرحبا" in written(TextFormatter(), "語 – é مرحبا")


def test_the_standard_formatter_would_be_forged() -> None:
    """The twin: without ours the same input makes a second event."""
    assert "\nERROR" in written(logging.Formatter(), HOSTILE[0])


@pytest.mark.parametrize("formatter", FORMATS)
def test_an_error_is_told_without_its_words(formatter: type[logging.Formatter]) -> None:
    """Where, and of which kind, the cause too; not what it says."""
    words = "secret".join(["a ", " word"])
    with pytest.raises(IntegrityError) as caught:
        _break(words)
    assert words in written(logging.Formatter(), "x", caught.value), "the twin: what Python's own format would write"
    lines = written(formatter(), "x", caught.value)
    assert words not in lines
    for shown in ("builtins.ValueError", "django.db.utils.IntegrityError", "test_logs.py"):
        assert shown in lines


def test_a_task_that_failed_is_told_without_what_the_error_said(caplog: pytest.LogCaptureFixture) -> None:
    """By its name, with the steps to it."""
    fail.apply(args=["secret", "word"])
    (record,) = [one for one in caplog.records if one.name == "celery.app.trace"]
    lines = "".join(format_().format(record) for format_ in FORMATS)
    for shown in ("a task raised unexpected", "tests.told", "builtins.ValueError", "test_logs.py"):
        assert lines.count(shown) >= 2
    assert "secret-word" not in lines


@shared_task(name="tests.told")  # type: ignore[untyped-decorator]
def fail(*words: str) -> None:
    """As a task that met what somebody has written."""
    raise ValueError("-".join(words))


def _break(words: str) -> None:
    try:
        int(words)
    except ValueError as first:
        raise IntegrityError(words) from first
