"""The outbox in the admin: staff see what failed, in their own task forces, and no text of any mail."""

import re
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import grant_role
from taskforce.core.clock import app_now
from taskforce.notifications import kinds, services
from taskforce.notifications.admin import KINDS, kind_name
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.notifications.conftest import NEWS, RECEIPT, Write

LIST = "/en/admin/notifications/outboxmessage/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(tf: TaskForce, write: Write) -> dict[str, OutboxMessage]:
    """A mail of the task force, of another one, of none."""
    return {
        "own": write("own@example.org", task_force_id=tf.pk),
        "other": write("other@example.org", task_force_id=tf.pk + 1),
        "none": write("none@example.org"),
    }


def seen(client: Client, rows: dict[str, OutboxMessage]) -> set[str]:
    """Whose mails the list and the pages of single mails show."""
    listed = client.get(LIST).content.decode()
    names = {name for name, row in rows.items() if row.mailbox in listed}
    opened = {name for name, row in rows.items() if client.get(f"{LIST}{row.pk}/change/").status_code == 200}
    assert names == opened
    return names


@pytest.mark.parametrize("role", ["coordinator", "deputy", "admin"])
def test_staff_see_their_task_forces_mails(
    client: Client, people: dict[str, User], rows: dict[str, OutboxMessage], role: str
) -> None:
    client.force_login(people[role])
    assert seen(client, rows) == {"own"}
    page = client.get(f"{LIST}{rows['own'].pk}/change/").content.decode()
    assert "ABCD-2345" not in page
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{rows['own'].pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.long
def test_a_role_everywhere_sees_every_mail(
    client: Client, people: dict[str, User], rows: dict[str, OutboxMessage]
) -> None:
    grant_role(people["admin"], Role.ADMINISTRATOR, at=app_now(), actor_id=None)
    client.force_login(people["admin"])
    assert seen(client, rows) == {"own", "other", "none"}


@pytest.mark.parametrize("role", ["reviewer1", "moderator", "observer", "privacy"])
def test_others_on_the_staff_side_see_none(
    client: Client, people: dict[str, User], rows: dict[str, OutboxMessage], role: str
) -> None:
    client.force_login(people[role])
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{rows['own'].pk}/change/").status_code in (302, 403, 404)


def test_mailings(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    for number in (tf.pk, tf.pk + 1):
        services.publish_mailing(
            NEWS.name, key=f"news:{number}", params={"name": "secret"}, at=app_now(), task_force_id=number
        )
    client.force_login(people["coordinator"])
    page = client.get("/en/admin/notifications/mailing/").content.decode()
    assert re.search(r"\b1 row\b", page)
    assert "secret" not in page


@pytest.mark.long
def test_the_outbox_speaks_in_words(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    at = datetime(2022, 2, 15, 12, 30, tzinfo=UTC)
    message = services.enqueue(
        "phase-extended", mailbox="a@example.org", key="k:1", language="zh-hant", context={}, at=at, task_force_id=tf.pk
    )
    client.force_login(people["coordinator"])
    for address in (LIST, f"{LIST}{message.pk}/change/"):
        page = client.get(address).content.decode()
        for part in ("Phase extended", "queued", "15 February 2022, 12:30 UTC", '<bdi lang="zh-Hant">繁體中文</bdi>'):
            assert part in page
        assert "k:1" not in page
    listed = client.get(LIST).content.decode()
    for title in ("State", "Class", "Kind"):
        assert f'data-filter-title="{title}"' in listed
    assert re.search(r'href="\?kind=phase-extended">Phase extended</a>', listed)
    facets = client.get(f"{LIST}?_facets=True").content.decode()
    assert "Phase extended (1)" in facets


def test_a_kind_filters_by_its_code(
    client: Client, people: dict[str, User], tf: TaskForce, rows: dict[str, OutboxMessage]
) -> None:
    client.force_login(people["coordinator"])
    assert "own@example.org" in client.get(f"{LIST}?kind={RECEIPT.name}").content.decode()
    assert "own@example.org" not in client.get(f"{LIST}?kind=phase-extended").content.decode()
    assert "own@example.org" in client.get(f"{LIST}?q=own").content.decode()


def test_every_kind_of_mail_has_a_name() -> None:
    registered = {kind.name for kind in kinds.all_kinds()} - {RECEIPT.name, NEWS.name}
    assert registered == set(KINDS)
    assert kind_name("no-such-kind") == "no-such-kind"


def test_what_is_held_back_says_so(
    client: Client, people: dict[str, User], rows: dict[str, OutboxMessage], settings: Settings
) -> None:
    client.force_login(people["coordinator"])
    assert "held back" not in client.get(LIST).content.decode()
    settings.MAIL_HOLD = True
    assert "queued, held back by MAIL_HOLD" in client.get(LIST).content.decode()
