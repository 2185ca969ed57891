"""Codes from an app and recovery codes: set up, used once, asked for at the staff side's door, turned off."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse
from pytest_django import Settings

from taskforce.accounts import sealing, second_factor
from taskforce.accounts.adapters import AccountAdapter, SecondFactorAdapter
from taskforce.accounts.enums import Purpose
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.notifications.models import OutboxMessage
from tests.accounts.entering import (
    ACTIVATE,
    AGAIN,
    CODES,
    DEACTIVATE,
    NEW_CODES,
    PASSWORD,
    STEP,
    WRONG,
    app_code,
    by_mail,
    by_password,
    by_password_and_app,
    is_in_the_admin,
    is_signed_in,
    recovery_code,
    somebody,
)
from tests.clients import APP_KEY, RECOVERY_SEED, Client, note_sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
ADMIN = "/en/admin/"


@pytest.fixture
def ann() -> User:
    """Somebody of the staff, with an app."""
    return somebody("ann", app=True, staff=True)


def refusal(name: str) -> str:
    return str(SecondFactorAdapter.error_messages[name])


def key_on(html: str) -> str:
    """The key as text on the page that sets an app up."""
    found = re.search(r'<code class="pt-key"[^>]*>([^<]+)<', html)
    assert found is not None
    return found[1].replace(" ", "")


class Watch:
    """The wall clock that codes depend on, set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = time.time()
        monkeypatch.setattr(totp.time, "time", lambda: self.at)

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass; what the cache remembers for less is gone."""
        self.at += seconds
        cache.clear()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Stands until told."""
    return Watch(monkeypatch)


# --- signing in ------------------------------------------------------------------------------------------------------


def test_signing_in_takes_both(client: Client, ann: User) -> None:
    assert by_password(client, ann).headers["Location"] == STEP
    assert not is_signed_in(client)
    assert client.post(STEP, {"code": app_code()}).status_code == 302
    assert is_signed_in(client)
    assert is_in_the_admin(client)


def test_a_code_by_mail_does_not_replace_it(client: Client, ann: User) -> None:
    assert by_mail(client, ann).headers["Location"] == STEP
    assert not is_signed_in(client)


@pytest.mark.parametrize("code", [WRONG, "", "12345678", "x" * 41, "１２３", "\u202e12"])
def test_a_wrong_code_says_what_to_do(client: Client, ann: User, code: str) -> None:
    by_password(client, ann)
    answer = client.post(STEP, {"code": code})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not is_signed_in(client)


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９"])
def test_digits_of_every_keyboard_are_read(client: Client, ann: User, digits: str) -> None:
    by_password(client, ann)
    client.post(STEP, {"code": app_code().translate(str.maketrans("0123456789", digits))})
    assert is_signed_in(client)


@pytest.mark.parametrize(("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_step_before_and_after_is_taken(client: Client, ann: User, watch: Watch, steps: int, *, works: bool) -> None:
    by_password_and_app(client, ann, steps)
    assert is_signed_in(client) is works


def again(row: Authenticator, watch: Watch, *, ours: bool) -> bool:
    """Whether a code works a second time while its app still shows it or has just done so."""
    user, code = row.user, app_code(1)

    def works() -> bool:
        return bool(second_factor.use(user, code, at=app_now()) if ours else TOTP(row).validate_code(code))

    assert works()
    watch.wait(31)
    return works()


@pytest.mark.parametrize("ours", [True, False], ids=["the portal's", "the library's own"])
def test_a_code_counts_once(ann: User, watch: Watch, *, ours: bool) -> None:
    """The library remembers a code for one step, and takes it for three."""
    row = Authenticator.objects.get(user=ann, type="totp")
    assert again(row, watch, ours=ours) is not ours


@pytest.mark.long
def test_a_code_opens_one_browser(ann: User, watch: Watch) -> None:
    first, second = Client(), Client()
    by_password_and_app(first, ann)
    answer = by_password_and_app(second, ann)
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)
    assert refusal("incorrect_code") in answer.content.decode()
    # Nor does an earlier one that somebody has looked at: each must be later than the last.
    assert second.post(STEP, {"code": app_code(-1)}).status_code == 200
    assert second.post(STEP, {"code": app_code(1)}).status_code == 302


@pytest.mark.long
def test_a_recovery_code_counts_once_and_is_told(ann: User) -> None:
    first, second = Client(), Client()
    for client in (first, second):
        by_password(client, ann)
        client.post(STEP, {"code": recovery_code()})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)
    mail = OutboxMessage.objects.get(kind="account-recovery-code-used")
    assert (mail.mailbox, mail.context["left"]) == (ann.email, 9)
    assert Entry.objects.filter(action="second-factor.recovery-code-used", target_id=ann.pk).count() == 1


@pytest.mark.long
def test_too_many_wrong_codes_say_so_and_nobody_elses_count(ann: User) -> None:
    other = somebody("bo", app=True)
    client = Client()
    by_password(client, ann)
    for _ in range(5):
        assert refusal("incorrect_code") in client.post(STEP, {"code": WRONG}).content.decode()
    answer = client.post(STEP, {"code": app_code()})
    assert str(AccountAdapter.error_messages["too_many_app_codes"]) in answer.content.decode()
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert not is_signed_in(client)
    by_password_and_app(client := Client(), other)
    assert is_signed_in(client)


@pytest.mark.long
def test_too_many_proofs_get_the_page_that_says_so(client: Client, ann: User) -> None:
    client.force_login(ann)
    answers = [client.post(AGAIN, {"code": WRONG}) for _ in range(11)]
    assert [one.status_code for one in answers] == [200] * 5 + [429] * 6
    assert answers[-1].headers["Retry-After"]


# --- setting up ------------------------------------------------------------------------------------------------------


def test_setting_up(client: Client) -> None:
    """The key stays the same until it is used; its code turns it on, and the recovery codes are shown."""
    user = somebody()
    by_password(client, user)
    html = client.get(ACTIVATE).content.decode()
    key = key_on(html)
    assert 'src="data:image/svg+xml;base64,' in html
    assert f"otpauth://totp/ann%40example.org?secret={key}&amp;issuer=Task%20force%20portal" in html
    assert key_on(client.post(ACTIVATE, {"code": WRONG}).content.decode()) == key
    assert key not in str(dict(client.session))
    done = client.post(ACTIVATE, {"code": app_code(key=key), "next": ADMIN})
    assert (done.status_code, done.headers["Location"]) == (303, f"{CODES}?next=%2Fen%2Fadmin%2F")
    assert second_factor.has(user)
    assert OutboxMessage.objects.get().kind == "account-factor-on"
    assert Entry.objects.filter(action="second-factor.activated", target_id=user.pk, actor_id=user.pk).exists()
    # The code that set it up is used up, too.
    assert second_factor.use(user, app_code(key=key), at=app_now()) is None


@pytest.mark.long
def test_recovery_codes_survive_a_reload_and_no_other_browser_sees_them(client: Client, settings: Settings) -> None:
    user = somebody()
    by_password(client, user)
    client.post(ACTIVATE, {"code": app_code(key=key_on(client.get(ACTIVATE).content.decode()))})
    codes = second_factor.recovery_codes(user)
    assert len(codes) == 10
    for _ in range(2):
        page = client.get(CODES).content.decode()
        assert [code for code in codes if code not in page] == []
        paper = page.partition('"pt-on-paper"')[2].partition("</p>")[0]
        assert user.email in paper
        assert settings.SITE_URL in paper
    assert [code for code in codes if code not in client.get(f"{CODES}download/").content.decode()] == []
    other = Client()
    note_sign_in_with_app(other, user)
    page = other.get(CODES).content.decode()
    assert [code for code in codes if code in page] == []
    assert "10 of 10" in page
    assert other.get(f"{CODES}download/").status_code == 302
    session = client.session
    session["recovery_codes_shown"] = time.time() - 1
    session.save()
    assert codes[0] not in client.get(CODES).content.decode()


def note_sign_in_with_app(client: Client, user: User) -> None:
    """Sign somebody in who has passed their second step."""
    client.force_login(user)
    note_sign_in(client, user, second_factor=True)


@pytest.mark.long
def test_new_recovery_codes_replace_the_older(client: Client, ann: User) -> None:
    by_password(client, ann)
    client.post(STEP, {"code": recovery_code()})
    assert is_in_the_admin(client)
    assert client.post(NEW_CODES).status_code == 303
    codes = second_factor.recovery_codes(ann)
    assert recovery_code(1) not in codes
    assert codes[0] in client.get(CODES).content.decode()
    assert is_in_the_admin(client), "who came in by a recovery code stays in"
    assert OutboxMessage.objects.filter(kind="account-recovery-codes").count() == 1


def test_the_secret_is_unreadable_in_the_database(ann: User) -> None:
    rows = Authenticator.objects.filter(user=ann)
    stored = "".join(str(row.data) for row in rows)
    assert APP_KEY not in stored
    assert RECOVERY_SEED not in stored
    assert sealing.unseal(rows.get(type="totp").data["secret"]) == APP_KEY


def test_a_former_key_still_opens_it_and_an_unknown_one_nothing(ann: User, settings: Settings) -> None:
    former = settings.SECRET_KEY
    settings.SECRET_KEY = "another-key" * 6
    assert second_factor.use(ann, app_code(), at=app_now()) is None
    assert second_factor.use(ann, recovery_code(), at=app_now()) is None
    settings.SECRET_KEY_FALLBACKS = [former]
    assert second_factor.use(ann, app_code(), at=app_now()) is not None
    assert second_factor.use(ann, recovery_code(), at=app_now()) is not None


@pytest.mark.parametrize("name", ["mfa_trust", "mfa_list_webauthn", "mfa_add_webauthn", "mfa_login_webauthn"])
def test_what_the_portal_does_not_need_is_absent(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


# --- the staff side's door -------------------------------------------------------------------------------------------


@pytest.mark.long
def test_staff_without_one_are_led_to_set_one_up_and_on(client: Client) -> None:
    user, wanted = somebody(staff=True), "/en/admin/mail-texts/"
    by_mail(client, user)
    led = client.get(wanted, follow=True)
    assert led.redirect_chain[-1][0].startswith(ACTIVATE)
    html = led.content.decode()
    assert "Set up two-step sign-in" in html
    assert f'name="next" value="{wanted}"' in html
    client.post(ACTIVATE, {"code": app_code(key=key_on(html)), "next": wanted})
    assert f'href="{wanted}"' in client.get(f"{CODES}?next={wanted}").content.decode()
    assert client.get(wanted).status_code == 200


def test_a_session_opened_before_stays_outside(client: Client) -> None:
    user, elsewhere = somebody(staff=True), Client()
    by_mail(client, user)
    by_password(elsewhere, user)
    client.post(ACTIVATE, {"code": app_code(key=key_on(client.get(ACTIVATE).content.decode()))})
    assert (is_in_the_admin(client), is_in_the_admin(elsewhere)) == (True, False)
    led = elsewhere.get(ADMIN, follow=True)
    assert led.redirect_chain[-1][0].startswith(f"{AGAIN}?next=%2Fen%2Fadmin%2F&kept=")
    assert str(Purpose.STAFF_SIDE.label) in led.content.decode()


def test_a_session_by_password_enters_by_the_code(client: Client) -> None:
    """Somebody signed in before they turned it on elsewhere."""
    user = somebody(staff=True)
    by_password(client, user)
    second_factor.give(user, APP_KEY, RECOVERY_SEED, at=app_now())
    assert not is_in_the_admin(client)
    answer = client.post(AGAIN, {"code": app_code(), "next": ADMIN})
    assert answer.headers["Location"] == ADMIN
    assert is_in_the_admin(client)


@pytest.mark.long
def test_turning_it_off_ends_the_staff_side_in_every_session(ann: User, watch: Watch) -> None:
    here, there = Client(), Client()
    by_password_and_app(here, ann)
    by_password_and_app(there, ann, 1)
    assert is_in_the_admin(here)
    assert is_in_the_admin(there)
    assert "You lose the staff side at once" in here.get(DEACTIVATE).content.decode()
    assert here.post(DEACTIVATE).status_code == 303
    assert not Authenticator.objects.filter(user=ann).exists()
    assert (is_in_the_admin(here), is_in_the_admin(there)) == (False, False)
    # Another one, set up since, does not let them in again.
    second_factor.give(ann, APP_KEY, RECOVERY_SEED, at=app_now())
    assert (is_in_the_admin(here), is_in_the_admin(there)) == (False, False)
    assert OutboxMessage.objects.filter(kind="account-factor-off", mailbox=ann.email).count() == 1


def test_others_are_told_nothing_of_the_staff_side(client: Client) -> None:
    note_sign_in_with_app(client, somebody("bo", app=True))
    assert client.get(ADMIN, follow=True).status_code == 403
    assert "staff side" not in client.get(DEACTIVATE).content.decode()


def test_a_record_of_somebody_else_opens_nothing(client: Client, ann: User) -> None:
    """The gate asks for this person's own second step."""
    other = somebody("bo", app=True, staff=True)
    client.force_login(ann)
    session = client.session
    records: list[dict[str, Any]] = session["account_authentication_methods"]
    records[-1]["id"] = Authenticator.objects.get(user=other, type="totp").pk
    session.save()
    assert not is_in_the_admin(client)


def test_the_admin_has_no_door_of_its_own(client: Client, ann: User) -> None:
    answer = client.post("/en/admin/login/?next=/en/admin/", {"username": ann.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/en/accounts/login/?next=/en/admin/"
    assert not is_signed_in(client)


@pytest.mark.parametrize("going_on_to", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_the_door_leads_nowhere_else(client: Client, ann: User, going_on_to: str) -> None:
    client.force_login(ann)
    answer = client.get("/en/admin/login/", {"next": going_on_to})
    assert answer.headers["Location"] == ADMIN


def test_the_name_in_the_app_is_the_portals() -> None:
    assert SecondFactorAdapter(RequestFactory().get("/")).get_totp_issuer() == "Task force portal"
