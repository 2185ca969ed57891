"""Delivery against a real mail server that fails in every phase: what each failure means for the row."""

import socket
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from pytest_django import Settings

from taskforce.core.clock import app_now, real_now, stopwatch
from taskforce.notifications import delivery, expansion, services
from taskforce.notifications.enums import MessageState
from taskforce.notifications.kinds import MailKind
from taskforce.notifications.models import OutboxMessage
from taskforce.notifications.services import sending
from tests.notifications.conftest import AT, AUDIENCE, NEWS, RECEIPT, Write
from tests.notifications.sink import Sink

pytestmark = pytest.mark.django_db


def make_due() -> None:
    """Waiting rows need not wait."""
    OutboxMessage.objects.update(not_before=real_now() - timedelta(seconds=1))


def test_one_mail_as_it_goes_over_the_wire(sink: Sink, write: Write) -> None:
    row = write("ann@example.org", language="zh-hant", context={"name": "Ann"})
    assert delivery.deliver_due() == 1
    (arrival,) = sink.arrivals
    mail = arrival.mail
    assert arrival.recipients == ["ann@example.org"]
    assert mail["To"] == "ann@example.org"
    assert mail["Subject"] == "For Ann"
    assert mail["Message-ID"] == row.message_id
    assert mail["Content-Language"] == "zh-Hant"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == AT
    assert {mail["Cc"], mail["Bcc"], mail["List-Unsubscribe"]} == {None}
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert arrival.raw.isascii()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == (MessageState.SENT, 1, "")
    assert row.sent_at is not None


def test_a_pass_keeps_its_connection(sink: Sink, write: Write) -> None:
    for number in range(5):
        write(f"p{number}@example.org")
    assert delivery.deliver_due(limit=4) == 4
    assert sink.connections == 1
    assert delivery.deliver_due() == 1
    assert delivery.deliver_due() == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("fault", "kind", "state", "arrived"),
    [
        ("451", RECEIPT, MessageState.QUEUED, 0),
        ("421", RECEIPT, MessageState.QUEUED, 0),
        ("550", RECEIPT, MessageState.FAILED, 0),
        ("drop-before-body", NEWS, MessageState.QUEUED, 0),
        ("silent", NEWS, MessageState.QUEUED, 0),
        ("452-after-body", NEWS, MessageState.QUEUED, 0),
        ("554-after-body", NEWS, MessageState.FAILED, 0),
        ("drop-after-body", NEWS, MessageState.UNKNOWN, 1),
        ("silent-after-body", NEWS, MessageState.UNKNOWN, 1),
        ("drop-after-body", RECEIPT, MessageState.QUEUED, 1),
    ],
)
def test_what_a_fault_means(
    sink: Sink, write: Write, settings: Settings, fault: str, kind: MailKind, state: MessageState, arrived: int
) -> None:
    settings.EMAIL_TIMEOUT = 2 if "silent" in fault else 20
    bad = write("bad@example.org", kind)
    good = write("good@example.org", kind)
    sink.faults = {"bad@example.org": [fault]}
    start = stopwatch()
    assert delivery.deliver_due() == 2
    assert stopwatch() - start < 15
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == (state, MessageState.SENT)
    assert len(sink.to("bad@example.org")) == arrived
    assert bad.error
    assert bad.lease_until is None
    if state == MessageState.QUEUED:
        assert bad.not_before > real_now() + timedelta(seconds=20)
    make_due()
    delivery.deliver_due()
    bad.refresh_from_db()
    again = {MessageState.QUEUED: MessageState.SENT}.get(state, state)
    assert bad.state == again
    assert set(sink.message_ids()) == {good.message_id} | ({bad.message_id} if sink.to("bad@example.org") else set())


def test_an_announcement_of_unknown_outcome_is_never_sent_again(sink: Sink, write: Write) -> None:
    row = write("bad@example.org", NEWS)
    sink.faults = {"bad@example.org": ["drop-after-body"]}
    for _ in range(3):
        delivery.deliver_due()
        make_due()
    assert sink.message_ids() == {row.message_id: 1}


@pytest.mark.long
def test_a_transactional_mail_of_unknown_outcome_goes_again_under_the_same_message_id(
    sink: Sink, write: Write, settings: Settings
) -> None:
    settings.EMAIL_TIMEOUT = 3
    row = write("bad@example.org", RECEIPT)
    sink.faults = {"bad@example.org": ["drop-after-body", "silent-after-body"]}
    for _ in range(4):
        delivery.deliver_due()
        make_due()
    assert sink.message_ids() == {row.message_id: 3}
    row.refresh_from_db()
    assert (row.state, row.attempts) == (MessageState.SENT, 3)


def test_attempts_end(sink: Sink, write: Write) -> None:
    row = write("bad@example.org")
    sink.faults = {"bad@example.org": ["451"] * 50}
    for _ in range(services.MAX_ATTEMPTS + 3):
        delivery.deliver_due()
        make_due()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (MessageState.FAILED, services.MAX_ATTEMPTS)
    assert row.error == "451 said the sink"


def test_a_mail_server_that_is_away_costs_no_attempt(write: Write, settings: Settings) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = taken.getsockname()
        settings.EMAIL_TIMEOUT = 1
        row = write()
        assert delivery.deliver_due() == 0
    row.refresh_from_db()
    assert (row.state, row.attempts) == (MessageState.QUEUED, 0)


@pytest.mark.long
def test_a_mail_server_that_takes_the_call_and_is_silent_ends_the_pass_in_time(
    write: Write, settings: Settings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 1
        row = write()
        start = stopwatch()
        assert delivery.deliver_due() == 0
        assert stopwatch() - start < 10
    row.refresh_from_db()
    assert (row.state, row.attempts) == (MessageState.QUEUED, 0)


@pytest.mark.parametrize("is_out_of_step", [True, False])
def test_a_yes_before_the_body_is_no_acceptance(write: Write, settings: Settings, is_out_of_step: bool) -> None:
    """A server that says 250 to every line, DATA too, has got nothing; a right one sends the mail."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()

        def serve() -> None:
            line, _address = server.accept()
            with line, line.makefile("rb") as words:
                line.sendall(b"220 ready\r\n")
                in_body = False
                for word in words:
                    got.append(word)
                    is_data = word.upper().startswith(b"DATA") and not is_out_of_step
                    if is_data or not in_body or word == b".\r\n":
                        line.sendall(b"354 go on\r\n" if is_data else b"250 OK\r\n")
                    in_body = is_data or (in_body and word != b".\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        row = write("ann@example.org", NEWS)
        assert delivery.deliver_due(limit=1) == 1
        thread.join(20)
    row.refresh_from_db()
    assert any(word.startswith(b"Subject") for word in got) is not is_out_of_step
    if is_out_of_step:
        assert (row.state, row.error) == (MessageState.QUEUED, "the server answered 250 before the body")
    else:
        assert row.state == MessageState.SENT


def test_what_is_no_longer_of_use_is_not_sent(sink: Sink, write: Write) -> None:
    now = app_now()
    row = write(valid_until=now)
    later = write("bob@example.org", valid_until=now + timedelta(hours=1))
    delivery.deliver_due()
    row.refresh_from_db()
    later.refresh_from_db()
    assert (row.state, row.context["code"]) == (MessageState.EXPIRED, "")
    assert later.state == MessageState.SENT
    assert not sink.to("ann@example.org")


def test_everything_stays_queued_on_hold(sink: Sink, write: Write, settings: Settings) -> None:
    settings.MAIL_HOLD = True
    row = write()
    assert delivery.deliver_due() == 0
    row.refresh_from_db()
    assert row.state == MessageState.QUEUED
    settings.MAIL_HOLD = False
    assert delivery.deliver_due() == 1
    assert len(sink.arrivals) == 1


@pytest.mark.parametrize("demo", [True, False])
def test_codes_are_blanked_after_sending_except_in_the_demo(
    sink: Sink, write: Write, settings: Settings, demo: bool
) -> None:
    settings.DEMO = demo
    row = write()
    delivery.deliver_due()
    row.refresh_from_db()
    assert row.context["code"] == ("ABCD-2345" if demo else "")
    assert row.context["name"] == "Ann"


def test_a_row_that_cannot_be_rendered_is_parked_and_the_others_go(
    sink: Sink, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    bad = write(context={"closes_at": "soon"})
    good = write("bob@example.org")
    delivery.deliver_due()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.error) == (MessageState.QUEUED, "cannot be rendered: ValueError")
    assert good.state == MessageState.SENT
    assert "cannot be rendered" in caplog.text


@pytest.mark.parametrize(
    "mailbox",
    [
        '"Evil, v@x.test <a@x.test>"',
        "a@x.test, b@x.test",
        "a@x.test\r\nBcc: b@x.test",
        "a@x.test\nb@x.test",
        "Ann <a@x.test>",
        '"a b"@x.test',
        "a@[127.0.0.1]",
        "a@localhost",
        "a@x.test>",
        "a@x.test SIZE=1",
        "@x.test",
        "ann",
    ],
)
def test_a_mailbox_is_one_plain_address_or_gets_nothing(sink: Sink, write: Write, mailbox: str) -> None:
    row = write(mailbox)
    delivery.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (MessageState.FAILED, 1)
    assert not sink.arrivals


def test_a_domain_of_another_script_goes_as_ascii(sink: Sink, write: Write) -> None:
    write("ann@bücher.example")
    delivery.deliver_due()
    assert sink.arrivals[0].recipients == ["ann@xn--bcher-kva.example"]


@pytest.mark.parametrize("kind", [RECEIPT, NEWS])
def test_a_dead_senders_row(sink: Sink, write: Write, kind: MailKind) -> None:
    row = write("bad@example.org", kind)
    assert services.claim() is not None
    assert delivery.deliver_due() == 0, "somebody answers for the row"
    OutboxMessage.objects.update(lease_until=real_now() - timedelta(seconds=1))
    assert delivery.deliver_due() == (1 if kind is RECEIPT else 0)
    row.refresh_from_db()
    assert row.state == (MessageState.SENT if kind is RECEIPT else MessageState.UNKNOWN)


def test_a_sender_that_was_stopped_before_sending_does_not_send(
    sink: Sink, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = write(kind=NEWS)
    monkeypatch.setattr(sending, "LEASE", timedelta(0))
    delivery.deliver_due(limit=1)
    row.refresh_from_db()
    assert row.state == MessageState.QUEUED
    assert not sink.arrivals


def test_an_answer_that_comes_after_the_lease_is_still_taken(sink: Sink, write: Write) -> None:
    row = write(kind=NEWS)
    claimed = services.claim()
    assert claimed is not None
    OutboxMessage.objects.update(lease_until=real_now() - timedelta(seconds=1))
    services.release_dead()
    row.refresh_from_db()
    assert row.state == MessageState.UNKNOWN
    assert services.settle(claimed, "accept")
    row.refresh_from_db()
    assert row.state == MessageState.SENT


@pytest.mark.long
def test_send_outbox_empties_the_outbox(sink: Sink, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    AUDIENCE.append([(f"p{number}@example.org", "en", "UTC") for number in range(70)])
    services.publish_mailing(NEWS.name, key="news:1", params={"name": "All"}, at=AT)
    write()
    call_command("send_outbox")
    assert "queued 70, handled 71, still due 0" in capsys.readouterr().out
    assert len(sink.message_ids()) == 71
    assert max(sink.message_ids().values()) == 1


def test_expanding_and_delivering_twice_sends_once(sink: Sink) -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC")])
    for _ in range(2):
        services.publish_mailing(NEWS.name, key="news:1", params={"name": "All"}, at=AT)
        expansion.expand_due()
        delivery.deliver_due()
    assert len(sink.arrivals) == 1
