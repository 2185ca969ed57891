"""From an archived page to a whole translation in a third language, at browsers; then its source changes.

The page is that of the model case where it lies beside the checkout, else the scenarios' own, which has its form.
"""

import re
from collections.abc import Collection
from functools import partial

import pytest
from playwright.sync_api import Error, Page

from taskforce.core import languages
from tests.browser.running import Portal, until
from tests.browser.visitors import Visitor, Visitors
from tests.proposals.pages import OWN_PAGE, SEED

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]

T = "from-the-wiki"
TEXT = f"tf/{T}/proposals/proposal/"
WORK = f"{TEXT}translate/"
THIRD, SECOND = "ar", "zh-hant"
# Two that have the text, one in which half of it is written, one that nobody has begun.
SOME = (THIRD, SECOND, "en", "de")
WORDS = {THIRD: "جملة رقم", SECOND: "譯文第"}
PEOPLE = (("coordinator", "coordinator", ""), ("translator", "translator", THIRD), ("translator", "translator", SECOND))


def _imported(portal: Portal) -> None:
    """The page, imported as the operator does it, with people who may work on it."""
    portal.at("feedback-open")
    portal.moved()
    file = SEED if SEED.exists() else OWN_PAGE
    assert "imported as r1" in portal.manage("import_wiki", str(file), "--task-force", T)
    for person, role, language in PEOPLE:
        spoken = ("--language", language) if language else ()
        portal.manage("grant_role", f"{person}@demo.example", role, "--task-force", T, *spoken)


# --- what the pages say ----------------------------------------------------------------------------------------------


# Both at one moment: what is saved on the way changes the page between two questions.
BAR_AND_WORDS = """() => [
    document.querySelector("#progress progress").getAttribute("value"),
    document.querySelector(".pt-work__progress").innerText,
]"""


def _share(page: Page) -> int:
    """The percent of the work page, which its words say as its bar does."""
    share, words = page.evaluate(BAR_AND_WORDS)
    assert share in re.findall(r"\d+", words), "the words say something else than the bar"
    return int(share)


def _numbers(page: Page, place: str) -> list[str]:
    return re.findall(r"\d+", page.locator(place).first.inner_text())


def _share_for_readers(reader: Visitor, language: str) -> int:
    """The percent that the text itself says; it is the last number above it."""
    return int(_numbers(reader.go(f"/{language}/{TEXT}"), "article .pt-meta")[-1])


def _listed(page: Page) -> list[int]:
    return [
        int(unit) for unit in page.locator("[data-unit]").evaluate_all("found => found.map(one => one.dataset.unit)")
    ]


def _outdated(visitor: Visitor, codes: Collection[str] = SOME) -> dict[str, set[int]]:
    """{language: the paragraphs that are outdated there}, for those who translate; the text itself says the same."""
    found = {}
    for language in codes:
        listed = set(_listed(visitor.go(f"/{language}/{WORK}?show=outdated")))
        # A translation into another language that stands for a missing one may be outdated too.
        marked = visitor.go(f"/{language}/{TEXT}").locator(".pt-unit--outdated:not(.pt-unit--untranslated)")
        ids = marked.evaluate_all("found => found.map(one => one.id)")
        assert {int(one.removeprefix("u-")) for one in ids} == listed, language
        if listed:
            found[language] = listed
    return found


# --- translating -----------------------------------------------------------------------------------------------------


def _focused(page: Page) -> int | None:
    """The paragraph that has the focus; None while the page is on its way."""
    try:
        found = page.locator("[data-unit]:has(textarea:focus)")
        return int(found.get_attribute("data-unit") or 0) if found.count() == 1 else None
    except Error:
        return None


def _has_moved(page: Page, before: int, share: int) -> bool:
    try:
        return _share(page) > share and (_share(page) == 100 or _focused(page) not in (None, before))
    except (Error, AssertionError):
        return False


def _translate_all(visitor: Visitor, reader: Visitor, language: str) -> list[int]:
    """Every paragraph from the first to the last without leaving the keyboard; the percent after each."""
    page = visitor.go(f"/{language}/{WORK}")
    shares, wanted = [_share(page)], _listed(page)
    page.locator("[data-unit] textarea").first.focus()
    for number, unit in enumerate(wanted):
        assert _focused(page) == unit, "the keyboard goes through the paragraphs in their order"
        page.keyboard.type(f"{WORDS[language]} {number}")
        if number == 0:
            # Whoever stops here finds it again: kept by itself, and nobody else reads it.
            page.locator(f"[data-unit='{unit}'] [data-kept-chip]").wait_for()
            assert _share_for_readers(reader, language) == shares[0]
        page.keyboard.press("Control+Enter")
        until("it is saved, and the next one has the focus", partial(_has_moved, page, unit, shares[-1]))
        shares.append(_share(page))
        if number == len(wanted) // 2:
            assert _share_for_readers(reader, language) == shares[-1]
    return shares


# --- writing ---------------------------------------------------------------------------------------------------------


def _written_in(visitor: Visitor, language: str) -> int:
    """The first paragraph that its readers see in the language itself."""
    page = visitor.go(f"/{language}/{TEXT}")
    unit = page.locator(".pt-text > .pt-unit:not(.pt-unit--heading, .pt-unit--untranslated)").first
    return int((unit.get_attribute("id") or "").removeprefix("u-"))


def _publish(coordinator: Visitor, unit: int, more: str, *, is_minor: bool = False) -> None:
    """Find the paragraph, write something behind it, publish it with a summary."""
    page = coordinator.go(f"/en/{TEXT}edit/")
    sections = page.locator("a[href*='/edit/s/']").evaluate_all("found => found.map(one => one.getAttribute('href'))")
    field = page.locator(f"textarea[name='text-u{unit}']")
    for address in sections:
        coordinator.go(address)
        if field.count():
            break
    field.fill(field.input_value() + more)
    assert coordinator.send(page.locator("button[value=save]").last) == 200
    coordinator.follow("/edit/publish/")
    page.locator("[name=summary]").fill(f"Added:{more}")
    if is_minor:
        page.locator("[name=is_minor]").check(force=True)
    assert coordinator.send() == 200
    assert more.strip() in coordinator.go(f"/en/{TEXT}").locator(f"#u-{unit}").inner_text()


@pytest.mark.timeout(600)
def test_a_third_language_from_an_archived_page(portal: Portal, visitors: Visitors) -> None:
    """0 to 100 percent by keyboard, as each page says on the way; then one paragraph of the source changes: exactly
    that one is outdated, in each language that has it; where the change is minor, none is."""
    _imported(portal)
    reader, translator, coordinator = visitors.come(), visitors.come("translator"), visitors.come("coordinator")
    shares = _translate_all(translator, reader, THIRD)
    total = len(shares) - 1
    assert total >= 12
    assert shares == [done * 100 // total for done in range(total + 1)]
    assert _share_for_readers(reader, THIRD) == 100
    assert reader.page.locator(".pt-unit--untranslated").count() == 0
    text = reader.page.locator("article").inner_text()
    places = [text.find(f"{WORDS[THIRD]} {number}") for number in range(total)]
    assert -1 not in places
    # The second half of the page, which was written in English, is translated into the language of the first.
    assert _translate_all(translator, reader, SECOND)[-1] == 100

    english, chinese = _written_in(reader, "en"), _written_in(reader, SECOND)
    assert _outdated(coordinator) == {}
    _publish(coordinator, english, " This is new.")
    assert _outdated(coordinator, languages.CODES) == {THIRD: {english}, SECOND: {english}}
    assert _share_for_readers(reader, THIRD) == (total - 1) * 100 // total
    _publish(coordinator, chinese, "！", is_minor=True)
    _publish(coordinator, english, " Newer still.", is_minor=True)
    assert _outdated(coordinator) == {THIRD: {english}, SECOND: {english}}

    page = translator.go(f"/{THIRD}/{WORK}?show=outdated")
    assert "This is new. Newer still." in page.locator("ins.pt-diff__added").inner_text()
    page.locator("textarea").first.focus()
    page.keyboard.press("Control+Enter")
    until("it is up to date", lambda: _share(page) == 100)
    assert _outdated(coordinator, (THIRD, SECOND)) == {SECOND: {english}}
    for one in (reader, translator, coordinator):
        one.watch.assert_clean()
