"""Roles in the database and in one table per app; what is taken away ends with the next request."""

from importlib import import_module, util

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from taskforce.accounts import rights
from taskforce.accounts.enums import SPOKEN_ROLES, STAFF_ROLES, Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.rights import Right
from taskforce.accounts.services import create_account, grant_role, remove_role
from taskforce.audit.models import Entry
from taskforce.core import languages
from taskforce.core.errors import Conflict, Invalid
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.conftest import utc

AT = utc(2022, 2, 15, 12)
PHASES = "/en/admin/timeline/phase/"
OURS = {"taskforce", "proposals", "feedback", "recruitment"}


def held(user: User) -> RoleGrant:
    return RoleGrant.objects.get(user=user)


# --- the database ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "language"),
    [
        ("emperor", ""),
        ("", ""),
        ("Coordinator", ""),
        *[(role, "en") for role in Role if role not in SPOKEN_ROLES],
        *[(role, language) for role in sorted(SPOKEN_ROLES) for language in ("", "tlh", "zh-Hant")],
    ],
)
def test_the_database_refuses_what_is_no_role(people: dict[str, User], tf: TaskForce, role: str, language: str) -> None:
    row = RoleGrant(user=people["member"], role=role, task_force_id=tf.pk, language=language, granted_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_the_database_takes_each_of_the_nine(people: dict[str, User]) -> None:
    for role in Role:
        for language in languages.CODES if role in SPOKEN_ROLES else [""]:
            RoleGrant.objects.create(user=people["member"], role=role, language=language, granted_at=AT)


# --- the tables ------------------------------------------------------------------------------------------------------


def test_every_app_with_rules_about_roles_has_registered_its_table() -> None:
    """A table that is not known would be missing in what nobody can give."""
    tables: dict[str, rights.Table] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.rules"
        if config.name.split(".")[0] in OURS and util.find_spec(name):
            table = getattr(import_module(name), "WHO", None)
            tables |= {config.name: table} if table is not None else {}
    assert {name: app.table for name, app in rights.apps().items()} == tables
    assert len(tables) >= 6


def test_all_tables_have_one_shape() -> None:
    for app in rights.apps().values():
        assert str(app.title)
        for action, right in app.table.items():
            assert isinstance(right, Right)
            assert str(right.words)
            assert right.roles <= set(Role)
            assert right.appointed_by <= set(Role)
            assert action == action.lower()


# --- what is taken away ----------------------------------------------------------------------------------------------


def test_it_ends_in_every_session_with_the_next_request(people: dict[str, User]) -> None:
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(people["coordinator"])
        assert client.get(PHASES).status_code == 200
    remove_role(held(people["coordinator"]).pk, at=AT, actor_id=None)
    assert [client.get(PHASES).status_code for client in clients] == [302, 302]


def test_one_of_two_roles_leaves_the_other(people: dict[str, User], tf: TaskForce, client: Client) -> None:
    person = people["coordinator"]
    grant_role(person, Role.REVIEWER, at=AT, actor_id=None, task_force_id=tf.pk)
    remove_role(RoleGrant.objects.get(user=person, role=Role.COORDINATOR).pk, at=AT, actor_id=None)
    client.force_login(person)
    assert client.get("/en/admin/").status_code == 200
    assert client.get(PHASES).status_code == 403


@pytest.mark.parametrize("role", Role)
def test_who_is_staff_follows_the_roles(tf: TaskForce, role: Role) -> None:
    person = create_account("x@portal.example", at=AT)
    language = "ar" if role in SPOKEN_ROLES else ""
    grants = [
        grant_role(person, role, at=AT, actor_id=None, task_force_id=place, language=language)
        for place in (tf.pk, None)
    ]
    for grant in grants:
        assert User.objects.get(pk=person.pk).is_staff is (role in STAFF_ROLES)
        remove_role(grant.pk, at=AT, actor_id=None)
    assert User.objects.get(pk=person.pk).is_staff is False


def test_the_log_keeps_all_that_the_row_said(people: dict[str, User], tf: TaskForce) -> None:
    boss, person = people["coordinator"], people["member"]
    grant = grant_role(person, Role.TRANSLATOR, at=AT, actor_id=boss.pk, task_force_id=tf.pk, language="ar")
    assert (grant.granted_by_id, grant.granted_at) == (boss.pk, AT)
    remove_role(grant.pk, at=utc(2022, 2, 20), actor_id=boss.pk)
    entry = Entry.objects.get(action="role.removed")
    assert (entry.actor_id, entry.target_id, entry.task_force_id) == (boss.pk, person.pk, tf.pk)
    assert entry.details == {
        "role": "translator", "language": "ar", "granted_by": boss.pk, "granted_at": AT.isoformat(),
    }  # fmt: skip
    with pytest.raises(Conflict):
        remove_role(grant.pk, at=AT, actor_id=boss.pk)
    assert Entry.objects.filter(action="role.removed").count() == 1


@pytest.mark.parametrize(
    ("role", "language"), [(Role.TRANSLATOR, ""), (Role.FACILITATOR, "tlh"), (Role.OBSERVER, "ar")]
)
def test_a_language_that_does_not_fit_the_role(people: dict[str, User], role: Role, language: str) -> None:
    with pytest.raises(Invalid):
        grant_role(people["member"], role, at=AT, actor_id=None, language=language)
