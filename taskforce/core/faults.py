"""Reports of faults to an error tracker that speaks Sentry's protocol, where SENTRY_DSN names one.

A report is a line of the log from ERROR upwards, or an error that ended a process, sent elsewhere: where in the code,
of which kind, and the number of the request. None of the library's integrations looks at requests, tasks or queries;
what it knows nevertheless (words of errors, values of lines, variables, arguments, the machine's name) is not among
the names below, and so stays here.
"""

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from taskforce.core import logs

if TYPE_CHECKING:  # without a tracker the library is not loaded
    from logging import LogRecord

    from sentry_sdk.types import Event, Hint

# What is taken over from the library's event, from each error in it, from how it was met, and from each step to it.
_EVENT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "sdk")
_ERROR = ("type", "module")
_MET = ("type", "handled", "exception_id", "parent_id", "source", "is_exception_group")
_STEP = ("filename", "function", "module", "lineno", "in_app", "pre_context", "context_line", "post_context")
# What a line says beside its words, and the tracker can be searched by; the log has the same (`core/logs.py`).
_TAGS = ("request_id", "route", "task", "kind")
_OURS = ("feedback", "portal", "proposals", "recruitment", "taskforce")
# Rewritten by the filters of `core/logs.py`.
_CLEAN = ("django.request", "celery.app.trace")
# Seconds in which a process that ends still tries to send what waits.
_LAST = 1.0


def begin(dsn: str, environment: str) -> None:
    """Report from now on, in this process and in those that are forked from it; without `dsn` do nothing."""
    if not dsn:
        return
    import sentry_sdk  # noqa: PLC0415 - takes its time, which nobody needs to spend who has no tracker

    chosen = options(dsn, environment)
    sentry_sdk.init(**chosen)
    # A fork would send what waits here a second time, and wait for ever for a lock that was held at that moment.
    chosen["release"] = sentry_sdk.get_client().options["release"] or ""
    os.register_at_fork(after_in_child=partial(sentry_sdk.init, **chosen))


def options(dsn: str, environment: str) -> dict[str, Any]:
    """How the library is set up. It sends in a thread of its own, and throws away what is more than a hundred reports.

    As the release it takes the commit of the checkout, if it is one (or `SENTRY_RELEASE`).
    """
    from sentry_sdk.integrations import atexit, dedupe, excepthook, logging  # noqa: PLC0415 - as above

    return {
        "dsn": dsn,
        "environment": environment,
        "before_send": report,
        "default_integrations": False,
        "auto_enabling_integrations": False,
        "integrations": [
            logging.LoggingIntegration(level=None, sentry_logs_level=None),
            excepthook.ExcepthookIntegration(),
            dedupe.DedupeIntegration(),
            atexit.AtexitIntegration(callback=lambda _waiting, _seconds: None),
        ],
        "ignore_errors": [KeyboardInterrupt],
        "in_app_include": list(_OURS),
        "shutdown_timeout": _LAST,
        # What `report` would throw away is not even gathered. Persons and their requests are not by default
        # (`send_default_pii`, which the library warns of where it is set).
        "include_local_variables": False,
        "max_breadcrumbs": 0,
        "max_request_body_size": "never",
        "server_name": "",
        # No second kind of message beside reports.
        "auto_session_tracking": False,
        "enable_backpressure_handling": False,
        "send_client_reports": False,
        # Not from the environment either.
        "debug": False,
        "spotlight": False,
    }


def report(event: "Event", hint: "Hint") -> "Event":
    """What goes out of an event that the library has made, and nothing else."""
    whole: dict[str, Any] = {**event}
    kept = _only(whole, _EVENT)
    record: LogRecord | None = hint.get("log_record")
    if record is not None:
        tags = {name: str(getattr(record, name)) for name in _TAGS if getattr(record, name, None)}
        place = tags.get("route") or tags.get("task")
        kept |= {"logentry": {"message": _said(record)}, "tags": tags} | ({"transaction": place} if place else {})
    if "exception" in whole:
        rules = {type(one).__qualname__: logs.rule(one) for one in logs.causes(hint["exc_info"][1])}
        kept["exception"] = {"values": [_error(one, rules) for one in whole["exception"]["values"]]}
    return kept  # type: ignore[return-value]  # made of one of its kind


def _said(record: "LogRecord") -> str:
    """The words of a line without its values; of a package's line without values nobody knows whether it has some."""
    is_pattern = bool(record.args) or record.name in _CLEAN or record.name.split(".")[0] in _OURS
    return record.msg if is_pattern and isinstance(record.msg, str) else "(see the log)"


def _error(error: dict[str, Any], rules: dict[str, str]) -> dict[str, Any]:
    kept = _only(error, _ERROR)
    kept["mechanism"] = _only(error.get("mechanism") or {}, _MET)
    if told := rules.get(error.get("type", "")):
        kept["value"] = told
    steps = (error.get("stacktrace") or {}).get("frames") or []
    if steps:
        kept["stacktrace"] = {"frames": [_only(step, _STEP) for step in steps]}
    return kept


def _only(found: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: found[name] for name in names if found.get(name) not in (None, "")}
