"""A facilitator on a phone, from right to left: what was said elsewhere, one by one and as a table, and taken back."""

import pytest
from playwright.sync_api import Page

from tests.browser import watch
from tests.browser.running import Portal, until
from tests.browser.visitors import LANGUAGES, NARROW, WINDOW, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
ENTER = f"/ar/{WINDOW}enter/"
# Three lines, two of which can be entered. Their columns are named as the portal calls them in another language.
TABLE = "\n".join(
    "\t".join(line)
    for line in (
        ("Where it was said", "Day on which it was said", "Who spoke", "Said"),
        ("community call", "2022-02-10", "contributor", "=1+1 said in a call"),
        ("smoke signals", "2022-02-11", "organizer", "Seen from afar."),
        ("chat", "2022.2.9", "Board or staff of an affiliate", "Said in a chat."),
    )
)


@pytest.fixture(scope="module", autouse=True)
def _feedback(portal: Portal) -> None:
    """What these tests enter is in nobody's way afterwards."""
    portal.at("feedback-open")
    portal.moved()


def problems(visitor: Visitor, name: str, *, script: bool) -> list[str]:
    """What is wrong with the page that is open; without scripts the one that looks for access does not run either."""
    found = watch.layout_problems(visitor.page, LANGUAGES["ar"])
    found += watch.access_problems(visitor.page) if script else []
    watch.picture(visitor.page, f"{name}-ar-{NARROW['width']}")
    return [f"{name}: {one}" for one in found + visitor.watch.problems()]


def come(visitors: Visitors, *, script: bool) -> Visitor:
    visitor = visitors.come("facilitator", language="ar", script=script)
    visitor.page.set_viewport_size(NARROW)
    return visitor


def press(page: Page, act: str) -> None:
    """Press the button of this act."""
    with page.expect_navigation():
        page.locator(f"main form[data-main] [name=act][value={act}]").click()


def paste(visitor: Visitor, text: str) -> Page:
    """Paste a table, say that its last column answers the first question, and look at the preview."""
    page = visitor.go(f"{ENTER}table/")
    page.locator("[name=text]").fill(text)
    press(page, "preview")
    answers = page.locator("[name=column-3] option[value^=q-]").first.get_attribute("value")
    page.locator("[name=column-3]").select_option(answers)
    page.locator("[name=language]").select_option("ar")
    press(page, "preview")
    return page


def enter(page: Page) -> None:
    """Say that they know, and enter what the preview shows."""
    page.locator("[name=consent]").check(force=True)
    press(page, "enter")


def test_one_by_one_and_taken_back(portal: Portal, visitors: Visitors) -> None:
    visitor = come(visitors, script=False)
    page = visitor.go(ENTER)
    page.locator("[name=channel]").select_option("call")
    page.locator("[name=said_on]").fill("2022-02-10")
    page.locator("[name=spoke]").select_option("contributor")
    page.locator("[name=spoke_words]").fill("jane@example.org")
    page.locator("[name=place_url]").fill("https://example.org/calls/10")
    visitor.fill_questions("سجّلوا الجلسات.")
    page.locator("[name=visibility][value=public]").check(force=True)
    page.locator("[name=consent]").check(force=True)
    assert visitor.send() == 200
    # It is somebody's mail address: nothing is entered, and nothing that was typed is lost.
    found = problems(visitor, "enter-named", script=False)
    assert page.locator("[name=spoke_words]").input_value() == "jane@example.org"
    assert page.locator("[name=consent]").is_checked()
    page.locator("[name=spoke_words]").fill("متطوعة")
    assert visitor.send() == 200
    found += problems(visitor, "entered", script=False)
    visitor.follow("/items/F-")
    assert "متطوعة" not in page.locator("main").inner_text()
    found += problems(visitor, "entered-item", script=False)
    visitor.go(ENTER)
    visitor.follow("/take-back/")
    page.locator("[name=reason]").fill("أُدخل مرتين.")
    assert visitor.send() == 200
    found += problems(visitor, "taken-back", script=False)
    assert "أُدخل مرتين." in page.locator("main").inner_text()
    assert found == []


@pytest.mark.parametrize("script", [True, False], ids=["by itself", "by a link"])
def test_a_table_its_progress_and_what_was_wrong_once_more(portal: Portal, visitors: Visitors, script: bool) -> None:
    visitor = come(visitors, script=script)
    page = paste(visitor, TABLE)
    found = problems(visitor, "table-preview", script=script)
    enter(page)
    found += problems(visitor, "table-progress", script=script)

    def is_done() -> bool:
        if not script and page.locator("[data-waiting]").count():
            with page.expect_navigation():
                page.locator("[data-sheet][data-waiting] a").click()
        return not page.locator("[data-waiting]").count()

    until("the lines are entered", is_done, 90)
    found += problems(visitor, "table-report", script=script)
    href = page.locator("a[href$='not-entered.csv']").get_attribute("href")
    report = visitor.context.request.get(portal.address + str(href)).text()
    assert "smoke signals" in report
    assert "said in a call" not in report
    page = paste(visitor, report.replace("smoke signals", "chat"))
    assert page.locator("main form[data-main] [name=act][value=enter]").count() == 1
    found += problems(visitor, "table-corrected", script=script)
    assert found == []
