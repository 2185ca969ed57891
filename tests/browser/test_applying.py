"""The whole form of an application, by keyboard alone on a phone, from left to right and from right to left."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.running import Portal
from tests.browser.test_pages import look
from tests.browser.visitors import NARROW, TASK_FORCE, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
WORDS = "我會傾聽。 أستمع."
# What is no free text: a number, and in each row of languages another one.
PLAIN = {
    "profile-hours": "5",
    "profile-language-1": "sw",
    "profile-language-2": "العربية",
    "profile-language-3": "日本語",
}
# More than there are fields, links and buttons on the page.
_MOST = 300
_FOCUSED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const form = at.form && at.form.matches('form[data-main]');
  const box_or_label = at.type === 'checkbox' || at.type === 'radio' ? at.parentElement.getBoundingClientRect() : box;
  const seen = box_or_label.width > 0 && box_or_label.left >= -1 && box_or_label.right <= innerWidth + 1
    && box_or_label.bottom > 0 && box_or_label.top < innerHeight;
  return {name: at.name || '', kind: at.type || '', value: at.value || '', form: !!form, seen: seen,
          what: at.outerHTML.slice(0, 120)};
}"""


@pytest.fixture(autouse=True)
def _open_call(portal: Portal) -> None:
    """What these tests leave behind is in nobody's way."""
    portal.at("recruitment-open")
    portal.moved()


def typed_in(page: Page, at: dict[str, Any]) -> None:
    """Fill in the field that has the focus, as somebody without a mouse does."""
    if at["kind"] in ("text", "textarea"):
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.insert_text(PLAIN.get(at["name"], WORDS))
    elif at["kind"].startswith("select"):
        page.keyboard.press("ArrowDown")
    elif at["kind"] in ("checkbox", "radio"):
        page.keyboard.press("Space")


def tabbed_through(page: Page) -> tuple[list[str], list[str]]:
    """Press Tab from the beginning of the page to the button that submits, filling in every field on the way; the names
    of those, and what had the focus outside of what can be seen."""
    names: list[str] = []
    unseen: list[str] = []
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        at = page.evaluate(_FOCUSED)
        if not at["form"]:
            continue
        if not at["seen"]:
            unseen.append(at["what"])
        if at["kind"] == "submit":
            if at["value"] == "submit":
                return names, unseen
            continue
        typed_in(page, at)
        names.append(at["name"])
    raise AssertionError(f"the button is not reached: {names}")


@pytest.mark.parametrize("language", ["zh-hant", "ar"])
def test_the_whole_form_by_keyboard_on_a_phone(visitors: Visitors, language: str) -> None:
    visitor = visitors.come("applicant", language=language)
    page = visitor.page
    page.set_viewport_size(NARROW)
    visitor.go(f"/{language}/{TASK_FORCE}/join/application/")
    problems = look(visitor, "application-form", language)
    page.set_viewport_size(NARROW)
    there = page.locator("form[data-main]").evaluate(
        "form => [...form.elements].filter(one => one.type !== 'hidden' && one.name && one.type !== 'submit')"
        ".map(one => one.name)"
    )
    names, unseen = tabbed_through(page)
    assert {*names} == {*there}, "a field that is not reached"
    assert not unseen, "\n".join(unseen)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    problems += look(visitor, "application-sent", language)
    visitor.reference()
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("language", ["zh-hant", "ar"])
def test_what_is_wrong_is_reached_by_keyboard(visitors: Visitors, language: str) -> None:
    """Sent empty, the first link of the summary leads to the field that is meant, which then has the focus."""
    visitor = visitors.come("applicant", language=language)
    page = visitor.page
    page.set_viewport_size(NARROW)
    visitor.go(f"/{language}/{TASK_FORCE}/join/application/")
    for field in page.locator("form[data-main] textarea").all():
        field.fill("")
    assert visitor.send(page.locator("form[data-main] button[value=submit]").last) == 200
    problems = look(visitor, "application-errors", language)
    page.set_viewport_size(NARROW)
    link = page.locator("main a[href^='#id_q-']").first
    target = (link.get_attribute("href") or "").removeprefix("#")
    link.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert target in (page.evaluate("document.activeElement.id"), page.evaluate("location.hash.slice(1)"))
    assert not problems, "\n".join(problems)
