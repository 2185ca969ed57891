"""Fixtures that every part of the suite shares: the clock, the model case's calendar, the cast."""

import gc
import json
from collections.abc import Callable, Iterator
from copy import copy
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


@pytest.fixture
def clock(db: None) -> Clock:
    """Stands at 15 February 2022, 12:00 UTC, in the middle of the feedback phase of `tf`."""
    cache.clear()
    made = Clock()
    made.set(utc(2022, 2, 15, 12))
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


class ModelCase:
    """The rows that the services write for the model case, to be written again in three statements.

    Most tests begin with them, and the way through the services takes ten times as long.
    """

    TABLES = ("timeline_taskforce", "timeline_phase", "audit_entry")
    _READ = "SELECT to_jsonb(row) FROM {table} AS row WHERE id > %s ORDER BY id"
    _WRITE = "INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)"
    _IDS = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"

    def __init__(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            demo_clock.set_to(utc(2022, 2, 15, 12), back=True)
            cursor.execute("SELECT coalesce(max(id), 0) FROM audit_entry")
            (before,) = cursor.fetchone()
            self.task_force = _publish_model_case()
            self.rows: dict[str, list[dict[str, Any]]] = {}
            for table, first in zip(self.TABLES, (0, 0, before), strict=True):
                cursor.execute(self._READ.format(table=table), [first])
                self.rows[table] = [json.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()]
            transaction.set_rollback(True)

    def write(self) -> TaskForce:
        """Write the rows under new ids; returns the task force."""
        with connection.cursor() as cursor:
            ids = {table: self._new_ids(cursor, table) for table in self.TABLES}
            for table, rows in self.rows.items():
                values = json.dumps([self._under(row, table, ids) for row in rows])
                cursor.execute(self._WRITE.format(table=table), [values])
        task_force = copy(self.task_force)
        task_force.pk = ids["timeline_taskforce"][self.task_force.pk]
        return task_force

    def _new_ids(self, cursor: Any, table: str) -> dict[int, int]:
        cursor.execute(self._IDS, [table, len(self.rows[table])])
        return dict(zip((row["id"] for row in self.rows[table]), (new for (new,) in cursor.fetchall()), strict=True))

    @staticmethod
    def _under(row: dict[str, Any], table: str, ids: dict[str, dict[int, int]]) -> dict[str, Any]:
        changed = {"id": ids[table][row["id"]]}
        if "task_force_id" in row:
            changed["task_force_id"] = ids["timeline_taskforce"][row["task_force_id"]]
        if "target_type" in row:
            changed["target_id"] = ids[row["target_type"].replace(".", "_")][row["target_id"]]
        return row | changed


@pytest.fixture(scope="session")
def model_case(django_db_setup: None, django_db_blocker: Any) -> ModelCase:
    """What the services write for the model case; nothing of it stays in the database."""
    with django_db_blocker.unblock():
        return ModelCase()


@pytest.fixture
def tf(clock: Clock, model_case: ModelCase) -> TaskForce:
    """The task force of the model case with its four phases, published on 20 January 2022."""
    return model_case.write()


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


class People(dict[str, User]):
    """The cast by name; each person gets an account when first asked for, since most tests need two of twelve."""

    def __init__(self, tf: TaskForce) -> None:
        super().__init__()
        self.tf = tf

    def __missing__(self, name: str) -> User:
        at, role = utc(2022, 1, 20, 9), CAST[name]
        language = "zh-hant" if name in ("translator", "member") else "en"
        self[name] = create_account(f"{name}@demo.example", at=at, name=f"{name.title()} Demo", language=language)
        if role is not None:
            spoken = language if role in SPOKEN_ROLES else ""
            grant_role(
                self[name], role, at=at, actor_id=None, task_force_id=self.tf.pk, language=spoken, tell=False
            )  # fmt: skip
        return self[name]


@pytest.fixture
def people(tf: TaskForce) -> dict[str, User]:
    """The cast by name, each with the one role of that name for `tf`."""
    return People(tf)
