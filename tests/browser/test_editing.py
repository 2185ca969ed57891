"""Changing a text at a browser: what is typed is saved by itself, and nobody else's words are written over."""

import pytest
from playwright.sync_api import Dialog, Locator

from tests.browser.running import Portal
from tests.browser.visitors import TEXT, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
EDIT = f"/en/{TEXT}edit/"


def opened(visitors: Visitors, role: str) -> Visitor:
    """Somebody on the page of the first section."""
    visitor = visitors.come(role)
    visitor.go(EDIT)
    visitor.follow("/edit/s/s")
    return visitor


def test_what_is_typed_is_saved_by_itself(portal: Portal, visitors: Visitors) -> None:
    """And shown to the next one; where both have typed, the second one's stays unsaved until they have seen both."""
    portal.at("feedback-open")
    portal.moved()
    ada, ben = opened(visitors, "coordinator"), opened(visitors, "deputy")
    field, other = (one.page.locator("textarea[data-edit-text]") for one in (ada, ben))
    status = ada.page.locator("[data-autosave-status]")
    field.nth(1).fill("By the first one.")
    status.filter(has_text="Saved in the draft.").wait_for(timeout=60_000)
    ada.page.reload()
    assert field.nth(1).input_value() == "By the first one."
    other.nth(0).fill("Another heading")
    ben.page.locator("[data-autosave-status]").filter(has_text="Saved in the draft.").wait_for(timeout=60_000)
    assert other.nth(1).input_value() == "By the first one."
    field.nth(0).fill("My heading")
    status.filter(has_text="Not saved by itself").wait_for(timeout=60_000)
    assert ada.send(ada.page.locator("button[value=save]").last) == 409
    assert field.nth(0).input_value() == "My heading"
    assert "Another heading" in (ada.page.locator("main").text_content() or "")
    assert ada.send(ada.page.locator("button[value=save]").last) == 200
    assert field.nth(0).input_value() == "My heading"


def at_the_first_field(visitors: Visitors) -> tuple[Visitor, Locator, Locator]:
    """An editor, a field, and the line that says whether it is saved."""
    ada = opened(visitors, "coordinator")
    return ada, ada.page.locator("textarea[data-edit-text]").nth(1), ada.page.locator("[data-autosave-status]")


def asked_of(visitor: Visitor, *, leaves: bool) -> list[str]:
    """What the browser asks from now on, and whether the answer is to leave the page."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept() if leaves else dialog.dismiss()

    visitor.page.on("dialog", answer)
    return asked


def test_a_link_waits_until_all_is_saved(portal: Portal, visitors: Visitors) -> None:
    """Whoever goes on at once, and nobody is asked."""
    portal.at("feedback-open")
    portal.moved()
    ada, field, _status = at_the_first_field(visitors)
    asked = asked_of(ada, leaves=True)
    here = ada.page.url
    field.fill("Typed in the last second.")
    ada.page.locator("main a[rel=next]").click()
    ada.page.wait_for_url(lambda address: address != here)
    assert not asked
    ada.page.goto(here)
    assert field.input_value() == "Typed in the last second."


def test_where_the_portal_does_not_answer(portal: Portal, visitors: Visitors) -> None:
    """It says so, asks before the page is left, and saves once there is an answer."""
    portal.at("feedback-open")
    portal.moved()
    ada, field, status = at_the_first_field(visitors)
    asked = asked_of(ada, leaves=False)
    here = ada.page.url
    ada.context.set_offline(True)
    field.fill("Typed on a train.")
    status.filter(has_text="the portal did not answer").wait_for(timeout=60_000)
    ada.page.locator("main a[rel=next]").click(no_wait_after=True)
    ada.page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert ada.page.url == here
    assert field.input_value() == "Typed on a train."
    ada.context.set_offline(False)
    status.filter(has_text="Saved in the draft.").wait_for(timeout=60_000)
    ada.page.reload()
    assert field.input_value() == "Typed on a train."
    assert asked == ["beforeunload"]
