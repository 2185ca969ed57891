"""How people in these tests get in, as they do on the portal's own pages."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache

from taskforce.accounts import fresh, second_factor
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now
from taskforce.notifications.models import OutboxMessage
from tests.clients import APP_KEY, RECOVERY_SEED, Client, note_sign_in

PASSWORD = "a long enough secret"
BASE = "/en/accounts/"
LOGIN, CODE, CONFIRM = f"{BASE}login/", f"{BASE}login/code/", f"{BASE}login/code/confirm/"
STEP, AGAIN, ACTIVATE = f"{BASE}2fa/authenticate/", f"{BASE}2fa/reauthenticate/", f"{BASE}2fa/totp/activate/"
DEACTIVATE, CODES, NEW_CODES = (
    f"{BASE}2fa/totp/deactivate/",
    f"{BASE}2fa/recovery-codes/",
    f"{BASE}2fa/recovery-codes/generate/",
)
WRONG = "000000"


def somebody(name: str = "ann", *, app: bool = False, password: str | None = PASSWORD, staff: bool = False) -> User:
    """A person with an account; with an app, if asked for, whose key is that of the tests."""
    user = create_account(f"{name}@example.org", at=app_now(), name=name.title(), password=password)
    if staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    if app:
        second_factor.give(user, APP_KEY, RECOVERY_SEED, at=app_now())
    return user


def app_code(steps: int = 0, key: str = APP_KEY) -> str:
    """What the app shows now, or so many steps of 30 seconds from now."""
    now = list(totp.yield_hotp_counters_from_time())[1]
    return str(totp.format_hotp_value(totp.hotp_value(key, now + steps)))


def recovery_code(number: int = 0) -> str:
    """One of the tests' recovery codes."""
    return second_factor.codes_of(RECOVERY_SEED)[number]


def by_password(client: Client, user: User, password: str = PASSWORD, **more: Any) -> Any:
    """The answer to signing in by password."""
    return client.post(LOGIN, {"login": user.email, "password": password, **more})


def by_password_and_app(client: Client, user: User, steps: int = 0) -> Any:
    """The answer to the second step."""
    by_password(client, user)
    return client.post(STEP, {"code": app_code(steps)})


def by_mail(client: Client, user: User) -> Any:
    """The answer to a code from a mail."""
    client.post(CODE, {"email": user.email})
    return client.post(CONFIRM, {"code": OutboxMessage.objects.latest("pk").context["code"]})


def send_stale(client: Client, user: User, address: str, fields: dict[str, Any]) -> str:
    """What somebody whose last proof is too old sends; returns where they are asked for a new one."""
    note_sign_in(client, user, second_factor=True, seconds_ago=fresh.WITHIN.total_seconds() + 1)
    answer = client.post(address, fields)
    assert answer.status_code == 302
    place = str(answer.headers["Location"])
    assert place.startswith(f"{AGAIN}?next=")
    return place


def hidden_at(place: str) -> dict[str, str]:
    """What the page that asks for a proof hides in its form: the way on, and the mark of what waits."""
    return {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}


def prove(client: Client, place: str) -> Any:
    """The answer to the app's code on the page that asks for it."""
    return client.post(AGAIN, {"code": app_code(), **hidden_at(place)})


def is_signed_in(client: Client) -> bool:
    """Whether the portal knows who sits at this browser."""
    return client.get(f"{BASE}email/").status_code == 200


def is_in_the_admin(client: Client) -> bool:
    """Whether the staff side opens."""
    return client.get("/en/admin/").status_code == 200


def forget_limits() -> None:
    """allauth counts in the cache."""
    cache.clear()
