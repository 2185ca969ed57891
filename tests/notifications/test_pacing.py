"""The rate of each receiving domain, over all senders at once, and other domains that are not slowed by it."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from taskforce.core.clock import real_now, stopwatch
from taskforce.notifications import delivery, services
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage, RecipientDomain
from taskforce.notifications.services import pacing
from tests.notifications.conftest import NEWS, RECEIPT, Write
from tests.notifications.sink import Sink
from tests.notifications.test_concurrency import together

pytestmark = pytest.mark.django_db(transaction=True)
RATE = 5
SECONDS = 4.0


@pytest.fixture
def rated(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rate, and passes that end after a short while."""
    settings.MAIL_DOMAIN_RATE = RATE
    monkeypatch.setattr(delivery, "PASS_SECONDS", SECONDS)


def each_sender_for_itself() -> Callable[[str, datetime], bool]:
    """The twin: a rate that each process keeps in its own memory."""
    own = threading.local()

    def take_turn(domain: str, now: datetime) -> bool:
        if domain == "big.test" and stopwatch() < getattr(own, "next_at", 0.0):
            return False
        own.next_at = stopwatch() + 1 / RATE if domain == "big.test" else getattr(own, "next_at", 0.0)
        return True

    return take_turn


def put_off_a_little(domain: str, mail_class: str, now: datetime) -> None:
    """What belongs to the twin: look again in a moment."""
    rows = OutboxMessage.objects.filter(state=MessageState.QUEUED, domain=domain).select_for_update(skip_locked=True)
    mine = list(rows.values_list("pk", flat=True))
    OutboxMessage.objects.filter(pk__in=mine).update(not_before=now + timedelta(seconds=0.02))


@pytest.mark.long
@pytest.mark.parametrize(("twin", "kept"), [(None, True), (each_sender_for_itself, False)])
@pytest.mark.usefixtures("rated")
def test_four_senders_together_keep_a_domains_rate_and_slow_no_other(
    sink: Sink,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    twin: Callable[[], Callable[[str, datetime], bool]] | None,
    kept: bool,
) -> None:
    for number in range(8):
        write(f"p{number}@d{number}.test", NEWS)
    if twin:
        monkeypatch.setattr(pacing, "take_turn", twin())
        monkeypatch.setattr(pacing, "postpone", put_off_a_little)
    # A busy machine may let one sender do all: so the twin has some tries.
    for domain in ("Big.test",) if kept else ("Big.test", "bigger.test", "biggest.test"):
        for number in range(40):
            write(f"p{number}@{domain}", NEWS)
        together(delivery.deliver_due, 4)
        big = [arrival.at for arrival in sink.arrivals if arrival.recipients[0].endswith(f"@{domain}")]
        is_kept = len(big) - 1 <= RATE * (big[-1] - big[0]) * 1.1 + 0.5
        if not is_kept:
            break
    assert max(sink.message_ids().values()) == 1
    assert is_kept is kept
    if kept:
        rows = OutboxMessage.objects.filter(domain="big.test")
        assert len(big) > 2, "the domain gets its turns"
        assert not OutboxMessage.objects.exclude(domain="big.test").exclude(state=MessageState.SENT).exists()
        assert set(rows.exclude(state=MessageState.SENT).values_list("state", "attempts")) == {("queued", 0)}


@pytest.mark.usefixtures("rated")
def test_waiting_for_a_domain_costs_no_attempt_and_keeps_the_order(write: Write) -> None:
    rows = [write(f"p{number}@big.test", NEWS) for number in range(5)]
    code = write("code@big.test", RECEIPT)
    first = services.claim()
    assert first is not None
    assert first.pk == code.pk, "a code does not wait behind a mailing"
    assert services.claim() is None
    waiting = list(OutboxMessage.objects.filter(mail_class=NEWS.mail_class).order_by("not_before"))
    assert [row.pk for row in waiting] == [row.pk for row in rows]
    assert {row.attempts for row in waiting} == {0}
    spread = (waiting[-1].not_before - waiting[0].not_before).total_seconds()
    assert spread == pytest.approx(4 / RATE, abs=0.001)


@pytest.mark.usefixtures("rated")
def test_more_mail_for_a_domain_stands_behind_what_waits_already(write: Write) -> None:
    now = real_now()
    for number in range(4):
        write(f"p{number}@big.test", NEWS)
    assert services.claim() is not None
    assert services.claim() is None
    late = write("late@big.test", NEWS)
    pacing.postpone("big.test", NEWS.mail_class, real_now())
    late.refresh_from_db()
    others = OutboxMessage.objects.exclude(pk=late.pk).filter(state=MessageState.QUEUED)
    assert late.not_before > max(others.values_list("not_before", flat=True))
    assert (late.not_before - now).total_seconds() < 3


def test_without_a_rate_no_domain_is_written_down(sink: Sink, write: Write) -> None:
    write()
    delivery.deliver_due()
    assert not RecipientDomain.objects.exists()
