"""The demo's clock, people and scenarios."""

import re
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Event
from time import sleep, time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.test import override_settings
from pytest_django import Settings

from feedback import blocks
from feedback.models import FeedbackBlock, FeedbackReport
from taskforce.accounts import second_factor
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.services import create_account
from taskforce.announcements.models import Member
from taskforce.core.clock import app_now, real_now
from taskforce.core.errors import Invalid
from taskforce.notifications.models import Hold, Mailing, OutboxMessage
from taskforce.portal import rules
from taskforce.portal.demo import clock as demo_clock
from taskforce.portal.demo.cast import APP_KEY, CAST
from taskforce.portal.demo.moments import LATER, MOMENTS
from taskforce.portal.scenarios import builder, stages
from taskforce.portal.templatetags.demo_app import app_code
from taskforce.timeline.models import TaskForce
from tests.clients import Client, note_sign_in
from tests.conftest import Clock, utc
from tests.timeline.conftest import Run
from tests.timeline.conftest import aside as aside
from tests.timeline.conftest import committed_clock as committed_clock

URLCONF = "tests.architecture.demo_urls"


@pytest.fixture
def demo(settings: Settings) -> None:
    """The demo's addresses and commands, under the settings of the tests."""
    settings.DEMO = True
    settings.ROOT_URLCONF = URLCONF


def test_the_clock_runs_on(clock: Clock) -> None:
    """It stands where it was set, to within the time the test takes."""
    assert timedelta(0) <= app_now() - utc(2022, 2, 15, 12) < timedelta(seconds=10)


def test_the_clock_goes_forward_only(clock: Clock) -> None:
    """Back is refused, forward is not."""
    with pytest.raises(Invalid):
        demo_clock.set_to(utc(2022, 2, 14))
    demo_clock.set_to(utc(2022, 3, 1))
    assert app_now() >= utc(2022, 3, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-03-01T12:00Z", utc(2022, 3, 1, 12)),
        ("2022-03-01T12:00:00+02:00", utc(2022, 3, 1, 10)),
        ("2022-03-01T12:00", utc(2022, 3, 1, 12)),
        ("+P1D", utc(2022, 2, 16)),
        ("+PT1H", utc(2022, 2, 15, 1)),
        (" +P30D ", utc(2022, 3, 17)),
    ],
)
def test_instants_are_read(text: str, expected: datetime) -> None:
    """ISO 8601 instants and durations, as the contract has them."""
    assert demo_clock.parse(text, utc(2022, 2, 15)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *["", "tomorrow", "2022-13-01T00:00Z", "+", "+1 day", "+P", "2022-02-30T00:00Z", "\x00"],
        *["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"],
    ],
)
def test_nonsense_is_no_instant(text: str) -> None:
    """Refused with the text and an example."""
    with pytest.raises(Invalid):
        demo_clock.parse(text, utc(2022, 2, 15))


@pytest.mark.parametrize("moment", [utc(1999, 12, 31), utc(2101, 1, 1), datetime(9999, 1, 1, tzinfo=UTC)])
def test_far_instants_are_refused(clock: Clock, moment: datetime) -> None:
    """The clock stays within years that every date on a page can be computed for."""
    with pytest.raises(Invalid):
        demo_clock.set_to(moment, back=True)


@pytest.mark.usefixtures("clock", "demo")
def test_the_clock_page_sets_and_refuses(client: Client) -> None:
    """A good instant redirects; a bad one stays in its field with the reason."""
    assert client.post("/demo/clock/", {"instant": "2022-02-16T00:00Z"}).status_code == 302
    assert app_now() >= utc(2022, 2, 16)
    page = client.post("/demo/clock/", {"instant": "<b>yesterday"})
    assert page.status_code == 400
    assert "&lt;b&gt;yesterday" in page.content.decode()


# What moderators find: how many reports wait, and how many blocks hold.
_MODERATED = {"feedback-open": (1, 1), "feedback-last-hour": (1, 0), "feedback-closed": (1, 0)}


@pytest.mark.long
@pytest.mark.usefixtures("demo")
@pytest.mark.django_db
def test_every_scenario_stands_at_its_moment() -> None:
    """All that can be loaded load one after the other, and the clock stands where the contract says."""
    for moment in MOMENTS:
        call_command("load_scenario", moment.scenario, reset=True, stdout=_Nothing())
        assert timedelta(0) <= app_now() - moment.at < timedelta(seconds=60), moment.scenario
        assert User.objects.filter(email__in=[p.email for p in CAST]).count() == len(CAST)
        assert TaskForce.objects.get().slug == "leadership-development"
        waiting = FeedbackReport.objects.filter(outcome="").count()
        holding = FeedbackBlock.objects.filter(blocks.active(moment.at)).count()
        assert (waiting, holding) == _MODERATED.get(moment.scenario, (0, 0)), moment.scenario
    assert FeedbackBlock.objects.get().lifted_at is not None
    assert Member.objects.filter(published_at__isnull=False).exists()
    assert Mailing.objects.filter(kind="announcement").count() == 1
    assert OutboxMessage.objects.filter(kind__startswith="decision").exists()


class _Nothing:
    def write(self, text: str) -> None:
        """Swallow a line."""


@pytest.mark.long
@pytest.mark.usefixtures("demo")
@pytest.mark.django_db
def test_a_scenario_needs_reset_where_something_is() -> None:
    """Nothing is replaced unasked."""
    builder.load("proposal-published", reset=False)
    with pytest.raises(CommandError, match="--reset"):
        call_command("load_scenario", "feedback-open")
    assert app_now() < utc(2022, 1, 26)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("name", sorted(LATER))
def test_later_scenarios_name_their_part(name: str) -> None:
    """One line that says where the scenario comes from."""
    with pytest.raises(CommandError, match=rf"part {LATER[name][0]}") as refused:
        call_command("load_scenario", name, reset=True)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "command", [["load_scenario", "feedback-open"], ["demo_clock"], ["demo_setup"], ["demo_accounts"]]
)
def test_demo_commands_refuse_a_real_portal(command: list[str]) -> None:
    """Outside the demo they do nothing."""
    with override_settings(DEMO=False), pytest.raises(CommandError, match="demo"):
        call_command(*command)


@pytest.mark.usefixtures("demo")
def test_becoming_someone(client: Client, people: dict[str, User]) -> None:
    """GET shows a form and signs nobody in; POST does; an unknown role is not there."""
    coordinator = people["coordinator"]
    assert client.get("/demo/as/coordinator/").status_code == 200
    assert "_auth_user_id" not in client.session
    assert client.post("/demo/as/coordinator/").status_code == 302
    assert client.session["_auth_user_id"] == str(coordinator.pk)
    assert client.get("/demo/as/root/").status_code == 404


@pytest.mark.long
@pytest.mark.usefixtures("demo", "clock")
def test_the_staff_of_a_scenario_sign_in_by_password_and_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the key and the recovery codes that `make run` prints, or the code that the page itself shows."""
    now = time()
    monkeypatch.setattr("time.time", lambda: now)
    stages.beginning(datetime(2022, 1, 20, 9, tzinfo=UTC))
    printed = StringIO()
    call_command("demo_accounts", stdout=printed)
    key, codes = (re.search(rf"{what}[^:]*: (.+)", printed.getvalue()) for what in ("key for an app", "recovery codes"))
    assert key is not None
    assert codes is not None
    for name in ("coordinator", "admin"):
        shown = second_factor.shown(User.objects.get(email=f"{name}@demo.example"), key[1], at=real_now()).code
        for code in (codes[1].split()[0], shown):
            browser = Client()
            browser.post("/en/accounts/login/", {"login": f"{name}@demo.example", "password": "demo"})
            assert shown in browser.get("/en/accounts/2fa/authenticate/").content.decode()
            browser.post("/en/accounts/2fa/authenticate/", {"code": code})
            assert browser.get("/en/admin/").status_code == 200
    assert not second_factor.has(User.objects.get(email="member@demo.example"))


@pytest.mark.long
@pytest.mark.usefixtures("demo", "clock")
def test_the_page_shows_no_code_that_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one, which works too; of three within half a minute the last has to wait."""
    now = time()
    monkeypatch.setattr("time.time", lambda: now)
    user = create_account("ann@example.org", at=app_now(), password="a long enough secret")
    second_factor.give(user, APP_KEY, "seed", at=app_now())
    shown = []
    for _turn in range(3):
        browser = Client()
        browser.post("/en/accounts/login/", {"login": user.email, "password": "a long enough secret"})
        found = re.search(r'pt-meta">[^<]*: (\d+)</p>', browser.get("/en/accounts/2fa/authenticate/").content.decode())
        assert found is not None
        shown.append(found[1])
        assert browser.post("/en/accounts/2fa/authenticate/", {"code": found[1]}).status_code == (
            302 if len(shown) < 3 else 200
        )
    assert len(set(shown)) == 3
    assert 1 <= int(shown[2]) <= 30


@pytest.mark.usefixtures("demo", "clock")
def test_whoever_becomes_staff_needs_no_phone(client: Client) -> None:
    """The page on which an app is set up shows its code, and so does each that asks for one afterwards."""

    def code_on(page: Any) -> str:
        found = re.search(r'pt-meta">[^<]*: (\d{6})</p>', page.content.decode())
        assert found is not None
        return found[1]

    user = create_account("new@example.org", at=app_now(), password="a long enough secret")
    client.force_login(user)
    note_sign_in(client, user, second_factor=False)
    setting_up = "/en/accounts/2fa/totp/activate/"
    assert client.post(setting_up, {"code": code_on(client.get(setting_up))}).status_code == 303
    assert second_factor.secret_of(user) not in ("", APP_KEY)
    browser = Client()
    browser.post("/en/accounts/login/", {"login": user.email, "password": "a long enough secret"})
    asking = "/en/accounts/2fa/authenticate/"
    assert browser.post(asking, {"code": code_on(browser.get(asking))}).status_code == 302


@pytest.mark.long
@pytest.mark.parametrize("name", ["coordinator", "member"])
@pytest.mark.usefixtures("demo", "clock")
def test_becoming_someone_is_a_whole_sign_in(client: Client, name: str) -> None:
    """With the second step of staff, and a fresh proof; also for staff who have turned theirs off."""
    user = stages.beginning(datetime(2022, 1, 20, 9, tzinfo=UTC)).people[name]
    second_factor.remove(user.pk, at=app_now(), actor_id=user.pk)
    client.post(f"/demo/as/{name}/")
    assert (client.get("/en/admin/").status_code == 200) is user.is_staff
    assert client.get("/en/accounts/2fa/recovery-codes/generate/").status_code == (200 if user.is_staff else 302)
    assert client.get("/en/accounts/2fa/totp/activate/").status_code == (302 if user.is_staff else 200)


@pytest.mark.django_db
def test_outside_the_demo_no_page_shows_a_code(client: Client) -> None:
    user = create_account("ann@example.org", at=app_now(), password="a long enough secret")
    second_factor.give(user, APP_KEY, "seed", at=app_now())
    client.post("/en/accounts/login/", {"login": user.email, "password": "a long enough secret"})
    page = client.get("/en/accounts/2fa/authenticate/").content.decode()
    assert "second step" in page
    assert second_factor.shown(user, APP_KEY, at=real_now()).code not in page
    with pytest.raises(RuntimeError, match="demonstration"):
        app_code(user)


@pytest.mark.django_db
def test_outside_the_demo_there_is_no_demo(client: Client) -> None:
    """No address, no bar."""
    for address in ("/demo/clock/", "/demo/as/coordinator/", "/demo/mail/", "/demo/mail.json"):
        assert client.get(address).status_code == 404
    assert "/demo/" not in client.get("/en/").content.decode()


def test_administrator_and_data_officer_of_the_cast_are_so_everywhere(db: None) -> None:
    """So a hold that somebody of one task force has put can be lifted by another person, and requests are answered."""
    people = stages.beginning(datetime(2022, 1, 20, 9, tzinfo=UTC)).people
    places = dict(RoleGrant.objects.values_list("user__email", "task_force_id"))
    everywhere = {email for email, place in places.items() if place is None}
    assert everywhere == {"admin@demo.example", "privacy@demo.example"}
    hold = Hold(actor_id=people["coordinator"].pk, actor_name="Cora Demo")
    assert [rules.may_lift(people[name], hold)[0] for name in ("admin", "deputy")] == [True, False]


def be_at_something(ready: Event) -> None:
    """As a worker: holds a table that is emptied late, and then wants one that is emptied early."""
    # Of this database: the table has the same number in the copies that other processes work on.
    waits = """
        SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'timeline_taskforce'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL deadlock_timeout = '30s'")  # the other one notices, and is ended
        cursor.execute("LOCK TABLE timeline_taskforce IN ROW EXCLUSIVE MODE")
        ready.set()
        cursor.execute(waits)
        while not cursor.fetchall():
            sleep(0.02)
            cursor.execute(waits)
        cursor.execute("LOCK TABLE accounts_user IN ROW EXCLUSIVE MODE")


@pytest.mark.long
@pytest.mark.parametrize(
    ("tries", "outcome"),
    [(builder.MOST_TRIES, nullcontext()), (1, pytest.raises(OperationalError, match="deadlock"))],
    ids=["anew", "once"],
)
def test_a_load_that_meets_a_worker_crosswise_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
    committed_clock: Clock,
    aside: Run,
    tries: int,
    outcome: AbstractContextManager[object],
) -> None:
    monkeypatch.setattr(builder, "MOST_TRIES", tries)
    ready = Event()
    worker = aside(be_at_something, ready)
    assert ready.wait(30)
    with outcome:
        builder.load("proposal-published", reset=True)
    worker.result()
    assert TaskForce.objects.exists() is (tries > 1)
