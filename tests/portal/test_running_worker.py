"""A worker at work on one person's life: its log, its broker and its mails on the wire tell nobody of it.

The worker is a process of its own, as production starts it, over a broker and a mail server that are real.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pytest_django import Settings

from deploy import processes
from deploy.places import ROOT
from deploy.portal import CELERY, WORKER
from taskforce.celery import app
from taskforce.core.clock import real_now
from taskforce.core.personal import Place
from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.portal.scenarios import builder
from tests.notifications import sink as sinks
from tests.notifications.sink import Arrival, Sink
from tests.portal.due_work import environment
from tests.privacy import keyspace, planting
from tests.privacy.planting import MARK, Canaries
from tests.privacy.search import Book
from tests.timeline.conftest import committed_clock as committed_clock

pytestmark = pytest.mark.long

QUEUE = "canaries-of-a-worker"
TASKS = ("portal.sweep", "notifications.deliver")
SAID = ("timeline.DigestMark", "mailbox")


@dataclass
class Seen:
    """What was there to be seen: by the mail server, in the broker before and during the work, in the log."""

    canaries: Canaries
    book: Book
    sink: Sink
    waiting: str
    working: str
    log: str


@contextmanager
def worker(log: Path, env: dict[str, str]) -> Iterator[None]:
    """One that reads our queue only, and says more than production's."""
    words = WORKER.replace(CELERY, CELERY.replace("taskforce.celery", "tests.portal.talkative"))
    words = words.replace("--concurrency 2", "--concurrency 1").replace("--loglevel WARNING", "--loglevel INFO")
    with log.open("wb") as stream:
        process = processes.start([sys.executable, *words.split(), "-Q", QUEUE], env=env, log=stream, cwd=ROOT)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def soon(true: Callable[[], object], seconds: float = 120) -> None:
    """Wait until this becomes true, waking the worker as beat does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not in time"
        for name in TASKS:
            app.send_task(name, queue=QUEUE)
        time.sleep(0.3)


def is_done() -> bool:
    """Whether nothing is left to expand or to send now."""
    due = OutboxMessage.objects.filter(
        state__in=[MessageState.QUEUED, MessageState.SENDING], not_before__lte=real_now()
    )
    return not (due.exists() or Mailing.objects.filter(state=MailingState.QUEUED).exists())


@pytest.fixture
def seen(committed_clock: object, settings: Settings, tmp_path: Path) -> Iterator[Seen]:
    """The canary's life in a database that others see, and a worker that has swept and sent all that was due."""
    builder.load("announced", reset=False)
    canaries = planting.plant({})
    book = Book(canaries, planting.stored())
    sink, log = Sink(delay=0.5), tmp_path / "worker.log"
    # A server that quotes the address, as they do.
    refused = canaries.mail("accounts.User", "email")
    sink.refusals[refused] = f"550 5.1.1 <{refused}>: user unknown"
    with sinks.running(sink) as port, keyspace.server() as server:
        settings.EMAIL_PORT = port
        try:
            for name in TASKS:
                app.send_task(name, queue=QUEUE)
            waiting = keyspace.held()
            with worker(log, environment(settings, SAID=canaries.of(*SAID))):
                soon(lambda: sink.arrivals)
                working, sink.delay = keyspace.held(), 0.0
                soon(is_done)
        finally:
            server.delete(QUEUE)
        yield Seen(canaries, book, sink, waiting, working, log.read_text())


def wire(arrival: Arrival) -> str:
    """All of a mail: envelope, headers, both bodies, and what is packed in its links."""
    parts = [part.get_content() for part in arrival.mail.walk() if part.get_content_maintype() == "text"]
    headers = [f"{name}: {value}" for name, value in arrival.mail.items()]
    return "\n".join([arrival.sender, *headers, *parts, arrival.raw.decode()])


def mail_problems(seen: Seen, arrival: Arrival) -> list[str]:
    """What stands in a mail and is not for who gets it: by the map, and any address but the recipient's own."""
    (recipient,) = arrival.recipients
    book, text = seen.book, wire(arrival)
    is_own = recipient in seen.canaries.mailboxes
    found = book.forbidden(text, "", Place.OWN_MAIL if is_own else Place.OTHER_MAIL, is_own=is_own)
    addresses = {mailbox.partition("@")[0] for mailbox in seen.canaries.mailboxes} - {recipient.partition("@")[0]}
    return found + [f"the address {book.name(word)}" for word in book.found_coded(text) if word in addresses]


@pytest.mark.django_db(transaction=True)
def test_a_worker_tells_nobody(seen: Seen) -> None:
    book, arrivals = seen.book, seen.sink.arrivals
    # The broker: names of tasks, both while they wait and while one is being done.
    assert all(name in seen.waiting for name in TASKS)
    assert "unacked" in seen.working
    assert [book.name(word) for held in (seen.waiting, seen.working) for word in book.found_coded(held)] == []
    # The log: the one word that was said on purpose, and none beside it, whatever was swept, sent and refused.
    assert book.found_coded(seen.log) == [seen.canaries.of(*SAID)]
    assert all(name in seen.log for name in TASKS)
    assert OutboxMessage.objects.filter(error__contains=MARK, state=MessageState.FAILED).exists(), "it was refused"
    # The mails: each to one mailbox.
    assert {problem for arrival in arrivals for problem in mail_problems(seen, arrival)} <= {
        "notifications.OutboxMessage.message_id"  # the number of a mail stands in its own header
    }
    own = [arrival for arrival in arrivals if MARK in arrival.recipients[0]]
    assert len(own) >= 3
    assert len(arrivals) - len(own) >= 3
    code = seen.canaries.of("notifications.OutboxMessage", "context")
    (with_code,) = [arrival for arrival in arrivals if code in wire(arrival)]
    assert with_code.recipients == [seen.canaries.mail("notifications.OutboxMessage", "mailbox")]
    # A mail that went to somebody else would be seen.
    (stray,) = {tuple(mail_problems(seen, replace(with_code, recipients=["member@demo.example"])))}
    assert "notifications.OutboxMessage.context" in stray
    assert "the address notifications.OutboxMessage.mailbox" in stray
