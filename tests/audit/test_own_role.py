"""A portal whose role does not own the tables does all its work, and cannot lay hands on the log."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, ProgrammingError, connection, transaction

from feedback.models import FeedbackItem
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.notifications.models import OutboxMessage
from taskforce.portal import sweep
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.feedback.conftest import text as text
from tests.feedback.conftest import version as version
from tests.feedback.conftest import window as window
from tests.feedback.pages import address, fresh

pytestmark = pytest.mark.django_db
ROLE = "portal_of_a_test"
REFUSED = [
    "UPDATE audit_entry SET reason = ''",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "TRUNCATE timeline_taskforce CASCADE",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_entry_append_only ON audit_entry",
    "DROP TABLE audit_entry",
    "CREATE OR REPLACE FUNCTION audit_entry_stays() RETURNS TRIGGER AS 'BEGIN RETURN NEW; END' LANGUAGE plpgsql",
    "SET session_replication_role = replica",
    "DELETE FROM django_migrations",
    "CREATE TABLE public.another (id int)",
]


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def role(db: None) -> str:
    """A role with what `deploy/grants.sql` grants; gone with the test's transaction, as is what was granted."""
    _run(f"CREATE ROLE {ROLE} NOSUPERUSER")
    script = (Path(settings.BASE_DIR) / "deploy" / "grants.sql").read_text()
    script = re.sub(r"^(--.*|BEGIN;|COMMIT;)$", "", script, flags=re.M).replace(':"portal"', ROLE)
    _run(script)
    return ROLE


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Whatever is asked of the database meanwhile is asked by this role."""
    _run(f"SET LOCAL ROLE {role}")
    try:
        yield
    finally:
        _run("RESET ROLE")


@pytest.mark.usefixtures("window")
def test_the_portal_does_its_work(role: str, people: dict[str, User]) -> None:
    """Reading, signing in, writing, a mail, the sweep, a look at personal data."""
    cache.clear()
    with acting_as(role):
        client, staff = Client(), Client()
        assert client.get("/en/").status_code == 200
        assert client.post(address(), fresh(client)).status_code == 303
        assert client.post("/en/accounts/login/code/", {"email": people["member"].email}).status_code == 302
        code = OutboxMessage.objects.latest("pk").context["code"]
        assert client.post("/en/accounts/login/code/confirm/", {"code": code}).status_code == 302
        staff.force_login(people["moderator"])
        item = FeedbackItem.objects.get()
        assert staff.get(f"/en/admin/feedback/feedbackitem/{item.pk}/change/").status_code == 200
        assert None not in sweep.run().values()
        assert Entry.objects.filter(is_read=True).count() == 1
    cache.clear()


@pytest.mark.parametrize("statement", REFUSED)
def test_the_log_is_out_of_its_reach(role: str, tf: TaskForce, statement: str) -> None:
    """Refused by privileges, before any trigger is asked."""
    log.record("phase.extended", at=app_now(), actor_id=1, reason="more time")
    refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
    with acting_as(role), refused, transaction.atomic():
        _run(statement)
    assert Entry.objects.filter(reason="more time").exists()


@pytest.mark.parametrize("statement", REFUSED[:3])
def test_with_every_right_the_triggers_still_refuse(role: str, statement: str, look_away: Callable[[], None]) -> None:
    """The twin: it is the privileges that refuse above; without them the triggers do, whatever a superuser has set."""
    log.record("phase.extended", at=app_now(), actor_id=1, reason="more time")
    _run(f"GRANT ALL ON audit_entry TO {role}")
    look_away()
    refused = pytest.raises(DatabaseError, match="not changed and not emptied")
    with acting_as(role), refused, transaction.atomic():
        _run(statement)
    assert Entry.objects.filter(reason="more time").exists()
