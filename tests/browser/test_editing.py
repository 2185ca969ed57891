"""Changing a text at a browser: what is typed is saved by itself, and nobody else's words are written over."""

import pytest

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
