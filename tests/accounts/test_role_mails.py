"""Whoever is given a role at once, or loses one, is told by mail: which, where, what it allows and where it begins."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.core.management import call_command

from taskforce.accounts import notices, rights
from taskforce.accounts.enums import Role
from taskforce.accounts.models import Invitation, RoleGrant, User
from taskforce.accounts.rights import Grant
from taskforce.accounts.services import accept_invitation, grant_role, offer_role, remove_role
from taskforce.audit.models import Entry
from taskforce.core.errors import Refused
from taskforce.notifications import kinds, rendering
from taskforce.notifications.enums import MailClass
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.conftest import utc

AT = utc(2022, 2, 15, 12)


def mails() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind__in=["role-given", "role-taken"]).order_by("pk"))


def give(people: dict[str, User], tf: TaskForce, role: Role = Role.REVIEWER, **given: Any) -> RoleGrant:
    """As the coordinator, to the member, who reads traditional Chinese."""
    values: dict[str, Any] = {"at": AT, "actor_id": people["coordinator"].pk, "task_force_id": tf.pk, **given}
    return grant_role(people["member"], role, **values)


SECOND = "second@example.org"


def second_address(person: User) -> None:
    EmailAddress.objects.create(user=person, email=SECOND, verified=True)


def shown(row: OutboxMessage) -> str:
    rendered = rendering.render(kinds.get(row.kind), row.context, row.language, row.zone)
    return f"{rendered.subject}\n{rendered.text}"


# --- given -----------------------------------------------------------------------------------------------------------


def test_by_the_form_of_the_staff_side_the_mail_says_all(
    people: dict[str, User], tf: TaskForce, settings: LazySettings
) -> None:
    """In the language of the person's account, whatever the form chose for the invitation."""
    settings.SITE_URL = "https://portal.example"
    person, boss = people["member"], people["coordinator"]
    offer_role(person.email, Grant("reviewer", tf.pk, ""), mail_language="ar", actor_id=boss.pk, at=AT)
    (row,) = mails()
    assert (row.kind, row.mailbox, row.language, row.zone) == ("role-given", person.email, "zh-hant", person.zone)
    assert row.task_force_id == tf.pk
    assert row.context["task_force"] == {"text": "領導力發展", "language": "zh-hant"}
    assert row.context["url"] == "https://portal.example/zh-hant/admin/"
    assert not Invitation.objects.exists()


def test_it_lists_what_the_role_allows_and_when_it_began(people: dict[str, User], tf: TaskForce) -> None:
    User.objects.filter(pk=people["member"].pk).update(language="en", zone="Asia/Taipei")
    people["member"].refresh_from_db()
    give(people, tf)
    text = shown(mails()[0])
    words = [words for _app, words in rights.in_words(rights.Grant("reviewer", None, ""))]
    assert words
    assert [each for each in words if f"- {each}" not in " ".join(text.split()).replace("* ", "- ")] == []
    assert "15 February 2022, 12:00 UTC" in text
    assert "20:00" in text
    assert "two-step sign-in" in text


@pytest.mark.parametrize("everywhere", [False, True])
def test_whoever_works_on_the_public_side_begins_at_their_account(
    people: dict[str, User], tf: TaskForce, settings: LazySettings, everywhere: bool
) -> None:
    """Where the page of their work is."""
    where = {"task_force_id": None, "actor_id": None} if everywhere else {}
    give(people, tf, Role.TRANSLATOR, language="ar", **where)
    (row,) = mails()
    assert row.context["url"] == f"{settings.SITE_URL}/zh-hant/accounts/email/#roles"
    assert (row.context["spoken"], row.context["is_everywhere"]) == ("العربية", everywhere)
    client = Client()
    client.force_login(people["member"])
    assert 'id="roles"' in client.get("/zh-hant/accounts/email/").content.decode()


def test_no_other_persons_name_stands_in_it(people: dict[str, User], tf: TaskForce) -> None:
    """As in an invitation: by whose decision is said by office, and the staff side knows the name."""
    User.objects.filter(pk=people["coordinator"].pk).update(name="Buy now at evil.example")
    grant = give(people, tf)
    remove_role(grant.pk, at=AT, actor_id=people["coordinator"].pk)
    assert "evil" not in " ".join(str(row.context) for row in mails())


def test_by_the_command_too(people: dict[str, User], tf: TaskForce) -> None:
    words = (people["member"].email, "moderator", "--task-force", tf.slug)
    call_command("grant_role", *words)
    OutboxMessage.objects.update(state="sent")
    call_command("revoke_role", *words)
    assert [row.kind for row in mails()] == ["role-given", "role-taken"]


def test_given_twice_it_is_told_once(people: dict[str, User], tf: TaskForce) -> None:
    for _again in range(2):
        give(people, tf)
    assert len(mails()) == 1


def test_who_has_said_yes_to_an_invitation_is_told_too(people: dict[str, User], tf: TaskForce) -> None:
    """At every address that is theirs: somebody at an open browser may have said it."""
    offer_role(
        "new@portal.example", Grant("reviewer", tf.pk, ""), mail_language="en", actor_id=people["coordinator"].pk, at=AT
    )
    person = people["member"]
    Invitation.objects.update(mailbox=person.email)
    second_address(person)
    accept_invitation(Invitation.objects.get().pk, user=person, at=AT)
    assert RoleGrant.objects.filter(user=person).exists()
    assert {(row.kind, row.mailbox) for row in mails()} == {("role-given", person.email), ("role-given", SECOND)}


def test_word_of_a_role_goes_to_every_address(people: dict[str, User], tf: TaskForce) -> None:
    """Of its end too, as soon as one of the mails about it has left."""
    person = people["member"]
    second_address(person)
    EmailAddress.objects.create(user=person, email="unconfirmed@example.org", verified=False)
    grant = give(people, tf)
    assert {row.mailbox for row in mails()} == {person.email, SECOND}
    OutboxMessage.objects.filter(kind="role-given", mailbox=SECOND).update(state="sent")
    remove_role(grant.pk, at=AT, actor_id=people["coordinator"].pk)
    assert {(row.kind, row.mailbox, row.state) for row in mails()} == {
        ("role-given", person.email, "superseded"),
        ("role-given", SECOND, "sent"),
        ("role-taken", person.email, "queued"),
        ("role-taken", SECOND, "queued"),
    }


def test_the_role_stands_and_falls_with_its_mail(
    people: dict[str, User], tf: TaskForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = people["member"]

    def broken(*_arguments: Any, **_named: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(notices, "role_given", broken)
    with pytest.raises(RuntimeError):
        give(people, tf)
    assert not RoleGrant.objects.filter(user=person).exists()
    assert not Entry.objects.filter(action="role.granted", target_id=person.pk).exists()


@pytest.mark.parametrize(
    ("boss", "role", "asks"),
    [
        ("coordinator", Role.OBSERVER, "people who coordinate"),
        ("admin", Role.OBSERVER, "administrators of"),
        ("admin", Role.DATA_OFFICER, "administrators of"),
        (None, Role.REVIEWER, "people who coordinate"),
        (None, Role.ADMINISTRATOR, "administrators of"),
    ],
)
def test_each_mail_says_whose_office_it_is(
    people: dict[str, User], tf: TaskForce, boss: str | None, role: Role, asks: str
) -> None:
    """Of who gave or took it; on the server nobody did, so it goes by who may give the role."""
    User.objects.filter(pk=people["member"].pk).update(language="en")
    people["member"].refresh_from_db()
    actor_id = people[boss].pk if boss else None
    grant = give(people, tf, role, actor_id=actor_id)
    OutboxMessage.objects.update(state="sent")
    remove_role(grant.pk, at=AT, actor_id=actor_id)
    if actor_id is not None:
        offer_role("new@portal.example", Grant(role, tf.pk, ""), mail_language="en", actor_id=actor_id, at=AT)
    for row in OutboxMessage.objects.filter(kind__startswith="role-"):
        said = set(re.findall("people who coordinate|administrators of", shown(row)))
        assert said == {asks}


# --- taken away ------------------------------------------------------------------------------------------------------


def test_who_loses_a_role_is_told_which(people: dict[str, User], tf: TaskForce) -> None:
    grant = give(people, tf, Role.TRANSLATOR, language="ar")
    OutboxMessage.objects.update(state="sent")
    remove_role(grant.pk, at=AT, actor_id=people["coordinator"].pk)
    row = mails()[-1]
    assert (row.kind, row.mailbox, row.language, row.task_force_id) == (
        "role-taken", people["member"].email, "zh-hant", tf.pk,
    )  # fmt: skip
    assert set(row.context) == {
        "role", "spoken", "task_force", "is_everywhere", "by_administrators", "moment", "account",
    }  # fmt: skip
    assert "العربية" in shown(row)


def test_whom_no_mail_has_left_for_hears_of_neither(people: dict[str, User], tf: TaskForce) -> None:
    """A slip that is undone at once; and a role that is given anew after it is told."""
    grant = give(people, tf)
    remove_role(grant.pk, at=AT, actor_id=people["coordinator"].pk)
    assert [(row.kind, row.state, row.context) for row in mails()] == [("role-given", "superseded", {})]
    give(people, tf)
    assert [row.state for row in mails()] == ["superseded", "queued"]


def test_nobody_is_told_of_what_was_refused(people: dict[str, User], tf: TaskForce) -> None:
    grant = give(people, tf, Role.DEPUTY)
    OutboxMessage.objects.all().delete()
    for name in ("deputy", "observer"):
        with pytest.raises(Refused):
            remove_role(grant.pk, at=AT, actor_id=people[name].pk)
    with pytest.raises(Refused):
        remove_role(RoleGrant.objects.get(user=people["coordinator"]).pk, at=AT, actor_id=people["coordinator"].pk)
    assert mails() == []


# --- both ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["role-given", "role-taken"])
def test_neither_can_be_left(name: str) -> None:
    """As every mail about one's account: no list, no way out in it."""
    assert kinds.get(name).mail_class == MailClass.TRANSACTIONAL


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("code", ["en", "ar"])
def test_every_role_reads_well(people: dict[str, User], tf: TaskForce, role: Role, code: str) -> None:
    User.objects.filter(pk=people["member"].pk).update(language=code)
    people["member"].refresh_from_db()
    give(people, tf, role, actor_id=None, language="ar" if role in (Role.TRANSLATOR, Role.FACILITATOR) else "")
    text = shown(mails()[0])
    assert "\n\n\n" not in text
    assert f"/{code}/" in mails()[0].context["url"]
