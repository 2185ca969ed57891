"""Stopping a mailing, and taking back what a mailbox that has left was still to get."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict
from taskforce.notifications import expansion, services
from taskforce.notifications.enums import MAY_STILL_GO, UNSENT, MailingState, MessageState
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline.queries.brake import can_be_stopped
from tests.notifications.conftest import AT, AUDIENCE, NEWS, RECEIPT, Write

pytestmark = pytest.mark.django_db


def published(people: int = 3, **options: object) -> Mailing:
    """A mailing to so many, expanded."""
    AUDIENCE.append([(f"p{number}@Example.org", "en", "UTC") for number in range(people)])
    values = {"key": "news:1", "params": {"name": "All"}, "at": AT, "task_force_id": 7, "topic": "updates"} | options
    mailing = services.publish_mailing(NEWS.name, **values)  # type: ignore[arg-type]  # as the tests name them
    expansion.expand_due()
    mailing.refresh_from_db()
    return mailing


def states() -> dict[str, str]:
    """Where each mailbox's mail stands."""
    return dict(OutboxMessage.objects.values_list("mailbox", "state"))


def test_a_mail_has_its_mailings_task_force_and_topic_and_its_mailboxs_domain(write: Write) -> None:
    first = published()
    second = services.publish_mailing(NEWS.name, key="news:2", params={"name": ""}, at=AT, corrects_id=first.pk)
    assert {(row.task_force_id, row.topic, row.domain) for row in first.messages.all()} == {
        (7, "updates", "example.org")
    }
    assert (first.topic, second.topic, second.corrects, list(first.corrections.all())) == (
        "updates",
        "",
        first,
        [second],
    )
    assert (write("a@X.Test", topic="digest").topic, write("a@X.Test").domain) == ("digest", "x.test")
    assert write("nobody").domain == ""


def test_stopping_takes_back_what_is_queued_and_says_who_did_it() -> None:
    mailing = published()
    OutboxMessage.objects.filter(mailbox__startswith="p0").update(state=MessageState.SENT)
    assert services.stop_mailing(mailing.pk, at=AT, actor_id=5, allow=None) == 2
    mailing.refresh_from_db()
    assert (mailing.state, mailing.stopped_at) == (MailingState.STOPPED, AT)
    assert sorted(states().values()) == [MessageState.SENT, MessageState.SUPERSEDED, MessageState.SUPERSEDED]
    entry = Entry.objects.get(action="mailing.stopped")
    assert (entry.actor_id, entry.task_force_id, entry.details) == (5, 7, {"count": 2})
    with pytest.raises(Conflict):
        services.stop_mailing(mailing.pk, at=AT, actor_id=5, allow=None)


def test_a_mailing_that_is_stopped_before_it_has_rows_gets_none() -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC")])
    mailing = services.publish_mailing(NEWS.name, key="news:1", params={"name": "All"}, at=AT)
    assert services.stop_mailing(mailing.pk, at=AT, actor_id=None, allow=None) == 0
    assert expansion.expand_due() == 0


def test_a_parked_mailing_is_stopped_with_what_was_written_of_it() -> None:
    """Its queued mails would leave else, and nobody could keep them back."""
    mailing = published()
    Mailing.objects.filter(pk=mailing.pk).update(state=MailingState.FAILED, error="KeyError")
    mailing.refresh_from_db()
    assert can_be_stopped(mailing, AT)
    assert services.stop_mailing(mailing.pk, at=AT, actor_id=5, allow=None) == 3
    mailing.refresh_from_db()
    assert mailing.state == MailingState.STOPPED
    assert not can_be_stopped(mailing, AT)
    assert services.claim() is None


def test_a_mailbox_that_left_gets_its_queued_announcements_no_more(write: Write) -> None:
    for name, options in {"a": {"topic": "updates"}, "b": {"topic": "deadlines"}, "c": {}}.items():
        for task_force in (7, 8):
            write("Ann@Example.org", NEWS, key=f"{name}{task_force}", task_force_id=task_force, **options)
    write("ann@example.org", RECEIPT, key="receipt", task_force_id=7, topic="updates")
    write("bob@example.org", NEWS, key="bob", task_force_id=7, topic="updates")

    def left() -> set[str]:
        return set(OutboxMessage.objects.filter(state=MessageState.SUPERSEDED).values_list("key", flat=True))

    assert services.take_back(" ann@EXAMPLE.org", task_force_id=7, topic="updates") == 1
    assert left() == {"a7"}
    assert services.take_back("ann@example.org", task_force_id=8) == 3
    assert left() == {"a7", "a8", "b8", "c8"}
    assert services.take_back("ann@example.org") == 2
    assert left() == {"a7", "a8", "b8", "c8", "b7", "c7"}
    assert OutboxMessage.objects.filter(state=MessageState.QUEUED).count() == 2


def test_whoever_leaves_is_found_by_an_index_among_many(write: Write) -> None:
    """Among ten thousand that are sent and some that are not; whatever was released too, after a hold."""
    row = write("ann@example.org", NEWS)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_outboxmessage (key, kind, mail_class, mailbox, domain, language, zone, context,"
            " message_id, state, attempts, not_before, created_at, topic, error)"
            " SELECT 'k' || n, kind, mail_class, 'p' || n || '@example.org', domain, language, zone, context, 'm' || n,"
            " CASE WHEN n %% 20 = 0 THEN 'failed' ELSE 'sent' END, 1, not_before, created_at, topic, error"
            " FROM notifications_outboxmessage, generate_series(1, 10000) AS n WHERE id = %s",
            [row.pk],
        )
        cursor.execute("ANALYZE notifications_outboxmessage")
    unsent = OutboxMessage.objects.filter(state__in=UNSENT, mailbox__iexact="ANN@example.org")
    assert "outbox_unsent" in unsent.explain()
    released = OutboxMessage.objects.filter(released_at__isnull=False, state__in=MAY_STILL_GO)
    assert "outbox_released" in released.explain()
    with CaptureQueriesContext(connection) as captured:
        assert services.take_back("Ann@example.org") == 1
        services.end_releases()
    asked = [one["sql"] for one in captured if one["sql"].startswith("UPDATE")]
    with connection.cursor() as cursor:
        plans = []
        for sql in asked:
            cursor.execute(f"EXPLAIN {sql}")
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
    assert ["outbox_unsent" in plans[0], "outbox_released" in plans[1]] == [True, True]
    assert len(asked) == 2
