"""Roles in the browser: one is lost in the middle of a session, one is taken on from a mail."""

import json
import re
from urllib.parse import urlsplit

import pytest

from tests.browser.running import Portal, until
from tests.browser.visitors import Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]

PEOPLE = "/en/admin/accounts/rolegrant/"
ITEMS = "/en/admin/feedback/feedbackitem/"
INVITED = "ines@demo.example"


@pytest.mark.timeout(240)
def test_a_role_is_lost_and_another_taken_on(portal: Portal, visitors: Visitors) -> None:
    """The moderator reads on while the coordinator takes the role away; somebody new is invited to it."""
    portal.at("feedback-open")
    moderator, coordinator = visitors.come("moderator"), visitors.come("coordinator")
    moderator.go(ITEMS)
    portal.moved()
    take_away(coordinator, "Momo Demo")
    answer = moderator.page.reload()
    assert answer is not None
    assert answer.status == 403
    assert "Staff side" not in moderator.page.locator("header").inner_text()
    invite(coordinator)
    newcomer = visitors.come()
    accept(portal, newcomer)
    assert "2fa" in newcomer.page.url, "a password alone opened the staff side"
    assert "Moderator" in coordinator.go(f"{PEOPLE}?role__exact=moderator").locator("#result_list").inner_text()


def take_away(coordinator: Visitor, name: str) -> None:
    """From the list, by the page that asks once more."""
    page = coordinator.go(PEOPLE)
    with page.expect_navigation():
        page.locator("#result_list tr", has_text=name).locator("a[href*='/take/']").click()
    assert name in page.locator("#content").inner_text()
    assert coordinator.send() == 200
    assert name not in page.locator("#result_list").inner_text()


def invite(coordinator: Visitor) -> None:
    """By the form that gives a role to whoever has an account."""
    page = coordinator.go(f"{PEOPLE}give/")
    page.locator("[name=address]").fill(INVITED)
    page.locator("[name=role]").select_option("moderator")
    assert coordinator.send() == 200
    assert INVITED in page.locator("#content").inner_text(), "the address is not shown once more"
    assert coordinator.send(page.locator("[name=previewed]")) == 200
    assert INVITED in coordinator.go("/en/admin/accounts/invitation/").locator("#result_list").inner_text()


def accept(portal: Portal, newcomer: Visitor) -> None:
    """From the mail to an account, back to the invitation, and on to the staff side."""
    mail = until("the invitation", lambda: portal.mails("role-invitation", INVITED), seconds=90)[0]
    link = re.search(r"/en/accounts/invitation/[\w:-]+/", json.dumps(mail))
    assert link
    page = newcomer.go(link[0])
    newcomer.follow("/accounts/signup/")
    assert page.locator("[name=email]").input_value() == "", "the link alone tells whose it is"
    page.locator("[name=email]").fill(INVITED)
    assert newcomer.send() == 200
    code = until("the code", lambda: portal.mails("account-confirm-code", INVITED), seconds=90)[0]
    found = re.search(r"\b[0-9A-Z]{4}-?[0-9A-Z]{4}\b|\b[0-9]{6}\b", code["text"])
    assert found
    page.locator("[name=code]").fill(found[0])
    assert newcomer.send(page.locator("main form[data-main] [type=submit]").first) == 200
    assert urlsplit(page.url).path == link[0]
    newcomer.send(page.locator("button[name=answer][value=yes]"))
