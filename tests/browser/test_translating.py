"""A whole translation, by keyboard; then one paragraph of the source changes. On a phone without a script, too."""

from functools import partial

import pytest
from playwright.sync_api import Error, Page

from tests.browser import watch
from tests.browser.running import Portal, until
from tests.browser.visitors import NARROW, TEXT, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
WORK = f"{TEXT}translate/"
# Changes the first paragraph that is written in English, as its writer would.
_CHANGE = """
from proposals.models import UnitText
from proposals.services import save_translation
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
written = UnitText.objects.filter(language="en", unit__source_language="en", unit__kind="paragraph")
row = written.earliest("unit__position")
editor = User.objects.get(email="coordinator@demo.example")
save_translation(row.unit_id, "en", row.text + " This is new.", editor=editor, at=app_now())
print("unit", row.unit_id)
"""


def _has_moved(page: Page, before: str | None) -> bool:
    """Whether another paragraph has the focus by now, or nothing is left; a page that is on its way says no."""
    try:
        focused = page.locator("[data-unit]:has(textarea:focus)")
        is_elsewhere = focused.count() == 1 and focused.get_attribute("data-unit") != before
        return is_elsewhere or _share(page) == "100"
    except Error:
        return False


def _share(page: Page) -> str:
    return page.locator("#progress progress").get_attribute("value") or ""


def test_a_whole_translation_from_nothing(portal: Portal, visitors: Visitors) -> None:
    """0 to 100 percent without leaving the keyboard; then just the changed paragraph is outdated, in each language."""
    portal.at("feedback-open")
    visitor = visitors.come(role="coordinator")
    page = visitor.go(f"/de/{WORK}")
    assert _share(page) == "0"
    total = int(page.locator("[data-unit]").count())
    assert total > 10
    page.locator("[data-unit] textarea").first.focus()
    for number in range(200):
        unit = page.locator("[data-unit]:has(textarea:focus)").get_attribute("data-unit")
        page.keyboard.type(f"Satz {number}")
        page.keyboard.press("Control+Enter")
        if _share(page) == "100":
            break
        until("the next paragraph", partial(_has_moved, page, unit))
    assert _share(page) == "100"
    said = portal.manage("shell", "-c", _CHANGE)
    unit = said.rpartition("unit ")[2].strip()
    for language in ("de", "zh-hant"):
        visitor.go(f"/{language}/{WORK}?show=outdated")
        assert page.locator("[data-unit]").evaluate_all("found => found.map(one => one.dataset.unit)") == [unit]
        assert "This is new." in page.locator("ins.pt-diff__added").inner_text()
    visitor.go(f"/de/{TEXT}")
    assert page.locator(".pt-unit--outdated").count() == 1
    page.locator(".pt-unit__mark a").click()
    page.locator(f"#u{unit} textarea:focus").wait_for()
    visitor.watch.assert_clean()


@pytest.mark.parametrize("language", ["zh-hant", "ar"])
def test_on_a_phone_without_a_script(portal: Portal, visitors: Visitors, language: str) -> None:
    """Each paragraph has its own button, and the way on."""
    portal.at("feedback-open")
    visitor = visitors.come(role="translator", script=False, language=language)
    page = visitor.page
    page.set_viewport_size(NARROW)
    visitor.go(f"/{language}/{WORK}")
    unit = page.locator("[data-unit]:has(textarea)").first
    name = unit.get_attribute("data-unit")
    unit.locator("textarea").fill("Text")
    with page.expect_navigation():
        unit.locator("button[value=next]").click()
    assert page.locator(f"[data-unit='{name}']").count() == 0
    assert page.locator("[data-unit]:target").count() == 1
    assert watch.layout_problems(page, {"zh-hant": "zh-Hant", "ar": "ar"}[language]) == []
    visitor.watch.assert_clean()


@pytest.mark.parametrize("language", ["ar"])
def test_three_at_once_without_a_script(portal: Portal, visitors: Visitors, language: str) -> None:
    """One is saved, what was typed in the other two stands in its fields, marked as kept; Enter and the way to other
    paragraphs lose nothing either."""
    portal.at("feedback-open")
    portal.moved()
    visitor = visitors.come(role="translator", script=False, language=language)
    page = visitor.page
    page.set_viewport_size(NARROW)
    visitor.go(f"/{language}/{WORK}")
    found = page.locator("[data-unit]:has(textarea)")
    names = [found.nth(at).get_attribute("data-unit") for at in range(4)]
    saved, second, third, fourth = (page.locator(f"[data-unit='{name}']") for name in names)
    for unit, words in ((saved, "الأولى"), (second, "الثانية"), (third, "الثالثة")):
        unit.locator("textarea").fill(words)
    assert visitor.send(saved.locator("button[value=next]")) == 200
    assert saved.count() == 0, "it is done"
    for unit, words in ((second, "الثانية"), (third, "الثالثة")):
        assert unit.locator("textarea").input_value() == words
        assert unit.locator("[data-kept-chip]").is_visible()
    assert not fourth.locator("[data-kept-chip]").is_visible()
    assert watch.layout_problems(page, language) == []
    fourth.locator("textarea").fill("الرابعة")
    fourth.locator("summary").last.click()
    fourth.locator("input[name$=summary]").fill("لماذا")
    with page.expect_navigation():
        fourth.locator("input[name$=summary]").press("Enter")
    assert fourth.locator("textarea").input_value() == "الرابعة"
    assert fourth.locator("input[name$=summary]").input_value() == "لماذا"
    visitor.go(f"/{language}/{WORK}?show=kept")
    assert page.locator("[data-unit]").evaluate_all("found => found.map(one => one.dataset.unit)") == names[1:]
    visitor.watch.assert_clean()


def test_what_is_typed_is_kept_by_itself(portal: Portal, visitors: Visitors) -> None:
    """There again on another device; two tabs never write over each other; what is tried offline is kept later."""
    portal.at("feedback-open")
    portal.moved()
    first, second = (visitors.come(role="translator", language="ar").page for _ in range(2))
    work = f"{portal.address}/ar/{WORK}"
    for page in (first, second):
        page.goto(work)
    name = first.locator("[data-unit]:has(textarea)").first.get_attribute("data-unit")
    here, there = (page.locator(f"[data-unit='{name}']") for page in (first, second))
    here.locator("textarea").fill("Half")
    here.locator("[data-kept-chip]").wait_for()
    assert here.locator("[data-kept]").is_visible()
    assert here.locator("[data-kept] button").is_visible()
    assert not here.locator(".pt-work__keep").is_visible()
    third = visitors.come(role="translator", language="ar", script=False).page
    third.goto(work)
    assert third.locator(f"[data-unit='{name}'] textarea").input_value() == "Half"
    there.locator("textarea").fill("Other")
    there.locator("pre", has_text="Half").wait_for()
    assert there.locator("textarea").input_value() == "Other"
    first.context.set_offline(True)
    here.locator("textarea").press_sequentially(" a sentence")
    here.locator("[data-warning]").wait_for()
    first.context.set_offline(False)
    here.locator("[data-warning]").wait_for(state="hidden")
    first.reload()
    assert here.locator("textarea").input_value() == "Half a sentence"
    here.locator("[data-kept] button").click()
    until("it is gone", lambda: here.locator("textarea").input_value() == "")
