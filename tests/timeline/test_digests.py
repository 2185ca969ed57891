"""One mail a day: what happened on the topics that one follows, each thing once, in the morning of one's own zone."""

import random
import re
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from taskforce.core.clock import real_now
from taskforce.notifications import delivery, expansion, kinds, rendering
from taskforce.notifications import services as outbox
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import MailKind
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import notices, queries, services
from taskforce.timeline.asking import Ask
from taskforce.timeline.models import DigestMark, Subscription, TaskForce
from taskforce.timeline.notices.digests import Done, Reader
from taskforce.timeline.queries import digests as digest_queries
from taskforce.timeline.services import digests
from taskforce.timeline.services.digests import SETTLED, last_morning
from tests.conftest import Clock, utc
from tests.notifications.conftest import sink as sink
from tests.notifications.sink import Sink
from tests.timeline.conftest import Meeting, Run

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
    audience=lambda params: queries.subscribers(params["task_force"], params["topic"]),
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
    scope: dict[str, Any] = {"task_force_id": force.pk, "topic": topic}
    params = {"title": title, "task_force": force.pk, "topic": topic}
    return outbox.publish_mailing(NEWS.name, key=f"news:{title}:{at}", params=params, at=at, **scope, **more)


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


@pytest.mark.parametrize("is_first", [True, False], ids=["before", "held"])
def test_what_is_told_is_made_before_the_mark_is_held(
    force: TaskForce, monkeypatch: pytest.MonkeyPatch, *, is_first: bool
) -> None:
    """The twin makes it when it is needed, in the transaction."""
    depths = []

    def asked(params: dict[str, Any], language: str) -> dict[str, Any]:
        depths.append(len(connection.savepoint_ids))
        return _context(params, language)

    monkeypatch.setitem(kinds._kinds, NEWS.name, replace(NEWS, context=asked))
    if not is_first:
        monkeypatch.setattr(digests, "_work_out", lambda *_: None)
    follower(force)
    happens(force, "first", FIRST)
    outside = len(connection.savepoint_ids)
    assert services.send_digests(MORNING + SETTLED) == 1
    assert depths == [outside + (not is_first)]


def test_the_mail_lists_subjects_and_addresses_under_the_task_forces_name(force: TaskForce) -> None:
    follower(force, zone="Asia/Taipei", language="zh-hant")
    happens(force, "first", FIRST + timedelta(hours=9))
    services.send_digests(MORNING + SETTLED)
    row = OutboxMessage.objects.get()
    assert (row.topic, row.task_force_id, row.mail_class) == ("digest", None, "announcement")
    assert (row.language, row.zone) == ("zh-hant", "Asia/Taipei")
    (mail,) = mails()
    assert mail.subject == "Leadership：first in zh-hant"
    lines = mail.text.splitlines()
    place = lines.index("== 領導力 ==")
    assert lines[place + 1 : place + 4] == ["", "Leadership：first in zh-hant", "http://testserver/zh-hant/first/"]
    assert "<h2>領導力</h2>" in mail.html
    assert re.search(r'<h3>.*<a [^>]*href="http://testserver/zh-hant/first/"[^>]*>.*first in zh-hant', mail.html)
    assert "Taipei" not in mail.text, "when it was told is nobody's concern"


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


@pytest.mark.long
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

    def not_for_ann(reader: Reader, *rest: Any, **named: Any) -> Done:
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


def test_what_fails_once_is_told_on_the_next_morning(force: TaskForce, monkeypatch: pytest.MonkeyPatch) -> None:
    follower(force)
    for title in ("sick", "fine"):
        happens(force, title, FIRST + DAY / 2)

    def sick(params: dict[str, Any], language: str) -> dict[str, Any]:
        return _context(params | ({"title": "broken"} if params["title"] == "sick" else {}), language)

    monkeypatch.setitem(kinds._kinds, NEWS.name, replace(NEWS, context=sick))
    services.send_digests(MORNING + SETTLED)
    assert services.send_digests(MORNING + DAY / 2) == 0, "not on the same day again"
    assert titles() == ["fine"]
    monkeypatch.setitem(kinds._kinds, NEWS.name, NEWS)
    assert services.send_digests(MORNING + DAY + SETTLED) == 1
    assert services.send_digests(MORNING + 2 * DAY + SETTLED) == 0
    assert titles() == ["fine", "sick"]


def test_what_always_fails_is_given_up(force: TaskForce, caplog: pytest.LogCaptureFixture) -> None:
    follower(force)
    happens(force, "broken", FIRST + DAY / 2)
    tries = []
    for day in range(5):
        caplog.clear()
        services.send_digests(MORNING + day * DAY + SETTLED)
        tries.append("cannot stand" in caplog.text)
    assert tries == [True, True, True, False, False]
    assert DigestMark.objects.get().since is None


# --- changes of pace --------------------------------------------------------------------------------------------------

ANN = "ann@example.org"
TEN, THREE = FIRST + timedelta(hours=4), FIRST + timedelta(hours=9)


def chooses(force: TaskForce, frequency: str, at: datetime) -> None:
    services.choose(ANN, {(force.pk, "updates"): frequency}, language=LANGUAGE, zone=ZONE, at=at)


def confirms(force: TaskForce, frequency: str, at: datetime) -> None:
    other = Subscription(task_force=force, mailbox=ANN, topic="deadlines", language=LANGUAGE, zone=ZONE)
    other.save()
    services.confirm(Ask(ANN, force.pk, ("deadlines", "updates"), frequency, LANGUAGE, ZONE), at=at)


def follows_again(force: TaskForce, frequency: str, at: datetime) -> None:
    ask = Ask(ANN, force.pk, ("updates",), frequency, LANGUAGE, ZONE)
    services.follow_by_account(ask, user_id=1, at=at)


WAYS = pytest.mark.parametrize("change", [chooses, confirms, follows_again])
Change = Callable[[TaskForce, str, datetime], None]


def alone() -> list[str]:
    """What goes in mails of its own."""
    found = OutboxMessage.objects.filter(kind=NEWS.name).exclude(state="superseded").order_by("id")
    return [context["title"].partition(" in ")[0] for context in found.values_list("context", flat=True)]


def test_what_came_alone_does_not_come_again(force: TaskForce) -> None:
    follower(force, topic="deadlines")
    follower(force, frequency="immediate")
    happens(force, "ten", TEN)
    expansion.expand_due()
    OutboxMessage.objects.update(state="sent")
    chooses(force, "daily", THREE)
    happens(force, "four", THREE + timedelta(hours=1))
    services.send_digests(MORNING + SETTLED)
    assert (alone(), titles()) == (["ten"], ["four"])


@WAYS
@pytest.mark.parametrize("has_begun", [True, False])
def test_who_wants_mails_at_once_is_told_what_waited(force: TaskForce, change: Change, *, has_begun: bool) -> None:
    follower(force)
    happens(force, "ten", TEN)
    happens(force, "untrue", TEN)
    UNTRUE.add("untrue")
    if has_begun:
        expansion.expand_due()
    change(force, "immediate", THREE)
    assert (alone(), titles()) == ([], ["ten"]), "in the same transaction"
    expansion.expand_due()
    happens(force, "four", THREE + timedelta(hours=1))
    expansion.expand_due()
    services.send_digests(MORNING + SETTLED)
    assert (alone(), titles()) == (["four"], ["ten"])


@WAYS
@pytest.mark.parametrize("state", ["published", "queued", "sent"])
@pytest.mark.parametrize("begun", [FIRST, TEN + timedelta(seconds=1)])
def test_who_wants_a_daily_mail_is_told_what_had_not_come(
    force: TaskForce, change: Change, state: str, begun: datetime
) -> None:
    follower(force, topic="announcements", since=begun)
    follower(force, frequency="immediate")
    made = happens(force, "ten", TEN)
    if state != "published":
        expansion.expand_due()
        OutboxMessage.objects.update(state=state)
    change(force, "daily", TEN + timedelta(minutes=10))
    # A pass that has read its list before finds the place taken.
    outbox.add_recipients(made.pk, [(ANN, LANGUAGE, ZONE)], lambda _: {"title": "ten"}, at=THREE)
    expansion.expand_due()
    services.send_digests(MORNING + SETTLED)
    services.send_digests(MORNING + DAY + SETTLED)
    assert (alone(), titles()) == ((["ten"], []) if state == "sent" else ([], ["ten"]))


def test_what_is_being_committed_when_the_pace_changes_is_told(force: TaskForce) -> None:
    follower(force, frequency="immediate", since=FIRST)
    DigestMark.objects.all().delete()
    chooses(force, "daily", THREE)
    happens(force, "three", THREE - timedelta(milliseconds=20))
    expansion.expand_due()
    services.send_digests(MORNING + SETTLED)
    assert titles() == ["three"]


@pytest.mark.long
def test_to_and_fro_each_thing_comes_once(force: TaskForce) -> None:
    follower(force)
    chance = random.Random(7)
    for number in range(60):
        at = FIRST + number * timedelta(hours=1)
        happens(force, f"n{number}", at)
        if chance.random() < 0.5:
            expansion.expand_due()
        if chance.random() < 0.3:
            OutboxMessage.objects.filter(kind=NEWS.name, state="queued").update(state="sent")
        chooses(force, chance.choice(["daily", "immediate"]), at + timedelta(minutes=chance.randrange(50)))
        services.send_digests(at + timedelta(minutes=55))
    expansion.expand_due()
    services.send_digests(FIRST + 5 * DAY)
    assert sorted(alone() + titles()) == sorted(f"n{number}" for number in range(60))


# --- a daily mail that waits ------------------------------------------------------------------------------------------


def sent(sink: Sink) -> list[str]:
    """What arrives of the daily mails that wait, in words."""
    delivery.deliver_due()
    body = [arrival.mail.get_body(("plain",)) for arrival in sink.arrivals]
    return re.findall(r"^(\w+) in \w+\r?$", "".join(part.get_content() for part in body if part), re.MULTILINE)


def waits(force: TaskForce) -> dict[str, Mailing]:
    """A daily mail with four entries on two topics, queued."""
    for topic in ("updates", "deadlines"):
        follower(force, topic=topic)
    at = FIRST + DAY / 2
    made = {title: happens(force, title, at) for title in ("one", "two")}
    made["three"] = happens(force, "three", at, topic="deadlines")
    made["short"] = happens(force, "short", at, topic="deadlines", valid_until=MORNING + DAY / 2)
    expansion.expand_due()
    assert services.send_digests(MORNING + SETTLED) == 1
    return made


def test_it_goes_whole_where_nothing_has_changed(force: TaskForce, sink: Sink) -> None:
    waits(force)
    context = OutboxMessage.objects.get().context
    assert sent(sink) == ["one", "two", "three", "short"]
    assert OutboxMessage.objects.get().context == context


def test_what_ended_meanwhile_is_left_out(force: TaskForce, sink: Sink, clock: Clock) -> None:
    made = waits(force)
    outbox.stop_mailing(made["one"].pk, at=MORNING + SETTLED, actor_id=1, allow=None)
    UNTRUE.add("two")
    clock.set(MORNING + DAY)
    assert sent(sink) == ["three"]
    row = OutboxMessage.objects.get()
    assert (row.state, row.context["more"], titles()) == ("sent", 0, ["three"])
    assert sink.arrivals[0].mail["Subject"] == "Leadership: three in en"


@pytest.mark.parametrize("way", [Leave(ANN, None, "updates"), Leave(ANN, None, ""), Leave(ANN, None, "digest"), "none"])
def test_what_was_left_meanwhile_is_left_out(force: TaskForce, sink: Sink, way: Leave | str) -> None:
    waits(force)
    if isinstance(way, Leave):
        services.leave(way, at=MORNING + SETTLED)
    else:
        chooses(force, "", MORNING + SETTLED)
    rest = Subscription.objects.exists()
    assert sent(sink) == (["three", "short"] if rest else [])
    row = OutboxMessage.objects.get()
    assert (row.state, rest) in [("sent", True), ("superseded", False)]


def test_a_mail_of_which_nothing_is_left_does_not_go(force: TaskForce, sink: Sink) -> None:
    waits(force)
    services.leave(Leave(ANN, force.pk, ""), at=MORNING + SETTLED)
    assert sent(sink) == []
    row = OutboxMessage.objects.get()
    assert (row.state, row.error) == ("superseded", "nothing of what it says holds any more")


def test_another_pace_meanwhile_takes_nothing_out(force: TaskForce, sink: Sink) -> None:
    waits(force)
    chooses(force, "immediate", MORNING + SETTLED)
    assert sent(sink) == ["one", "two", "three", "short"]


def test_it_outlives_an_outage(force: TaskForce, sink: Sink, clock: Clock) -> None:
    waits(force)
    clock.set(MORNING + 5 * DAY)
    services.send_digests(MORNING + 5 * DAY)
    assert sent(sink) == ["one", "two", "three"]


def test_what_was_valid_at_six_is_told_that_morning(force: TaskForce, sink: Sink) -> None:
    follower(force)
    at = FIRST + timedelta(seconds=30)
    happens(force, "closed", at, valid_until=at + DAY)
    services.send_digests(MORNING + SETTLED)
    assert sent(sink) == ["closed"]


def test_statements_of_sending_do_not_grow_with_what_is_told(force: TaskForce, sink: Sink) -> None:
    def statements(day: int, entries: int) -> int:
        for number in range(entries):
            happens(force, f"n{day}x{number}", MORNING + day * DAY)
        services.send_digests(MORNING + (day + 1) * DAY + SETTLED)
        with CaptureQueriesContext(connection) as found:
            delivery.deliver_due()
        assert OutboxMessage.objects.filter(state="sent").count() == day + 1
        return len(found)

    follower(force, since=MORNING)
    assert statements(0, 2) == statements(1, 12)


@pytest.mark.long
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
    for number in range(9):
        happens(force, f"more {number}", MORNING + 7 * DAY)
    assert statements(MORNING + 8 * DAY + SETTLED) == costs[2], "as many for nine things as for one"
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


@pytest.mark.long
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


# --- a mailing that comes while the pace changes ----------------------------------------------------------------------

Wait = Callable[[], None]


def no_lock() -> None:
    """What this test must be able to catch."""


def between_two_looks(monkeypatch: pytest.MonkeyPatch, wait: Wait) -> None:
    """What is on its way has been taken back, and what there is to tell has not been read yet."""
    look = digest_queries.tellable

    def slow(at: datetime) -> QuerySet[Mailing]:
        wait()
        return look(at)

    monkeypatch.setattr(digest_queries, "tellable", slow)


def after_both(monkeypatch: pytest.MonkeyPatch, wait: Wait) -> None:
    """The daily mail is written, and nothing is committed yet."""
    tell = notices.digest

    def slow(*arguments: Any, **named: Any) -> Done:
        done = tell(*arguments, **named)
        wait()
        return done

    monkeypatch.setattr(notices, "digest", slow)


@pytest.mark.long
@pytest.mark.parametrize(("gap", "is_expanded"), [(between_two_looks, False), (after_both, True)])
@pytest.mark.parametrize(("lock", "holds"), [(outbox.hold_mailings, True), (no_lock, False)], ids=["lock", "no lock"])
def test_what_comes_while_the_pace_changes_comes_once(
    committed_clock: Clock,
    aside: Run,
    monkeypatch: pytest.MonkeyPatch,
    gap: Callable[[pytest.MonkeyPatch, Wait], None],
    lock: Wait,
    *,
    is_expanded: bool,
    holds: bool,
) -> None:
    """Without the lock it comes twice by the first gap, and never by the second."""
    committed_clock.set(MORNING)
    force = services.create_task_force("tf", {"en": "Leadership"}, at=utc(2022, 1, 20))
    follower(force)
    happens(force, "early", TEN)
    expansion.expand_due()
    inside, go = Meeting(), Meeting()

    def wait() -> None:
        inside.arrive()
        go.wait(30)

    def publish() -> None:
        happens(force, "meanwhile", THREE)
        if is_expanded:
            expansion.expand_due()

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "hold_mailings", lock)
        gap(patched, wait)
        change = aside(chooses, force, "immediate", THREE)
        assert inside.wait(30)
        publishing = aside(publish)
        is_done = bool(futures.wait([publishing], timeout=0.5 if holds else 30).done)
        go.arrive()
        change.result(30)
        publishing.result(30)
    expansion.expand_due()
    assert is_done is not holds
    told = sorted(titles() + alone())
    assert told == (
        ["early", "meanwhile"] if holds else ["early"] if is_expanded else ["early", "meanwhile", "meanwhile"]
    )
