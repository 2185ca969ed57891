"""The writers of the timeline: rules, refusals, audit, mailings."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import translation

from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.core.labels import columns, label
from taskforce.notifications.enums import MailingState
from taskforce.notifications.models import Mailing
from taskforce.timeline import queries, services
from taskforce.timeline.enums import Capability, TaskForceState, Topic
from taskforce.timeline.models import Extension, Phase, Subscription, TaskForce
from tests.conftest import Clock
from tests.timeline.conftest import past_the_triggers

AT = datetime(2022, 1, 20, 9, tzinfo=UTC)
NEW_END = date(2022, 3, 7)
PhaseOf = Callable[[str], Phase]


def publish(tf: TaskForce, **changes: Any) -> Phase:
    options: dict[str, Any] = {
        "slug": "second",
        "titles": {"en": "Second round"},
        "capabilities": ["feedback"],
        "opens_on": date(2022, 9, 15),
        "closes_on": date(2022, 10, 6),
        "at": AT,
    }
    return services.publish_phase(tf, **{**options, **changes})


def extend(phase: Phase, actor: User, **changes: Any) -> Extension:
    options: dict[str, Any] = {"closes_on": NEW_END, "reason": "Translations came late.", "actor": actor}
    return services.extend(phase.pk, **{**options, **changes})


def own(obj: Model, field: str, language: str) -> str | None:
    """The label in exactly this language."""
    text: str | None = getattr(obj, next(iter(columns(field, {language: ""}))))
    return text


# --- task forces ---------------------------------------------------------------------------------------------------


def test_a_task_force_is_made_in_its_languages(db: None) -> None:
    made = services.create_task_force("x", {"id": "Kepemimpinan"}, at=AT, purposes={"id": "Maksud"})
    made.refresh_from_db()
    assert label(made, "name") == ("Kepemimpinan", "id")
    assert own(made, "name", "en") is None
    assert made.state == TaskForceState.PROPOSED
    assert Entry.objects.get(action="task-force.created").task_force_id == made.pk


@pytest.mark.parametrize("slug", ["", "a b", "ä", "x\x00", "../x"])
def test_a_slug_that_no_address_can_hold_is_refused(db: None, slug: str) -> None:
    with pytest.raises(Invalid):
        services.create_task_force(slug, {"en": "X"}, at=AT)


def test_a_task_force_without_a_name_is_refused(db: None) -> None:
    with pytest.raises(Invalid):
        services.create_task_force("x", {"en": "  "}, at=AT)


def test_a_second_task_force_of_that_slug_is_a_conflict(tf: TaskForce) -> None:
    with pytest.raises(Conflict):
        services.create_task_force(tf.slug, {"en": "X"}, at=AT)


def test_every_step_of_a_task_forces_life(tf: TaskForce) -> None:
    for action, state in [("announce", "active"), ("announce", "active"), ("end", "ended")]:
        assert services.change_state(tf.pk, action, at=AT, actor_id=1, reason="why").state == state
    with pytest.raises(Conflict):
        services.change_state(tf.pk, "announce", at=AT, actor_id=1)
    assert TaskForce.objects.get(pk=tf.pk).state == "ended"
    entry = Entry.objects.get(action="task-force.end")
    assert (entry.details, entry.reason) == ({"before": "active", "after": "ended"}, "why")


# --- phases --------------------------------------------------------------------------------------------------------


def test_a_phase_keeps_rule_and_instants(tf: TaskForce) -> None:
    made = publish(tf, zone="Europe/Berlin", opens_time=time(9), closes_time=time(18))
    made.refresh_from_db()
    assert made.opens_at == datetime(2022, 9, 15, 7, tzinfo=UTC)
    assert made.closes_at == datetime(2022, 10, 6, 16, tzinfo=UTC)
    assert (made.zone, made.closes_on, made.closes_time) == ("Europe/Berlin", date(2022, 10, 6), time(18))
    assert Entry.objects.get(action="phase.published", target_id=made.pk).details["ends_version"] == 1


@pytest.mark.parametrize("language", ["en", "fr", "zh-hant"])
def test_labels_are_written_in_their_language_whatever_is_active(tf: TaskForce, language: str) -> None:
    with translation.override(language):
        made = publish(tf, titles={"en": "Second round", "ar": "جولة"}, texts={"en": "Text"})
    made.refresh_from_db()
    assert [own(made, "title", code) for code in ("en", "ar", "fr")] == ["Second round", "جولة", None]
    assert own(made, "text", "en") == "Text"


@pytest.mark.parametrize(
    "changes",
    [
        {"closes_on": date(2022, 9, 14)},
        {"opens_time": time(12), "closes_on": date(2022, 9, 15), "closes_time": time(12)},
        {"capabilities": ["dance"]},
        {"zone": "Nowhere"},
        {"titles": {}},
        {"slug": "no slug"},
        {"zone": "Europe/Berlin", "closes_on": date(2026, 10, 25), "closes_time": time(2, 30)},
    ],
)
def test_what_is_no_phase_is_refused(tf: TaskForce, changes: dict[str, Any]) -> None:
    before = Phase.objects.count()
    with pytest.raises(Invalid):
        publish(tf, **changes)
    assert Phase.objects.count() == before


def test_the_same_slug_twice_is_a_conflict(tf: TaskForce) -> None:
    with pytest.raises(Conflict):
        publish(tf, slug="feedback")


def test_overlapping_phases_with_one_capability_are_a_readable_conflict(tf: TaskForce) -> None:
    with pytest.raises(Conflict) as refusal:
        publish(tf, capabilities=["work", "feedback"], opens_on=date(2022, 2, 28), closes_on=date(2022, 3, 2))
    assert "Feedback on the proposal" in str(refusal.value.message)
    assert "February 2022" in str(refusal.value.message)
    # The transaction is usable: the refused row was in a savepoint.
    assert queries.phases(tf).count() == 4


def test_adjacent_phases_and_other_capabilities_do_not_overlap(tf: TaskForce) -> None:
    publish(tf, slug="adjacent", opens_on=date(2022, 3, 1), closes_on=date(2022, 3, 13))
    publish(tf, slug="other", capabilities=["review"], opens_on=date(2022, 2, 1), closes_on=date(2022, 2, 28))
    publish(tf, slug="none", capabilities=[], opens_on=date(2022, 2, 1), closes_on=date(2022, 2, 28))
    other = services.create_task_force("other", {"en": "Other"}, at=AT)
    publish(other, opens_on=date(2022, 2, 1), closes_on=date(2022, 2, 28))


@pytest.mark.parametrize("capability", Capability.values)
def test_the_database_itself_refuses_an_overlap(tf: TaskForce, capability: str) -> None:
    fields: dict[str, Any] = {
        "task_force": tf,
        "title_en": "x",
        "opens_on": date(2030, 1, 1),
        "closes_on": date(2030, 1, 2),
        "opens_at": datetime(2030, 1, 1, tzinfo=UTC),
        "closes_at": datetime(2030, 1, 3, tzinfo=UTC),
    }
    Phase.objects.create(slug="a", capabilities=[capability], published_at=AT, **fields)
    Phase.objects.create(slug="b", capabilities=[capability], published_at=None, **fields)
    with pytest.raises(IntegrityError, match=f"no_overlap_{capability}"), transaction.atomic():
        Phase.objects.create(slug="c", capabilities=[capability], published_at=AT, **fields)


def test_the_database_itself_refuses_an_end_before_the_start(phase: PhaseOf) -> None:
    with pytest.raises(IntegrityError, match="closes_after_it_opens"), transaction.atomic():
        Phase.objects.filter(slug="feedback").update(closes_at=datetime(2022, 2, 1, 12, tzinfo=UTC))


# --- extensions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["coordinator", "deputy", "admin"])
def test_an_extension_is_a_public_act(people: dict[str, User], phase: PhaseOf, role: str) -> None:
    made = extend(phase("feedback"), people[role], reason="  Überset-\r\nzung ", reason_language="de")
    changed = phase("feedback")
    assert changed.closes_at == made.new_closes_at == datetime(2022, 3, 8, 12, tzinfo=UTC)
    assert (changed.closes_on, changed.ends_version, made.ends_version) == (NEW_END, 2, 2)
    assert (made.old_closes_on, made.old_closes_at) == (
        date(2022, 2, 28),
        datetime(2022, 3, 1, 12, tzinfo=UTC),
    )
    assert (made.reason, made.reason_language) == ("Überset-\nzung", "de")
    assert (made.actor_id, made.actor_name) == (people[role].pk, people[role].name)
    assert Entry.objects.get(action="phase.extended").actor_id == people[role].pk
    mailing = Mailing.objects.get(kind="phase-extended")
    assert mailing.key == f"phase-extended:{changed.pk}:2"
    assert (mailing.valid_until, mailing.task_force_id) == (changed.closes_at, changed.task_force_id)


def test_a_second_extension_voids_the_mail_about_the_first(people: dict[str, User], phase: PhaseOf) -> None:
    extend(phase("feedback"), people["coordinator"])
    extend(phase("feedback"), people["coordinator"], closes_on=date(2022, 3, 9))
    states = dict(Mailing.objects.filter(kind="phase-extended").values_list("key", "state"))
    pk = phase("feedback").pk
    assert states == {
        f"phase-extended:{pk}:2": MailingState.SUPERSEDED,
        f"phase-extended:{pk}:3": MailingState.QUEUED,
    }


@pytest.mark.parametrize(
    "role", ["reviewer1", "translator", "facilitator", "moderator", "privacy", "observer", "member"]
)
def test_nobody_else_extends(people: dict[str, User], phase: PhaseOf, role: str) -> None:
    with pytest.raises(Refused):
        extend(phase("feedback"), people[role])
    unchanged(phase)


def test_a_coordinator_of_another_task_force_does_not_extend(people: dict[str, User], phase: PhaseOf) -> None:
    other = services.create_task_force("other", {"en": "Other"}, at=AT)
    foreign = publish(other)
    with pytest.raises(Refused):
        extend(foreign, people["coordinator"], closes_on=date(2022, 11, 1))


def test_a_role_that_was_removed_ends_at_once(people: dict[str, User], phase: PhaseOf) -> None:
    people["coordinator"].grants.all().delete()
    with pytest.raises(Refused):
        extend(phase("feedback"), people["coordinator"])


def unchanged(phase: PhaseOf) -> None:
    assert phase("feedback").closes_at == datetime(2022, 3, 1, 12, tzinfo=UTC)
    assert phase("feedback").ends_version == 1
    assert not Extension.objects.exists()
    assert not Mailing.objects.exists()
    assert not Entry.objects.filter(action="phase.extended").exists()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"closes_on": date(2022, 2, 28)}, Invalid),  # the same
        ({"closes_on": date(2022, 2, 20)}, Invalid),  # earlier
        ({"closes_on": date(2022, 2, 28), "closes_time": time(23, 59)}, Invalid),
        ({"reason": " \n "}, Invalid),
        ({"reason": "x" * 2001}, Invalid),
        ({"reason_language": "tlh"}, Invalid),
        ({"ends_version": 7}, Conflict),
    ],
)
def test_what_is_no_extension_is_refused(
    people: dict[str, User], phase: PhaseOf, changes: dict[str, Any], error: type[PortalError]
) -> None:
    with pytest.raises(error):
        extend(phase("feedback"), people["coordinator"], **changes)
    unchanged(phase)


def test_a_closed_phase_stays_closed(people: dict[str, User], phase: PhaseOf, clock: Clock) -> None:
    clock.set(datetime(2022, 3, 1, 12, tzinfo=UTC))
    with pytest.raises(Refused):
        extend(phase("feedback"), people["coordinator"])
    unchanged(phase)


def test_a_phase_that_is_not_open_yet_may_get_a_later_end(people: dict[str, User], phase: PhaseOf) -> None:
    with past_the_triggers():
        Phase.objects.filter(slug="review").delete()
    extend(phase("recruitment"), people["coordinator"], closes_on=date(2022, 4, 20))
    assert phase("recruitment").closes_at == datetime(2022, 4, 21, 12, tzinfo=UTC)


def test_an_extension_into_the_next_phase_is_a_readable_conflict(
    people: dict[str, User], tf: TaskForce, phase: PhaseOf
) -> None:
    publish(
        tf,
        slug="again",
        titles={"en": "More feedback"},
        opens_on=date(2022, 3, 5),
        closes_on=date(2022, 3, 20),
    )
    with pytest.raises(Conflict, match="More feedback"):
        extend(phase("feedback"), people["coordinator"])
    unchanged(phase)
    extend(phase("feedback"), people["coordinator"], closes_on=date(2022, 3, 4))


# --- followers -----------------------------------------------------------------------------------------------------


def test_following_is_one_row_per_topic(tf: TaskForce) -> None:
    for language in ("en", "zh-hant"):
        services.follow(tf, mailbox=" Me@Example.org ", topics=["deadlines", "announcements"], language=language, at=AT)
    rows = Subscription.objects.order_by("topic").values_list("mailbox", "topic", "language")
    assert list(rows) == [
        ("me@example.org", "announcements", "zh-hant"),
        ("me@example.org", "deadlines", "zh-hant"),
    ]


@pytest.mark.parametrize("changes", [{"topics": ["gossip"]}, {"language": "tlh"}, {"zone": "Mars/Base"}])
def test_what_nobody_can_follow_is_refused(tf: TaskForce, changes: dict[str, Any]) -> None:
    options: dict[str, Any] = {
        "mailbox": "me@example.org",
        "topics": ["deadlines"],
        "language": "en",
        "at": AT,
    }
    with pytest.raises(Invalid):
        services.follow(tf, **{**options, **changes})


def test_subscribers_come_in_batches_and_only_the_confirmed(tf: TaskForce) -> None:
    Subscription.objects.bulk_create(
        Subscription(
            task_force=tf,
            mailbox=f"{number}@example.org",
            topic=Topic.DEADLINES,
            language="en",
            confirmed_at=AT if number else None,
        )
        for number in range(1101)
    )
    services.follow(tf, mailbox="other@example.org", topics=["updates"], language="en", at=AT)
    batches = list(queries.subscribers(tf.pk, Topic.DEADLINES))
    assert [len(batch) for batch in batches] == [500, 500, 100]
    assert batches[0][0] == ("1@example.org", "en", "UTC")
    assert queries.followers_count(tf.pk, Topic.DEADLINES) == 1100
