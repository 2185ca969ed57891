"""What a scenario needs in its database, made through the services: a task force, windows, calls, people."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pgtrigger
from django.db import connection, transaction

from feedback.models import FeedbackWindow
from feedback.services import publish_window
from proposals.enums import ProposalState, UnitKind
from proposals.models import Proposal, Revision, Unit, UnitText
from recruitment.models import Call
from recruitment.services.calls import publish_call
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.core.clock import app_now
from taskforce.portal.demo import clock
from taskforce.questions.services import create_set
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import Phase, Subscription, TaskForce
from tests.clients import Client

QUESTION: list[dict[str, Any]] = [{"kind": "long-text", "labels": {"en": "What matters?"}, "required": True}]
CRITERIA = [{"labels": {"en": "Experience"}, "weight": 100}]
FEEDBACK, APPLY, REVIEW = "feedback", "apply", "review"
SLUG = "rush"
WINDOW = f"/en/tf/{SLUG}/feedback/window/"
APPLICATION = f"/en/tf/{SLUG}/join/application/"


@dataclass(frozen=True)
class Case:
    """A task force with a text, and the coordinator who may change its dates."""

    task_force: TaskForce
    coordinator: User
    at: datetime


def case(slug: str = SLUG) -> Case:
    """A task force a day old."""
    at = app_now() - timedelta(days=1)
    task_force = timeline.create_task_force(slug, {"en": "Rush"}, at=at)
    coordinator = create_account(f"coordinator@{slug}.example", at=at, name="Coordinator")
    # No mail about it: the scenarios count what their own acts send.
    grant_role(coordinator, Role.COORDINATOR, at=at, actor_id=None, task_force_id=task_force.pk, tell=False)
    return Case(task_force, coordinator, at)


def phase(made: Case, capability: str, closes_at: datetime, opens_at: datetime | None = None, **more: Any) -> Phase:
    """A phase of that capability that closes at this second, in UTC; open for an hour already, if nothing is said."""
    opens_at = opens_at or app_now() - timedelta(hours=1)
    return timeline.publish_phase(
        made.task_force,
        slug=capability,
        titles={"en": capability.title()},
        capabilities=[capability],
        zone="UTC",
        opens_on=opens_at.date(),
        opens_time=opens_at.time().replace(microsecond=0),
        closes_on=closes_at.date(),
        closes_time=closes_at.time(),
        at=made.at,
        **more,
    )


def set_clock(moment: datetime) -> None:
    """Let the portal's clock stand at this moment, for every process."""
    clock.set_to(moment, back=True)
    connection.close()


def close_at(phases: list[Phase], closes_at: datetime) -> None:
    """Let published phases close at this second, as no act can: how long a machine takes until then is not known."""
    with pgtrigger.ignore("timeline.Phase:published_dates_need_an_act"), transaction.atomic():
        for moved in phases:
            moved.closes_on, moved.closes_time, moved.closes_at = closes_at.date(), closes_at.time(), closes_at
            moved.save(update_fields=["closes_on", "closes_time", "closes_at"])
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # while the trigger is still ignored


def window(made: Case, on: Phase) -> FeedbackWindow:
    """A feedback window with one question, on a text with a title."""
    text = Proposal.objects.create(
        task_force=made.task_force, slug="text", state=ProposalState.PUBLISHED, created_at=made.at
    )
    unit = Unit.objects.create(proposal=text, position=0, kind=UnitKind.TITLE, source_language="en")
    UnitText.objects.create(unit=unit, language="en", text="A text", html="A text")
    Revision.objects.create(proposal=text, number=1, language="en", editor_name="Editor", at=made.at)
    return publish_window(
        on,
        text,
        create_set("said", QUESTION, at=made.at),
        slug="window",
        titles={"en": "What matters"},
        introductions={"en": "Say it."},
        at=made.at,
    )


def call(made: Case, on: Phase) -> Call:
    """A call with one question and one criterion."""
    return publish_call(
        on,
        create_set("asked", QUESTION, at=made.at),
        titles={"en": "Join"},
        purposes={"en": "Work."},
        seats=3,
        criteria=CRITERIA,
        at=made.at,
    )


def applicants(count: int, at: datetime) -> list[tuple[User, str]]:
    """People with an account, each with the cookie of a session in which they are signed in."""
    made = []
    for number in range(count):
        user = create_account(f"applicant{number}@d{number % 50}.example", at=at, name=f"Applicant {number}")
        browser = Client()
        browser.force_login(user)
        name, morsel = next(iter(browser.cookies.items()))
        made.append((user, f"{name}={morsel.value}"))
    return made


def mailbox(number: int) -> str:
    """Followers are spread over many domains, as people are, so that no domain's rate is what is measured."""
    return f"follower{number}@d{number % 500}.example"


def followers(made: Case, count: int) -> None:
    """So many people who follow the deadlines, confirmed a day ago."""
    Subscription.objects.bulk_create(
        Subscription(
            task_force=made.task_force,
            mailbox=mailbox(number),
            topic=Topic.DEADLINES,
            language="en",
            asked_at=made.at,
            confirmed_at=made.at,
        )
        for number in range(count)
    )


def form_key(phase: Phase, at: datetime) -> gates.FormKey:
    """The key of a form of this phase that is shown at this moment."""
    return gates.read_form_key(gates.new_form_key(at, phase.pk), phase.pk)


def in_seconds(seconds: float) -> datetime:
    """A whole second from now on the portal's clock, at least so far away."""
    return (app_now() + timedelta(seconds=seconds + 1)).replace(microsecond=0).astimezone(UTC)


def drop_constraint(table: str, column: str) -> None:
    """Let a naive variant do without a column's uniqueness."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND conkey = ARRAY[attnum]"
            " WHERE conrelid = %s::regclass AND contype = 'u' AND attname = %s",
            [table, column],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
