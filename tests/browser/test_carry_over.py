"""What somebody typed goes with them into another language, and is not left behind without a word."""

import pytest
from playwright.sync_api import Dialog, Page

from tests.browser.running import Portal
from tests.browser.visitors import WINDOW, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack]

TYPED = "Leaders grow where they are trusted.\nSo trust them."
CARRIED = ".pt-carried[role=status] .cdx-message"


def _change_language(visitor: Visitor, language: str) -> Page:
    page = visitor.page
    page.locator(".pt-menu--languages summary").click()
    with page.expect_navigation():
        page.locator(f".pt-menu--languages a[href^='/{language}/']").click()
    return page


@pytest.mark.long
def test_what_was_typed_is_carried_over(portal: Portal, visitors: Visitors) -> None:
    """Text, choice, language and name, once; what nobody typed (the form's key) is the new page's own."""
    portal.at("feedback-open")
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    dialogs: list[Dialog] = []

    def stay(dialog: Dialog) -> None:
        dialogs.append(dialog)
        dialog.accept()

    page.on("dialog", stay)
    visitor.fill_questions(TYPED, choice=1)
    page.locator("[name=visibility][value=public]").check(force=True)
    page.locator("[name=name]").fill("Amani")
    key = page.locator("[name=form_key]").input_value()
    _change_language(visitor, "ar")
    page.locator(CARRIED).wait_for()
    form = page.locator("main form[data-main]")
    assert form.locator("textarea").first.input_value() == TYPED
    assert form.locator("input[type=radio][name^='q-']").nth(1).is_checked()
    assert form.locator("[name=visibility][value=public]").is_checked()
    assert form.locator("[name=name]").input_value() == "Amani"
    assert form.locator("[name=language]").input_value() == "en"
    assert form.locator("[name=form_key]").input_value() not in ("", key)
    assert page.evaluate("sessionStorage.length") == 0
    assert not dialogs, "asked before a change that loses nothing"
    assert visitor.send() == 200
    assert "/mine/" in page.url
    assert not dialogs, "asked before sending"
    visitor.watch.assert_clean()


@pytest.mark.long
def test_nothing_typed_is_nothing_carried(portal: Portal, visitors: Visitors) -> None:
    """Nor does an old copy come back, or one of another page."""
    portal.at("feedback-open")
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    old = """path => sessionStorage.setItem("typed:" + path, JSON.stringify(
        {at: Date.now() - 11 * 60000, typed: [{name: "name", value: "Old", checked: null}]}))"""
    page.evaluate(old, f"/{WINDOW}")
    _change_language(visitor, "zh-hant")
    assert page.locator("[name=name]").input_value() == ""
    assert page.evaluate("sessionStorage.length") == 0
    page.wait_for_timeout(150)
    assert page.locator(CARRIED).count() == 0
    visitor.watch.assert_clean()


@pytest.mark.long
def test_who_leaves_with_something_typed_is_asked(portal: Portal, visitors: Visitors) -> None:
    """Only then."""
    portal.at("feedback-open")
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    with page.expect_navigation():
        page.locator(".pt-brand").click()
    assert asked == []
    visitor.go(f"/en/{WINDOW}")
    visitor.fill_questions(TYPED)
    page.locator(".pt-brand").click()
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    assert page.locator("main form[data-main] textarea").first.input_value() == TYPED
