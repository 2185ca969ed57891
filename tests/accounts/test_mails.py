"""allauth's mails: rows in the outbox, in the page's language, the same to look at for strangers and members."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import allauth.account
import pytest
from allauth.account import app_settings
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from pytest_django import Settings

from taskforce.accounts import notices
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now
from taskforce.notifications import delivery, kinds, rendering
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client
from tests.notifications import sink as sinks

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough secret"


@pytest.fixture(autouse=True)
def no_limits_from_other_tests() -> None:
    """allauth counts in the cache."""
    cache.clear()


@pytest.fixture
def ann() -> User:
    """Somebody with an account."""
    return create_account("ann@example.org", at=app_now(), name="Ann [x](http://evil.test)", password=PASSWORD)


def only() -> OutboxMessage:
    """The one mail that was enqueued; nothing was sent past the outbox."""
    assert mail.outbox == []
    return OutboxMessage.objects.get()


def test_sign_in_by_code_through_the_outbox(client: Client, ann: User) -> None:
    client.post("/zh-hant/accounts/login/code/", {"email": ann.email})
    row = only()
    assert (row.kind, row.mailbox, row.language) == ("account-login-code", ann.email, "zh-hant")
    assert row.valid_until == row.created_at + timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT)
    answer = client.post("/zh-hant/accounts/login/code/confirm/", {"code": row.context["code"]})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(ann.pk)


def test_a_new_code_is_a_new_mail(ann: User) -> None:
    for _ in range(2):
        Client().post("/en/accounts/login/code/", {"email": ann.email})
    codes = [row.context["code"] for row in OutboxMessage.objects.all()]
    assert len(set(codes)) == 2


def test_the_code_arrives_and_is_forgotten(client: Client, ann: User, settings: Settings) -> None:
    settings.DEMO = False
    client.post("/ar/accounts/login/code/", {"email": ann.email})
    code = only().context["code"]
    sink = sinks.Sink()
    with sinks.running(sink) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        assert delivery.deliver_due() == 1
    (arrival,) = sink.arrivals
    body = arrival.mail.get_body(("html",))
    assert body is not None
    assert code in body.get_content()
    assert 'lang="ar" dir="rtl"' in body.get_content()
    assert only().context["code"] == ""


def test_signing_up_confirms_the_address_by_code(client: Client) -> None:
    fields = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/en/accounts/signup/", fields)
    row = only()
    assert (row.kind, row.mailbox) == ("account-confirm-code", "new@example.org")
    answer = client.post("/en/accounts/confirm-email/", {"code": row.context["code"]})
    assert answer.status_code == 302
    assert EmailAddress.objects.get(email="new@example.org").verified


def test_a_reset_link_works_and_is_on_the_portals_own_origin(client: Client, ann: User, settings: Settings) -> None:
    client.post("/en/accounts/password/reset/", {"email": ann.email}, headers={"host": "localhost"})
    row = only()
    assert row.kind == "account-password-reset"
    url = row.context["url"]
    assert url.startswith(f"{settings.SITE_URL}/en/accounts/password/reset/key/")
    path = url.removeprefix(settings.SITE_URL)
    form = client.get(path, follow=True)
    answer = client.post(form.request["PATH_INFO"], {"password1": "another long one", "password2": "another long one"})
    assert answer.status_code == 302
    ann.refresh_from_db()
    assert ann.check_password("another long one")


def answers(client: Client, path: str, fields: dict[str, Any]) -> tuple[int, str, set[str]]:
    """What an onlooker sees of the answer: status, place, names of cookies."""
    answer = client.post(path, fields)
    return answer.status_code, answer.headers.get("Location", ""), set(answer.cookies)


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        ("/en/accounts/login/code/", "account-login-code", "account-unknown"),
        ("/en/accounts/password/reset/", "account-password-reset", "account-unknown"),
        ("/en/accounts/signup/", "account-exists", "account-confirm-code"),
    ],
)
def test_strangers_and_members_look_the_same(ann: User, path: str, known: str, unknown: str) -> None:
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    seen = [answers(Client(), path, {"email": email, **passwords}) for email in (ann.email, "bob@example.org")]
    assert seen[0] == seen[1]
    kinds_of = dict(OutboxMessage.objects.values_list("mailbox", "kind"))
    assert kinds_of == {ann.email: known, "bob@example.org": unknown}


def test_of_a_locked_account_every_form_says_that_it_is_locked(ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(is_active=False)
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    for path in ("/en/accounts/login/code/", "/en/accounts/password/reset/", "/en/accounts/signup/"):
        Client().post(path, {"email": ann.email, **passwords})
    assert list(OutboxMessage.objects.values_list("kind", "mailbox")) == [("account-locked", ann.email)] * 3


def test_nothing_that_a_person_typed_is_in_these_mails(client: Client, ann: User) -> None:
    for path in ("/en/accounts/login/code/", "/en/accounts/password/reset/"):
        client.post(path, {"email": ann.email})
    for row in OutboxMessage.objects.all():
        rendered = rendering.render(kinds.get(row.kind), row.context, row.language, row.zone)
        assert "evil" not in "".join(rendered)
        assert set(row.context) <= {"code", "minutes", "hours", "url"}


def test_every_occasion_of_allauth_has_a_mail() -> None:
    """Read from the library's source, so that a new version with a new occasion is noticed."""
    source = "".join(path.read_text() for path in Path(allauth.account.__path__[0]).rglob("*.py"))
    occasions = set(re.findall(r'"(account/email/\w+)"', source))
    # That an address was confirmed needs no mail, since the code for it came by one; codes for a new password are off.
    off = {"account/email/email_confirm", "account/email/password_reset_code"}
    assert app_settings.EMAIL_NOTIFICATIONS
    assert not app_settings.PASSWORD_RESET_BY_CODE_ENABLED
    assert occasions - off == set(notices.OCCASIONS) | notices.TOLD_BY_SERVICES
