"""The account page: who one is, in which language mails come, and of each address what can be done with it."""

import re

import pytest
from allauth.account.models import EmailAddress

from taskforce.accounts import services
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.audit.models import Entry
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid
from tests.clients import Client

pytestmark = pytest.mark.django_db
ACCOUNT, LANGUAGE = "/en/accounts/email/", "/en/accounts/language/"


@pytest.fixture
def ann() -> User:
    """Somebody with an account."""
    return create_account("ann@example.org", at=app_now(), name="Ann", language="zh-hant")


@pytest.fixture
def browser(client: Client, ann: User) -> Client:
    """Her browser."""
    client.force_login(ann)
    return client


def page(client: Client) -> str:
    """The account page from its heading on."""
    answer = client.get(ACCOUNT)
    assert answer.status_code == 200
    return answer.content.decode().partition("<h1>")[2].partition("</main>")[0]


def actions(html: str) -> list[str]:
    """What can be done with addresses, in the order of the page."""
    return re.findall(r'name="(action_\w+)"', html)


# --- the language of mails -----------------------------------------------------------------------------------------


def test_every_language_is_offered_by_its_own_name(browser: Client) -> None:
    html = page(browser)
    offered = re.findall(r'<option value="([^"]+)"( selected)? lang="([^"]+)">([^<]+)<', html)
    assert [(code, own) for code, _, _, own in offered] == list(languages.OWN_NAMES.items())
    assert [(code, lang) for code, chosen, lang, _ in offered if chosen] == [("zh-hant", "zh-Hant")]
    assert f'action="{LANGUAGE}"' in html


def test_it_is_saved_told_and_on_record(browser: Client, ann: User) -> None:
    answer = browser.post(LANGUAGE, {"language": "ar"})
    assert (answer.status_code, answer.headers["Location"]) == (303, ACCOUNT)
    ann.refresh_from_db()
    assert ann.language == "ar"
    entry = Entry.objects.get(action="account.language")
    assert (entry.actor_id, entry.target_id) == (ann.pk, ann.pk)
    assert entry.details == {"before": "zh-hant", "after": "ar"}
    assert "The language of your mails has been saved." in browser.get(ACCOUNT).content.decode()
    assert '<option value="ar" selected' in page(browser)


def test_the_same_again_is_no_change(browser: Client) -> None:
    assert browser.post(LANGUAGE, {"language": "zh-hant"}).status_code == 303
    assert not Entry.objects.filter(action="account.language").exists()


@pytest.mark.parametrize("sent", [{}, {"language": ""}, {"language": "xx"}, {"language": "EN"}, {"language": "a\x00"}])
def test_what_the_portal_does_not_have_is_refused(browser: Client, ann: User, sent: dict[str, str]) -> None:
    assert browser.post(LANGUAGE, sent).status_code == 400
    ann.refresh_from_db()
    assert ann.language == "zh-hant"


def test_the_service_refuses_it_too(ann: User) -> None:
    with pytest.raises(Invalid):
        services.set_language(ann.pk, "xx", at=app_now())


def test_without_a_sign_in_it_leads_to_one_and_then_to_the_account(client: Client, ann: User) -> None:
    for answer in (client.get(LANGUAGE), client.post(LANGUAGE, {"language": "ar"})):
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/en/accounts/login/?next={ACCOUNT}")
    ann.refresh_from_db()
    assert ann.language == "zh-hant"


def test_read_it_leads_to_the_account(browser: Client) -> None:
    answer = browser.get(LANGUAGE)
    assert (answer.status_code, answer.headers["Location"]) == (302, ACCOUNT)
    assert browser.delete(LANGUAGE).status_code == 405


def test_it_needs_the_forms_own_token(ann: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)
    assert strict.post(LANGUAGE, {"language": "ar"}).status_code == 403
    ann.refresh_from_db()
    assert ann.language == "zh-hant"


# --- addresses -----------------------------------------------------------------------------------------------------


def test_the_only_address_is_left_alone(browser: Client) -> None:
    assert actions(page(browser)) == ["action_add"]


@pytest.mark.parametrize(
    ("verified", "offered"), [(True, ["action_primary", "action_remove"]), (False, ["action_send", "action_remove"])]
)
def test_a_second_address_has_what_applies_to_it(
    browser: Client, ann: User, offered: list[str], *, verified: bool
) -> None:
    EmailAddress.objects.create(user=ann, email="second@example.org", verified=verified)
    html = page(browser)
    assert actions(html) == [*offered, "action_add"]
    assert html.count('name="email" value="second@example.org"') == 2


def test_the_offered_actions_work(browser: Client, ann: User) -> None:
    EmailAddress.objects.create(user=ann, email="second@example.org", verified=True)
    browser.post(ACCOUNT, {"email": "second@example.org", "action_primary": ""})
    assert EmailAddress.objects.get(primary=True).email == "second@example.org"
    browser.post(ACCOUNT, {"email": "ann@example.org", "action_remove": ""})
    assert [row.email for row in EmailAddress.objects.all()] == ["second@example.org"]


def test_removing_takes_two_presses(browser: Client, ann: User) -> None:
    EmailAddress.objects.create(user=ann, email="second@example.org", verified=True)
    html = page(browser)
    assert html.index("<details") < html.index("action_remove") < html.index("</details>")


def test_each_way_on_stands_once(browser: Client) -> None:
    whole = browser.get(ACCOUNT).content.decode()
    assert "<bdi>Ann</bdi>" in page(browser)
    for address in ("/en/accounts/logout/", "/en/accounts/password/change/"):
        assert whole.count(f'href="{address}"') == 1
