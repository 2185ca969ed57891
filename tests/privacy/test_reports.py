"""What an error tracker is told of a fault: where and of which kind, and nothing of anybody."""

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
import sentry_sdk
from celery import shared_task

from feedback import queries
from taskforce.accounts import services as accounts
from tests.clients import Client
from tests.core.tracker import reporting, tracking
from tests.privacy.planting import NOW, Canaries
from tests.privacy.search import Book, held_in

pytestmark = pytest.mark.django_db
TYPED, SENDER = "kntypedwordx", "192.0.2.77"  # named, since reports quote the lines of the code
PAGE = f"/en/tf/leadership-development/feedback/responsibilities/mine/{TYPED}/withdraw/"


@shared_task(name="tests.fails")  # type: ignore[untyped-decorator]
def _fail(*words: str, **more: str) -> None:
    raise ValueError(f"{words} {more}")


def _broken_page(secret: str, patch: pytest.MonkeyPatch) -> None:
    """Of what was posted, from the address with its token, from cookies and headers; the error quotes somebody too."""

    def fail(*_args: Any) -> None:
        raise ValueError(f"{secret} {TYPED}")

    patch.setattr(queries, "item_or_404", fail)
    client = Client(raise_request_exception=False)
    client.cookies["language"] = TYPED
    headers = {"Referer": f"https://x.example/{secret}", "User-Agent": TYPED, "X-Forwarded-For": SENDER}
    assert client.post(f"{PAGE}?q={secret}", {"name": secret}, headers=headers).status_code == 500


def _broken_rule(secret: str, patch: pytest.MonkeyPatch) -> None:
    """PostgreSQL quotes the row."""
    try:
        accounts.create_account(secret, at=NOW)
    except Exception:
        logging.getLogger("portal").exception("failed", extra={"count": secret, "request": secret})


def _broken_task(secret: str, patch: pytest.MonkeyPatch) -> None:
    """Celery's line quotes the error and the arguments."""
    _fail.apply(args=[secret], kwargs={TYPED: TYPED})


def _line_with_values(secret: str, patch: pytest.MonkeyPatch) -> None:
    """With what was being done as the cause of what went wrong then."""
    try:
        try:
            int(secret)
        except ValueError:
            raise KeyError(TYPED) from None
    except KeyError as error:
        error.add_note(secret)
        logging.getLogger("portal").exception("nothing for %s", secret)


def _line_of_a_package(secret: str, patch: pytest.MonkeyPatch) -> None:
    """Which has put the values in by itself."""
    logging.getLogger("package").error("nothing for " + secret)  # noqa: G003 - the mistake that others may make


# What goes wrong, and what is told of it: kind of the error, file, words of the line, where.
CASES: dict[str, tuple[Callable[[str, pytest.MonkeyPatch], None], tuple[str, ...]]] = {
    "page": (_broken_page, ("ValueError", "feedback/views/own.py", "unhandled error", "/withdraw/")),
    "rule": (_broken_rule, ("UniqueViolation", "accounts/services/", "failed", "23505 ")),
    "task": (_broken_task, ("ValueError", "test_reports.py", "a task raised unexpected", "tests.fails")),
    "line": (_line_with_values, ("KeyError", "test_reports.py", "nothing for %s", "portal")),
    "package": (_line_of_a_package, ("package", "(see the log)")),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("changed", "is_clean"), [({}, True), ({"before_send": None}, False)], ids=["real", "naive"])
def test_a_report_says_what_broke_and_nothing_of_anybody(
    canaries: Canaries,
    book: Book,
    monkeypatch: pytest.MonkeyPatch,
    case: str,
    changed: dict[str, Any],
    is_clean: bool,
) -> None:
    """In no byte that is sent; without the last look, which throws away what has no place in it, it would be."""
    happens, told = CASES[case]
    with tracking() as tracker, reporting(tracker, **changed):
        happens(canaries.mail("accounts.User", "email"), monkeypatch)
        sentry_sdk.flush(10)
    (report,) = tracker.reports()
    (sent,) = tracker.came
    found = [*book.found_coded(sent), *(word for word in (TYPED, SENDER) if held_in(sent, word))]
    assert (found == []) is is_clean, found
    if is_clean:
        assert [word for word in told if word not in sent] == []
        assert {"request", "user", "extra", "breadcrumbs", "server_name", "contexts", "modules"} & {*report} == set()
        assert report["environment"] == "test"


def test_the_report_has_the_number_that_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """By which the page of the error, the log and the tracker belong together."""

    def fail(*_args: Any) -> None:
        raise ValueError

    monkeypatch.setattr(queries, "window_or_404", fail)
    with tracking() as tracker, reporting(tracker):
        response = Client(raise_request_exception=False).get(PAGE)
    (report,) = tracker.reports()
    assert report["tags"]["request_id"] == response.headers["X-Request-ID"]
    assert report["tags"]["request_id"] in response.content.decode()


def test_nobody_waits_for_a_tracker_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports go out beside the answer, and more than it takes are thrown away."""

    def fail(*_args: Any) -> None:
        raise ValueError

    monkeypatch.setattr(queries, "window_or_404", fail)
    client = Client(raise_request_exception=False)
    client.get(PAGE)
    with tracking(answers=False) as tracker, reporting(tracker, transport_queue_size=3):
        start = time.monotonic()
        statuses = [client.get(PAGE).status_code for _ in range(3)]
        for _ in range(20):
            logging.getLogger("portal").error("again")
        taken = time.monotonic() - start
    assert statuses == [500] * 3
    assert len(tracker.came) == 1, "the first one is on its way all the time"
    assert taken < 10
