"""Persons in the log: found by their address too, called by their name, and the operator's commands told apart."""

import re
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taskforce.accounts import second_factor
from taskforce.accounts.deletions import ANSWERS
from taskforce.accounts.enums import Role
from taskforce.accounts.models import DeletionRequest, User
from taskforce.accounts.services import (
    answer_deletion,
    ask_for_deletion,
    create_account,
    grant_role,
    lock_account,
    take_back_deletion,
)
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.timeline.models import TaskForce
from tests.clients import APP_KEY, RECOVERY_SEED, Client

pytestmark = pytest.mark.django_db
AT = datetime(2022, 2, 15, 12, tzinfo=UTC)
LIST = "/en/admin/audit/entry/"


def shown(client: Client, query: str = "") -> str:
    """The page as text."""
    response = client.get(f"{LIST}{query}")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


# --- found by an address ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_data_officer_finds_an_account_by_its_address(
    client: Client, people: dict[str, User], is_locked: bool
) -> None:
    """The look is an entry about the account; no entry, no address of a page and no page has what was typed."""
    member = people["member"]
    log.record("account.zone", member, at=AT, actor_id=member.pk)
    if is_locked:
        lock_account(member.pk, "Why", at=AT)
    client.force_login(people["privacy"])
    answer = client.post(LIST, {"address": member.email.upper()})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LIST}?person=%23{member.pk}")
    look, asked = Entry.objects.order_by("-pk")[:2]
    by = people["privacy"].pk
    assert (asked.action, asked.target_id, asked.actor_id, asked.is_read) == ("address.read", None, by, True)
    assert (look.action, look.target_id, look.actor_id, look.is_read) == ("account.read", member.pk, by, True)
    page = client.get(answer.headers["Location"])
    assert "Time zone of an account changed" in page.content.decode()
    assert member.email not in page.content.decode()
    assert member.email not in str(list(Entry.objects.values_list("details", "reason"))).lower()


def test_that_an_address_has_no_account_is_not_learned_without_an_entry(
    client: Client, people: dict[str, User]
) -> None:
    client.force_login(people["privacy"])
    answer = client.post(LIST, {"address": "nobody@portal.example"})
    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    look = Entry.objects.filter(action="address.read").get()
    assert (look.action, look.actor_id, look.target_id, look.reason) == (
        "address.read", people["privacy"].pk, None, "",
    )  # fmt: skip
    assert look.details == {}
    html = answer.content.decode()
    assert html.count("No account has confirmed this address.") == 2
    assert html.count("nobody@portal.example") == html.count('value="nobody@portal.example"') == 1
    assert "nobody@portal.example" not in client.get(LIST).content.decode()


def test_what_is_no_number_is_said_first_and_at_its_field(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["coordinator"])
    html = client.get(LIST, {"person": "#abc"}).content.decode()
    assert 'href="#id_person"' in html
    assert 'id="id_person_error"' in html
    assert 'value="#abc"' in html
    assert 'id="id_person_error"' not in client.get(LIST, {"person": "# 12"}).content.decode()


def test_that_somebody_asks_is_written_before_there_is_an_answer(client: Client, people: dict[str, User]) -> None:
    """Whatever becomes of the answer, the entry stands."""
    client.force_login(people["privacy"])
    with CaptureQueriesContext(connection) as captured:
        client.post(LIST, {"address": "nobody@portal.example"})
    made = [query["sql"] for query in captured]
    written = next(place for place, sql in enumerate(made) if sql.startswith('INSERT INTO "audit_entry"'))
    looked = next(place for place, sql in enumerate(made) if "nobody@portal.example" in sql)
    assert written < looked


def test_what_is_no_address_is_said_at_its_field(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["privacy"])
    answer = client.post(LIST, {"address": "nobody"})
    assert answer.status_code == 400
    assert 'id="id_address_error"' in answer.content.decode()
    assert not Entry.objects.filter(action="address.read").exists()


@pytest.mark.parametrize("role", ["admin", "coordinator", "observer"])
def test_who_may_not_read_whose_it_is_finds_nobody_by_an_address(
    client: Client, people: dict[str, User], role: str
) -> None:
    """Else the page would tell who has an account."""
    client.force_login(people[role])
    assert client.post(LIST, {"address": people["member"].email}).status_code == 405
    assert not Entry.objects.filter(action__in=["account.read", "address.read"]).exists()
    assert 'name="address"' not in client.get(LIST).content.decode()


@pytest.mark.parametrize("role", ["privacy", "coordinator"])
def test_an_address_in_the_search_for_names_is_neither_asked_nor_kept(
    client: Client, people: dict[str, User], role: str
) -> None:
    """It is taken out of the page's address, and no link of a further page has it."""
    client.force_login(people[role])
    for address in (people["member"].email, "nobody@portal.example"):
        answer = client.get(LIST, {"person": address, "only": "acts"})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{LIST}?only=acts")
        html = client.get(answer.headers["Location"]).content.decode()
        assert "not by an address" in html
        assert address not in html


@pytest.mark.parametrize(
    "asked",
    [
        "person=ann@portal.example&person=x", "person=x&person=ann%40portal.example", "before=ann@portal.example",
        "kind=ann@portal.example", "more=ann@portal.example", "ann@portal.example=1",
    ],
)  # fmt: skip
def test_no_link_of_the_log_holds_an_address(
    client: Client, people: dict[str, User], tf: TaskForce, asked: str
) -> None:
    """Whatever it was asked by, once or twice, and also where there is a further page to lead to."""
    for _ in range(120):
        log.record("phase.noticed", at=AT, actor_id=None, task_force_id=tf.pk)
    client.force_login(people["privacy"])
    answer = client.get(f"{LIST}?{asked}&action=phase.noticed", follow=True)
    html = answer.content.decode()
    assert answer.context["older"].startswith("?action=phase.noticed&before=")
    assert "ann@portal" not in html
    assert "ann%40portal" not in html
    assert answer.redirect_chain == [(f"{LIST}?action=phase.noticed", 302)]


# --- called by their name --------------------------------------------------------------------------------------------


@pytest.mark.long
def test_an_entry_about_a_person_has_their_name(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    log.record("role.granted", people["member"], at=AT, actor_id=people["coordinator"].pk, task_force_id=tf.pk)
    client.force_login(people["observer"])
    assert f"Role granted: {people['member'].name}" in shown(client)
    User.objects.filter(pk=people["member"].pk).update(name="")
    assert f"Role granted: Person {people['member'].pk} (no name given)" in shown(client)
    assert people["member"].email not in shown(client)


def test_a_look_at_a_role_says_whose_also_when_the_role_is_gone(client: Client, people: dict[str, User]) -> None:
    """Who has no name is known by their number, in what they did too; the log has no address of anybody."""
    client.force_login(people["coordinator"])
    grant = people["reviewer1"].grants.get()
    assert client.get(f"/en/admin/accounts/rolegrant/{grant.pk}/change/").status_code == 200
    assert client.get(f"/en/admin/accounts/rolegrant/{grant.pk}/take/").status_code == 200
    grant.delete()
    User.objects.filter(pk=people["coordinator"].pk).update(name="")
    found = shown(client, "?action=role.read")
    assert found.count(f"Whose: {people['reviewer1'].name}") == 2
    assert f"Person {people['coordinator'].pk} (no name given)" in found
    assert "@" not in found.partition("Looked at: a role of somebody")[2]


def test_what_people_do_on_their_own_account_names_them_to_nobody_else(client: Client, people: dict[str, User]) -> None:
    log.record("account.zone", people["member"], at=AT, actor_id=people["member"].pk)
    for role, is_named in (("admin", False), ("privacy", True)):
        client.force_login(people[role])
        assert (people["member"].name in shown(client, "?action=account.zone")) is is_named


@pytest.mark.parametrize("answer", list(ANSWERS))
def test_who_answered_a_request_for_deletion_is_read_by_whoever_watches_over_it(
    client: Client, people: dict[str, User], answer: str
) -> None:
    """It was done by office. That somebody asked, or took it back, is their own affair."""
    officer, member = people["privacy"], people["member"]
    ask_for_deletion(member, "", at=AT, receipts="")
    take_back_deletion(member, at=AT)
    ask_for_deletion(member, "", at=AT, receipts="")
    number = DeletionRequest.objects.latest("pk").pk
    answer_deletion(number, answer, "Why", actor=officer, at=AT)
    administrator = create_account("boss@portal.example", at=AT, name="Boss")
    grant_role(administrator, Role.ADMINISTRATOR, at=AT, actor_id=None)
    client.force_login(administrator)
    assert officer.name in shown(client, f"?action=deletion.{answer}").partition("Request for deletion:")[2]
    rows = client.get(LIST, {"person": officer.name}).context["rows"]
    assert f"deletion.{answer}" in {row.entry.action for row in rows}
    for action in ("deletion.asked", "deletion.withdrawn"):
        for row in client.get(f"{LIST}?action={action}").context["rows"]:
            assert (row.actor, row.target, row.target_url) == ("somebody for themselves", "", "")
    rows = client.get(LIST, {"person": member.name}).context["rows"]
    assert not [row for row in rows if row.entry.action.startswith("deletion.")]


# --- by a command ----------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_what_the_operator_did_is_told_apart(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    member = people["member"]
    second_factor.give(member, APP_KEY, RECOVERY_SEED, at=AT)
    call_command("grant_role", member.email, "moderator", "--task-force", tf.slug)
    call_command("revoke_role", member.email, "moderator", "--task-force", tf.slug)
    call_command("remove_second_factor", member.email)
    call_command("lock_account", member.email, "--reason", "Why")
    call_command("unlock_account", member.email)
    client.force_login(people["privacy"])
    for action in ("role.granted", "role.removed", "second-factor.removed", "lock.set", "lock.lifted"):
        found = shown(client, f"?action={action}")
        assert "the operator, by a command" in found, action
        assert "the portal, or a visitor" not in found, action


def test_what_the_portal_did_is_not_the_operators(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    log.record("phase.full", at=AT, actor_id=None, task_force_id=tf.pk)
    log.record("role.granted", people["member"], at=AT, actor_id=people["coordinator"].pk, task_force_id=tf.pk)
    client.force_login(people["privacy"])
    assert "the portal, or a visitor" in shown(client, "?action=phase.full")
    assert "the operator" not in shown(client, f"?action=role.granted&person=%23{people['member'].pk}")
