"""A limit holds under parallel use, in every span of its length, and where its counter cannot be read."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from feedback import suspects
from feedback.models import FeedbackItem, FeedbackWindow
from taskforce.core.clock import app_now, real_now
from taskforce.core.errors import TooOften
from taskforce.limits import services, table
from taskforce.limits.models import Counter
from taskforce.limits.services import forget_old, hit, key_of, require_room
from taskforce.limits.table import Limit, Per
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.gates import new_form_key
from tests.clients import Client
from tests.feedback.conftest import committed as committed
from tests.feedback.conftest import text as text
from tests.feedback.conftest import version as version
from tests.feedback.conftest import window as window
from tests.feedback.pages import address, filled, text_question
from tests.sampling import FIGURE

LIMIT = Limit("test", "try", Per.ADDRESS, 10, timedelta(hours=1))
WHO = "192.0.2.1"


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], datetime]:
    """Sets the machine's clock, as the limits ask it, to so many seconds after now."""
    begun = real_now()

    def at(seconds: float) -> datetime:
        monkeypatch.setattr(services, "real_now", lambda: begun + timedelta(seconds=seconds))
        return begun + timedelta(seconds=seconds)

    at(0)
    return at


def counted(subject: str) -> None:
    hit(LIMIT, subject)


def read_then_written(subject: str) -> None:
    """How a limit must not be counted: what it reads is old by the time it writes."""
    require_room(LIMIT, subject)
    counter, _made = Counter.objects.get_or_create(
        what=LIMIT.what, key=key_of(subject), defaults={"until": real_now() + LIMIT.within}
    )
    Counter.objects.filter(pk=counter.pk).update(hits=[*counter.hits, real_now()])


# Nor in one statement that judges by what stood there when it began, and not by the row that it has waited for.
HIT = services._HIT
AS_IT_BEGAN = HIT.replace(
    "FROM unnest(counter.hits) AS hit WHERE hit > %(since)s) <",
    "FROM limits_counter AS seen, unnest(seen.hits) AS hit"
    " WHERE seen.what = %(what)s AND seen.key = %(key)s AND hit > %(since)s) <",
)
THREADS = 20


def count_by(statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is a part of the statement that stores what is counted."""
    in_order, names = services._in_order(statement)
    monkeypatch.setattr(services, "_HIT", statement)
    monkeypatch.setattr(services, "_HIT_IN_ORDER", in_order)
    monkeypatch.setattr(services, "_IN_ORDER", names)


@contextmanager
def held(limit: Limit, subject: str) -> Iterator[Callable[[], None]]:
    """The counter's row is locked; what this gives waits until that many wait for a lock, and then lets them all go."""
    key = {"what": limit.what, "key": key_of(subject)}
    Counter.objects.create(**key, until=real_now() + limit.within)
    with transaction.atomic(), connection.cursor() as cursor:
        Counter.objects.select_for_update().get(**key)
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )

        def until_all_wait() -> None:
            for _ in range(3000):
                cursor.execute("SELECT pg_stat_clear_snapshot()")
                cursor.execute(waiting)
                if cursor.fetchone() == (THREADS,):
                    return
                time.sleep(0.01)
            raise AssertionError("they do not meet at the counter")

        yield until_all_wait


def hang_up(together: Barrier) -> None:
    connection.close()
    together.wait(30)


@contextmanager
def connected() -> Iterator[ThreadPoolExecutor]:
    """Threads whose connections stay open from call to call, as those of the web's do."""
    together = Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            yield pool
        finally:
            # Each takes one of these, since none begins another before all have come.
            for closed in [pool.submit(hang_up, together) for _ in range(THREADS)]:
                closed.result()


def at_once(call: Callable[[int], int], turns: int, limit: Limit, subject: str = WHO) -> list[int]:
    """What each turn gives: first one in each thread, all of which meet at the counter, then the others."""
    with connected() as pool:
        with held(limit, subject) as until_all_wait:
            first = [pool.submit(call, turn) for turn in range(THREADS)]
            until_all_wait()
        return [*(one.result() for one in first), *pool.map(call, range(THREADS, turns))]


def passes(count: Callable[[str], None], _turn: int) -> bool:
    try:
        count(WHO)
    except TooOften:
        return False
    return True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("count", "statement", "holds"),
    [(counted, HIT, True), (read_then_written, HIT, False), (counted, AS_IT_BEGAN, False)],
    ids=["one", "two", "one that looks back"],
)
def test_two_hundred_parallel_calls_pass_exactly_ten_times(
    count: Callable[[str], None],
    statement: str,
    record_property: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    *,
    holds: bool,
) -> None:
    count_by(statement, monkeypatch)
    passed = sum(at_once(partial(passes, count), 200, LIMIT))
    way = "as the statement began" if statement is AS_IT_BEGAN else count.__name__
    record_property(FIGURE, f"200 parallel calls, {way}: {passed} pass, the limit is {LIMIT.most}")
    assert (passed == LIMIT.most) is holds
    assert passed >= LIMIT.most


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "holds"), [(HIT, True), (AS_IT_BEGAN, False)], ids=["one", "one that looks back"]
)
def test_two_hundred_parallel_posts_are_ten_texts(
    committed: None,
    window: FeedbackWindow,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, str], None],
    statement: str,
    *,
    holds: bool,
) -> None:
    """Of people, who take their time."""
    count_by(statement, monkeypatch)
    monkeypatch.setattr(suspects, "FASTEST", timedelta(0))
    posts = 200 if holds else 2 * THREADS
    monkeypatch.setattr(table, "FEEDBACK", table.FEEDBACK._replace(most=6))
    monkeypatch.setattr(table, "HELD_FEEDBACK", table.HELD_FEEDBACK._replace(most=4))
    fields, at = filled(Client()), app_now()
    question = text_question(fields)

    def post(turn: int) -> int:
        sent = {**fields, "form_key": new_form_key(at, window.phase_id), question: f"Text {turn}"}
        return int(Client(REMOTE_ADDR=WHO).post(address(), sent).status_code)

    statuses = sorted(at_once(post, posts, table.FEEDBACK))
    states = list(FeedbackItem.objects.values_list("state", flat=True))
    assert (statuses == [303] * 10 + [429] * (posts - 10)) is holds
    assert ((states.count("published"), states.count("held"), len(states)) == (6, 4, 10)) is holds
    assert states.count("published") >= 6
    if holds:
        record_property(FIGURE, f"{posts} parallel posts: {statuses.count(303)} taken, {statuses.count(429)} refused")


@pytest.mark.long
@pytest.mark.django_db
def test_no_span_has_more_than_the_limit_whatever_the_rhythm(moments: Callable[[float], datetime]) -> None:
    """Above all not around an edge between two windows: there is none."""
    passed = []
    for turn in range(250):
        moment = moments(turn * 37.0 if turn % 50 else turn * 37.0 + 30)
        try:
            hit(LIMIT, WHO)
        except TooOften:
            continue
        passed.append(moment)
    assert len(passed) == 3 * LIMIT.most
    spans = [sum(last - LIMIT.within < one <= last for one in passed) for last in passed]
    assert max(spans) == LIMIT.most


@pytest.mark.django_db
def test_who_waits_as_long_as_it_says_gets_through_and_not_before(moments: Callable[[float], datetime]) -> None:
    for turn in range(LIMIT.most):
        moments(turn * 60)
        assert hit(LIMIT, WHO) == turn + 1
    moments(1000)
    for _ in range(3):  # what was refused does not count
        with pytest.raises(TooOften) as refused:
            hit(LIMIT, WHO)
        assert refused.value.retry_after == 2600
    with pytest.raises(TooOften):
        require_room(LIMIT, WHO)
    moments(1000 + 2599)
    with pytest.raises(TooOften):
        hit(LIMIT, WHO)
    moments(1000 + 2600)
    require_room(LIMIT, WHO)
    assert hit(LIMIT, WHO) == LIMIT.most


@pytest.mark.django_db
def test_one_is_not_counted_for_another(moments: Callable[[float], datetime]) -> None:
    for _ in range(LIMIT.most):
        hit(LIMIT, WHO)
    assert hit(LIMIT, "192.0.2.2") == 1
    assert hit(LIMIT._replace(what="other"), WHO) == 1


@pytest.mark.django_db
def test_a_counter_holds_no_address_and_is_forgotten_when_it_counts_no_more(
    moments: Callable[[float], datetime],
) -> None:
    hit(LIMIT, WHO)
    assert len(Counter.objects.get().key) == 64
    assert WHO not in str(Counter.objects.values().get())
    assert forget_old() == 0
    moments(3600)
    assert forget_old() == 1
    assert not Counter.objects.exists()


# --- where it cannot count, it refuses ----------------------------------------------------------------------------


@pytest.fixture
def without_counters(db: None) -> None:
    """The limits' table is not there, to the end of the test."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE limits_counter RENAME TO gone")


@pytest.mark.usefixtures("without_counters")
def test_a_counter_that_fails_lets_nobody_pass() -> None:
    with pytest.raises(ProgrammingError):
        hit(LIMIT, WHO)


FOLLOWED = {
    "email": "ann@example.org",
    "topics": ["deadlines"],
    "frequency": "immediate",
    "language": "en",
    "zone": "UTC",
}
PASSWORDS = {"password1": "a long enough secret", "password2": "a long enough secret"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (address(), None),
        ("/en/subscriptions/leadership-development/", FOLLOWED),
        ("/en/accounts/signup/", {"email": "ann@example.org", **PASSWORDS}),
        ("/en/accounts/login/code/", {"email": "ann@example.org"}),
        ("/en/accounts/password/reset/", {"email": "ann@example.org"}),
    ],
)
def test_where_limits_fail_nothing_is_taken_and_no_mail_goes(
    committed: None,
    window: FeedbackWindow,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    fields: dict[str, Any] | None,
) -> None:
    client = Client(raise_request_exception=False)
    sent = fields or filled(client)
    monkeypatch.setattr(services, "_HIT", "SELECT no_such_function(%(what)s)")
    assert client.post(path, sent).status_code == 500
    assert not FeedbackItem.objects.exists()
    assert not OutboxMessage.objects.exists()


# --- wider networks --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_wider_network_passes_twice_as_often_as_a_narrow_one_however_many_it_has() -> None:
    """Whoever has a /48 has 65536 of the others."""
    passed = []
    for turn in range(5 * LIMIT.most):
        try:
            hit(LIMIT, f"2001:db8:1:{turn % 25:x}::/64")
        except TooOften:
            continue
        passed.append(turn)
    assert len(passed) == table.WIDER * LIMIT.most
    assert hit(LIMIT, "2001:db8:2::/64") == 1
    assert Counter.objects.filter(what=LIMIT.what).count() == 21  # what was refused does not count


@pytest.mark.django_db
def test_one_of_ipv6_has_no_more_than_one_of_ipv4() -> None:
    for _ in range(LIMIT.most):
        hit(LIMIT, "2001:db8:1::/64")
    with pytest.raises(TooOften):
        hit(LIMIT, "2001:db8:1::/64")
    # Only what counts addresses.
    assert hit(LIMIT._replace(per=Per.MAILBOX), "2001:db8:9::/64") == 1


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "holds"), [(HIT, True), (AS_IT_BEGAN, False)], ids=["one", "one that looks back"]
)
def test_two_hundred_parallel_calls_from_one_wider_network_pass_exactly_twice_as_often(
    monkeypatch: pytest.MonkeyPatch, statement: str, *, holds: bool
) -> None:
    """Each from a narrow network of its own; they meet at the counter of the wider one."""
    count_by(statement, monkeypatch)
    limit = LIMIT._replace(most=5)

    def one(turn: int) -> bool:
        try:
            hit(limit, f"2001:db8:1:{turn:x}::/64")
        except TooOften:
            return False
        return True

    wide = limit._replace(what=f"{limit.what}-wider")
    passed = sum(at_once(one, 200, wide, "2001:db8:1::/48"))
    assert (passed == table.WIDER * limit.most) is holds
    assert passed >= table.WIDER * limit.most
