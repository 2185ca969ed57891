"""What is typed of a translation stays its translator's on a machine that others use too, and never comes back late."""

import re

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.running import Portal
from tests.browser.visitors import TEXT, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
WORK = f"/ar/{TEXT}translate/"
_SESSION = re.compile("session")


def _typed_signed_out(visitor: Visitor, words: str) -> Locator:
    """A translator types, and finds that their sign-in has ended."""
    page = visitor.become("translator")
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.go(WORK)
    name = page.locator("[data-unit]:has(textarea)").first.get_attribute("data-unit")
    here = page.locator(f"[data-unit='{name}']")
    visitor.context.clear_cookies(name=_SESSION)
    here.locator("textarea").fill(words)
    here.locator("[data-warning]").wait_for()
    return here


def _in_the_tab(page: Page) -> str:
    return str(page.evaluate("JSON.stringify(Object.entries(sessionStorage))"))


def test_the_next_person_reads_nothing_of_the_last(portal: Portal, visitors: Visitors) -> None:
    """Nor does the tab have it any more; the same person finds it again, for half an hour."""
    portal.at("feedback-open")
    portal.moved()
    visitor = visitors.come()
    here = _typed_signed_out(visitor, "Of the first one")
    visitor.become("translator")
    visitor.go(f"{WORK}?show=all")
    assert here.locator("textarea").input_value() == "Of the first one"
    visitor.context.clear_cookies(name=_SESSION)
    here.locator("textarea").fill("Still of the first one")
    assert "Still of" in _in_the_tab(visitor.page)
    visitor.become("coordinator")
    visitor.go(f"{WORK}?show=all")
    assert here.locator("textarea").input_value() == ""
    assert "of the first" not in _in_the_tab(visitor.page)


def test_older_words_never_come_over_what_was_saved_since(portal: Portal, visitors: Visitors) -> None:
    """The portal gives them back after the sign-in, and the tab forgets them; what another has saved stays too."""
    portal.at("feedback-open")
    portal.moved()
    visitor = visitors.come()
    here = _typed_signed_out(visitor, "First words")
    with visitor.page.expect_navigation():
        here.locator("button[value=save]").click()
    assert "First words" not in _in_the_tab(visitor.page)
    here = _typed_signed_out(visitor, "Words of before")
    name = here.get_attribute("data-unit")
    other = visitors.come("coordinator", script=False)
    other.go(f"{WORK}{name}/")
    other.page.locator("textarea").first.fill("Saved since")
    with other.page.expect_navigation():
        other.page.locator("button[value=save]").click()
    visitor.become("translator")
    visitor.go(f"{WORK}?show=all")
    assert here.locator("textarea").input_value() == "Saved since"
    assert here.locator("pre", has_text="Words of before").is_visible()
