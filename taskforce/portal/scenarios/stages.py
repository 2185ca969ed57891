"""The model case, stage by stage, with the dates of CASE (anywhere on Earth). Each stage calls services only."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

from recruitment import services as recruitment
from taskforce.accounts import second_factor
from taskforce.accounts.services import create_account, grant_role
from taskforce.announcements import queries as announcement_queries
from taskforce.announcements import services as announcements
from taskforce.portal.demo.cast import APP_KEY, CAST, DOMAIN, EVERYWHERE, PASSWORD, RECOVERY_SEED
from taskforce.portal.scenarios import answering, asking, calling, conversation, moderating, summing_up, writing
from taskforce.portal.scenarios.voices import CANDIDATES
from taskforce.portal.scenarios.world import SLUG, World, labels
from taskforce.questions import services as questions
from taskforce.questions.enums import QuestionKind
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import TaskForce

PHASES = (
    ("feedback", ["feedback"], date(2022, 2, 1), date(2022, 2, 28)),
    ("recruitment", ["apply"], date(2022, 3, 14), date(2022, 4, 10)),
    ("review", ["review"], date(2022, 4, 11), date(2022, 5, 15)),
    ("work", ["work"], date(2022, 5, 16), date(2023, 6, 30)),
)
# Followers beside member@: mailbox, language, zone. Their domain can never receive mail.
FOLLOWERS = (
    ("follower.ar", "ar", "Africa/Cairo"),
    ("follower.en", "en", "America/New_York"),
    ("follower.es", "es", "America/Bogota"),
    ("follower.ja", "ja", "Asia/Tokyo"),
)


class Stage(NamedTuple):
    """What happens at a moment (UTC)."""

    at: datetime
    run: Callable[[World, datetime], None]


def beginning(at: datetime) -> World:
    """The accounts, the task force, its phases, and those who follow it."""
    task_force = timeline.create_task_force(
        SLUG, labels("task_force.name"), at=at, purposes=labels("task_force.purpose")
    )
    people = {}
    for person in CAST:
        user = create_account(person.email, at=at, name=person.name, language=person.language, password=PASSWORD)
        if person.role:
            for language in person.role_languages:
                where = None if person.role in EVERYWHERE else task_force.pk
                grant_role(user, person.role, at=at, actor_id=None, task_force_id=where, language=language, tell=False)
        if person.is_staff:
            second_factor.give(user, APP_KEY, RECOVERY_SEED, at=at)
        people[person.key] = user
    phases = {
        slug: timeline.publish_phase(
            task_force,
            slug=slug,
            titles=labels(f"phase.{slug}"),
            capabilities=capabilities,
            opens_on=opens_on,
            closes_on=closes_on,
            at=at,
            actor_id=people["coordinator"].pk,
        )
        for slug, capabilities, opens_on, closes_on in PHASES
    }
    world = World(task_force=task_force, people=people, phases=phases)
    _followers(world, task_force, at)
    return world


def _followers(world: World, task_force: TaskForce, at: datetime) -> None:
    member = world.people["member"]
    topics = [str(topic) for topic in Topic.values]
    timeline.follow(
        task_force,
        mailbox=member.email,
        topics=topics,
        language=member.language,
        zone="Asia/Taipei",
        user_id=member.pk,
        at=at,
    )
    for name, language, zone in FOLLOWERS:
        timeline.follow(task_force, mailbox=f"{name}@{DOMAIN}", topics=topics, language=language, zone=zone, at=at)


def _call(world: World, at: datetime) -> None:
    """The questions of its form, and the call."""
    version = questions.create_set(
        "application",
        [
            {
                "kind": QuestionKind.LONG_TEXT,
                "labels": labels("question.experience"),
                "required": True,
                "max_length": 3000,
            },
            {
                "kind": QuestionKind.ONE_CHOICE,
                "labels": labels("question.time"),
                "choices": [(code, labels(f"choice.{code}")) for code in ("two", "four", "more")],
            },
        ],
        at=at,
        task_force_id=world.phases["recruitment"].task_force_id,
    )
    calling.publish(world, version, at)


def _decisions(world: World, at: datetime) -> None:
    """The coordinator decides; nothing is visible before the release."""
    coordinator = world.people["coordinator"]
    numbers = {a.applicant_id: a.pk for a in world.calls["call"].applications.all()}
    for candidate in CANDIDATES:
        outcome = "accept" if candidate.accepted else "decline"
        recruitment.decide(numbers[world.people[candidate.key].pk], coordinator, outcome)


def _release(world: World, at: datetime) -> None:
    recruitment.release(world.calls["call"].pk, world.people["coordinator"])


def _announcement(world: World, at: datetime) -> None:
    """The coordinator writes it and reads a test; the deputy publishes it."""
    coordinator, deputy = world.people["coordinator"], world.people["deputy"]
    drafted = announcements.draft(
        world.task_force,
        slug="members-announced",
        titles=labels("announcement.title"),
        bodies=labels("announcement.body"),
        at=at,
        actor_id=coordinator.pk,
    )
    announcements.test(drafted.pk, language=coordinator.language, actor=coordinator, version=drafted.version)
    shown, count = announcements.shown(drafted), announcement_queries.followers(world.task_force.pk)
    announcements.publish(drafted.pk, actor=deputy, confirmed=shown, count=count)


def _utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2022, month, day, hour, minute, tzinfo=UTC)


BEGINNING = _utc(1, 20, 9)
STAGES: list[Stage] = sorted(
    (
        Stage(_utc(1, 24, 17, 20), writing.import_the_page),
        Stage(_utc(1, 25, 9), writing.translate_into_english),
        Stage(_utc(1, 25, 10), conversation.publish_the_window),
        Stage(_utc(1, 25, 10, 30), asking.publish),
        Stage(_utc(1, 25, 11), _call),
        Stage(_utc(2, 8, 17, 16), writing.translate_one_paragraph),
        Stage(_utc(2, 10, 8), writing.translate_the_beginning_into_arabic),
        *(Stage(at, run) for at, run in conversation.items()),
        *(Stage(at, run) for at, run in asking.items()),
        *(Stage(at, run) for at, run in moderating.acts()),
        *(Stage(at, run) for at, run in conversation.applications()),
        *(Stage(at, run) for at, run in conversation.reviews()),
        Stage(_utc(3, 2, 9), summing_up.draft),
        Stage(_utc(3, 7, 10), answering.revise),
        Stage(_utc(3, 8, 16), answering.answer),
        Stage(_utc(3, 10, 15), summing_up.publish),
        Stage(_utc(3, 11, 10), answering.call_it_final),
        Stage(_utc(5, 12, 9), calling.more_seats),
        Stage(_utc(5, 12, 15), _decisions),
        Stage(_utc(5, 15, 13), _release),
        Stage(_utc(5, 16, 17), _announcement),
    ),
    key=lambda stage: stage.at,
)
