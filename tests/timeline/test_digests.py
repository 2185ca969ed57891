"""One mail a day: what happened on the topics that one follows, each thing once, in the morning of one's own zone."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taskforce.core.clock import real_now
from taskforce.notifications import kinds, rendering
from taskforce.notifications import services as outbox
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import MailKind
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import notices, services
from taskforce.timeline.models import DigestMark, Subscription, TaskForce
from taskforce.timeline.notices.digests import Reader
from taskforce.timeline.services.digests import SETTLED, last_morning
from tests.conftest import Clock, utc
from tests.timeline.conftest import Run

# Six in the morning of 15 and 16 February: where the clocks show UTC.
FIRST, MORNING = utc(2022, 2, 15, 6), utc(2022, 2, 16, 6)
DAY = timedelta(days=1)
ZONE, LANGUAGE = "UTC", "en"
UNTRUE: set[str] = set()


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    if params["title"] == "broken":
        raise ZeroDivisionError
    return {
        "task_force": "Leadership",
        "title": f"{params['title']} in {language}",
        "body": "",
        "other_language": "",
        "url": f"http://testserver/{language}/{params['title']}/",
    }


NEWS = MailKind(
    "announcement",
    MailClass.ANNOUNCEMENT,
    context=_context,
    audience=lambda params: iter([]),
    still_true=lambda params: params["title"] not in UNTRUE,
)


@pytest.fixture(autouse=True)
def own_kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """News whose text a test can choose, in the place of announcements."""
    monkeypatch.setitem(kinds._kinds, NEWS.name, NEWS)
    UNTRUE.clear()
    yield
    UNTRUE.clear()


@pytest.fixture
def force(clock: Clock) -> TaskForce:
    clock.set(MORNING + SETTLED)
    return services.create_task_force("tf", {"en": "Leadership", "zh-hant": "領導力"}, at=utc(2022, 1, 20))


def follower(
    force: TaskForce, mailbox: str = "ann@example.org", since: datetime = FIRST, topic: str = "updates", **more: Any
) -> Subscription:
    """Somebody who wants a mail a day and had the last one at `since`."""
    values = {"language": LANGUAGE, "zone": ZONE, "frequency": "daily", "confirmed_at": utc(2022, 1, 21), **more}
    services.begin_digest(mailbox, at=since)
    return Subscription.objects.create(task_force=force, mailbox=mailbox, topic=topic, **values)


def happens(force: TaskForce, title: str, at: datetime, topic: str = "updates", **more: Any) -> Mailing:
    return outbox.publish_mailing(
        NEWS.name, key=f"news:{title}:{at}", params={"title": title}, at=at, task_force_id=force.pk, topic=topic, **more
    )


def mails() -> list[rendering.Rendered]:
    found = OutboxMessage.objects.filter(kind="digest").order_by("id")
    return [rendering.render(kinds.get(one.kind), one.context, one.language, one.zone) for one in found]


def titles() -> list[str]:
    """What all daily mails tell, in order."""
    found = OutboxMessage.objects.filter(kind="digest").order_by("id").values_list("context", flat=True)
    return [
        entry["subject"].removeprefix("Leadership: ").partition(" in ")[0]
        for context in found
        for group in context["groups"]
        for entry in group["entries"]
    ]


def test_a_day_in_one_mail_half_open(force: TaskForce) -> None:
    follower(force)
    tick = timedelta(microseconds=1)
    for title, at in [
        ("yesterday", FIRST - tick),
        ("first", FIRST),
        ("second", FIRST + DAY / 2),
        ("last", MORNING - tick),
        ("tomorrow", MORNING),
    ]:
        happens(force, title, at)
    assert services.send_digests(MORNING + SETTLED) == 1
    assert titles() == ["first", "second", "last"]
    assert services.send_digests(MORNING + DAY / 2) == 0
    assert services.send_digests(MORNING + DAY + SETTLED) == 1
    assert titles() == ["first", "second", "last", "tomorrow"]


def test_the_mail_lists_subject_moment_and_address(force: TaskForce) -> None:
    follower(force, zone="Asia/Taipei", language="zh-hant")
    happens(force, "first", FIRST + timedelta(hours=9))
    services.send_digests(MORNING + SETTLED)
    row = OutboxMessage.objects.get()
    assert (row.topic, row.task_force_id, row.mail_class) == ("digest", None, "announcement")
    assert (row.language, row.zone) == ("zh-hant", "Asia/Taipei")
    (mail,) = mails()
    for words in (
        "領導力",
        "first in zh-hant",
        "2022年2月15日",
        "23:00",
        "Asia/Taipei",
        "http://testserver/zh-hant/first/",
    ):
        assert words in mail.text


def test_only_what_is_still_true(force: TaskForce) -> None:
    follower(force)
    at = FIRST + DAY / 2
    happens(force, "true", at, valid_until=MORNING + DAY)
    happens(force, "over", at, valid_until=MORNING)
    happens(force, "untrue", at)
    UNTRUE.add("untrue")
    for state in ("stopped", "superseded", "expired"):
        made = happens(force, state, at)
        Mailing.objects.filter(pk=made.pk).update(state=state)
    happens(force, "expanded", at)
    Mailing.objects.filter(params__title="expanded").update(state="expanded")
    services.send_digests(MORNING + SETTLED)
    assert titles() == ["true", "expanded"]


def test_what_is_followed_and_from_when_on(force: TaskForce) -> None:
    other = services.create_task_force("other", {"en": "Other"}, at=FIRST)
    follower(force, confirmed_at=FIRST + timedelta(hours=2))
    happens(force, "before", FIRST + timedelta(hours=1))
    happens(force, "after", FIRST + timedelta(hours=3))
    happens(force, "deadline", FIRST + timedelta(hours=3), topic="deadlines")
    happens(other, "elsewhere", FIRST + timedelta(hours=3))
    services.send_digests(MORNING + SETTLED)
    assert titles() == ["after"]


def test_who_gets_none(force: TaskForce) -> None:
    follower(force, "now@example.org", frequency="immediate")
    follower(force, "unconfirmed@example.org", confirmed_at=None)
    happens(force, "first", FIRST + DAY / 2)
    assert services.send_digests(MORNING + SETTLED) == 0
    assert not DigestMark.objects.exists(), "who wants no daily mail leaves no mark"


def test_a_day_without_news_is_no_mail_and_the_mark_moves_on(force: TaskForce) -> None:
    follower(force)
    assert services.send_digests(MORNING + SETTLED) == 0
    assert DigestMark.objects.get().through == MORNING
    assert not OutboxMessage.objects.exists()


def test_who_comes_without_a_mark_is_told_nothing_older(force: TaskForce) -> None:
    follower(force)
    DigestMark.objects.all().delete()
    happens(force, "old", FIRST + DAY / 2)
    assert services.send_digests(MORNING + SETTLED) == 0
    assert DigestMark.objects.get().through == MORNING + SETTLED
    services.begin_digest("ann@example.org", at=MORNING + DAY)
    assert DigestMark.objects.get().through == MORNING + SETTLED


def test_days_without_a_sweep_come_in_one_mail(force: TaskForce) -> None:
    follower(force)
    for day in range(3):
        happens(force, f"day {day}", FIRST + day * DAY)
    assert services.send_digests(MORNING + 4 * DAY + DAY / 3) == 1
    assert titles() == ["day 0", "day 1", "day 2"]


@pytest.mark.parametrize(
    ("zone", "at", "morning"),
    [
        ("UTC", utc(2022, 2, 16, 6, 2), utc(2022, 2, 16, 6)),
        ("UTC", utc(2022, 2, 16, 6, 1, 59), utc(2022, 2, 15, 6)),
        ("Asia/Taipei", utc(2022, 2, 16, 6), utc(2022, 2, 15, 22)),
        ("America/New_York", utc(2022, 3, 12, 12), utc(2022, 3, 12, 11)),
        ("America/New_York", utc(2022, 3, 13, 12), utc(2022, 3, 13, 10)),
        ("Pacific/Kiritimati", utc(2022, 2, 16, 15, 59), utc(2022, 2, 15, 16)),
        ("Asia/Kathmandu", utc(2022, 2, 16, 1), utc(2022, 2, 16, 0, 15)),
        ("AoE", utc(2022, 2, 16, 7), utc(2022, 2, 16, 6)),
        ("../../etc/passwd", utc(2022, 2, 16, 7), utc(2022, 2, 16, 6)),
    ],
)
def test_the_morning_is_the_readers_own(zone: str, at: datetime, morning: datetime) -> None:
    assert last_morning(zone, at) == morning


def test_nobody_is_written_to_before_six(force: TaskForce) -> None:
    follower(force, "east@example.org", zone="Asia/Tokyo", since=utc(2022, 2, 14, 21))
    follower(force, "west@example.org", zone="America/New_York", since=utc(2022, 2, 15, 11))
    happens(force, "first", utc(2022, 2, 15, 12))
    told: dict[str, datetime] = {}
    for hour in range(48):
        at = utc(2022, 2, 15, 12) + timedelta(hours=hour)
        services.send_digests(at)
        for mailbox in OutboxMessage.objects.values_list("mailbox", flat=True):
            told.setdefault(mailbox, at)
    assert told == {"east@example.org": utc(2022, 2, 15, 22), "west@example.org": utc(2022, 2, 16, 12)}
    assert OutboxMessage.objects.count() == 2


def test_what_cannot_be_worked_out_holds_up_nothing(
    force: TaskForce, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for mailbox in ("ann@example.org", "bob@example.org"):
        follower(force, mailbox)
    happens(force, "broken", FIRST + DAY / 2)
    happens(force, "fine", FIRST + DAY / 2)
    whole = notices.digest

    def not_for_ann(reader: Reader, *rest: Any, **named: Any) -> bool:
        if reader.mailbox.startswith("ann"):
            raise ZeroDivisionError
        return whole(reader, *rest, **named)

    monkeypatch.setattr(notices, "digest", not_for_ann)
    assert services.send_digests(MORNING + SETTLED) == 1
    assert titles() == ["fine"]
    monkeypatch.undo()
    monkeypatch.setitem(kinds._kinds, NEWS.name, NEWS)
    assert services.send_digests(MORNING + SETTLED) == 1, "the mark of the one that failed has not moved"
    assert titles() == ["fine", "fine"]
    assert "cannot" in caplog.text


def test_statements_grow_by_mails_only_and_quiet_mailboxes_cost_none(force: TaskForce) -> None:
    def statements(at: datetime) -> int:
        with CaptureQueriesContext(connection) as found:
            services.send_digests(at)
        return len(found)

    happens(force, "first", MORNING + DAY / 2)
    for number in range(20):
        follower(force, f"a{number}@example.org", topic="deadlines")
    few = statements(MORNING + SETTLED)
    for number in range(60):
        follower(force, f"b{number}@example.org", topic="deadlines")
    assert statements(MORNING + DAY + SETTLED) == few
    costs = []
    for number in (2, 4, 6):
        for each in range(number):
            follower(force, f"c{number}-{each}@example.org", since=MORNING + number * DAY)
        happens(force, f"news {number}", MORNING + number * DAY)
        Subscription.objects.filter(topic="updates").exclude(mailbox__startswith=f"c{number}-").delete()
        costs.append(statements(MORNING + (number + 1) * DAY + SETTLED))
    assert costs[2] - costs[1] == costs[1] - costs[0]
    assert (costs[2] - costs[1]) / 2 < 14


# --- several at once ------------------------------------------------------------------------------------------------


def real(at: datetime) -> None:
    services.send_digests(at)


def naive(at: datetime) -> None:
    """Who is due, then the mail, then the mark, each by itself."""
    for mark in DigestMark.objects.filter(through__lt=MORNING):
        outbox.enqueue(
            "digest", key=f"naive:{random.random()}", mailbox=mark.mailbox, language="en", context={}, at=real_now()
        )
        DigestMark.objects.filter(pk=mark.pk).update(through=MORNING)


@pytest.mark.parametrize(
    ("send", "holds"), [(real, True), (naive, False)], ids=["mark and mail", "one after the other"]
)
def test_runs_at_once_write_one_mail_each(
    committed_clock: Clock, aside: Run, send: Callable[[datetime], None], *, holds: bool
) -> None:
    committed_clock.set(MORNING + SETTLED)
    force = services.create_task_force("tf", {"en": "Leadership"}, at=utc(2022, 1, 20))
    for number in range(10):
        follower(force, f"p{number}@example.org")
    happens(force, "first", FIRST + DAY / 2)
    for running in [aside(send, MORNING + SETTLED) for _ in range(6)]:
        running.result(60)
    assert (OutboxMessage.objects.count() == 10) is holds
    assert set(DigestMark.objects.values_list("through", flat=True)) == {MORNING}
