"""Whoever may answer requests for deletion hears of each: one mail that says not whose, and the Overview."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings

from taskforce.accounts import rules, services
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.queries import appointers, deletions_without_officer, grants_of, has_anywhere, holders
from taskforce.notifications import kinds, rendering
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client

pytestmark = pytest.mark.django_db
OVERVIEW = "/en/admin/"
QUEUE = "/en/admin/accounts/deletionrequest/"
AT = datetime(2022, 2, 15, 12, 0, 37, tzinfo=UTC)


@pytest.fixture(autouse=True)
def officer(people: dict[str, User]) -> User:
    """Whoever answers: the people of these tests are there once they are asked for."""
    return people["privacy"]


def told() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind="deletion-waits").order_by("pk"))


def second_officer(people: dict[str, User]) -> User:
    """The moderator, who answers for all task forces from now on."""
    services.grant_role(people["moderator"], Role.DATA_OFFICER, at=AT, actor_id=None)
    return people["moderator"]


def test_everybody_who_may_answer_gets_one_mail_in_their_language(
    people: dict[str, User], settings: LazySettings
) -> None:
    settings.SITE_URL = "https://portal.example"
    first, second = people["privacy"], second_officer(people)
    User.objects.filter(pk=second.pk).update(language="ar", zone="Asia/Riyadh")
    row = services.ask_for_deletion(people["member"], "I leave, and this is my reason.", at=AT)
    services.ask_for_deletion(people["member"], "Sent twice.", at=AT)
    found = {mail.mailbox: mail for mail in told()}
    assert sorted(found) == sorted([first.email, second.email])
    assert len(told()) == 2
    arabic = found[second.email]
    assert (arabic.language, arabic.zone) == ("ar", "Asia/Riyadh")
    assert arabic.context["url"] == f"https://portal.example/ar/admin/accounts/deletionrequest/{row.pk}/change/"


def test_it_says_neither_who_nor_why_and_leads_to_the_page(client: Client, people: dict[str, User]) -> None:
    member = people["member"]
    User.objects.filter(pk=people["privacy"].pk).update(language="en")
    services.ask_for_deletion(member, "I leave, and this is my reason.", at=AT)
    (mail,) = told()
    assert set(mail.context) == {"url", "asked_at", "nobody"}
    shown = rendering.render(kinds.get(mail.kind), mail.context, mail.language, mail.zone)
    assert "15 February 2022, 12:00 UTC" in shown.text
    for word in (member.name, member.email, "reason", ":37"):
        assert word not in f"{shown.subject}{shown.text}{shown.html}"
    client.force_login(people["privacy"])
    path = "/" + mail.context["url"].split("/", 3)[3]
    assert member.name in client.get(path).content.decode()


def test_nobody_is_told_of_their_own_and_nobody_who_may_not_answer(people: dict[str, User]) -> None:
    second = second_officer(people)
    services.ask_for_deletion(people["privacy"], "", at=AT)
    assert [mail.mailbox for mail in told()] == [second.email]
    User.objects.filter(pk=second.pk).update(is_active=False)
    services.ask_for_deletion(people["member"], "", at=AT)
    assert [mail.mailbox for mail in told()] == [second.email, people["privacy"].email]


def test_the_rule_says_who_may_answer(people: dict[str, User]) -> None:
    """As it says it page by page: whoever it lets in is told."""
    second_officer(people)
    may = rules.WHO["deletion.answer"]
    everybody = [people[name] for name in people] + list(User.objects.filter(pk__in=RoleGrant.objects.values("user")))
    assert {user.pk for user in holders(may)} == {user.pk for user in everybody if has_anywhere(user, may)}


@pytest.mark.parametrize("end", ["withdrawn", "answered"])
def test_whom_no_mail_has_left_for_hears_of_none_that_is_over(people: dict[str, User], end: str) -> None:
    row = services.ask_for_deletion(people["member"], "", at=AT)
    other = services.ask_for_deletion(people["applicant"], "", at=AT)
    if end == "withdrawn":
        services.take_back_deletion(people["member"], at=AT)
    else:
        services.answer_deletion(row.pk, "refuse", "No.", actor=people["privacy"], at=AT)
    assert [(mail.key.split(":")[1], mail.state) for mail in told()] == [
        (str(row.pk), "superseded"), (str(other.pk), "queued"),
    ]  # fmt: skip


@pytest.mark.long
def test_the_overview_counts_them_and_leads_to_them(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["privacy"])
    assert "for deletion is open" not in client.get(OVERVIEW).content.decode()
    services.ask_for_deletion(people["privacy"], "", at=AT)
    assert "for deletion is open" not in client.get(OVERVIEW).content.decode(), "nobody answers their own"
    services.ask_for_deletion(people["member"], "", at=AT)
    page = client.get(OVERVIEW).content.decode()
    assert "1 request for deletion is open." in page
    assert f'<a href="{QUEUE}">Read and answer</a>' in page
    services.ask_for_deletion(people["applicant"], "", at=AT)
    assert "2 requests for deletion are open." in client.get(OVERVIEW).content.decode()
    for name in ("privacy", "member", "applicant"):
        services.take_back_deletion(people[name], at=AT)
    assert "for deletion" not in client.get(OVERVIEW).content.decode().replace("Requests for deletion", "")


@pytest.mark.parametrize("role", ["admin", "coordinator", "observer"])
def test_nobody_else_reads_of_them_there(client: Client, people: dict[str, User], role: str) -> None:
    services.ask_for_deletion(people["member"], "", at=AT)
    client.force_login(people[role])
    assert "for deletion" not in client.get(OVERVIEW).content.decode()


# --- nobody can answer -----------------------------------------------------------------------------------------------


def an_administrator_of_all(people: dict[str, User]) -> User:
    """The observer, who may appoint a data officer for all task forces from now on."""
    services.grant_role(people["observer"], Role.ADMINISTRATOR, at=AT, actor_id=None)
    return people["observer"]


@pytest.mark.long
@pytest.mark.parametrize("why", ["no officer", "their own"])
def test_where_nobody_can_answer_those_who_may_appoint_somebody_hear_of_it(
    client: Client, people: dict[str, User], why: str
) -> None:
    """By a mail that leads to where roles are given, and on the Overview; until somebody is appointed."""
    boss, officer = an_administrator_of_all(people), people["privacy"]
    person = officer if why == "their own" else people["member"]
    if why == "no officer":
        RoleGrant.objects.filter(role=Role.DATA_OFFICER).delete()
    row = services.ask_for_deletion(person, "I leave, and this is my reason.", at=AT)
    assert [mail.mailbox for mail in told()] == [boss.email]
    (mail,) = told()
    assert mail.context["url"].endswith(f"/{boss.language}/admin/accounts/rolegrant/give/")
    shown = rendering.render(kinds.get(mail.kind), mail.context, "en", mail.zone)
    assert "nobody can answer" in shown.subject
    assert "Appoint a data officer" in shown.text
    for word in (person.name, person.email, "reason"):
        assert word not in f"{shown.subject}{shown.text}{shown.html}"
    client.force_login(boss)
    page = client.get(OVERVIEW).content.decode()
    assert "1 request for deletion is open, and nobody can answer it." in page
    assert 'href="/en/admin/accounts/rolegrant/give/">Appoint one</a>' in page
    assert client.get(f"{QUEUE}{row.pk}/change/").status_code in (302, 403, 404), "they read none of it themselves"
    services.grant_role(people["moderator"], Role.DATA_OFFICER, at=AT, actor_id=boss.pk)
    assert "for deletion is open" not in client.get(OVERVIEW).content.decode()
    client.force_login(people["moderator"])
    assert "1 request for deletion is open." in client.get(OVERVIEW).content.decode()


def test_whoever_may_appoint_hears_nothing_where_somebody_answers(client: Client, people: dict[str, User]) -> None:
    boss = an_administrator_of_all(people)
    services.ask_for_deletion(people["member"], "", at=AT)
    assert [mail.mailbox for mail in told()] == [people["privacy"].email]
    client.force_login(boss)
    assert "for deletion is open" not in client.get(OVERVIEW).content.decode()
    services.take_back_deletion(people["member"], at=AT)
    RoleGrant.objects.filter(role=Role.DATA_OFFICER).delete()
    services.ask_for_deletion(people["applicant"], "", at=AT)
    services.take_back_deletion(people["applicant"], at=AT)
    assert told()[-1].state == "superseded"


def test_whoever_may_appoint_somebody_hears_nothing_of_their_own(people: dict[str, User]) -> None:
    boss = an_administrator_of_all(people)
    RoleGrant.objects.filter(role=Role.DATA_OFFICER).delete()
    services.ask_for_deletion(boss, "", at=AT)
    assert told() == []
    services.grant_role(people["moderator"], Role.ADMINISTRATOR, at=AT, actor_id=None)
    services.take_back_deletion(boss, at=AT)
    services.ask_for_deletion(boss, "", at=AT)
    assert [mail.mailbox for mail in told()] == [people["moderator"].email]


def test_the_rule_says_who_may_appoint(people: dict[str, User]) -> None:
    """As it says it where roles are given; those of one task force appoint nobody for all."""
    boss = an_administrator_of_all(people)
    RoleGrant.objects.filter(role=Role.DATA_OFFICER).delete()
    services.ask_for_deletion(people["member"], "", at=AT)
    wanted = rules.OFFICER_FOR_ALL
    found = {user.pk for user in people.values() if rules.may_give(grants_of(user), wanted)[0]}
    assert found == {boss.pk} == {user.pk for user in appointers(wanted)}
    assert {user.pk for user in people.values() if deletions_without_officer(user)} == found
