"""The whole form of an application, by keyboard alone on a phone, from left to right and from right to left."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from taskforce.core import lengths
from taskforce.core.text import clean_text
from tests.browser.running import Portal, until
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
        if page.evaluate("document.activeElement.matches('form[data-main] details:not([open]) > summary')"):
            page.keyboard.press("Enter")
        at = page.evaluate(_FOCUSED)
        if not at["form"] or at["kind"] == "button":
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
    for field in page.locator("form[data-main] textarea:visible").all():
        field.fill("")
    assert visitor.send(page.locator("form[data-main] button[value=submit]").last) == 200
    assert page.evaluate("document.activeElement.matches('.pt-error-summary')"), "the summary has the focus"
    problems = look(visitor, "application-errors", language)
    page.set_viewport_size(NARROW)
    link = page.locator("main a[href^='#id_q-']").first
    target = (link.get_attribute("href") or "").removeprefix("#")
    link.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert target in (page.evaluate("document.activeElement.id"), page.evaluate("location.hash.slice(1)"))
    assert not problems, "\n".join(problems)


# Wide and narrow ones, marks that become one letter with it, line ends, white space around, what nobody sees.
TEXTS = (
    "",
    "Words",
    "語",
    "日本語 and more",
    "e\u0301",
    "a\r\nb",
    "  around \u3000",
    "\u200b\u2060",
    "\u1249",
    "ｱ",
    "𠀀",
)


def test_a_text_says_how_much_of_its_limit_is_used(visitors: Visitors) -> None:
    """Counted as the server counts it; aloud only where little is left, or too much is there; nothing is cut off."""
    visitor = visitors.come("applicant", language="ar")
    page = visitor.go(f"/ar/{TASK_FORCE}/join/application/")
    assert page.locator("form[data-main] [maxlength]").count() == 0
    field = page.locator("form[data-main] textarea[data-most]").first
    most = int(field.get_attribute("data-most") or "")
    line = page.locator(f"[id='{field.get_attribute('id')}_count']")
    aloud = page.locator("[data-counted]")
    for text in TEXTS:
        field.fill(text)
        counted = lengths.counted(clean_text(text))
        assert re.findall(r"[\d,]+", line.inner_text()) == [str(counted), f"{most:,}"], repr(text)
    assert aloud.inner_text() == ""
    # Every one of these counts as two.
    field.fill("語" * (most // 2))
    until("it says that nothing is left", lambda: re.findall(r"\d+", aloud.inner_text()) == ["0"])
    field.fill("語" * (most // 2 + 1))
    until("it says how much is too much", lambda: re.findall(r"\d+", aloud.inner_text()) == ["2"])
    assert aloud.inner_text() == line.inner_text()
    assert len(field.input_value()) == most // 2 + 1


@pytest.mark.parametrize("script", [True, False])
def test_the_language_menu_saves_what_stands_in_the_form(visitors: Visitors, script: bool) -> None:
    visitor = visitors.come("applicant", script=script)
    page = visitor.go(f"/en/{TASK_FORCE}/join/application/")
    page.locator("[name=wiki_name]").fill(f"Amani {script}")
    page.locator(".pt-menu--languages > summary").click()
    with page.expect_navigation():
        page.locator(".pt-menu--languages button[value=in-ar]").click()
    assert page.url.endswith(f"/ar/{TASK_FORCE}/join/application/")
    assert page.locator("[name=wiki_name]").input_value() == f"Amani {script}"
    # Enter in a field saves, and does not press the menu.
    page.locator("[name=wiki_name]").fill(f"Amani, {script}")
    with page.expect_navigation():
        page.locator("[name=wiki_name]").press("Enter")
    assert page.url.endswith(f"/ar/{TASK_FORCE}/join/application/")
    assert page.locator("[name=wiki_name]").input_value() == f"Amani, {script}"


def test_a_zone_is_offered_and_chosen_by_nobody_else(visitors: Visitors) -> None:
    visitor = visitors.come("applicant", zone="Asia/Taipei")
    page = visitor.go(f"/en/{TASK_FORCE}/join/application/")
    zone = page.locator("[name=profile-zone]")
    state = page.locator("[data-contents] a[href='#not-me'] + [data-state]")
    assert zone.input_value() == ""
    button = page.locator(".pt-offered")
    button.click()
    assert zone.input_value() == "Asia/Taipei"
    assert not button.is_visible()
    # The contents lead into what is folded away, and say how it stands.
    assert not page.locator("[name=not-reviewers]").is_visible()
    before = state.inner_text()
    page.locator("[data-contents] a[href='#not-me']").click()
    page.locator("[name=not-reviewers]").fill("Somebody")
    assert state.inner_text() != before
