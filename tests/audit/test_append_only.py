"""The log is never changed and never emptied, whoever asks and by whatever door."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import TransactionTestCase

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.portal.scenarios import builder
from tests import columns, databases
from tests.clients import Client

pytestmark = pytest.mark.django_db
AT = datetime(2022, 2, 15, 12, tzinfo=UTC)


@pytest.fixture
def entry() -> Entry:
    return log.record("phase.extended", at=AT, actor_id=1, reason="more time")


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


DOORS: dict[str, Callable[[Entry], object]] = {
    "save": lambda entry: Entry(pk=entry.pk, at=AT, action="nothing").save(),
    "update": lambda entry: Entry.objects.filter(pk=entry.pk).update(reason="none"),
    "bulk update": lambda entry: Entry.objects.bulk_update([Entry(pk=entry.pk, reason="none")], ["reason"]),
    "delete": lambda entry: entry.delete(),
    "delete all": lambda entry: Entry.objects.all().delete(),
    "raw update": lambda entry: _sql("UPDATE audit_entry SET at = now()"),
    "raw delete": lambda entry: _sql("DELETE FROM audit_entry"),
    "upsert": lambda entry: _sql(
        "INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (id) DO UPDATE SET reason = ''"
    ),
    "truncate": lambda entry: _sql("TRUNCATE audit_entry"),
    "truncate by cascade": lambda entry: _sql("TRUNCATE audit_entry, timeline_taskforce RESTART IDENTITY CASCADE"),
}


@pytest.mark.parametrize("told", [False, True], ids=["untold", "told to look away"])
@pytest.mark.parametrize("door", DOORS)
def test_no_door_changes_it(entry: Entry, door: str, told: bool, look_away: Callable[[], None]) -> None:
    """Nor does a setting open one, that of pgtrigger by which any statement turns its triggers off, or PostgreSQL's own
    that puts triggers to sleep for a superuser, as whom the tests ask.
    """
    if told:
        look_away()
    with pytest.raises(DatabaseError), transaction.atomic():
        DOORS[door](entry)
    assert list(Entry.objects.filter(pk=entry.pk).values_list("action", "reason")) == [("phase.extended", "more time")]


def test_without_its_triggers_the_doors_would_be_open(entry: Entry) -> None:
    """The twin: what refuses is the trigger, not the way in which these tests ask."""
    _sql("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    for door in ("update", "raw update", "raw delete", "truncate"):
        DOORS[door](entry)
    assert not Entry.objects.exists()


def test_triggers_that_are_not_always_awake_would_sleep(entry: Entry, look_away: Callable[[], None]) -> None:
    """The twin of being told: the triggers stand, enabled as usual, and the setting puts them to sleep."""
    _sql("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    look_away()
    for door in ("update", "raw update", "raw delete", "truncate"):
        DOORS[door](entry)
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lifted", ["nobody", "the demonstration", "the end of a test", "the writer of words"])
def test_whoever_lifts_the_triggers_puts_them_back_awake(lifted: str) -> None:
    log.record("phase.extended", at=AT, actor_id=1, reason="more time")
    if lifted == "the demonstration":
        builder._wipe()
    elif lifted == "the end of a test":
        databases._empty(TransactionTestCase())
    elif lifted == "the writer of words":
        columns.write(lambda _column, _most: "words")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'audit_entry'::regclass AND NOT tgisinternal"
        )
        assert dict(cursor.fetchall()) == {"audit_entry_append_only": "A", "audit_entry_not_emptied": "A"}


@pytest.mark.parametrize("role", ["admin", "privacy", "superuser"])
@pytest.mark.parametrize("path", ["{pk}/delete/", "{pk}/change/", "", "add/"])
def test_nobody_deletes_or_changes_in_the_admin(
    client: Client, people: dict[str, User], entry: Entry, role: str, path: str
) -> None:
    """Neither staff nor a superuser, by the page of deleting, of changing, by the act on a list, by the form to add."""
    user = User.objects.create_superuser("root@demo.example") if role == "superuser" else people[role]
    client.force_login(user)
    count = Entry.objects.count()
    posted = {"post": "yes", "action": "delete_selected", "_selected_action": str(entry.pk), "reason": "none"}
    response = client.post(f"/en/admin/audit/entry/{path.format(pk=entry.pk)}", posted)
    # The list takes one form, for the address by which a data officer looks for an account: that leaves a look.
    is_looked_for = (role, path) == ("privacy", "")
    assert response.status_code in ({400} if is_looked_for else {403, 404, 405})
    assert Entry.objects.filter(pk=entry.pk, reason="more time").exists()
    assert Entry.objects.count() == count + is_looked_for
