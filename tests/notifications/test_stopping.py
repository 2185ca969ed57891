"""Stopping a mailing of thousands while senders are busy with it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from taskforce.core.clock import stopwatch
from taskforce.notifications import delivery, services
from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.services import rows
from tests.notifications.conftest import AT, NEWS
from tests.notifications.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
MAILS = 5000
SENDERS = 2
BEFORE = 20


def queued() -> Mailing:
    """A mailing with so many mails waiting."""
    mailing = services.publish_mailing(NEWS.name, key="news:1", params={"name": "All"}, at=AT, topic="updates")
    context = {"name": "All", "body": "", "url": "", "closes_at": AT.isoformat()}
    readers = [(f"p{number}@d{number % 50}.test", "en", "UTC") for number in range(MAILS)]
    OutboxMessage.objects.bulk_create(rows.of_mailing(NEWS, mailing, reader, context, AT) for reader in readers)
    services.finish_mailing(mailing.pk, at=AT)
    return mailing


def only_marked(mailing_id: int) -> int:
    """The twin: the mailing is marked in a way that no sender asks for, and its queued mails are left to them."""
    return Mailing.objects.filter(pk=mailing_id).update(state=MailingState.EXPIRED)


def stopped(mailing_id: int) -> int:
    """The service."""
    return services.stop_mailing(mailing_id, at=AT, actor_id=5, allow=None)


@pytest.mark.long
@pytest.mark.parametrize(("stop", "ends"), [(stopped, True), (only_marked, False)])
def test_nothing_more_leaves_after_a_stop(
    sink: Sink, monkeypatch: pytest.MonkeyPatch, stop: Callable[[int], int], ends: bool
) -> None:
    monkeypatch.setattr(delivery, "PASS_SECONDS", 6.0)
    mailing = queued()
    done = threading.Event()

    def busy() -> None:
        try:
            while not done.is_set() and delivery.deliver_due():
                pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(SENDERS) as pool:
        senders = [pool.submit(busy) for _ in range(SENDERS)]
        while len(sink.arrivals) < BEFORE:
            threading.Event().wait(0.01)
        began = stopwatch()
        stop(mailing.pk)
        took, at_stop = stopwatch() - began, len(sink.arrivals)
        if not ends:
            threading.Event().wait(1.5)
        done.set()
        for sender in senders:
            sender.result()
    late = len(sink.arrivals) - at_stop
    assert took < 5
    # What each sender had in its hands at that moment.
    assert (late <= SENDERS) is ends
    if ends:
        states = set(OutboxMessage.objects.values_list("state", flat=True))
        assert states == {MessageState.SENT, MessageState.SUPERSEDED}
        assert OutboxMessage.objects.filter(state=MessageState.SENT).count() == len(sink.arrivals)


def test_a_mail_that_is_claimed_while_its_mailing_stops_is_dropped(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    mailing = services.publish_mailing(NEWS.name, key="news:1", params={"name": "All"}, at=AT)
    row = rows.of_mailing(NEWS, mailing, ("ann@example.org", "en", "UTC"), {}, AT)
    row.save()
    Mailing.objects.update(state=MailingState.STOPPED)
    assert delivery.deliver_due() == 1
    row.refresh_from_db()
    assert (row.state, row.error, sink.arrivals) == (MessageState.SUPERSEDED, "the mailing was stopped", [])


@pytest.mark.parametrize(("paused", "arrives"), [(2.0, False), (0.0, True)], ids=["after a pause", "at once"])
def test_a_sender_that_has_held_a_mail_for_long_asks_once_more(sink: Sink, *, paused: float, arrives: bool) -> None:
    """Claimed before the stop; what was claimed within a second of it may still arrive."""
    mailing = services.publish_mailing(NEWS.name, key="news:1", params={"name": "All"}, at=AT)
    context = {"name": "All", "body": "", "url": "", "closes_at": AT.isoformat()}
    rows.of_mailing(NEWS, mailing, ("ann@example.org", "en", "UTC"), context, AT).save()
    claimed = services.claim()
    assert claimed is not None
    assert claimed.lease_until is not None
    claimed.lease_until -= timedelta(seconds=paused)
    stopped(mailing.pk)
    with delivery.Post() as post:
        assert post.ready()
        outcome = delivery._Pass(post, 1)._handle(claimed)
    assert outcome.action == ("accept" if arrives else "drop")
    assert len(sink.arrivals) == arrives
