"""Fixtures that every part of the suite shares: the clock, the model case's calendar, the cast."""

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.template import Context, Template
from django.test.signals import template_rendered
from django.utils import translation
from django.utils.safestring import SafeString

from taskforce import urls as urls  # built once under the settings of the tests, before any of them is overridden
from taskforce.accounts.enums import SPOKEN_ROLES, Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.core.clock import app_now
from taskforce.portal.demo import clock as demo_clock
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase, TaskForce
from tests import sampling
from tests.browser.scheduling import pytest_xdist_make_scheduler as pytest_xdist_make_scheduler
from tests.clients import Client
from tests.databases import pytest_configure as pytest_configure
from tests.rows import Rows


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the generated tests have sent, and other figures."""
    for line in sampling.told(report for some in terminalreporter.stats.values() for report in some):
        terminalreporter.write_line(line)


def pytest_collection_finish() -> None:
    """What is loaded now stays to the end; nobody needs to go through it again and again for what to throw away."""
    gc.collect()
    gc.freeze()
    # A page makes some ten thousand objects, and is done with most of them before anybody needs to look.
    gc.set_threshold(50_000, 50, 50)


@pytest.fixture(scope="session", autouse=True)
def pages_are_remembered_whole(django_test_environment: None) -> None:
    """The test client keeps the context of each page for `response.context`, and not of every part included in it."""

    def render(template: Template, context: Context) -> SafeString:
        if context.template is template:
            template_rendered.send(sender=template, template=template, context=context)
        return template.nodelist.render(context)

    Template._render = render  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Every test starts in English: the test client leaves the language of its last page active."""
    translation.activate("en")
    yield
    translation.activate("en")


@pytest.fixture
def client() -> Client:
    """A browser that nobody has signed in with yet."""
    return Client()


class Clock:
    """The portal's clock in a test; a change is gone with the test's transaction."""

    def set(self, moment: datetime) -> datetime:
        """Let it stand at `moment` (aware) and run on from there."""
        demo_clock.set_to(moment, back=True)
        return moment


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """An instant in UTC."""
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


MOMENT = utc(2022, 2, 15, 12)


@pytest.fixture
def clock(db: None) -> Clock:
    """Stands at 15 February 2022, 12:00 UTC, in the middle of the feedback phase of `tf`."""
    cache.clear()
    made = Clock()
    made.set(MOMENT)
    return made


STANDING = "CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT {body}'"
Stand = Callable[[datetime], None]


@pytest.fixture
def standing(db: None) -> Stand:
    """Lets the portal's clock stand still at a moment, to the microsecond, within the test's transaction."""

    def stand(moment: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute(STANDING.format(body=f"timestamptz ''{moment.isoformat()}''"))
        assert app_now() == moment

    return stand


PHASES = (
    ("feedback", "Feedback on the proposal", "對提案的反饋", ["feedback"], date(2022, 2, 1), date(2022, 2, 28)),
    ("recruitment", "Recruitment of members", "招募成員", ["apply"], date(2022, 3, 14), date(2022, 4, 10)),
    ("review", "Review of applications", "審查申請", ["review"], date(2022, 4, 11), date(2022, 5, 15)),
    ("work", "The task force works", "專案組開始工作", ["work"], date(2022, 5, 16), date(2023, 6, 30)),
)


def _publish_model_case() -> TaskForce:
    """The task force with its four phases, through the services."""
    at = utc(2022, 1, 20, 9)
    task_force = timeline.create_task_force(
        "leadership-development", {"en": "Leadership development", "zh-hant": "領導力發展"}, at=at
    )
    for slug, english, chinese, capabilities, opens_on, closes_on in PHASES:
        timeline.publish_phase(
            task_force,
            slug=slug,
            titles={"en": english, "zh-hant": chinese},
            capabilities=capabilities,
            opens_on=opens_on,
            closes_on=closes_on,
            at=at,
        )
    return task_force


Written = Callable[..., Rows]


@pytest.fixture(scope="session")
def written(django_db_setup: None, django_db_blocker: Any) -> Written:
    """What a function writes, at a moment and after other rows have been written; nothing of it stays."""

    def of(write: Callable[[], object], *before: Rows, moment: datetime = MOMENT) -> Rows:
        with django_db_blocker.unblock(), transaction.atomic():
            demo_clock.set_to(moment, back=True)
            for rows in before:
                rows.write()
            rows = Rows(write)
            transaction.set_rollback(True)
        return rows

    return of


@pytest.fixture(scope="session")
def model_case(written: Written) -> Rows:
    """The task force with its four phases."""
    return written(_publish_model_case)


@pytest.fixture
def tf(clock: Clock, model_case: Rows) -> TaskForce:
    """The task force of the model case with its four phases, published on 20 January 2022."""
    model_case.write()
    return TaskForce.objects.get(pk=model_case.ids("timeline_taskforce")[0])


@pytest.fixture
def phase(tf: TaskForce) -> Callable[[str], Phase]:
    """A phase of `tf` by slug."""
    return lambda slug: Phase.objects.get(task_force=tf, slug=slug)


CAST = {
    "coordinator": Role.COORDINATOR,
    "deputy": Role.DEPUTY,
    "reviewer1": Role.REVIEWER,
    "reviewer2": Role.REVIEWER,
    "translator": Role.TRANSLATOR,
    "facilitator": Role.FACILITATOR,
    "moderator": Role.MODERATOR,
    "privacy": Role.DATA_OFFICER,
    "observer": Role.OBSERVER,
    "admin": Role.ADMINISTRATOR,
    "member": None,
    "applicant": None,
}


def _write_person(name: str, task_force: TaskForce) -> None:
    at, role = utc(2022, 1, 20, 9), CAST[name]
    language = "zh-hant" if name in ("translator", "member") else "en"
    person = create_account(f"{name}@demo.example", at=at, name=f"{name.title()} Demo", language=language)
    if role is not None:
        spoken = language if role in SPOKEN_ROLES else ""
        grant_role(person, role, at=at, actor_id=None, task_force_id=task_force.pk, language=spoken, tell=False)


@pytest.fixture(scope="session")
def cast(written: Written, model_case: Rows) -> dict[str, Rows]:
    """What the services write for each of the cast."""
    return {name: written(lambda name=name: _write_person(name, TaskForce.objects.get()), model_case) for name in CAST}


class People(dict[str, User]):
    """The cast by name; each person gets an account when first asked for, since most tests need two of twelve."""

    def __init__(self, cast: dict[str, Rows]) -> None:
        super().__init__()
        self.cast = cast

    def __missing__(self, name: str) -> User:
        rows = self.cast[name]
        rows.write()
        self[name] = User.objects.get(pk=rows.ids(User._meta.db_table)[0])
        return self[name]


@pytest.fixture
def people(tf: TaskForce, cast: dict[str, Rows]) -> dict[str, User]:
    """The cast by name, each with the one role of that name for `tf`."""
    return People(cast)
