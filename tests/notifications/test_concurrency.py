"""Several senders at once, and senders that are killed: one mail per key, and nothing lost."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections, transaction
from pytest_django import Settings

from taskforce.core.clock import real_now
from taskforce.core.states import step
from taskforce.notifications import delivery, expansion, kinds, services
from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.kinds import Context, MailKind, Params
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.services import add_recipients, sending
from taskforce.notifications.transitions import MESSAGE
from tests.notifications.conftest import AT, AUDIENCE, NEWS, RECEIPT, Write
from tests.notifications.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
SENDERS = 4
MAILS = 24


def together(work: Callable[[], object], times: int = SENDERS) -> None:
    """Run it so often at once, each time with a connection of its own."""

    def one(_: int) -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(one, range(times)))


def duplicates(sink: Sink) -> int:
    """How many mails came more than once."""
    return sum(times > 1 for times in sink.message_ids().values())


@pytest.mark.long
def test_senders_at_once_send_each_mail_once(sink: Sink, write: Write) -> None:
    sink.delay = 0.02
    rows = [write(f"p{number}@example.org", NEWS if number % 2 else RECEIPT) for number in range(MAILS)]
    together(delivery.deliver_due)
    assert sink.message_ids() == Counter({row.message_id: 1 for row in rows})
    assert sink.connections > 1
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.SENT}


@pytest.mark.long
def test_the_twin_that_claims_without_a_lock_sends_twice(
    sink: Sink, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claiming in the open and marking at the end, as it is often written: the test above can see the fault."""

    def naive() -> OutboxMessage | None:
        message = OutboxMessage.objects.filter(state=MessageState.QUEUED).first()
        if message is not None:
            message.attempts += 1
            message.lease_until = real_now() + services.LEASE
        return message

    def mark(message: OutboxMessage, action: str, **_: object) -> bool:
        state = step(MESSAGE, "sending", action)
        return bool(OutboxMessage.objects.filter(pk=message.pk).update(state=state))

    monkeypatch.setattr(services, "claim", naive)
    monkeypatch.setattr(services, "settle", mark)
    sink.delay = 0.02
    for number in range(MAILS):
        write(f"p{number}@example.org", NEWS)
    together(delivery.deliver_due)
    assert duplicates(sink) > 0


@pytest.mark.long
def test_expanding_at_once_writes_each_mail_once() -> None:
    AUDIENCE.extend([[(f"p{batch}-{number}@example.org", "en", "UTC") for number in range(20)] for batch in range(5)])
    services.publish_mailing(NEWS.name, key="news:1", params={"name": "All"}, at=AT)

    def work() -> None:
        Mailing.objects.update(not_before=real_now() - timedelta(seconds=1))  # nobody respects anybody's turn
        expansion.expand_due(batch=7)

    together(work)
    assert OutboxMessage.objects.count() == 100


def held_first(mailing_id: int, *arguments: Any, **named: Any) -> int | None:
    """The twin: the mailing is held while its contexts are made."""
    with transaction.atomic():
        Mailing.objects.select_for_update().get(pk=mailing_id)
        return add_recipients(mailing_id, *arguments, **named)


@pytest.mark.long
@pytest.mark.parametrize(("add", "holds"), [(add_recipients, True), (held_first, False)], ids=["before", "held"])
def test_a_context_may_take_longer_than_a_transaction_may_idle(
    monkeypatch: pytest.MonkeyPatch, add: Callable[..., int | None], *, holds: bool
) -> None:
    def slow(params: Params, language: str) -> Context:
        time.sleep(1.5)
        return {"name": params["name"]}

    monkeypatch.setitem(kinds._kinds, NEWS.name, replace(NEWS, context=slow))
    monkeypatch.setattr(services, "add_recipients", add)
    AUDIENCE.append([("a@example.org", "en", "UTC"), ("b@example.org", "en", "UTC")])
    mailing = services.publish_mailing(NEWS.name, key="news:1", params={"name": "All"}, at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '1s'")
    try:
        expansion.expand_due()
    finally:
        connection.close()  # and with it the limit
    mailing.refresh_from_db()
    if holds:
        assert (mailing.state, mailing.failures, mailing.messages.count()) == (MailingState.EXPANDED, 0, 2)
    else:
        assert (mailing.state, mailing.failures, mailing.messages.count()) == (MailingState.QUEUED, 1, 0)


def test_enqueueing_one_key_at_once_gives_one_row(write: Write) -> None:
    together(lambda: write(key="receipt:1"))
    assert OutboxMessage.objects.count() == 1


def test_a_claim_is_committed_before_anything_is_sent(write: Write) -> None:
    write()

    def inside_a_transaction() -> None:
        with transaction.atomic():
            services.claim()

    with pytest.raises(RuntimeError, match="durable"):
        inside_a_transaction()


def environment(settings: Settings) -> dict[str, str]:
    """What another process needs to reach this test's database and mail server."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return {
        **os.environ,
        "DATABASE_URL": url,
        "EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }


def sender(settings: Settings) -> subprocess.Popen[bytes]:
    """One pass of delivery in a process of its own, which knows the portal's kinds only."""
    code = "import django; django.setup(); from taskforce.notifications import delivery; delivery.deliver_due()"
    return subprocess.Popen([sys.executable, "-c", code], env=environment(settings))


@pytest.mark.long
@pytest.mark.parametrize("mail_class", [RECEIPT, NEWS])
def test_a_sender_killed_between_the_body_and_the_answer(sink: Sink, settings: Settings, mail_class: MailKind) -> None:
    """The server has the mail, the row does not know it: an announcement stays unknown, a code goes again."""
    row = services.enqueue(
        "account-login-code", key="code:1", mailbox="ann@example.org", language="en", at=AT,
        context={"code": "ABCD-2345", "minutes": 3},
    )  # fmt: skip
    OutboxMessage.objects.update(mail_class=mail_class.mail_class)
    sink.delay = 30
    process = sender(settings)
    try:
        assert sink.holding.wait(30)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    sink.delay = 0
    row.refresh_from_db()
    assert row.state == MessageState.SENDING
    assert delivery.deliver_due() == 0
    OutboxMessage.objects.update(lease_until=real_now() - timedelta(seconds=1))
    delivery.deliver_due()
    row.refresh_from_db()
    if mail_class is NEWS:
        assert row.state == MessageState.UNKNOWN
        assert sink.message_ids() == {row.message_id: 1}
    else:
        assert row.state == MessageState.SENT
        assert sink.message_ids() == {row.message_id: 2}


@pytest.mark.long
def test_two_processes_send_each_mail_once(sink: Sink, settings: Settings) -> None:
    sink.delay = 0.02
    ids = {
        services.enqueue(
            "account-login-code", key=f"code:{number}", mailbox=f"p{number}@example.org", language="en", at=AT,
            context={"code": "ABCD-2345", "minutes": 3},
        ).message_id
        for number in range(MAILS)
    }  # fmt: skip
    processes = [sender(settings), sender(settings)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert sink.message_ids() == Counter(dict.fromkeys(ids, 1))


def test_what_one_sender_looks_at_another_passes_over(write: Write) -> None:
    """Two claims at once, the first not committed yet: each has a row of its own."""
    rows = {write(f"p{number}@example.org", NEWS).pk for number in range(2)}
    with transaction.atomic():
        first = sending._claim()
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(_claimed_elsewhere).result(timeout=20)
    assert first is not None
    assert {first.pk, second} == rows


def _claimed_elsewhere() -> int | None:
    try:
        message = services.claim()
    finally:
        connections.close_all()
    return message.pk if message else None
