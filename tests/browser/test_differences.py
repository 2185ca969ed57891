"""Two revisions, chosen in the history without a script and by keyboard, on a phone and from right to left."""

import pytest

from tests.browser import watch
from tests.browser.running import Portal
from tests.browser.visitors import LANGUAGES, NARROW, TEXT, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
# In each language: the revisions that the model case has with something of it, and how many units the later added.
PAIRS = {"en": ("1", "2"), "ar": ("1", "4"), "zh-hant": ("1", "3")}


# How far before the start of its line each part begins that stands on a line of its own: there is its dot, unseen.
BEFORE = """rows => rows.flatMap(row => {
    const own = row.parentElement.getBoundingClientRect(), isBack = getComputedStyle(row).direction === "rtl";
    const parts = [...row.children];
    return parts.filter((one, at) => at && one.offsetTop - parts[at - 1].offsetTop > 12).map(one => {
        const box = one.getBoundingClientRect();
        return Math.round(isBack ? box.right - own.right : own.left - box.left);
    });
})"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_history_to_what_changed(portal: Portal, visitors: Visitors, language: str) -> None:
    portal.at("feedback-open")
    visitor = visitors.come(language=language, script=False)
    page = visitor.page
    page.set_viewport_size(NARROW)
    visitor.go(f"/{language}/{TEXT}history/?language={language}")
    old, new = PAIRS[language]
    if language == "ar":
        # Only one revision changed Arabic: the others are in the list of all.
        visitor.go(f"/{language}/{TEXT}history/")
    page.locator(f"[name=old][value='{old}']").focus()
    page.keyboard.press("Space")
    page.locator(f"[name=new][value='{new}']").focus()
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.locator("form:has([name=old]) [type=submit]").press("Enter")
    assert page.url == f"{portal.address}/{language}/{TEXT}diff/{old}..{new}/"
    changes = page.locator("section.pt-diff")
    assert changes.count() > 0
    assert changes.count() == page.locator("section.pt-diff > h3").count() == page.locator(".pt-diff__text").count()
    added = page.locator(".pt-diff__text ins").first
    assert added.evaluate("one => getComputedStyle(one).textDecorationLine") == "underline"
    assert watch.layout_problems(page, LANGUAGES[language]) == []
    lines = page.locator(".pt-parts__row")
    assert set(lines.evaluate_all(BEFORE)) == {20}
    assert "·" not in "".join(lines.all_inner_texts())
    # A name that runs the other way has its dot where the line has it.
    ways = lines.evaluate_all(
        "all => all.flatMap(one => [one, ...one.children]).map(x => getComputedStyle(x).direction)"
    )
    assert set(ways) == {"rtl" if language == "ar" else "ltr"}
    changes.first.locator("a[href*='/r/']").last.click()
    assert f"/{language}/{TEXT}r/{new}/#" in page.url
    page.locator(":target").wait_for(state="attached")
    assert page.locator(":target").count() == 1
    visitor.watch.assert_clean()
