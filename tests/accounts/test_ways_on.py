"""Where somebody would stand before a wall: what the page says, the way on, and what was typed."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation

from taskforce.accounts import fresh, sessions, signed_out
from taskforce.accounts.adapters import AccountAdapter
from taskforce.accounts.models import DeletionRequest, User
from taskforce.core.clock import real_now
from taskforce.core.templatetags.portal import contact
from taskforce.limits import table
from taskforce.notifications.models import OutboxMessage
from tests.accounts.entering import BASE, CODE, CONFIRM, LOGIN, PASSWORD, by_mail, by_password, hidden_at, somebody
from tests.clients import Client, note_sign_in

pytestmark = pytest.mark.django_db
ACCOUNT, PROFILE, DATA, DELETION = (f"{BASE}{end}/" for end in ("email", "profile", "data", "deletion"))
TYPED = {"name": "A name typed", "language": "fr", "zone": "Asia/Tokyo"}


def shown(client: Client, address: str) -> str:
    """The page as it is drawn."""
    return str(client.get(address).content.decode())


def test_a_locked_account_says_whom_to_write_to(client: Client) -> None:
    html = shown(client, f"{BASE}inactive/")
    assert "<title>This account is locked" in html
    assert f"mailto:{contact()}" in html


# --- the file of one's own data --------------------------------------------------------------------------------------


def stale(client: Client) -> User:
    """Somebody signed in whose last proof is too old."""
    user = somebody()
    client.force_login(user)
    note_sign_in(client, user, second_factor=False, seconds_ago=fresh.WITHIN.total_seconds() + 1)
    return user


@pytest.mark.long
def test_a_proof_leads_back_to_the_page_of_the_file(client: Client) -> None:
    """A browser that gets a file stays where it was: never on the page that asks for a proof."""
    stale(client)
    place = client.post(DATA).headers["Location"]
    asks = shown(client, place)
    assert "You are about to download your data." in asks
    assert "is kept, and is done afterwards" not in asks
    assert f'href="{DATA}"' in asks, "the way back for whoever changes their mind"
    back = client.post(f"{BASE}reauthenticate/", {"password": PASSWORD, **hidden_at(place)}).headers["Location"]
    assert back.startswith(DATA)
    assert "You have shown that it is you. Now download the file." in shown(client, back)
    assert client.post(back).headers["Content-Disposition"].startswith("attachment")


def test_the_word_of_a_proof_is_there_for_who_has_proved_only(client: Client) -> None:
    stale(client)
    assert "Now download the file" not in shown(client, f"{DATA}?proved")
    by_password(client, User.objects.get())
    assert "Now download the file" not in shown(client, DATA)


# --- signed out while typing -----------------------------------------------------------------------------------------


def shown_to(user: User, address: str, **typed: str) -> dict[str, str]:
    """What somebody sends who typed this into the form that has these fields, on a page that they got signed in."""
    browser = Client()
    browser.force_login(user)
    for form in re.findall(r"<form.*?</form>", shown(browser, address), re.DOTALL):
        (owner,) = re.findall(r'type="hidden" name="owner" value="([^"]+)"', form) or [""]
        if owner and all(f'name="{name}"' in form for name in typed):
            return {**typed, "owner": owner}
    raise AssertionError(f"no form at {address} has a mark and {[*typed]}")


def test_what_was_typed_is_back_after_signing_in(client: Client) -> None:
    user = somebody()
    place = client.post(PROFILE, shown_to(user, ACCOUNT, **TYPED)).headers["Location"]
    assert place == f"{LOGIN}?next={ACCOUNT}"
    assert "nothing was saved. What you typed is kept" in shown(client, place)
    assert "nothing was saved" not in shown(client, f"{LOGIN}?next=/en/admin/")
    assert by_password(client, user, next=ACCOUNT).headers["Location"] == ACCOUNT
    html = shown(client, ACCOUNT)
    assert 'value="A name typed"' in html
    assert re.search(r'value="fr"[^>]* selected', html)
    assert "look at it and send it" in html
    assert User.objects.get().name == user.name, "nothing is done by itself"
    assert "A name typed" in shown(client, ACCOUNT), "a look takes nothing away"
    client.post(ACCOUNT, {"action_send": "", "email": user.email})
    assert "A name typed" in shown(client, ACCOUNT), "nor does another form of the page"
    assert client.post(PROFILE, TYPED).headers["Location"] == ACCOUNT
    assert User.objects.get().name == "A name typed"
    assert "typed_signed_out" not in client.session
    assert "look at it and send it" not in shown(client, ACCOUNT)


def test_two_forms_of_a_page_go_each_when_it_is_sent(client: Client) -> None:
    user = somebody()
    client.post(PROFILE, shown_to(user, ACCOUNT, **TYPED))
    client.post(ACCOUNT, shown_to(user, ACCOUNT, action_add="", email="other@example.org"))
    by_password(client, user)
    for _look in range(2):
        html = shown(client, ACCOUNT)
        assert 'value="A name typed"' in html
        assert 'value="other@example.org"' in html
    client.post(ACCOUNT, {"action_remove": "", "email": "gone@example.org"})
    client.post(PROFILE, TYPED | {"name": ""})
    html = shown(client, ACCOUNT)
    assert 'value="A name typed"' not in html
    assert 'value="other@example.org"' in html
    client.post(ACCOUNT, {"action_add": "", "email": "no address"})
    assert 'value="other@example.org"' not in shown(client, ACCOUNT)


@pytest.mark.parametrize("is_seen", [True, False])
def test_whoever_has_seen_it_is_not_told_to_type_it_again(client: Client, is_seen: bool) -> None:
    ann = somebody()
    client.post(DELETION, shown_to(ann, DELETION, reason="typed by Ann"))
    by_password(client, ann)
    if is_seen:
        assert WORDS.search(shown(client, DELETION) and shown(client, DELETION))
    else:
        client.head(DELETION)
    session = client.session
    session["typed_signed_out"][0]["at"] -= sessions.WITHIN.total_seconds() + 1
    session.save()
    html = shown(client, DATA)
    assert not WORDS.search(str(dict(client.session))), "gone with the next page, whichever it is"
    html += shown(client, DELETION)
    assert not WORDS.search(html)
    assert ("was kept for half an hour" in html) is not is_seen
    assert not WORDS.search(str(dict(client.session)))


def test_a_request_for_deletion_goes_once_it_is_made(client: Client) -> None:
    """Not where it waits for a proof, which may be given up."""
    ann = somebody()
    client.post(DELETION, shown_to(ann, DELETION, reason="typed by Ann", receipts=""))
    by_password(client, ann)
    note_sign_in(client, ann, second_factor=False, seconds_ago=fresh.WITHIN.total_seconds() + 1)
    assert "reauthenticate" in client.post(DELETION, {"reason": "typed by Ann", "receipts": ""}).headers["Location"]
    assert WORDS.search(shown(client, DELETION))
    note_sign_in(client, ann, second_factor=False)
    client.post(DELETION, {"action": "withdraw"})
    assert WORDS.search(shown(client, DELETION))
    client.post(DELETION, {"reason": "typed by Ann", "receipts": ""})
    assert DeletionRequest.objects.get().reason == "typed by Ann"
    assert "typed_signed_out" not in client.session


def test_an_address_and_a_reason_too(client: Client) -> None:
    user = somebody()
    client.post(ACCOUNT, shown_to(user, ACCOUNT, action_add="", email="other@example.org"))
    by_password(client, user)
    assert re.search(r'<details class="pt-fold" open>.*value="other@example.org"', shown(client, ACCOUNT), re.DOTALL)
    client.logout()
    sent = shown_to(user, DELETION, reason="because of it", receipts="F-2222-2222")
    assert client.post(DELETION, sent).headers["Location"].endswith(DELETION)
    by_password(client, user)
    html = shown(client, DELETION)
    assert "because of it" in html
    assert "F-2222-2222" in html
    assert not DeletionRequest.objects.exists()


# Each form: where it is shown, where it is sent, what is typed.
FORMS = {
    "deletion": (DELETION, DELETION, {"reason": "typed by Ann", "receipts": "F-2222-2222"}),
    "profile": (ACCOUNT, PROFILE, TYPED | {"name": "typed by Ann"}),
    "address": (ACCOUNT, ACCOUNT, {"action_add": "", "email": "typed-by-ann@example.org"}),
}
WORDS = re.compile("typed.by.Ann|F-2222-2222", re.IGNORECASE)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("signs_in", [by_password, by_mail])
def test_it_is_not_shown_to_another_person_who_signs_in_there(client: Client, form: str, signs_in: Any) -> None:
    """Nor to its own when they come back: it is gone with the other's sign-in, before any page is opened."""
    ann, bo = somebody(), somebody("bo")
    page, address, typed = FORMS[form]
    client.post(address, shown_to(ann, page, **typed))
    assert WORDS.search(str(dict(client.session)))
    signs_in(client, bo)
    assert not WORDS.search(str(dict(client.session)))
    assert not WORDS.search(shown(client, page) + shown(client, page))
    by_password(client, ann)
    assert not WORDS.search(shown(client, page))


def test_nor_where_it_was_kept_past_the_sign_in(client: Client) -> None:
    """The page asks once more whose it is."""
    ann, bo = somebody(), somebody("bo")
    client.post(DELETION, shown_to(ann, DELETION, reason="typed by Ann"))
    client.force_login(bo)
    assert WORDS.search(str(dict(client.session)))
    assert not WORDS.search(shown(client, DELETION))
    assert not WORDS.search(str(dict(client.session)))


@pytest.mark.parametrize("mark", [{}, {"owner": ""}, {"owner": "1"}, {"owner": "1:made-up"}])
def test_a_form_that_was_shown_to_nobody_is_not_kept(client: Client, mark: dict[str, str]) -> None:
    """Each of these is on pages of who is signed in only, so nobody has typed into one without a mark."""
    place = client.post(DELETION, {"reason": "typed by Ann", **mark}).headers["Location"]
    assert "is kept" not in shown(client, place)
    by_password(client, somebody("bo"))
    assert not WORDS.search(shown(client, DELETION))


@pytest.mark.parametrize(("minutes", "is_back"), [(29, True), (31, False)])
def test_it_is_kept_for_half_an_hour(client: Client, minutes: int, is_back: bool) -> None:
    ann = somebody()
    place = client.post(DELETION, shown_to(ann, DELETION, reason="typed by Ann")).headers["Location"]
    session = client.session
    (kept,) = session["typed_signed_out"]
    kept["at"] = real_now().timestamp() - minutes * 60
    session.save()
    assert ("What you typed is kept" in shown(client, place)) is is_back
    by_password(client, ann)
    page = shown(client, DELETION)
    assert bool(WORDS.search(page)) is is_back
    assert ("was kept for half an hour" in page) is not is_back, "and its person is told that it is gone"
    assert bool(WORDS.search(str(dict(client.session)))) is is_back


def test_no_more_is_kept_than_a_form_has_room_for(client: Client) -> None:
    """What is longer is given back at once, to be copied."""
    sent = shown_to(somebody(), ACCOUNT, **TYPED)
    answer = client.post(PROFILE, sent | {"name": "x" * (signed_out.MOST + 1)})
    assert answer.status_code == 403
    assert "x" * (signed_out.MOST + 1) in answer.content.decode()
    client.post(PROFILE, {"name": "", "more": "x", "owner": sent["owner"]})
    assert dict(client.session) == {}
    answers = [client.post(PROFILE, sent).status_code for _ in range(table.KEPT_FORM.most + 1)]
    assert answers == [302] * table.KEPT_FORM.most + [429]


# --- forms that were not taken ---------------------------------------------------------------------------------------


def test_an_expired_form_leads_back_to_itself_and_says_what_stood_where() -> None:
    client = Client(enforce_csrf_checks=True)
    html = client.post(PROFILE, {**TYPED, "owner": "1:mark"}).content.decode()
    assert "1:mark" not in html
    assert re.search(rf'weight-primary" href="{PROFILE}">Open the form again<', html)
    assert re.search(r"<strong>Name shown</strong></p><pre[^>]*>A name typed</pre>", html)


# --- limits ----------------------------------------------------------------------------------------------------------


def test_wrong_passwords_say_when_as_the_table_has_it() -> None:
    _of_address, short, long = table.OF_SIGN_IN["login_failed"]
    assert (short.within.total_seconds(), long.within.days) == (300, 1)
    assert "in five minutes" in str(AccountAdapter.error_messages["too_many_passwords"])


def test_too_many_codes_offer_the_password_and_the_way_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAILS_OF_SENDER", table.MAILS_OF_SENDER._replace(most=1))
    user = somebody()
    Client().post(CODE, {"email": "other@example.org"})
    answer = client.post(f"{CODE}?next={DATA}", {"email": user.email})
    html = answer.content.decode()
    assert answer.status_code == 429
    assert f'href="{LOGIN}?next={DATA.replace("/", "%2F")}">Sign in with your password' in html
    assert "<strong>E-mail address</strong>" in html
    assert ">Back to where you were<" in html


def test_a_new_code_that_is_not_sent_leaves_the_one_before(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    user = somebody()
    client.post(CODE, {"email": user.email})
    code = OutboxMessage.objects.latest("pk").context["code"]
    monkeypatch.setattr(table, "MAILS_OF_SENDER", table.MAILS_OF_SENDER._replace(most=0))
    assert client.post(CODE, {"email": user.email, "again": "1"}).status_code == 429
    assert client.post(CONFIRM, {"code": code}).headers["Location"] == ACCOUNT


# --- words -----------------------------------------------------------------------------------------------------------


def test_the_mail_of_a_new_password_says_for_how_long(client: Client) -> None:
    client.post(f"{BASE}password/reset/", {"email": somebody().email})
    assert OutboxMessage.objects.get().context["hours"] == settings.PASSWORD_RESET_TIMEOUT // 3600


def test_who_may_not_has_a_header_of_their_own(client: Client) -> None:
    client.force_login(somebody())
    answer = client.get("/en/admin/login/?next=/en/admin/")
    html = answer.content.decode()
    assert answer.status_code == 403
    assert '<bdi class="pt-nav__name">Ann</bdi>' in html
    assert "a role that has ended" in html


def test_who_signs_up_is_told_once(client: Client) -> None:
    with translation.override("en"):
        client.post(f"{BASE}signup/", {"email": "new@example.org"})
    code: Any = OutboxMessage.objects.latest("pk").context["code"]
    client.post(f"{BASE}confirm-email/", {"code": code})
    assert len(re.findall(r'class="cdx-message__content"><p>', shown(client, ACCOUNT))) == 1
