"""No other door changes a published date: every way into the tables is tried, and each is seen to open without them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.timeline import gates, plan, services
from taskforce.timeline.enums import NOTICE_PERIOD, Act
from taskforce.timeline.models import Extension, Phase, TaskForce
from tests.conftest import Clock, Stand
from tests.timeline.conftest import past_the_triggers
from tests.timeline.test_services import AT, publish

PhaseOf = Callable[[str], Phase]
Door = Callable[[Phase], None]
DAY = timedelta(days=1)
NOW = datetime(2022, 2, 15, 12, tzinfo=UTC)


@contextmanager
def committed() -> Iterator[None]:
    """What a commit would check is checked at the end; what it refuses is undone."""
    with transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def sql(statement: str) -> Door:
    """A statement on the phase as somebody with a database shell would write it."""

    def run(phase: Phase) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("THIS", str(phase.pk)))

    return run


def saved(**changes: Any) -> Door:
    """A form or a script that sets fields and saves the row."""

    def run(phase: Phase) -> None:
        for name, value in changes.items():
            setattr(phase, name, value)
        phase.save()

    return run


def updated(**changes: Any) -> Door:
    """A bulk change."""
    return lambda phase: void(Phase.objects.filter(pk=phase.pk).update(**changes))


def void(_ignored: object) -> None:
    """Nothing."""


def bulk_updated(phase: Phase) -> None:
    phase.closes_at += DAY
    Phase.objects.bulk_update([phase], ["closes_at"])


def deleted(phase: Phase) -> None:
    phase.delete()


def unpublished_then_deleted(phase: Phase) -> None:
    Phase.objects.filter(pk=phase.pk).update(published_at=None)
    Phase.objects.filter(pk=phase.pk).delete()


def changed_as_a_draft(phase: Phase) -> None:
    Phase.objects.filter(pk=phase.pk).update(published_at=None)
    Phase.objects.filter(pk=phase.pk).update(closes_at=phase.closes_at + DAY)
    Phase.objects.filter(pk=phase.pk).update(published_at=phase.published_at)


def there_and_back(phase: Phase) -> None:
    """At the end nothing differs; in between somebody could have read it, and so both updates need their act."""
    Phase.objects.filter(pk=phase.pk).update(closes_at=phase.closes_at + DAY)
    Phase.objects.filter(pk=phase.pk).update(closes_at=phase.closes_at)


LATER = datetime(2022, 3, 20, 12, tzinfo=UTC)
DOORS: dict[str, Door] = {
    "save": saved(closes_at=LATER),
    "update": updated(closes_at=LATER),
    "bulk_update": bulk_updated,
    "sql": sql("UPDATE timeline_phase SET closes_at = closes_at + interval '1 day' WHERE id = THIS"),
    "microsecond": sql("UPDATE timeline_phase SET closes_at = closes_at + interval '1 microsecond' WHERE id = THIS"),
    "rule alone": updated(closes_on=date(2022, 3, 7)),
    "time alone": updated(closes_time=time(18)),
    "earlier": updated(closes_at=datetime(2022, 2, 20, 12, tzinfo=UTC)),
    "opens": updated(opens_at=datetime(2022, 1, 30, 12, tzinfo=UTC)),
    "opens rule": updated(opens_on=date(2022, 1, 30)),
    "opens time": updated(opens_time=time(9)),
    "zone": updated(zone="UTC"),
    "grace": updated(grace_seconds=86_400),
    "cap": updated(cap=10),
    "capabilities": updated(capabilities=["feedback", "work"]),
    "slug": updated(slug="other"),
    "version": updated(ends_version=7),
    "cancelled": updated(cancelled_at=LATER),
    "unpublished": updated(published_at=None),
    "published again": updated(published_at=LATER),
    "another number": sql("UPDATE timeline_phase SET id = id + 1000 WHERE id = THIS"),
    "there and back": there_and_back,
    "changed as a draft": changed_as_a_draft,
    "delete": deleted,
    "sql delete": sql("DELETE FROM timeline_phase WHERE id = THIS"),
    "unpublished, then deleted": unpublished_then_deleted,
}


@pytest.mark.parametrize("name", DOORS)
def test_no_other_door_changes_what_is_published(phase: PhaseOf, name: str) -> None:
    before = Phase.objects.filter(slug="feedback").values().get()
    with pytest.raises(DatabaseError), committed():
        DOORS[name](phase("feedback"))
    assert Phase.objects.filter(slug="feedback").values().get() == before


@pytest.mark.parametrize("name", DOORS)
def test_without_the_triggers_each_of_these_doors_is_open(phase: PhaseOf, name: str) -> None:
    found = phase("feedback")
    with past_the_triggers():
        DOORS[name](found)


def test_labels_may_be_put_right(phase: PhaseOf) -> None:
    with committed():
        saved(title_de="Rückmeldungen", text_en="Say it.")(phase("feedback"))


def test_a_draft_may_change_in_every_way(tf: TaskForce) -> None:
    draft = publish(tf)
    with past_the_triggers():
        Phase.objects.filter(pk=draft.pk).update(published_at=None)
    draft.refresh_from_db()
    with committed():
        saved(closes_on=date(2022, 10, 8), closes_at=datetime(2022, 10, 9, 12, tzinfo=UTC), zone="UTC", cap=3)(draft)
        deleted(draft)


# --- an act beside it that is not its own -----------------------------------------------------------------------------


def written(of: Phase, actor: User, kind: Act = Act.EXTENDED, **changes: Any) -> Extension:
    """The row of an act as the services would write it, with `changes`."""
    at = changes.pop("at", None) or app_now()
    end = plan.End(date(2022, 3, 19), None, LATER) if kind is Act.EXTENDED else plan.new_end(of, kind, at, None, None)
    row = plan.extension(of, kind, end, plan.Reason("Late.", "en"), actor=actor, at=at)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    return row


def moved(phase: Phase, **changes: Any) -> None:
    fields = {"closes_on": date(2022, 3, 19), "closes_time": None, "closes_at": LATER, "ends_version": 2, **changes}
    Phase.objects.filter(pk=phase.pk).update(**fields)


def refused(*steps: Callable[[], object]) -> None:
    """All of it in one transaction, which the database does not let end."""
    with pytest.raises(IntegrityError), committed():
        in_turn(*steps)


def in_turn(*steps: Callable[[], object]) -> None:
    for step in steps:
        step()


def test_with_its_act_the_date_changes(phase: PhaseOf, people: dict[str, User]) -> None:
    with committed():
        written(phase("feedback"), people["coordinator"])
        moved(phase("feedback"))


@pytest.mark.parametrize(
    ("act", "phase_says"),
    [
        ({"new_closes_at": LATER + DAY}, {}),
        ({"new_closes_on": date(2022, 3, 20)}, {}),
        ({"new_closes_time": time(12)}, {}),
        ({"old_closes_at": LATER - DAY}, {}),
        ({"old_closes_on": date(2022, 2, 27)}, {}),
        ({"ends_version": 3}, {}),
        ({"ends_version": 3}, {"ends_version": 3}),
        ({}, {"ends_version": 1}),
        ({}, {"grace_seconds": 0}),
        ({}, {"cancelled_at": AT}),
    ],
)
def test_an_act_that_does_not_match_is_none(
    phase: PhaseOf, people: dict[str, User], act: dict[str, Any], phase_says: dict[str, Any]
) -> None:
    found, coordinator = phase("feedback"), people["coordinator"]
    refused(lambda: written(found, coordinator, **act), lambda: moved(found, **phase_says))
    assert phase("feedback").ends_version == 1


def test_the_act_of_another_phase_is_none(phase: PhaseOf, tf: TaskForce, people: dict[str, User]) -> None:
    found, coordinator = phase("feedback"), people["coordinator"]
    refused(lambda: written(found, coordinator, phase=phase("work")), lambda: moved(found))


def test_one_act_does_not_cover_two_changes(phase: PhaseOf, people: dict[str, User]) -> None:
    found, coordinator = phase("feedback"), people["coordinator"]
    refused(lambda: written(found, coordinator), lambda: moved(found), lambda: moved(found, closes_at=LATER + DAY))
    refused(lambda: moved(found, closes_at=LATER + DAY), lambda: written(found, coordinator), lambda: moved(found))


def test_two_acts_in_one_transaction_are_two_rows(phase: PhaseOf, people: dict[str, User]) -> None:
    pk, actor = phase("feedback").pk, people["coordinator"]
    with committed():
        services.extend(pk, closes_on=date(2022, 3, 7), reason="Late.", actor=actor)
        services.extend(pk, closes_on=date(2022, 3, 9), reason="Later.", actor=actor)
    assert Extension.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"cancelled_at": None},
        {"cancelled_at": LATER},
        {"grace_seconds": 120},
    ],
)
def test_what_is_cancelled_is_not_brought_back(phase: PhaseOf, people: dict[str, User], change: dict[str, Any]) -> None:
    found, coordinator = phase("feedback"), people["coordinator"]
    with committed():
        services.cancel_phase(found.pk, reason="Nobody came.", actor=coordinator)
    found = phase("feedback")
    refused(lambda: updated(**change)(found))
    # Not even with an act's row beside it.
    refused(lambda: written(found, coordinator, Act.CANCELLED), lambda: updated(ends_version=3, **change)(found))
    refused(lambda: written(found, coordinator), lambda: moved(found, ends_version=3, **change))


# --- an act at another moment than its own ----------------------------------------------------------------------------

CLOSES = datetime(2022, 3, 1, 12, tzinfo=UTC)
ACT = """
INSERT INTO timeline_extension (phase_id, act, old_closes_on, old_closes_time, old_closes_at, new_closes_on,
    new_closes_time, new_closes_at, ends_version, reason, reason_language, actor_id, actor_name, at)
SELECT id, 'extended', closes_on, closes_time, closes_at, '2022-03-31', NULL, '2022-04-01 12:00+00', ends_version + 1,
    'Late.', 'en', 1, 'Somebody', 'THEN' FROM timeline_phase WHERE id = THIS
"""
MOVE = """
UPDATE timeline_phase SET closes_on = '2022-03-31', closes_at = '2022-04-01 12:00+00', ends_version = ends_version + 1
WHERE id = THIS
"""


def act(at: datetime) -> Door:
    """An extension by hand, dated at this moment."""
    return sql(ACT.replace("THEN", at.isoformat()))


@pytest.mark.parametrize(
    "dated", [datetime(2022, 2, 2, tzinfo=UTC), CLOSES - timedelta(microseconds=1), CLOSES, CLOSES + 19 * DAY]
)
@pytest.mark.parametrize("now", [CLOSES + timedelta(minutes=2), CLOSES + 19 * DAY])
def test_what_has_closed_is_not_reopened_by_a_date(
    phase: PhaseOf, standing: Stand, now: datetime, dated: datetime
) -> None:
    found = phase("feedback")
    standing(now)
    refused(lambda: act(dated)(found), lambda: sql(MOVE)(found))
    assert phase("feedback").closes_at == CLOSES


def test_without_the_trigger_a_date_reopens_what_has_closed(phase: PhaseOf, standing: Stand) -> None:
    found = phase("feedback")
    standing(CLOSES + 19 * DAY)
    with pgtrigger.ignore("timeline.Extension:happens_now"), committed():
        in_turn(lambda: act(CLOSES - DAY)(found), lambda: sql(MOVE)(found))
    assert phase("feedback").closes_at > CLOSES


def test_an_act_is_not_put_by_for_later(phase: PhaseOf, standing: Stand) -> None:
    found = phase("feedback")
    standing(CLOSES - DAY)
    refused(lambda: act(CLOSES - DAY)(found))
    with pgtrigger.ignore("timeline.Extension:changes_its_phase"), committed():
        act(CLOSES - DAY)(found)
    standing(CLOSES + DAY)
    with committed():
        sql(MOVE)(found)
    assert phase("feedback").closes_at > CLOSES


def test_an_act_of_the_last_moment_may_be_written_after_the_end(phase: PhaseOf, standing: Stand) -> None:
    found = phase("feedback")
    standing(CLOSES + timedelta(seconds=20))
    with committed():
        in_turn(lambda: act(CLOSES - timedelta(microseconds=1))(found), lambda: sql(MOVE)(found))
    assert phase("feedback").closes_at > CLOSES


BY_SERVICE: dict[Act, Callable[[int, User], object]] = {
    Act.EXTENDED: lambda pk, who: services.extend(pk, closes_on=date(2022, 3, 7), reason="Late.", actor=who),
    Act.SHORTENED: lambda pk, who: services.shorten(pk, closes_on=date(2022, 2, 20), reason="Enough.", actor=who),
    Act.CLOSED: lambda pk, who: services.close_early(pk, reason="Enough.", actor=who),
    Act.CANCELLED: lambda pk, who: services.cancel_phase(pk, reason="Nobody came.", actor=who),
    Act.FULL: lambda pk, _who: services.close_full(gates.enter_exclusively(pk)),
}


@pytest.mark.parametrize("name", BY_SERVICE)
def test_each_act_passes_and_may_be_committed_when_the_clock_has_gone_on(
    phase: PhaseOf, people: dict[str, User], clock: Clock, name: Act
) -> None:
    with past_the_triggers():
        Phase.objects.filter(slug="feedback").update(cap=1)
    with committed():
        BY_SERVICE[name](phase("feedback").pk, people["coordinator"])
        # As a scenario does, which lives through months in one transaction.
        clock.set(CLOSES + DAY)
    assert Extension.objects.get().act == name


@pytest.mark.parametrize("kind", [Act.EXTENDED, Act.CLOSED, Act.CANCELLED])
def test_an_act_of_a_person_says_why(phase: PhaseOf, people: dict[str, User], kind: Act) -> None:
    found, coordinator = phase("feedback"), people["coordinator"]
    for nothing in ("", " ", "\n\t"):
        with pytest.raises(IntegrityError, match="an_act_says_why"), transaction.atomic():
            written(found, coordinator, kind, reason=nothing)


# --- an act that is false although the phase says the same ------------------------------------------------------------

FALSE_ACT = """
INSERT INTO timeline_extension (phase_id, act, old_closes_on, old_closes_time, old_closes_at, new_closes_on,
    new_closes_time, new_closes_at, ends_version, reason, reason_language, actor_id, actor_name, at)
SELECT id, %(act)s, closes_on, closes_time, closes_at, %(closes_at)s::date, NULL, %(closes_at)s, ends_version + 1,
    %(reason)s, 'en', %(actor)s, '', app_now() FROM timeline_phase WHERE id = %(phase)s
"""
FALSE_END = """
UPDATE timeline_phase SET closes_on = %(closes_at)s::date, closes_time = NULL, closes_at = %(closes_at)s,
    grace_seconds = CASE WHEN %(act)s IN ('closed', 'full') THEN 0 ELSE grace_seconds END,
    ends_version = ends_version + 1
WHERE id = %(phase)s
"""


def by_hand(phase: Phase, act: Act, closes_at: datetime, **more: Any) -> None:
    """An act and the end that it gives, each as the other says, by whoever has a database shell."""
    values = {"phase": phase.pk, "act": act, "closes_at": closes_at, "reason": "Late.", "actor": 1, **more}
    with committed(), connection.cursor() as cursor:
        cursor.execute(FALSE_ACT, values)
        cursor.execute(FALSE_END, values)


NOBODY: dict[str, Any] = {"reason": "", "actor": None}
# {what is false about it: (act, how far from the moment its end lies, the rest, what refuses it)}; the clock stands at
# 15 February, and the phase has no cap.
FALSE: dict[str, tuple[Act, timedelta, dict[str, Any], str]] = {
    "full before it was": (Act.FULL, -DAY, NOBODY, "ends_at_once_ends_then"),
    "full later": (Act.FULL, 7 * DAY, NOBODY, "ends_at_once_ends_then"),
    "full without a cap": (Act.FULL, timedelta(0), NOBODY, "only by an act"),
    "closed before it was": (Act.CLOSED, -timedelta(microseconds=1), {}, "ends_at_once_ends_then"),
    "closed later": (Act.CLOSED, 7 * DAY, {}, "ends_at_once_ends_then"),
    "shortened to the past": (Act.SHORTENED, -DAY, {}, "gives_notice"),
    "shortened without notice": (Act.SHORTENED, NOTICE_PERIOD - timedelta(seconds=1), {}, "gives_notice"),
    "extended for ever": (Act.EXTENDED, datetime(9999, 12, 30, tzinfo=UTC) - NOW, {}, "of_this_age"),
    "extended for a blank": (Act.EXTENDED, 30 * DAY, {"reason": " "}, "an_act_says_why"),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_act_changes_no_end(phase: PhaseOf, standing: Stand, name: str) -> None:
    act, ahead, more, why = FALSE[name]
    standing(NOW)
    before = Phase.objects.filter(slug="feedback").values().get()
    with pytest.raises(IntegrityError, match=why):
        by_hand(phase("feedback"), act, NOW + ahead, **more)
    assert Phase.objects.filter(slug="feedback").values().get() == before
    assert not Extension.objects.exists()


CHECKS = ("an_act_says_why", "what_ends_at_once_ends_then", "who_shortens_gives_notice", "the_end_is_of_this_age")


@pytest.mark.parametrize("name", FALSE)
def test_without_the_checks_and_with_a_cap_each_false_act_does(phase: PhaseOf, standing: Stand, name: str) -> None:
    act, ahead, more, _why = FALSE[name]
    with past_the_triggers():
        Phase.objects.filter(slug="feedback").update(cap=1)
    standing(NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        for check in CHECKS:
            cursor.execute(f"ALTER TABLE timeline_extension DROP CONSTRAINT {check}")
    by_hand(phase("feedback"), act, NOW + ahead, **more)
    assert phase("feedback").closes_at == NOW + ahead


@pytest.mark.parametrize(
    ("act", "closes_at", "more"),
    [
        (Act.FULL, NOW + timedelta(microseconds=1), NOBODY),
        (Act.CLOSED, NOW, {}),
        (Act.SHORTENED, NOW + NOTICE_PERIOD, {}),
        (Act.EXTENDED, datetime(2100, 12, 31, tzinfo=UTC), {}),
    ],
)
def test_a_true_act_by_hand_is_one(
    phase: PhaseOf, standing: Stand, act: Act, closes_at: datetime, more: dict[str, Any]
) -> None:
    """What is refused above is so for what is false about it."""
    with past_the_triggers():
        Phase.objects.filter(slug="feedback").update(cap=1)
        Phase.objects.exclude(slug="feedback").update(cancelled_at=AT)
    standing(NOW)
    by_hand(phase("feedback"), act, closes_at, **more)
    assert phase("feedback").closes_at == closes_at


# --- acts stay --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE timeline_extension SET reason = 'Another' WHERE phase_id = THIS",
        "UPDATE timeline_extension SET at = at - interval '1 day' WHERE phase_id = THIS",
        "DELETE FROM timeline_extension WHERE phase_id = THIS",
    ],
)
def test_what_was_done_is_not_told_otherwise(phase: PhaseOf, people: dict[str, User], statement: str) -> None:
    with committed():
        services.extend(phase("feedback").pk, closes_on=date(2022, 3, 7), reason="Late.", actor=people["coordinator"])
    before = Extension.objects.values().get()
    with pytest.raises(DatabaseError), committed():
        sql(statement)(phase("feedback"))
    with pytest.raises(DatabaseError), committed():
        Extension.objects.all().delete()
    assert Extension.objects.values().get() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"new_closes_at": datetime(2022, 2, 20, 12, tzinfo=UTC)},
        {"act": Act.SHORTENED},
        {"act": Act.CLOSED},
        {"act": Act.CANCELLED},
        {"actor_id": None},
    ],
)
def test_an_act_says_what_it_does(phase: PhaseOf, people: dict[str, User], changes: dict[str, Any]) -> None:
    found, coordinator = phase("feedback"), people["coordinator"]
    with pytest.raises(IntegrityError), transaction.atomic():
        written(found, coordinator, **changes)


def test_a_closed_phase_is_not_reopened_by_hand(phase: PhaseOf, people: dict[str, User], clock: Clock) -> None:
    with committed():
        services.close_early(phase("feedback").pk, reason="Enough.", actor=people["coordinator"])
    found, coordinator = phase("feedback"), people["coordinator"]
    clock.set(datetime(2022, 2, 16, 12, tzinfo=UTC))
    refused(
        lambda: written(found, coordinator, at=datetime(2022, 2, 16, 12, tzinfo=UTC)),
        lambda: moved(found, ends_version=3),
    )
