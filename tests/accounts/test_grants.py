"""Who holds which role, and how often a staff page asks."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.queries import grants_of, holds, keep_grants
from taskforce.accounts.rights import Grant
from taskforce.timeline.models import TaskForce
from tests.clients import Client

INDEX = "/en/admin/"


def asked_for_roles(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(INDEX).status_code == 200
    return sum('FROM "accounts_rolegrant"' in query["sql"] for query in queries)


def test_a_staff_page_reads_the_roles_once(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["coordinator"])
    assert asked_for_roles(client) == 1


def test_a_superuser_may_what_an_administrator_of_all_may(client: Client, people: dict[str, User]) -> None:
    """And no more: the same sections, no candidates, nothing for good."""
    person = User.objects.create_superuser("root@portal.example")
    assert grants_of(person) == {Grant(Role.ADMINISTRATOR, None, "")}
    shown = []
    for user in (person, people["admin"]):
        RoleGrant.objects.filter(user=user).update(task_force_id=None)
        client.force_login(user)
        shown.append(re.findall(r'<th scope="row"[^>]*><a href="([^"]+)"', client.get(INDEX).content.decode()))
    assert shown[0] == shown[1] != []
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert grants_of(User.objects.get(pk=person.pk)) == set()


def test_a_removed_role_ends_with_the_next_request(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["coordinator"])
    phases = "/en/admin/timeline/phase/"
    assert phases in client.get(INDEX).content.decode()
    RoleGrant.objects.filter(user=people["coordinator"]).delete()
    assert phases not in client.get(INDEX).content.decode()


@pytest.mark.parametrize("is_kept", [True, False])
def test_only_the_instance_of_a_request_keeps_them(tf: TaskForce, people: dict[str, User], *, is_kept: bool) -> None:
    person = people["deputy"]
    if is_kept:
        keep_grants(person)
    RoleGrant.objects.filter(user=person).delete()
    assert holds(person, Role.DEPUTY, tf.pk) is is_kept
    assert not holds(User.objects.get(pk=person.pk), Role.DEPUTY, tf.pk)
