"""Before what cannot be taken back the portal asks once more who somebody is; nothing typed is lost."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from taskforce.accounts import fresh, second_factor
from taskforce.accounts.adapters import AccountAdapter
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.limits import table
from taskforce.notifications.models import OutboxMessage
from tests.accounts import fresh_urls
from tests.accounts.entering import (
    ACTIVATE,
    AGAIN,
    BASE,
    DEACTIVATE,
    NEW_CODES,
    PASSWORD,
    WRONG,
    app_code,
    by_mail,
    by_password,
    by_password_and_app,
    hidden_at,
    recovery_code,
    somebody,
)
from tests.clients import APP_KEY, RECOVERY_SEED, Client, note_sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
GUARDED = "/en/guarded/"
BY_PASSWORD, BY_MAIL = f"{BASE}reauthenticate/", f"{BASE}reauthenticate/code/"
# As on the pages of signing in by code.
TRIES = ("You can try 2 times more; after that you need a new code.", "You can try once more; after that")
TYPED = {"text": "a long text\nof two lines, “quoted” & ٣", "choice": ["1", "2"]}
STALE = fresh.WITHIN.total_seconds() + 1


@pytest.fixture(autouse=True)
def done(settings: Settings) -> list[dict[str, list[str]]]:
    """What the guarded page has done."""
    settings.ROOT_URLCONF = "tests.accounts.fresh_urls"
    fresh_urls.done.clear()
    return fresh_urls.done


Done = list[dict[str, list[str]]]


def signed_in(user: User, *, seconds_ago: float = STALE, app: bool = False) -> Client:
    """A browser in which somebody signed in so long ago."""
    client = Client()
    client.force_login(user)
    note_sign_in(client, user, second_factor=app, seconds_ago=seconds_ago)
    return client


def asked(answer: Any) -> str:
    """Where somebody is asked who they are."""
    assert answer.status_code == 302
    return str(answer.headers["Location"])


@pytest.mark.parametrize(("seconds_ago", "is_asked"), [(0, False), (890, False), (STALE, True), (-60, True)])
def test_a_proof_counts_for_a_quarter_of_an_hour(done: Done, seconds_ago: float, *, is_asked: bool) -> None:
    """One from the future is none either."""
    client = signed_in(somebody(), seconds_ago=seconds_ago)
    answer = client.post(GUARDED, TYPED)
    assert (answer.status_code, len(done)) == ((302, 0) if is_asked else (303, 1))


def test_by_password_what_was_posted_is_done_once(done: Done) -> None:
    client = signed_in(somebody())
    before = client.session.session_key
    place = asked(client.post(f"{GUARDED}?language=ar", TYPED))
    assert place.startswith(f"{BY_PASSWORD}?next=%2Fen%2Fguarded%2F%3Flanguage%3Dar&kept=")
    fields = {"password": PASSWORD, **hidden_at(place)}
    assert fields["next"] == f"{GUARDED}?language=ar"
    wrong = client.post(BY_PASSWORD, {**fields, "password": "wrong"})
    assert (wrong.status_code, done) == (200, [])
    answer = client.post(BY_PASSWORD, fields)
    assert answer.headers["Location"] == "/en/guarded/done/"
    assert [{"text": [TYPED["text"]], "choice": TYPED["choice"]}] == done
    assert client.session.session_key != before
    # The same proof again does nothing twice, and for a while nobody is asked.
    assert client.post(BY_PASSWORD, fields).headers["Location"] == fields["next"]
    assert len(done) == 1
    assert client.post(GUARDED, TYPED).status_code == 303


def test_with_an_app_only_the_app_counts(done: Done) -> None:
    user = somebody(app=True)
    client = signed_in(user, app=True)
    place = asked(client.post(GUARDED, TYPED))
    assert place.startswith(AGAIN)
    # Neither the password's page nor the mail's helps past it; nothing that waits is lost on them.
    for other in (BY_PASSWORD, BY_MAIL):
        assert asked(client.post(other, {"password": PASSWORD, "send": "1", **hidden_at(place)})) == place
    note_sign_in(client, user, second_factor=False)  # the password alone, just now
    place = asked(client.post(GUARDED, TYPED))
    assert place.startswith(AGAIN)
    assert client.post(AGAIN, {"code": WRONG, **hidden_at(place)}).status_code == 200
    assert done == []
    assert client.post(AGAIN, {"code": app_code(), **hidden_at(place)}).headers["Location"] == "/en/guarded/done/"
    assert len(done) == 1


def test_a_recovery_code_counts_too(done: Done) -> None:
    client = signed_in(somebody(app=True), app=True)
    place = asked(client.post(GUARDED, TYPED))
    client.post(AGAIN, {"code": recovery_code(), **hidden_at(place)})
    assert len(done) == 1


@pytest.mark.parametrize("app", [False, True])
def test_signing_in_just_now_is_a_proof(client: Client, done: Done, *, app: bool) -> None:
    user = somebody(app=app)
    if app:
        by_password_and_app(client, user)
    else:
        by_password(client, user)
    assert client.post(GUARDED, TYPED).status_code == 303


def test_signing_in_by_mail_just_now_is_a_proof(client: Client) -> None:
    by_mail(client, somebody(password=None))
    assert client.post(GUARDED, TYPED).status_code == 303


def test_an_app_that_is_gone_proves_nothing(done: Done) -> None:
    user = somebody(app=True)
    client = signed_in(user, seconds_ago=0, app=True)
    second_factor.remove(user.pk, at=app_now(), actor_id=user.pk)
    second_factor.give(user, APP_KEY, RECOVERY_SEED, at=app_now())
    assert asked(client.post(GUARDED, TYPED)).startswith(AGAIN)


# --- by mail ---------------------------------------------------------------------------------------------------------


def code_of(user: User) -> str:
    """The code in the newest mail to somebody."""
    row = OutboxMessage.objects.latest("pk")
    assert (row.kind, row.mailbox) == ("account-proof-code", user.email)
    code: str = row.context["code"]
    return code


def test_without_a_password_a_code_goes_to_ones_own_mailbox(done: Done) -> None:
    user = somebody(password=None)
    client = signed_in(user)
    place = asked(client.post(GUARDED, TYPED))
    assert place.startswith(BY_MAIL)
    page = client.get(place).content.decode()
    assert user.email in page
    assert not OutboxMessage.objects.exists(), "reading the page sends nothing"
    sent = client.post(BY_MAIL, {"send": "1", **hidden_at(place)})
    assert (sent.status_code, sent.headers["Location"]) == (303, place)
    assert "It works for 15 minutes." in client.get(sent.headers["Location"]).content.decode()
    code = code_of(user)
    assert code not in str(dict(client.session))
    assert client.post(BY_MAIL, {"code": "WRONG", **hidden_at(place)}).status_code == 200
    answer = client.post(BY_MAIL, {"code": code.lower().replace("-", " "), **hidden_at(place)})
    assert answer.headers["Location"] == "/en/guarded/done/"
    assert len(done) == 1
    assert client.post(BY_MAIL, {"code": code, **hidden_at(place)}).status_code != 302  # used up


def test_three_wrong_codes_end_it(done: Done) -> None:
    user = somebody(password=None)
    client = signed_in(user)
    place = asked(client.post(GUARDED, TYPED))
    client.post(BY_MAIL, {"send": "1", **hidden_at(place)})
    assert "You can try" not in client.get(place).content.decode()
    answers = [client.post(BY_MAIL, {"code": "WRONG", **hidden_at(place)}) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 303]
    for answer, left in zip(answers, TRIES, strict=False):
        assert left in answer.content.decode()
    assert answers[-1].headers["Location"] == place
    page = client.get(place).content.decode()
    assert str(AccountAdapter.error_messages["too_many_login_attempts"]) in page
    client.post(BY_MAIL, {"code": code_of(user), **hidden_at(place)})
    assert done == []


def test_an_empty_field_uses_up_no_try(done: Done) -> None:
    user = somebody(password=None)
    client = signed_in(user)
    place = asked(client.post(GUARDED, TYPED))
    client.post(BY_MAIL, {"send": "1", **hidden_at(place)})
    for typed in ("", " ", "--", "___"):
        answer = client.post(BY_MAIL, {"code": typed, **hidden_at(place)})
        assert (answer.status_code, "You can try" in answer.content.decode()) == (200, False)
    client.post(BY_MAIL, {"code": code_of(user), **hidden_at(place)})
    assert len(done) == 1


def test_an_expired_code_is_none(settings: Settings, done: Done) -> None:
    user = somebody(password=None)
    client = signed_in(user)
    hidden = hidden_at(asked(client.post(GUARDED, TYPED)))
    settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 0
    client.post(BY_MAIL, {"send": "1", **hidden})
    client.post(BY_MAIL, {"code": code_of(user), **hidden})
    assert done == []


def test_codes_are_counted_for_the_account() -> None:
    client, most = signed_in(somebody(password=None)), table.PROOF_CODES.most
    answers = [client.post(BY_MAIL, {"send": "1"}) for _ in range(most + 1)]
    assert [one.status_code for one in answers] == [303] * most + [429]
    assert OutboxMessage.objects.count() == most


def test_who_forgot_the_password_is_offered_a_code_by_mail(done: Done) -> None:
    user = somebody()
    client = signed_in(user)
    place = asked(client.post(GUARDED, TYPED))
    other = place.replace(BY_PASSWORD, BY_MAIL)
    assert f'href="{other.replace("&", "&amp;")}"' in client.get(place).content.decode()
    client.post(BY_MAIL, {"send": "1", **hidden_at(other)})
    client.post(BY_MAIL, {"code": code_of(user), **hidden_at(other)})
    assert len(done) == 1


# --- what comes back -------------------------------------------------------------------------------------------------


def test_a_form_that_needs_another_look_is_handed_back(done: Done) -> None:
    """Its page could not be sent from where the proof was asked for."""
    client = signed_in(somebody())
    sent = {"text": "", "note": '<script>"x"</script>', "choice": ["1", "2"]}
    place = asked(client.post(f"{GUARDED}?language=ar", sent))
    answer = client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(place)})
    html = answer.content.decode()
    assert (answer.status_code, done) == (200, [])
    assert 'action="/en/guarded/?language=ar"' in html
    fields = re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', html, re.DOTALL)
    note = "&lt;script&gt;&quot;x&quot;&lt;/script&gt;"
    assert fields == [("text", ""), ("note", note), ("choice", "1"), ("choice", "2")]


def test_a_page_that_was_only_read_is_led_to(done: Done) -> None:
    client = signed_in(somebody())
    place = asked(client.get(f"{GUARDED}?file=1"))
    answer = client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(place)})
    assert place.startswith(BY_PASSWORD)
    assert answer.headers["Location"] == f"{GUARDED}?file=1"
    assert client.get(answer.headers["Location"]).content == b"a,b"


def test_what_was_left_is_not_done_later(done: Done) -> None:
    """A proof for another page, or for the same one read anew, does not bring it back."""
    client = signed_in(somebody())
    asked(client.post(f"{GUARDED}?file=1", TYPED))
    place = asked(client.get(f"{GUARDED}?file=1"))
    client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(place)})
    client = signed_in(somebody("bo"))
    mark = hidden_at(asked(client.post(GUARDED, TYPED)))["kept"]
    client.post(BY_PASSWORD, {"password": PASSWORD, "next": "/en/", "kept": mark})
    assert client.post(BY_PASSWORD, {"password": PASSWORD, "next": GUARDED}).headers["Location"] == GUARDED
    assert done == []


def test_it_leads_nowhere_else(client: Client) -> None:
    client = signed_in(somebody())
    answer = client.post(BY_PASSWORD, {"password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == f"{BASE}email/"


@pytest.mark.parametrize("address", [BY_PASSWORD, BY_MAIL, AGAIN, ACTIVATE, DEACTIVATE, NEW_CODES])
def test_visitors_sign_in_first(client: Client, address: str) -> None:
    for answer in (client.get(address), client.post(address)):
        assert answer.headers["Location"] == f"{BASE}login/?next={address}"


@pytest.mark.parametrize("address", [DEACTIVATE, NEW_CODES])
def test_changes_of_the_second_step_want_a_fresh_proof(address: str) -> None:
    user = somebody(app=True)
    client = signed_in(user, app=True)
    for answer in (client.get(address), client.post(address)):
        assert asked(answer).startswith(AGAIN)
    assert second_factor.has(user)
    cache.clear()


def test_setting_one_up_wants_a_fresh_proof() -> None:
    """Else whoever finds an open browser would lock its owner out."""
    client = signed_in(somebody())
    assert asked(client.get(f"{ACTIVATE}?next=/en/")).startswith(f"{BY_PASSWORD}?next=%2Fen%2Faccounts%2F2fa%2Ftotp")
