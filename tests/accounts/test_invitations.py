"""Invitations to roles by a signed link: who is invited, what the mail says, and what the link can and cannot."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.core import signing
from django.db import IntegrityError, transaction

from taskforce.accounts import links
from taskforce.accounts.enums import Role
from taskforce.accounts.models import Invitation, RoleGrant, User
from taskforce.accounts.rights import Grant
from taskforce.accounts.services import (
    accept_invitation,
    create_account,
    decline_invitation,
    forget_invitations,
    grant_role,
    offer_role,
    own_parts,
    remove_role,
    withdraw_invitation,
)
from taskforce.accounts.transitions import INVITATION
from taskforce.audit.models import Entry
from taskforce.core import tokens
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused, TooOften
from taskforce.limits import mailboxes as limits
from taskforce.notifications import leaving, preferences
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import asking
from taskforce.timeline.asking import Ask
from taskforce.timeline.models import TaskForce
from tests.clients import Client, note_sign_in
from tests.conftest import utc
from tests.timeline.conftest import Run

AT = utc(2022, 2, 15, 12)
ADDRESS = "new@portal.example"
DAY = timedelta(days=1)
Offer = Callable[..., None]


@pytest.fixture
def offer(people: dict[str, User], tf: TaskForce) -> Offer:
    """Offers the role of a reviewer to a new address, as the coordinator; anything else by name."""

    def run(address: str = ADDRESS, **given: object) -> None:
        wanted = Grant(str(given.pop("role", Role.REVIEWER)), tf.pk, str(given.pop("language", "")))
        values = {"mail_language": "en", "actor_id": people["coordinator"].pk, "at": AT, **given}
        offer_role(address, wanted, **values)  # type: ignore[arg-type]  # named by each test

    return run


def mails() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind="role-invitation").order_by("pk"))


def path_of(mail: OutboxMessage) -> str:
    return "/" + str(mail.context["url"]).split("/", 3)[3]


def invited_person(at: str = ADDRESS) -> User:
    return create_account(at, at=AT, name="New")


# --- inviting --------------------------------------------------------------------------------------------------------


def test_who_has_no_account_is_invited(offer: Offer, tf: TaskForce, people: dict[str, User]) -> None:
    offer("New@Portal.Example", mail_language="zh-hant")
    made = Invitation.objects.get()
    assert (made.mailbox, made.wanted) == (ADDRESS, Grant("reviewer", tf.pk, ""))
    assert (made.state, made.expires_at - made.made_at) == ("open", 14 * DAY)
    (mail,) = mails()
    assert (mail.mailbox, mail.language, mail.valid_until) == (ADDRESS, "zh-hant", made.expires_at)
    assert mail.context["task_force"] == {"text": "領導力發展", "language": "zh-hant"}
    entry = Entry.objects.get(action="invitation.invited")
    assert (entry.actor_id, entry.task_force_id) == (people["coordinator"].pk, tf.pk)
    assert ADDRESS not in str(entry.details)


def test_who_has_an_account_gets_the_role_at_once(offer: Offer, tf: TaskForce) -> None:
    person = invited_person()
    offer("NEW@portal.example")
    assert RoleGrant.objects.get(user=person).role == Role.REVIEWER
    assert not mails()
    assert not Invitation.objects.exists()


def test_the_mail_says_nothing_that_somebody_typed(offer: Offer, people: dict[str, User]) -> None:
    """The mailbox may be a stranger's: no name of the inviter, no text of theirs."""
    User.objects.filter(pk=people["coordinator"].pk).update(name="Buy now at evil.example")
    offer()
    assert set(mails()[0].context) == {
        "role", "spoken", "task_force", "is_everywhere", "by_administrators", "days", "url",
    }  # fmt: skip
    assert "evil" not in str(mails()[0].context)


def test_the_link_stands_under_the_portals_own_address(offer: Offer, settings: LazySettings) -> None:
    settings.SITE_URL = "https://portal.example"
    offer(mail_language="ar")
    assert re.fullmatch(r"https://portal\.example/ar/accounts/invitation/[\w:-]+/", mails()[0].context["url"])


@pytest.mark.parametrize(
    ("address", "given", "error"),
    [
        ("no address", {}, Invalid),
        ("a@b.example,c@d.example", {}, Invalid),
        (ADDRESS, {"mail_language": "tlh"}, Invalid),
        (ADDRESS, {"role": Role.TRANSLATOR}, Invalid),
        (ADDRESS, {"language": "ar"}, Invalid),
    ],
)
def test_what_cannot_be_meant(offer: Offer, address: str, given: dict[str, str], error: type[PortalError]) -> None:
    with pytest.raises(error):
        offer(address, **given)
    assert not mails()


@pytest.mark.parametrize("name", ["deputy", "reviewer1", "observer", "admin", "member"])
def test_who_may_not_give_the_role_may_not_invite_to_it(offer: Offer, people: dict[str, User], name: str) -> None:
    with pytest.raises(Refused):
        offer(actor_id=people[name].pk)
    assert not Invitation.objects.exists()


def test_asked_again_within_a_day_nothing_goes(offer: Offer) -> None:
    offer()
    offer(at=AT + timedelta(hours=23), mail_language="ar")
    assert len(mails()) == 1
    offer(at=AT + timedelta(hours=25))
    assert len(mails()) == 2
    made = Invitation.objects.get()
    assert made.expires_at == AT + timedelta(hours=25) + 14 * DAY
    assert len({mail.context["url"] for mail in mails()}) == 1


@pytest.mark.parametrize("end", [withdraw_invitation, decline_invitation])
def test_what_was_refused_is_not_sent_again_within_a_day(
    offer: Offer, people: dict[str, User], end: Callable[..., object]
) -> None:
    offer()
    by = people["coordinator"].pk if end is withdraw_invitation else None
    end(Invitation.objects.get().pk, at=AT, actor_id=by)
    with pytest.raises(Refused, match="less than a day"):
        offer(at=AT + timedelta(hours=5))
    offer(at=AT + timedelta(hours=25))
    assert len(mails()) == 2


def test_a_mailbox_gets_three_of_these_a_day_and_no_fourth(offer: Offer) -> None:
    """The limit of everything that a stranger may be sent, over all roles, tags and dots."""
    roles = (Role.REVIEWER, Role.MODERATOR, Role.OBSERVER)
    for role, address in zip(roles, (ADDRESS, "n.ew@portal.example", "new+x@portal.example"), strict=True):
        offer(address, role=role)
    with pytest.raises(TooOften):
        offer(role=Role.DEPUTY)
    assert len(mails()) == 3
    assert Invitation.objects.count() == 3


# --- the page --------------------------------------------------------------------------------------------------------


def test_reading_the_page_changes_nothing(client: Client, offer: Offer) -> None:
    """Programs open links too: with an account and without, by GET and HEAD."""
    offer()
    invited_person()
    before = list(Invitation.objects.values()), Entry.objects.count()
    for user in (None, User.objects.get(email=ADDRESS)):
        if user:
            client.force_login(user)
        for read in (client.get, client.head):
            response = read(path_of(mails()[0]))
            assert response.status_code == 200
            assert response.headers["Cache-Control"] == "private, no-store"
    assert (list(Invitation.objects.values()), Entry.objects.count()) == before


def test_a_role_is_accepted_after_a_fresh_proof_only(client: Client, offer: Offer) -> None:
    """A browser that was left open takes on no role. Who is somebody else is told so, and proves nothing."""
    offer()
    person, path = invited_person(), path_of(mails()[0])
    client.force_login(person)
    note_sign_in(client, person, second_factor=False, seconds_ago=DAY.total_seconds())
    asked = client.post(path, {"answer": "yes"})
    assert (asked.status_code, "/reauthenticate/" in asked.headers["Location"]) == (302, True)
    assert not RoleGrant.objects.filter(user=person).exists()
    other = invited_person("other@portal.example")
    client.force_login(other)
    note_sign_in(client, other, second_factor=False, seconds_ago=DAY.total_seconds())
    assert client.post(path, {"answer": "yes"}).status_code == 403
    client.force_login(person)
    note_sign_in(client, person, second_factor=False, seconds_ago=DAY.total_seconds())
    assert client.post(path, {"answer": "no"}).status_code == 303, "nothing is taken on by it"


def test_whoever_signs_up_finds_what_they_were_invited_to_in_their_own_data(offer: Offer, tf: TaskForce) -> None:
    """What waits for an answer, though it came before the account; not what somebody else had answered there."""
    offer()
    offer(role=Role.OBSERVER)
    decline_invitation(Invitation.objects.get(role=Role.OBSERVER).pk, actor_id=None, at=AT)
    person = create_account(ADDRESS, at=AT + DAY, name="New")
    EmailAddress.objects.filter(user=person).update(verified=True)
    assert [row["role"] for row in dict(own_parts(person))["invitations"]] == ["reviewer"]
    EmailAddress.objects.filter(user=person).update(verified=False)
    assert dict(own_parts(person))["invitations"] == []


def test_from_the_mail_to_the_staff_side(client: Client, offer: Offer, tf: TaskForce, people: dict[str, User]) -> None:
    offer()
    person, path = invited_person(), path_of(mails()[0])
    response = client.post(path, {"answer": "yes"})
    assert response.headers["Location"] == f"/en/accounts/login/?{urlencode({'next': path})}"
    client.force_login(person)
    response = client.post(path, {"answer": "yes", "is_staff": "0", "role": "administrator", "user_id": "1"})
    assert (response.status_code, response.headers["Location"]) == (303, "/en/admin/")
    grant = RoleGrant.objects.get(user=person)
    assert (grant.role, grant.task_force_id, grant.granted_by_id) == ("reviewer", tf.pk, people["coordinator"].pk)
    client.force_login(User.objects.get(pk=person.pk))
    assert client.get("/en/admin/").status_code == 200
    assert Invitation.objects.get().state == "accepted"
    assert Entry.objects.get(action="invitation.accepted").actor_id == person.pk


@pytest.mark.long
def test_who_makes_an_account_comes_back_to_the_invitation(client: Client, offer: Offer) -> None:
    """By the page's own way to sign up, which says which address to use, and the code that comes to that one."""
    offer()
    path = path_of(mails()[0])
    link = f"/en/accounts/signup/?{urlencode({'next': path})}"
    assert f'href="{link}">Make an account<' in client.get(path).content.decode()
    passwords = dict.fromkeys(("password1", "password2"), "a long enough secret")
    fields = {"email": ADDRESS, "next": path, **passwords}
    page = client.get(link).content.decode()
    assert f'value="{path}"' in page
    assert "use the address that the mail with it came to" in page
    answer = client.post(link, fields)
    code = OutboxMessage.objects.get(kind="account-confirm-code").context["code"]
    answer = client.post(answer.headers["Location"], {"code": code})
    assert answer.headers["Location"] == path
    assert client.post(path, {"answer": "yes"}).headers["Location"] == "/en/admin/"
    # A password alone does not open the staff side: the second step is asked for there.
    assert "2fa" in client.get("/en/admin/", follow=True).redirect_chain[-1][0]


def test_the_link_alone_tells_no_address_on_the_page_to_sign_up(client: Client, offer: Offer) -> None:
    """Whoever sees the link, in a log or over a shoulder, is told no more than its page tells, whatever they press."""
    offer()
    path = path_of(mails()[0])
    pages = [
        path,
        f"/en/accounts/signup/?{urlencode({'next': path})}",
        f"/en/accounts/login/?{urlencode({'next': path})}",
    ]
    pages += [client.post(path, {"answer": answer}).headers["Location"] for answer in ("sign-up", "yes", "")]
    found = {page: client.get(page).content.decode() for page in pages}
    assert [page for page, text in found.items() if ADDRESS in text or ADDRESS in page] == []


def test_strangers_do_not_keep_staff_from_inviting(offer: Offer) -> None:
    while limits.admit(ADDRESS):
        pass
    offer()
    assert [mail.mailbox for mail in mails()] == [ADDRESS]


def test_a_role_off_the_staff_side_leads_to_the_account(client: Client, offer: Offer) -> None:
    offer(role=Role.TRANSLATOR, language="ar")
    client.force_login(invited_person())
    assert "العربية" in client.get(path_of(mails()[0])).content.decode()
    response = client.post(path_of(mails()[0]), {"answer": "yes"})
    assert response.headers["Location"] == "/en/accounts/email/"
    assert RoleGrant.objects.filter(role=Role.TRANSLATOR, language="ar").exists()


def test_no_is_said_without_an_account(client: Client, offer: Offer) -> None:
    offer()
    path = path_of(mails()[0])
    assert 'value="no"' not in client.get(path).content.decode(), "one tap says no"
    asked = client.get(f"{path}?decline").content.decode()
    assert 'value="no"' in asked
    assert Invitation.objects.get().state == "open"
    page = client.post(path, {"answer": "no"}, follow=True).content.decode()
    assert "has been declined" in page
    assert Invitation.objects.get().state == "declined"
    client.force_login(invited_person())
    assert client.post(path, {"answer": "yes"}).status_code == 409
    assert not RoleGrant.objects.filter(role=Role.REVIEWER).exists()


def test_who_is_somebody_else_cannot_say_no(client: Client, offer: Offer) -> None:
    """Neither on the page nor past it; the invited person can, after they were asked once more."""
    offer()
    path = path_of(mails()[0])
    client.force_login(invited_person("other@portal.example"))
    for page in (path, f"{path}?decline"):
        shown = client.get(page).content.decode()
        assert "Decline" not in shown
        assert 'value="no"' not in shown
    assert client.post(path, {"answer": "no"}).status_code == 403
    assert Invitation.objects.get().state == "open"
    client.force_login(invited_person())
    assert "?decline" in client.get(path).content.decode()
    assert client.post(path, {"answer": "no"}).status_code == 303
    assert Invitation.objects.get().state == "declined"


def test_who_has_accepted_goes_on_to_their_work(client: Client, offer: Offer) -> None:
    """From the old link too; not somebody else, and not once the role is gone."""
    offer()
    person, path = invited_person(), path_of(mails()[0])
    accept_invitation(Invitation.objects.get().pk, user=person, at=AT)
    way_on = 'cdx-button--weight-primary" href="/en/admin/"'
    signed_out = client.get(path).content.decode()
    assert way_on not in signed_out
    assert "/en/accounts/login/?next=" in signed_out
    client.force_login(person)
    assert way_on in client.get(path).content.decode()
    remove_role(RoleGrant.objects.get(user=person).pk, at=AT, actor_id=None)
    assert way_on not in client.get(path).content.decode()


def test_who_is_signed_in_with_another_address_is_told_how(client: Client, offer: Offer) -> None:
    offer()
    path = path_of(mails()[0])
    client.force_login(invited_person("other@portal.example"))
    page = client.get(path).content.decode()
    assert "not with the address" in page
    back = quote(f"/en/accounts/login/?next={quote(path, safe='')}", safe="")
    assert f"/en/accounts/logout/?next={back}" in page
    assert ADDRESS not in page
    response = client.post(path, {"answer": "yes"})
    assert response.status_code == 403
    assert "another address" in response.content.decode()
    # An address that nobody has confirmed is none of theirs.
    other = User.objects.get(email="other@portal.example")
    EmailAddress.objects.create(user=other, email=ADDRESS, verified=False)
    assert client.post(path, {"answer": "yes"}).status_code == 403
    EmailAddress.objects.filter(email=ADDRESS).update(verified=True)
    assert client.post(path, {"answer": "yes"}).status_code == 303


# --- what the link cannot --------------------------------------------------------------------------------------------


def foreign_tokens(made: Invitation) -> dict[str, str]:
    """Tokens that say something, but are no invitation's: of other links, of another purpose, damaged."""
    own = links.token(made.pk, made.mailbox)
    ask = Ask(made.mailbox, made.task_force_id or 0, ("updates",), "immediate", "en", "UTC")
    return {
        "leaving": leaving.token(Leave(made.mailbox, made.task_force_id, "")),
        "choosing": preferences.token(made.mailbox),
        "following": asking.token(ask),
        "unsigned": "WzEsIm5ld0Bwb3J0YWwuZXhhbXBsZSJd",
        "without purpose": signing.Signer().sign_object([made.pk, made.mailbox]),
        "another mailbox": links.token(made.pk, "other@portal.example"),
        "another number": links.token(made.pk + 1, made.mailbox),
        "shortened": own[:-2],
        "long": own * 20,
        "random": tokens.new_reference("I"),
    }


def test_no_other_token_opens_it(client: Client, offer: Offer) -> None:
    offer()
    client.force_login(invited_person())
    for name, token in foreign_tokens(Invitation.objects.get()).items():
        for send in (client.get, client.post):
            response = send(f"/en/accounts/invitation/{token}/", {"answer": "yes"})
            assert response.status_code == 404, name
            assert "does not work" in response.content.decode(), name
            assert 'href="mailto:' in response.content.decode(), name
    assert Invitation.objects.get().state == "open"


def test_the_address_of_the_page_tells_no_mailbox(offer: Offer) -> None:
    offer()
    token = path_of(mails()[0]).split("/")[-2]
    assert "new" not in str(signing.b64_decode(token.split(":")[0].encode()))


def test_its_token_opens_nothing_else(client: Client, offer: Offer) -> None:
    offer()
    made = Invitation.objects.get()
    token = links.token(made.pk, made.mailbox)
    assert (leaving.read(token), preferences.read(token), asking.read(token)) == (None, None, None)


def test_a_link_works_for_fourteen_days_and_once(client: Client, offer: Offer) -> None:
    offer()
    made, person = Invitation.objects.get(), invited_person()
    with pytest.raises(Refused, match="over"):
        accept_invitation(made.pk, user=person, at=AT + 14 * DAY)
    accept_invitation(made.pk, user=person, at=AT + 14 * DAY - timedelta(seconds=1))
    with pytest.raises(Conflict):
        accept_invitation(made.pk, user=person, at=AT)
    remove_role(RoleGrant.objects.get(user=person).pk, at=AT, actor_id=None)
    client.force_login(person)
    response = client.post(path_of(mails()[0]), {"answer": "yes"})
    assert response.status_code == 409
    assert "has been accepted" in response.content.decode()
    assert not RoleGrant.objects.filter(user=person).exists()


def test_a_link_whose_time_is_over_says_so(client: Client, offer: Offer) -> None:
    offer(at=AT - 20 * DAY)
    client.force_login(invited_person())
    assert "is over" in client.get(path_of(mails()[0])).content.decode()
    response = client.post(path_of(mails()[0]), {"answer": "yes"})
    assert response.status_code == 403
    assert client.post(path_of(mails()[0]), {"answer": "no"}).status_code == 303
    assert Invitation.objects.get().state == "open"


def test_what_was_withdrawn_gives_nothing_and_its_mail_stays_here(
    client: Client, offer: Offer, people: dict[str, User]
) -> None:
    offer()
    path = path_of(mails()[0])
    withdraw_invitation(Invitation.objects.get().pk, at=AT, actor_id=people["coordinator"].pk)
    assert (mails()[0].state, mails()[0].context) == ("superseded", {})
    client.force_login(invited_person())
    response = client.post(path, {"answer": "yes"})
    assert (response.status_code, "withdrawn" in response.content.decode()) == (409, True)
    assert "ask whoever invited you" in response.content.decode()
    assert 'href="mailto:' in response.content.decode()
    assert not RoleGrant.objects.filter(role=Role.REVIEWER).exists()


def test_who_may_not_give_the_role_withdraws_nothing(offer: Offer, people: dict[str, User]) -> None:
    offer()
    for name in ("deputy", "admin", "member"):
        with pytest.raises(Refused):
            withdraw_invitation(Invitation.objects.get().pk, at=AT, actor_id=people[name].pk)


def test_an_inviter_who_has_lost_the_right_gives_nothing(client: Client, offer: Offer, people: dict[str, User]) -> None:
    offer()
    remove_role(RoleGrant.objects.get(user=people["coordinator"]).pk, at=AT, actor_id=None)
    person = invited_person()
    client.force_login(person)
    response = client.post(path_of(mails()[0]), {"answer": "yes"})
    assert response.status_code == 403
    assert "may not give this role any more" in response.content.decode()
    assert Invitation.objects.get().state == "open"
    assert not RoleGrant.objects.filter(user=person).exists()


def test_nobody_invites_themselves(offer: Offer, people: dict[str, User], client: Client) -> None:
    """An address that the inviter shows to be their own afterwards brings them no role."""
    offer(role=Role.OBSERVER)
    boss = people["coordinator"]
    EmailAddress.objects.create(user=boss, email=ADDRESS, verified=True)
    with pytest.raises(Refused):
        accept_invitation(Invitation.objects.get().pk, user=boss, at=AT)
    assert RoleGrant.objects.filter(user=boss).count() == 1


# --- rows ------------------------------------------------------------------------------------------------------------


def test_every_step_of_the_table_is_known() -> None:
    states = {state for state, _action in INVITATION} | set(INVITATION.values())
    assert states == {"open", "accepted", "declined", "withdrawn"}


def test_the_database_keeps_one_open_invitation(offer: Offer) -> None:
    offer()
    made = Invitation.objects.get()
    made.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save()


def test_what_ended_long_ago_is_forgotten(offer: Offer) -> None:
    offer()
    assert forget_invitations(AT + 43 * DAY) == 0
    assert forget_invitations(AT + 44 * DAY) == 1
    offer(at=AT + 50 * DAY)
    decline_invitation(Invitation.objects.get().pk, actor_id=None, at=AT + 51 * DAY)
    assert forget_invitations(AT + 80 * DAY) == 0
    assert forget_invitations(AT + 81 * DAY) == 1


def test_two_answers_at_once_are_one(transactional_db: None, aside: Run) -> None:
    """The same link pressed in two windows: one role, one answer."""
    boss, person = create_account("boss@portal.example", at=AT), create_account(ADDRESS, at=AT)
    grant_role(boss, Role.COORDINATOR, at=AT, actor_id=None)
    made = Invitation.objects.create(
        mailbox=ADDRESS, role=Role.REVIEWER, mail_language="en", inviter_id=boss.pk, made_at=AT, told_at=AT,
        expires_at=AT + DAY,
    )  # fmt: skip
    runs = [aside(accept_invitation, made.pk, user=person, at=AT) for _ in range(4)]
    runs += [aside(decline_invitation, made.pk, actor_id=None, at=AT) for _ in range(4)]
    outcomes = [run.exception(10) for run in runs]
    assert [type(outcome) for outcome in outcomes if outcome] == [Conflict] * 7
    state = Invitation.objects.get().state
    assert RoleGrant.objects.filter(user=person).count() == (state == "accepted")
