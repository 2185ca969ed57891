"""A database in which something of everything is due, and what stands in it afterwards."""

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.db import connection, connections
from pytest_django import Settings

from taskforce.audit.models import Entry
from taskforce.notifications import services as outbox
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.portal.demo import clock
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import DigestMark, PhaseEvent, Subscription
from tests.conftest import utc
from tests.notifications.sink import Sink

PUBLISHED, YESTERDAY, NOW = utc(2022, 1, 20, 9), utc(2022, 2, 21, 6), utc(2022, 2, 22, 13)
PHASES = 4
Work = Callable[[], object]


def make() -> None:
    """Openings and reminders to notice, a daily mail to write, a mailing to expand, mails to send: at `NOW`."""
    clock.set_to(PUBLISHED, back=True)
    for number in range(PHASES):
        task_force = timeline.create_task_force(f"tf-{number}", {"en": f"Task force {number}"}, at=PUBLISHED)
        timeline.publish_phase(
            task_force,
            slug="feedback",
            titles={"en": "Feedback"},
            capabilities=["feedback"],
            opens_on=date(2022, 2, 1),
            closes_on=date(2022, 2, 28),
            at=PUBLISHED,
        )
        for name, frequency in (("now", "immediate"), ("daily", "daily")):
            Subscription.objects.create(
                task_force=task_force,
                mailbox=f"{name}@tf-{number}.example.org",
                topic=Topic.DEADLINES,
                frequency=frequency,
                language="en",
                confirmed_at=PUBLISHED,
            )
            timeline.begin_digest(f"daily@tf-{number}.example.org", at=YESTERDAY)
        params = {"extension": 0, "task_force": task_force.pk}
        event = PhaseEvent.objects.create(
            phase=task_force.phases.get(), kind="opened", ends_version=1, due_at=YESTERDAY, noticed_at=YESTERDAY,
            outcome="told",
        )  # fmt: skip
        outbox.publish_mailing(
            "phase-opened", key=f"phase-event:{number}", params={**params, "event": event.pk}, at=YESTERDAY,
            task_force_id=task_force.pk, topic=Topic.DEADLINES,
        )  # fmt: skip
    for number in range(12):
        outbox.enqueue(
            "account-login-code", key=f"code:{number}", mailbox=f"p{number}@p{number}.example.org", language="en",
            at=NOW, context={"code": "ABCD-2345", "minutes": 3},
        )  # fmt: skip
    clock.set_to(NOW, back=True)


def standing(sink: Sink) -> dict[str, Any]:
    """Everything that work may change, told without ids: rows of the database, and what the mail server took."""
    return {
        "events": Counter(PhaseEvent.objects.values_list("phase__task_force__slug", "kind", "outcome")),
        "mailings": Counter(Mailing.objects.values_list("kind", "task_force_id", "state")),
        "mails": Counter(OutboxMessage.objects.values_list("kind", "mailbox", "state")),
        "marks": sorted(DigestMark.objects.values_list("mailbox", "through")),
        "audit": Counter(Entry.objects.values_list("action", flat=True)),
        "arrived": Counter((arrival.recipients[0], str(arrival.mail["Subject"])) for arrival in sink.arrivals),
    }


def at_once(work: Work, times: int) -> None:
    """Run it so often at once, each time with a connection of its own."""

    def one(_: int) -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(one, range(times)))


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """What another process needs to reach this test's database and mail server."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return {
        **os.environ,
        "DATABASE_URL": url,
        "EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        **more,
    }
