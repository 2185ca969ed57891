"""Every account page has one main form, which posts to the page's own address, and whose fields alone do the work."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.rights import Grant
from taskforce.accounts.services import create_account, offer_role
from taskforce.core.clock import app_now
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client
from tests.feedback.pages import parsed

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough secret"
BASE = "/en/accounts/"
LOGIN, CODE, CONFIRM, SIGNUP = (f"{BASE}{end}" for end in ("login/", "login/code/", "login/code/confirm/", "signup/"))


@pytest.fixture(autouse=True)
def no_limits_from_other_tests() -> None:
    """allauth counts in the cache."""
    cache.clear()


@pytest.fixture
def ann() -> User:
    """Somebody with an account."""
    return create_account("ann@example.org", at=app_now(), name="Ann", language="en", password=PASSWORD)


@pytest.fixture
def visitor() -> Client:
    """A browser of which the portal also asks the token of the form."""
    return Client(enforce_csrf_checks=True)


def main_of(answer: Any) -> str:
    """What stands in the page's `<main>`."""
    page: str = answer.content.decode()
    return page.partition("<main")[2].partition("</main>")[0]


def checked(answer: Any) -> dict[str, str]:
    """The fields of the page's main form, after a look at the form itself."""
    assert answer.status_code == 200
    path = answer.request["PATH_INFO"]
    (form,) = re.findall(r"<form\b[^>]*\bdata-main\b[^>]*>", main_of(answer))
    assert re.findall(r' action="([^"]*)"', form) in ([], [path])
    assert ' method="post"' in form
    fields = parsed(main_of(answer)).fields
    assert fields is not None
    assert "csrfmiddlewaretoken" in fields
    assert "" not in fields, "a field without a name"
    return fields


def send(visitor: Client, address: str, **typed: str) -> Any:
    """Fill in the main form of a page, each field of which must be there, and send it to the page's own address."""
    fields = checked(visitor.get(address))
    assert typed.keys() <= fields.keys()
    return visitor.post(address.partition("?")[0], {**fields, **typed})


def latest_code() -> str:
    """The code in the newest mail."""
    code: str = OutboxMessage.objects.latest("pk").context["code"]
    return code


def is_signed_in(visitor: Client) -> bool:
    return "_auth_user_id" in visitor.session


# --- the pages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?next=/en/"])
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("end", ["login/", "signup/", "login/code/", "password/reset/"])
def test_signed_out_each_page_has_one(visitor: Client, end: str, language: str, query: str) -> None:
    checked(visitor.get(f"/{language}/accounts/{end}{query}"))


@pytest.mark.parametrize("query", ["", "?next=/en/"])
@pytest.mark.parametrize("end", ["email/", "password/change/", "logout/", "reauthenticate/"])
def test_signed_in_each_page_has_one(visitor: Client, ann: User, end: str, query: str) -> None:
    EmailAddress.objects.create(user=ann, email="second@example.org")
    visitor.force_login(ann)
    checked(visitor.get(f"{BASE}{end}{query}"))


def test_who_has_no_password_yet_sets_one_in_it(visitor: Client) -> None:
    visitor.force_login(create_account("bo@example.org", at=app_now(), name="Bo", language="en"))
    checked(visitor.get(f"{BASE}password/set/"))


@pytest.mark.parametrize(("is_invited", "query"), [(True, ""), (True, "?decline"), (False, "?decline")])
def test_an_invitation_has_one(visitor: Client, people: dict[str, User], is_invited: bool, query: str) -> None:
    """To accept or decline; whoever has no account yet declines by it, and signs up by a link."""
    wanted = Grant(Role.REVIEWER, RoleGrant.objects.get(user=people["coordinator"]).task_force_id, "")
    boss = people["coordinator"].pk
    offer_role("new@portal.example", wanted, mail_language="en", actor_id=boss, at=app_now())
    if is_invited:
        visitor.force_login(create_account("new@portal.example", at=app_now(), name="New"))
    link: str = OutboxMessage.objects.latest("pk").context["url"]
    checked(visitor.get("/" + link.split("/", 3)[3] + query, follow=True))


@pytest.mark.parametrize(
    ("end", "typed"),
    [
        ("login/", {"login": "ann@example.org", "password": "wrong"}),
        ("signup/", {"email": "no address"}),
        ("login/code/", {"email": "no address"}),
        ("password/reset/", {"email": "no address"}),
    ],
)
def test_what_comes_back_with_an_error_has_one_too(visitor: Client, ann: User, end: str, typed: dict[str, str]) -> None:
    fields = checked(send(visitor, f"{BASE}{end}", **typed))
    assert fields.items() >= {name: "" if name == "password" else text for name, text in typed.items()}.items()


# --- the work ------------------------------------------------------------------------------------------------------


def test_signing_in_with_a_password(visitor: Client, ann: User) -> None:
    answer = send(visitor, f"{LOGIN}?next=/en/", login=ann.email, password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/")
    assert is_signed_in(visitor)


def test_asking_for_a_code_and_giving_it(visitor: Client, ann: User) -> None:
    assert send(visitor, f"{CODE}?next=/en/", email=ann.email).headers["Location"].startswith(CONFIRM)
    answer = send(visitor, f"{CONFIRM}?next=/en/", code=latest_code())
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/")
    assert is_signed_in(visitor)


def test_signing_up_and_confirming_the_address(visitor: Client) -> None:
    answer = send(visitor, SIGNUP, email="new@example.org", password1=PASSWORD, password2=PASSWORD)
    assert answer.status_code == 302
    assert send(visitor, answer.headers["Location"], code=latest_code()).status_code == 302
    assert EmailAddress.objects.get(email="new@example.org").verified
    assert is_signed_in(visitor)


@pytest.mark.long
def test_a_forgotten_password_is_replaced(visitor: Client, ann: User) -> None:
    assert send(visitor, f"{BASE}password/reset/", email=ann.email).status_code == 302
    link: str = OutboxMessage.objects.latest("pk").context["url"]
    choosing = visitor.get("/" + link.split("/", 3)[3], follow=True)
    address = choosing.request["PATH_INFO"]
    assert send(visitor, address, password1="another long secret", password2="another long secret").status_code == 302
    ann.refresh_from_db()
    assert ann.check_password("another long secret")


def test_signing_out(visitor: Client, ann: User) -> None:
    visitor.force_login(ann)
    assert send(visitor, f"{BASE}logout/").status_code == 302
    assert not is_signed_in(visitor)


def test_changing_the_password(visitor: Client, ann: User) -> None:
    visitor.force_login(ann)
    new = "another long secret"
    answer = send(visitor, f"{BASE}password/change/", oldpassword=PASSWORD, password1=new, password2=new)
    assert answer.status_code == 302
    ann.refresh_from_db()
    assert ann.check_password(new)
