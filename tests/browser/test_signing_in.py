"""Signing in as people do: by code, by password and app code, with a Wikimedia account; and a role lost in between.

The strict policy holds on every page: the way to the wiki leads over two other origins.
"""

import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page

from taskforce.portal.demo.cast import APP_KEY
from tests.accounts.oauth_server import Wiki, a_person
from tests.browser import watch
from tests.browser.running import Portal, until
from tests.browser.visitors import LANGUAGES, NARROW, WIDE, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack]
WITH_WIKIMEDIA = "form[action$='/mediawiki/login/'] [type=submit]"
BUTTON = "main form[data-main] [type=submit]"


@pytest.fixture(scope="module", autouse=True)
def _feedback(portal: Portal) -> None:
    """What these tests leave behind is in the way of none of them, and of everybody else."""
    portal.at("feedback-open")
    portal.moved()


def problems(visitor: Visitor, name: str, language: str = "en") -> list[str]:
    """What is wrong with the page that is open."""
    found = watch.layout_problems(visitor.page, LANGUAGES[language]) + watch.access_problems(visitor.page)
    watch.picture(visitor.page, f"{name}-{language}-{(visitor.page.viewport_size or WIDE)['width']}")
    return [f"{name} {language}: {one}" for one in found + visitor.watch.problems()]


def code_for(portal: Portal, kind: str, mailbox: str, before: int = 0) -> str:
    """The code in the mail that has come after so many others."""

    def newest() -> str:
        mails = portal.mails(kind, mailbox)
        return str(mails[-1]["text"]) if len(mails) > before else ""

    found = re.search(r"^\W*([A-Z0-9]{4}-?[A-Z0-9]{4})\W*$", until(f"the mail {kind}", newest), re.MULTILINE)
    assert found is not None
    return found[1]


def is_signed_in(page: Page) -> bool:
    """Whether the page greets somebody."""
    return page.locator("a[href$='/accounts/logout/']").count() > 0


def sign_out(visitor: Visitor, language: str = "en") -> None:
    """By the page's button."""
    visitor.go(f"/{language}/accounts/logout/")
    assert visitor.send() == 200


def by_wiki(visitor: Visitor, portal: Portal, button: str, answer: str = "allow") -> Page:
    """Press a button that leads to the wiki, decide there, and come back to the portal."""
    page = visitor.page
    page.locator(button).click()
    page.wait_for_url("http://localhost:*/consent*")
    page.locator(f"[name={answer}]").click()
    page.wait_for_url(f"{portal.address}/**")
    return page


def test_by_code(portal: Portal, visitors: Visitors) -> None:
    visitor = visitors.come()
    page = visitor.go("/en/accounts/login/?next=/en/accounts/email/")
    found = problems(visitor, "sign-in")
    page.locator("[name=email]").fill("applicant@demo.example")
    assert visitor.send(page.locator("form[action$='/login/code/'] [type=submit]")) == 200
    page.locator("[name=code]").fill(code_for(portal, "account-login-code", "applicant@demo.example"))
    assert visitor.send(page.locator(BUTTON).first) == 200
    assert page.url == f"{portal.address}/en/accounts/email/"
    assert is_signed_in(page)
    assert not found, "\n".join(found)


def app_code() -> str:
    """What the app of the demonstration's staff shows now."""
    (code, *_others) = yield_hotp_counters_from_time()
    return str(format_hotp_value(hotp_value(APP_KEY, code)))


def test_by_password_and_app_code(portal: Portal, visitors: Visitors) -> None:
    """The password alone opens neither the account nor the staff side."""
    visitor = visitors.come()
    page = visitor.go("/en/accounts/login/?next=/en/admin/")
    page.locator("[name=login]").fill("observer@demo.example")
    page.locator("[name=password]").fill("demo")
    assert visitor.send(page.locator("form:has([name=password]) [type=submit]")) == 200
    assert "/2fa/authenticate/" in page.url
    found = problems(visitor, "second-step")
    page.goto(f"{portal.address}/en/admin/")
    assert "/accounts/" in page.url
    assert not is_signed_in(page)
    page.goto(f"{portal.address}/en/accounts/2fa/authenticate/")
    page.locator("[name=code]").fill(app_code())
    assert visitor.send(page.locator(BUTTON).first) == 200
    visitor.go("/en/admin/")
    assert page.url == f"{portal.address}/en/admin/"
    visitor.watch.assert_clean()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("language", "script"), [("ar", True), pytest.param("zh-hant", False, marks=pytest.mark.long)])
def test_with_a_wikimedia_account(
    portal: Portal, visitors: Visitors, wiki: Wiki, language: str, *, script: bool
) -> None:
    """For the first time with an address to confirm, then at once; on a phone, also without scripts."""
    mailbox = f"wiki-{language}@demo.example"
    wiki.person = a_person(sub=f"7{len(language)}", username=f"Wiki {language}", email=mailbox)
    visitor = visitors.come(language=language, script=script)
    visitor.page.set_viewport_size(NARROW)
    visitor.go(f"/{language}/accounts/login/?next=/{language}/accounts/email/")
    found = [] if not script else problems(visitor, "sign-in", language)
    page = by_wiki(visitor, portal, WITH_WIKIMEDIA)
    assert page.url == f"{portal.address}/{language}/accounts/3rdparty/signup/"
    found += [] if not script else problems(visitor, "wikimedia-sign-up", language)
    assert page.locator("[name=email]").input_value() == mailbox
    assert visitor.send() == 200
    page.locator("[name=code]").fill(code_for(portal, "account-confirm-code", mailbox))
    assert visitor.send(page.locator(BUTTON).first) == 200
    assert page.url == f"{portal.address}/{language}/accounts/email/"
    assert page.locator("[name=name]").input_value() == f"Wiki {language}"
    found += [] if not script else problems(visitor, "account", language)
    sign_out(visitor, language)
    visitor.go(f"/{language}/accounts/login/")
    page = by_wiki(visitor, portal, WITH_WIKIMEDIA)
    assert page.url == f"{portal.address}/{language}/accounts/email/"
    assert is_signed_in(page)
    assert wiki.refused == []
    assert not found, "\n".join(found)


@pytest.mark.long
def test_not_allowed_there_and_broken_there(portal: Portal, visitors: Visitors, wiki: Wiki) -> None:
    visitor = visitors.come(language="ar")
    visitor.go("/ar/accounts/mediawiki/login/")
    found = problems(visitor, "wikimedia-begin", "ar")
    page = by_wiki(visitor, portal, BUTTON, "deny")
    assert page.url.endswith("/ar/accounts/3rdparty/login/cancelled/")
    found += problems(visitor, "wikimedia-cancelled", "ar")
    visitor.go("/ar/accounts/mediawiki/login/")
    wiki.fault = ("profile", "error")
    try:
        page = by_wiki(visitor, portal, BUTTON)
    finally:
        wiki.fault = ("", "")
    assert "/ar/accounts/3rdparty/login/error/" in page.url
    found += problems(visitor, "wikimedia-error", "ar")
    assert not is_signed_in(page)
    assert not found, "\n".join(found)


@pytest.mark.long
def test_connecting_and_disconnecting(portal: Portal, visitors: Visitors, wiki: Wiki) -> None:
    wiki.person = a_person(sub="99", username="Wiki Applicant")
    visitor = visitors.come("applicant")
    page = visitor.go("/en/accounts/email/")
    by_wiki(visitor, portal, WITH_WIKIMEDIA)
    assert page.url == f"{portal.address}/en/accounts/email/"
    found = problems(visitor, "account-connected")
    own = page.locator("li", has_text="Wiki Applicant")
    own.locator("summary").click()
    assert visitor.send(own.locator("[type=submit]")) == 200
    assert page.locator("li", has_text="Wiki Applicant").count() == 0
    found += problems(visitor, "account-disconnected")
    assert not found, "\n".join(found)


def test_a_role_that_ends_ends_with_the_next_click(portal: Portal, visitors: Visitors) -> None:
    visitor = visitors.come("deputy")
    page = visitor.go("/en/admin/timeline/phase/")
    portal.manage("revoke_role", "deputy@demo.example", "deputy", "--task-force", "leadership-development")
    with page.expect_navigation() as coming:
        page.locator("#result_list th a").first.click()
    assert coming.value is not None
    assert page.locator("#result_list, #content-main").count() == 0
    assert "/admin/timeline/" not in page.url or coming.value.status in (403, 404)
    visitor.go("/en/accounts/email/")
    assert is_signed_in(page)
