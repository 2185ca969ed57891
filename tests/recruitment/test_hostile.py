"""Whatever is sent in place of an application: a form with its error or a 4xx; nothing half stored, nothing lost."""

import re
from time import process_time
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from recruitment import mailboxes, personal_data, services
from recruitment.forms.applying import LONGEST_TYPED
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now
from taskforce.core.errors import Refused
from tests.clients import Client
from tests.conftest import Stand
from tests.recruitment.conftest import (
    AT,
    HARD_CLOSES,
    PAGE,
    SignIn,
    draft,
    question_names,
    shown_form,
    withdrawal,
)

FORM = "application/x-www-form-urlencoded"
WORDS = "Words that somebody typed."
Fields = dict[str, Any]


def filled(client: Client, call: Call, action: str = "submit", **changes: Any) -> Fields:
    first, second = question_names(call)
    return {**shown_form(client, call), first: WORDS, second: "four", "action": action, **changes}


# --- one application of a mailbox -------------------------------------------------------------------------------------


def moved(user: User, mailbox: str) -> None:
    """The account has another address now, and anybody may make one with the former."""
    EmailAddress.objects.filter(user=user).update(email=mailbox)
    User.objects.filter(pk=user.pk).update(email=mailbox)


def again(call: Call, mailbox: str) -> User:
    """Another account with this address, which has written a draft."""
    user = create_account(mailbox, at=AT, name="The same")
    services.save_draft(call.pk, user, draft(call, "Once more."))
    return user


@pytest.fixture
def first(call: Call) -> User:
    """Somebody who has applied by `one@example.org`, and then changed their address."""
    user = create_account("one@example.org", at=AT, name="First")
    services.submit(call.pk, user, draft(call))
    moved(user, "other@example.org")
    return user


def test_a_second_account_with_the_same_mailbox_applies_no_second_time(
    call: Call, first: User, sign_in: SignIn
) -> None:
    """It is told why, keeps what it wrote, and may submit it once the first application is withdrawn."""
    second = again(call, "One@Example.org")
    browser = sign_in(second)
    answer = browser.post(PAGE, filled(browser, call))
    said = answer.content.decode()
    assert answer.status_code == 403
    assert "somebody has applied to this call already, with another account" in said
    assert WORDS in said
    assert Snapshot.objects.count() == 1
    assert Application.objects.get(applicant=second).state == "draft"
    services.withdraw(Application.objects.get(applicant=first).pk, first, at=app_now())
    assert browser.post(PAGE, filled(browser, call)).status_code == 303


def as_seen(browser: Client, call: Call, mailbox: str) -> list[str]:
    """What somebody is shown before they submit, without what is drawn by lot, and whose mailbox it is."""
    pages = [browser.get(PAGE)]
    pages.append(browser.post(f"{PAGE}draft/", {**filled(browser, call), "group": "answers"}))
    pages.append(browser.post(PAGE, filled(browser, call, "save")))
    pages.append(browser.get(f"{PAGE}check/"))
    pages.append(browser.get(PAGE))
    drawn = re.compile(
        r'(?<=value=")[^"]*|(?<=owner=")[^"]*|(?<=/reminders/)[\w-]+|"[0-9a-f]{16,}"|A-\w{4}-\w{4}|Candidate \d+'
    )
    return [f"{page.status_code} {drawn.sub('*', page.content.decode()).replace(mailbox, '*')}" for page in pages]


def test_the_second_account_learns_nothing_of_the_first(
    call: Call, first: User, sign_in: SignIn, standing: Stand
) -> None:
    """Until it submits it is shown what anybody else is; then that there is one, which only the mailbox's owner can
    learn, since nobody signs in with a mailbox that they have not confirmed; nothing of whose it is."""
    standing(app_now())
    theirs = Application.objects.get(applicant=first)
    User.objects.filter(pk=first.pk).update(name="Zenobia")
    browser = sign_in(again(call, "one@example.org"))
    other = sign_in(again(call, "somebody@example.org"))
    seen = as_seen(browser, call, "one@example.org")
    assert seen == as_seen(other, call, "somebody@example.org")
    said = browser.post(PAGE, filled(browser, call)).content.decode()
    assert "somebody has applied to this call already" in said
    for word in ("Zenobia", "other@example.org", theirs.reference, f"Candidate {theirs.number}"):
        assert word not in said + "".join(seen), word


def test_without_the_constraint_it_does(call: Call, first: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {mailboxes.CONSTRAINT}")
    services.submit(call.pk, again(call, "one@example.org"), draft(call))
    assert Snapshot.objects.count() == 2


@pytest.mark.parametrize("mailbox", ["one+tag@example.org", "o.n.e@example.org"])
def test_one_mailbox_is_one_however_it_is_written(call: Call, first: User, mailbox: str) -> None:
    with pytest.raises(Refused, match="another account"):
        services.submit(call.pk, again(call, mailbox), draft(call))
    assert Snapshot.objects.count() == 1


@pytest.mark.parametrize("mailbox", ["two@example.org", "one@another.example.org"])
def test_another_mailbox_is_another(call: Call, first: User, mailbox: str) -> None:
    services.submit(call.pk, again(call, mailbox), draft(call))
    assert Snapshot.objects.count() == 2


def test_whoever_submits_again_by_their_new_address_leaves_the_former_one(call: Call, first: User) -> None:
    services.submit(call.pk, User.objects.get(pk=first.pk), draft(call, "Again."))
    services.submit(call.pk, again(call, "one@example.org"), draft(call))
    moved(first, "third@example.org")
    third = again(call, "other@example.org")
    with pytest.raises(Refused):
        services.submit(call.pk, third, draft(call))


def test_taken_back_is_a_second_one_too(call: Call, first: User, sign_in: SignIn) -> None:
    """The first is withdrawn, the second submitted: the first stays withdrawn as long as the second stands."""
    browser = sign_in(first)
    assert browser.post(PAGE, withdrawal(browser)).status_code == 303
    services.submit(call.pk, again(call, "one@example.org"), draft(call))
    reference = Application.objects.get(applicant=first).reference
    fields = {**shown_form(browser, call), "action": "take-back", "reference": reference}
    answer = browser.post(PAGE, fields)
    assert answer.status_code == 403
    assert "with another account" in answer.content.decode()
    assert Application.objects.get(applicant=first).state == "withdrawn"


# --- too much, and what was not asked for -----------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["save", "submit"])
@pytest.mark.parametrize("letter", ["x", "語", "\u0344"])
def test_two_megabytes_are_answered_at_once_and_not_lost(
    call: Call, applicant: Client, action: str, letter: str
) -> None:
    much = letter * (2_000_000 // len(urlencode({"": letter})[1:]))
    body = urlencode(filled(applicant, call, action, **{question_names(call)[0]: much}))
    begun = process_time()
    answer = applicant.post(PAGE, body, content_type=FORM)
    took = process_time() - begun
    assert answer.status_code in (200, 400)
    assert much in answer.content.decode(), "what was typed is there to be copied"
    assert Snapshot.objects.count() == 0
    assert took < 1, f"{took:.2f} s"


@pytest.mark.parametrize("value", ["five", "", "two\u200b", "two,four", "0", "None"])
def test_a_value_that_is_not_offered_is_said_at_its_field(call: Call, applicant: Client, value: str) -> None:
    second = question_names(call)[1]
    answer = applicant.post(PAGE, filled(applicant, call, **{second: value}))
    if value:
        assert answer.status_code == 200
        assert f"#id_{second}" in answer.content.decode()
        assert Snapshot.objects.count() == 0
    else:
        assert answer.status_code == 303


@pytest.mark.parametrize("action", ["save", "submit"])
@pytest.mark.parametrize("name", ["text", "file", "name"])
def test_a_file_is_refused_with_a_word_and_the_text_is_there(
    call: Call, applicant: Client, action: str, name: str
) -> None:
    """In a field that the form has, or in another one."""
    name = question_names(call)[0] if name == "text" else name
    sent = {**filled(applicant, call, action), name: SimpleUploadedFile("cv.txt", b"What I have done.")}
    answer = applicant.post(PAGE, sent)
    said = answer.content.decode()
    assert answer.status_code == 400
    assert "A file was sent, and this form takes none." in said
    assert WORDS in said or name == question_names(call)[0]
    assert "What I have done." not in said
    assert not Application.objects.exists()


def test_directions_that_somebody_typed_end_with_their_field(
    call: Call, applicant: Client, people: dict[str, User]
) -> None:
    """An override that is never closed turns nothing around but its own text: each stands in an element of its own."""
    typed = "\u202egpj.exe \u2067never closed"
    sent = filled(applicant, call, **{question_names(call)[0]: typed, "name": typed})
    assert applicant.post(PAGE, sent).status_code == 303
    page = applicant.get(PAGE).content.decode()
    ends = ("bdi", "dir=", "<p", "<li", "<td", "<dd", "<textarea", "value=")
    for place in range(len(page)):
        if page.startswith("\u202e", place):
            start = page.rindex("<", 0, place)
            assert any(end in page[start:place] for end in ends), page[start:place]


# --- a stale tab ------------------------------------------------------------------------------------------------------


def test_a_tab_that_was_left_open_over_the_close_loses_nothing_and_submits_nothing(
    call: Call, applicant: Client, standing: Stand, people: dict[str, User]
) -> None:
    """What was saved is on the page and among one's own data; what was typed since is on the refusal, to be copied."""
    applicant.post(PAGE, filled(applicant, call, "save"))
    later = filled(applicant, call, "submit", **{question_names(call)[0]: "Typed after the close."})
    standing(HARD_CLOSES)
    answer = applicant.post(PAGE, later)
    assert answer.status_code == 403
    assert "Typed after the close." in answer.content.decode()
    assert not Snapshot.objects.exists()
    page = applicant.get(PAGE).content.decode()
    assert WORDS in page
    assert "It was not submitted before the call closed, so it does not count." in page
    assert WORDS in str(personal_data.own_applications(people["applicant"], frozenset()))  # type: ignore[arg-type]


# --- at each door -----------------------------------------------------------------------------------------------------

DOORS = ("save", "check", "submit", "by itself")


def at_the_door(door: str, client: Client, fields: Fields, **raw: bytes) -> Any:
    """What is answered to these fields at a door, and to bytes as they are in fields."""
    address = f"{PAGE}draft/" if door == "by itself" else PAGE
    sent = {**fields, "group": "answers"} if door == "by itself" else {**fields, "action": door}
    if any(isinstance(value, SimpleUploadedFile) for value in sent.values()):
        return client.post(address, sent)
    body = urlencode({name: value for name, value in sent.items() if name not in raw}).encode()
    body += b"".join(f"&{name}=".encode() + value for name, value in raw.items())
    return client.post(address, body, content_type=FORM)


@pytest.mark.parametrize("door", DOORS)
def test_a_file_at_each_door(call: Call, applicant: Client, door: str) -> None:
    sent = {**filled(applicant, call), "file": SimpleUploadedFile("cv.txt", b"What I have done.")}
    answer = at_the_door(door, applicant, sent)
    said = answer.json()["error"] if door == "by itself" else answer.content.decode()
    assert answer.status_code == 400
    assert "A file was sent, and this form takes none." in said
    assert door == "by itself" or WORDS in said, "the script has it still"
    assert not Application.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_a_value_that_is_not_offered_at_each_door(call: Call, applicant: Client, door: str) -> None:
    """A draft keeps it as it was sent; the look at it says so, and nothing is submitted."""
    second = question_names(call)[1]
    answer = at_the_door(door, applicant, filled(applicant, call, **{second: "<five>"}))
    assert answer.status_code == {"submit": 200, "by itself": 200}.get(door, 303)
    if door == "submit":
        said = answer.content.decode()
        assert WORDS in said
    else:
        said = applicant.get(f"{PAGE}check/").content.decode()
    assert "Please choose one of the answers given here." in said
    assert f"#id_{second}_0" in said
    assert "<five>" not in said
    assert not Snapshot.objects.exists()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("raw", [b"Words%00 that go on", b"Words%ED%A0%80 that go on"])
def test_damaged_characters_at_each_door(call: Call, applicant: Client, door: str, raw: bytes) -> None:
    """A null byte, or half a character, which no browser sends: refused with a word, before anything is read."""
    first = question_names(call)[0]
    answer = at_the_door(door, applicant, filled(applicant, call), **{first: raw})
    assert answer.status_code == 400
    assert "What was sent holds damaged characters" in answer.content.decode()
    assert not Application.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_what_cannot_be_stored_at_each_door(call: Call, applicant: Client, door: str) -> None:
    """A control character that was pasted is said at its field, and the words around it are there."""
    first = question_names(call)[0]
    answer = at_the_door(door, applicant, filled(applicant, call, **{first: "Words\x1b that go on"}))
    said = answer.json()["error"] if door == "by itself" else answer.content.decode()
    assert answer.status_code == (400 if door == "by itself" else 200)
    assert "This holds characters that cannot be stored." in said
    assert door == "by itself" or "Words that go on" in said
    assert not Application.objects.exists()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("letter", ["x", "語"])
def test_two_megabytes_at_each_door(call: Call, applicant: Client, door: str, letter: str) -> None:
    first = question_names(call)[0]
    much = letter * (2_000_000 // len(urlencode({"": letter})[1:]))
    begun = process_time()
    answer = at_the_door(door, applicant, filled(applicant, call, **{first: much}))
    took = process_time() - begun
    if door == "by itself":
        assert (answer.status_code, answer.json()["error"]) == (400, "This is too long to be saved.")
    else:
        assert answer.status_code == 200
        said = answer.content.decode()
        assert much in said, "what was typed is there to be copied"
        assert f"#id_{first}" in said
    assert not Snapshot.objects.exists()
    assert took < 1, f"{took:.2f} s"


def test_what_is_too_long_is_shown_as_too_long_by_the_look_at_it(call: Call, applicant: Client) -> None:
    """As much as a draft keeps at all: it is shown whole, and what is to be done is said."""
    first = question_names(call)[0]
    much = "語" * LONGEST_TYPED
    begun = process_time()
    assert at_the_door("check", applicant, filled(applicant, call, **{first: much})).status_code == 303
    said = applicant.get(f"{PAGE}check/").content.decode()
    assert process_time() - begun < 2
    assert "characters too long" in said
    assert f"#id_{first}" in said
    assert much in applicant.get(PAGE).content.decode()
