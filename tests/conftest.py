"""Fixtures that every part of the suite shares: the clock, the model case's calendar, the cast."""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.template import Context, Template
from django.test.signals import template_rendered
from django.utils import translation
from django.utils.safestring import SafeString
from pytest_django.plugin import DjangoDbBlocker

from taskforce import urls as urls  # built once under the settings of the tests, before any of them is overridden
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.portal.demo import clock as demo_clock
from taskforce.timeline.models import Phase, TaskForce
from tests import rows, sampling
from tests.browser.scheduling import pytest_xdist_make_scheduler as pytest_xdist_make_scheduler
from tests.clients import Client
from tests.databases import made_for_tests
from tests.databases import pytest_configure as pytest_configure
from tests.rows import Rows


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make test` leaves out what takes `long` and `make long` the rest, both what only a whole run asks.

    Whoever names a file gets all of it.
    """
    if config.args != config.getini("testpaths"):
        return
    short_and_long: tuple[list[pytest.Item], list[pytest.Item]] = ([], [])
    put_off = sampling.put_off(items, sampling.named_in(config.rootpath / "docs" / "security.md"))
    for item in items:
        short_and_long[item.get_closest_marker("long") is not None or item in put_off].append(item)
    wanted = short_and_long[os.environ.get("LONG") == "only"]
    chosen = {item: None for item in wanted if item.get_closest_marker("whole") is None}
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The database with the pieces of set-up, before any test has a row in it."""
    with django_db_blocker.unblock():
        if not rows.stored():
            made_for_tests()


@pytest.fixture(scope="session")
def pieces(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> dict[str, Rows]:
    """What the services write for each piece of set-up, by its name (`tests/pieces.py`)."""
    with django_db_blocker.unblock():
        return rows.stored()


@pytest.fixture
def tf(clock: Clock, pieces: dict[str, Rows]) -> TaskForce:
    """The task force of the model case with its four phases, published on 20 January 2022."""
    pieces["model case"].write()
    return TaskForce.objects.get(pk=pieces["model case"].ids("timeline_taskforce")[0])


@pytest.fixture
def phase(tf: TaskForce) -> Callable[[str], Phase]:
    """A phase of `tf` by slug."""
    return lambda slug: Phase.objects.get(task_force=tf, slug=slug)


class People(dict[str, User]):
    """The cast by name; each person gets an account when first asked for, since most tests need two of twelve."""

    def __init__(self, pieces: dict[str, Rows]) -> None:
        super().__init__()
        self.pieces = pieces

    def __missing__(self, name: str) -> User:
        person = self.pieces[name]
        person.write()
        self[name] = User.objects.get(pk=person.ids(User._meta.db_table)[0])
        return self[name]


@pytest.fixture
def people(tf: TaskForce, pieces: dict[str, Rows]) -> dict[str, User]:
    """The cast by name, each with the one role of that name for `tf`."""
    return People(pieces)
