"""Whether the open data of feedback has changed: no change is missed, whatever PostgreSQL does with the rows."""

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from feedback import opendata, services, whole
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from taskforce.timeline.models import TaskForce
from tests.feedback.conftest import OPENS
from tests.feedback.test_items import say


def data(task_force: TaskForce) -> bytes:
    return b"".join(opendata.as_json(task_force))


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _last(task_force: TaskForce) -> str:
    """The mistake: the youngest transaction and how many rows there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(xmin::text::bigint), count(*) FROM feedback_feedbackitem WHERE state = 'published'")
        return str(cursor.fetchone())


class Undone(Exception):
    """Whatever was written within is not."""


def _changes(window: FeedbackWindow, dice: random.Random) -> list[Callable[[], object]]:
    """What may happen to the rows, some of it without any change of what is said."""

    def some() -> FeedbackItem:
        found = FeedbackItem.objects.filter(window=window).order_by("pk")
        return found[dice.randrange(found.count())]

    def turn() -> None:
        item = some()
        state = "hidden" if item.state == "published" else "published"
        FeedbackItem.objects.filter(pk=item.pk).update(state=state, rule="attack" if state == "hidden" else "")

    def in_parts() -> None:
        """Written in a part that stays, in one that is undone, and in one within another."""
        with transaction.atomic():
            with transaction.atomic():
                FeedbackAnswer.objects.filter(item=some()).update(text=f"Part {dice.random()}")
            try:
                with transaction.atomic():
                    FeedbackAnswer.objects.filter(item=some()).update(text="Never")
                    raise Undone
            except Undone:
                pass

    def undone() -> None:
        try:
            with transaction.atomic():
                FeedbackAnswer.objects.filter(item=some()).update(text="Never")
                raise Undone
        except Undone:
            pass

    def gone() -> None:
        FeedbackAnswer.objects.filter(item=some()).delete()

    return [
        turn,
        in_parts,
        undone,
        gone,
        lambda: say(window, f"Words {dice.random()}"),
        lambda: FeedbackAnswer.objects.filter(item=some()).update(text=f"Words {dice.random()}"),
        lambda: run("VACUUM FULL feedback_feedbackanswer"),
        lambda: run("VACUUM feedback_feedbackanswer, feedback_feedbackitem"),
        lambda: run("CLUSTER feedback_feedbackitem USING feedback_feedbackitem_pkey"),
        lambda: run("VACUUM (FREEZE) feedback_feedbackitem, feedback_feedbackanswer"),
    ]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_other_data_is_another_version(committed: None, window: FeedbackWindow, seed: int) -> None:
    """Never twice the same version for two data, also not one of long ago."""
    dice, task_force = random.Random(seed), window.phase.task_force
    for number in range(6):
        say(window, f"Words {number}.")
    known: dict[str, bytes] = {}
    for _turn in range(40):
        dice.choice(_changes(window, dice))()
        now = data(task_force)
        assert known.setdefault(whole.version(task_force), now) == now
    assert len(known) > 10


def test_a_row_in_the_place_of_another_is_another_version(committed: None, window: FeedbackWindow) -> None:
    """All rows are of one transaction, as a restore leaves them; the table is written anew when the first has gone."""
    task_force = window.phase.task_force
    with transaction.atomic():
        items = [say(window, f"Words {number}.") for number in range(3)]
    before = whole.version(task_force)
    FeedbackAnswer.objects.filter(item=items[0]).delete()
    after = whole.version(task_force)
    _close_the_gap()
    assert len({before, after, whole.version(task_force)}) == 3


def _close_the_gap() -> None:
    """Write the answers anew. What has gone keeps its place while any session, as one of autovacuum, may see it."""
    with connection.cursor() as cursor:
        for _turn in range(100):
            cursor.execute("VACUUM FULL feedback_feedbackanswer")
            cursor.execute("SELECT FROM feedback_feedbackanswer WHERE ctid = '(0,1)'")
            if cursor.fetchone() is not None:
                return
            time.sleep(0.1)
    raise AssertionError("somebody still looks at what has gone")


def _late(window: FeedbackWindow, at: Callable[[TaskForce], str]) -> tuple[str, str]:
    """The versions before and after one that began first commits last, while another is hidden."""
    task_force = window.phase.task_force
    items = [say(window, f"Words {number}.") for number in range(3)]
    inside, go_on = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with transaction.atomic():
                FeedbackItem.objects.filter(pk=items[0].pk).update(name="A name", visibility="public")
                inside.set()
                go_on.wait(20)
        finally:
            inside.set()
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(20)
    FeedbackItem.objects.filter(pk=items[1].pk).update(agreed=7)
    before, said = at(task_force), data(task_force)
    go_on.set()
    thread.join(20)
    assert data(task_force) != said
    return before, at(task_force)


def test_what_commits_last_is_seen_though_it_began_first(committed: None, window: FeedbackWindow) -> None:
    before, after = _late(window, whole.version)
    assert before != after


def test_the_youngest_transaction_alone_would_miss_it(committed: None, window: FeedbackWindow) -> None:
    before, after = _late(window, _last)
    assert before == after


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("(SELECT system_identifier FROM pg_control_system())", "17::bigint"),
        ("pg_walfile_name(pg_current_wal_lsn())", "'0000007F0000000000000001'"),
        ("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", "(1::bigint << 33)"),
        ("oid::bigint", "17::bigint"),
    ],
)
def test_the_same_rows_of_another_history_are_another_version(
    window: FeedbackWindow, monkeypatch: pytest.MonkeyPatch, what: str, other: str
) -> None:
    """As after a restore into a new cluster or an earlier moment, in which rows lie and are numbered as before."""
    before = whole.version(window.phase.task_force)
    assert before == whole.version(window.phase.task_force)
    assert what in whole._VERSION
    monkeypatch.setattr(whole, "_VERSION", whole._VERSION.replace(what, other))
    assert whole.version(window.phase.task_force) != before


def test_a_change_by_the_services_is_one_too(window: FeedbackWindow) -> None:
    task_force = window.phase.task_force
    item = say(window, "Words.")
    before = whole.version(task_force)
    services.withdraw(item.pk, at=OPENS + timedelta(days=1))
    assert whole.version(task_force) != before


def test_a_role_that_owns_nothing_may_ask(window: FeedbackWindow) -> None:
    """As in a portal whose own role is not the owner of the tables (operation.md)."""
    before = whole.version(window.phase.task_force)
    run("CREATE ROLE asks_alone")
    run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO asks_alone")
    run("SET LOCAL ROLE asks_alone")
    try:
        assert whole.version(window.phase.task_force) == before
    finally:
        run("RESET ROLE")
