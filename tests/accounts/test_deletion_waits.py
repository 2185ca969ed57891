"""Whoever may answer requests for deletion hears of each: one mail that says not whose, and the Overview."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings

from taskforce.accounts import rules, services
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.queries import has_anywhere, holders
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
    assert set(mail.context) == {"url", "asked_at"}
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
