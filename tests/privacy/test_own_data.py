"""One's own data in one file: all that is one's own, nothing of others, nothing that is not told yet."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from feedback.models import FeedbackItem
from taskforce.accounts import notices
from taskforce.accounts.models import Invitation, User
from taskforce.accounts.services import (
    accept_invitation,
    confirm_address,
    create_account,
    decline_invitation,
    make_primary,
    own_parts,
    remove_address,
)
from taskforce.audit.models import Entry
from taskforce.limits import table
from taskforce.timeline.models import DigestMark, Subscription, TaskForce
from tests.architecture.walk import World
from tests.clients import Client

pytestmark = pytest.mark.django_db
DATA = "/en/accounts/data/"
AT = datetime(2022, 2, 15, 12, tzinfo=UTC)


def _file(role: str) -> tuple[Any, str]:
    client = Client()
    client.force_login(User.objects.get(email=f"{role}@demo.example"))
    response = client.post(DATA)
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == 'attachment; filename="own-data.json"'
    assert response.headers["Cache-Control"] == "private, no-store"
    text = response.content.decode()
    return json.loads(text)["parts"], text


@pytest.mark.long
def test_an_address_that_was_anothers_brings_nothing_of_theirs(world: World) -> None:
    """What went to it before B has confirmed it is A's; so is word of A's account, whose it is stands in it."""
    mailbox = "first@demo.example"
    first = create_account(mailbox, at=AT, name="First")
    later = create_account("later@demo.example", at=AT, name="Later")
    notices.password_changed(first, at=AT)
    tf = TaskForce.objects.get(slug="leadership-development")
    coordinator = User.objects.get(email="coordinator@demo.example").pk
    offered: dict[str, int] = {}
    for role in ("observer", "moderator", "deputy"):
        wanted = {"mailbox": mailbox, "role": role, "task_force_id": tf.pk, "mail_language": "en"}
        ends = {"made_at": AT, "told_at": AT, "expires_at": AT + timedelta(days=14)}
        offered[role] = Invitation.objects.create(**wanted, **ends, inviter_id=coordinator).pk
    accept_invitation(offered["observer"], user=first, at=AT)
    decline_invitation(offered["moderator"], actor_id=first.pk, at=AT)
    asked = {"mailbox": mailbox, "task_force": tf, "language": "eu", "zone": "Europe/Madrid", "asked_at": AT}
    Subscription.objects.create(**asked, topic="phases", source="form", confirmed_at=AT)
    DigestMark.objects.create(mailbox=mailbox, through=AT)
    EmailAddress.objects.create(user=first, email="elsewhere@demo.example", verified=True)
    assert make_primary(first.pk, "elsewhere@demo.example", at=AT)
    assert remove_address(first.pk, mailbox, at=AT)
    then = AT + timedelta(days=3)
    given = EmailAddress(user=later, email=mailbox, verified=True)
    assert confirm_address(given, lambda: bool(given.save()) or True, at=then)
    notices.password_changed(later, at=then)
    parts = {user.pk: dict(own_parts(user)) for user in (first, later)}
    assert [row["role"] for row in parts[first.pk]["invitations"]] == ["observer", "moderator"]
    waits = [(row["role"], row["state"]) for row in parts[later.pk]["invitations"]]
    assert waits == [("deputy", "open")], "nobody has answered it, and B could: nothing in it is A's"
    (follows,) = parts[later.pk]["following"]
    assert (follows["mailbox"], follows["topic"]) == (mailbox, "phases"), "its mails come to B now"
    assert (follows["source"], follows["asked_at"], follows["confirmed_at"]) == (None, None, None)
    assert parts[first.pk]["following"] == parts[later.pk]["daily-mails"] == []
    found = {pk: part["mails"] for pk, part in parts.items()}
    assert [(row["kind"], row["mailbox"], row["created_at"]) for row in found[later.pk]] == [
        ("account-address-added", "later@demo.example", then),
        ("account-password-changed", "later@demo.example", then),
        ("account-password-changed", mailbox, then),
    ]
    assert {row["created_at"] for row in found[first.pk] if row["mailbox"] == mailbox} == {AT}, "and A has their own"


def test_what_came_since_an_address_is_ones_own_is_in_it(world: World) -> None:
    """The twin: the same rows, begun after B has the address."""
    mailbox, tf = "first@demo.example", TaskForce.objects.get(slug="leadership-development")
    user, then = create_account(mailbox, at=AT), AT + timedelta(days=1)
    wanted = {"mailbox": mailbox, "role": "observer", "task_force_id": tf.pk, "mail_language": "en", "inviter_id": 1}
    Invitation.objects.create(**wanted, made_at=AT, told_at=then, expires_at=then + timedelta(days=14))
    asked = {"mailbox": mailbox, "task_force": tf, "language": "eu", "asked_at": then, "confirmed_at": then}
    Subscription.objects.create(**asked, topic="phases", source="form")
    DigestMark.objects.create(mailbox=mailbox, through=then)
    parts = dict(own_parts(user))
    assert [row["role"] for row in parts["invitations"]] == ["observer"]
    assert [(row["source"], row["asked_at"], row["confirmed_at"]) for row in parts["following"]] == [
        ("form", then, then)
    ]
    assert [row["through"] for row in parts["daily-mails"]] == [then]


def test_who_is_not_signed_in_is_led_to_the_door(client: Client) -> None:
    response = client.post(DATA)
    assert (response.status_code, response.headers["Location"]) == (302, f"/en/accounts/login/?next={DATA}")


def test_the_page_says_what_the_file_holds(client: Client, world: World) -> None:
    user = User.objects.get(email="applicant@demo.example")
    client.force_login(user)
    page = client.get(DATA)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert [count for _title, count in page.context["parts"]] == [len(rows) for _code, rows in own_parts(user)]
    assert not Entry.objects.filter(action="account.data-taken").exists()


@pytest.mark.long
def test_the_file(world: World) -> None:
    parts, _text = _file("applicant")
    (application,) = parts["applications"]["rows"]
    assert application["typed"]["answers"]
    assert parts["application-versions"]["rows"][0]["answers"]
    assert [row["outcome"] for row in parts["outcomes"]["rows"]] == ["decline"]
    assert {row["kind"] for row in parts["mails"]["rows"]} >= {"application-receipt", "decision-declined"}
    entry = Entry.objects.latest("pk")
    assert (entry.action, entry.target_id) == ("account.data-taken", entry.actor_id)
    assert entry.details["parts"]["applications"] == 1
    followed, _text = _file("member")
    assert {row["mailbox"] for row in followed["following"]["rows"]} == {"member@demo.example"}


def test_what_a_confirmed_mailbox_holds_is_in_it_and_an_unconfirmed_one_opens_nothing(world: World) -> None:
    stranger = create_account("stranger@demo.example", at=AT)
    address = EmailAddress.objects.create(user=stranger, email="Follower.EN@demo.example", verified=False)
    assert dict(own_parts(stranger))["following"] == []
    address.verified = True
    address.save()
    assert {row["mailbox"] for row in dict(own_parts(stranger))["following"]} == {"follower.en@demo.example"}


def test_nothing_of_others(world: World) -> None:
    """No reviewer, no decider, no other applicant, no code of a mail."""
    _parts, text = _file("applicant")
    others = User.objects.exclude(email="applicant@demo.example").exclude(name="")
    assert [name for name in others.values_list("name", flat=True) if name in text] == []
    assert [mail for mail in others.values_list("email", flat=True) if mail in text] == []
    assert not {"decided_by", "reviewer", "context", "code"} & set(text.split('"'))


def test_no_way_leads_from_the_file_to_feedback(world: World) -> None:
    """Nobody promises to keep apart what a file would join."""
    _parts, text = _file("member")
    references = FeedbackItem.objects.values_list("reference", flat=True)
    assert references
    assert [reference for reference in references if reference in text] == []


@pytest.mark.long
def test_it_is_taken_along_ten_times_an_hour(client: Client, db: None) -> None:
    """Each file reads all that there is of a person."""
    client.force_login(create_account("often@example.org", at=AT))
    answers = [client.post(DATA) for _ in range(table.OWN_DATA.most + 1)]
    assert [each.status_code for each in answers] == [200] * table.OWN_DATA.most + [429]
    assert int(answers[-1].headers["Retry-After"]) <= table.OWN_DATA.within.total_seconds()
