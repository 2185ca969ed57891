"""The summary and its numbers, as people see them: in three languages, wide and narrow, without scripts, translated."""

import pytest
from playwright.sync_api import Page

from tests.browser import watch
from tests.browser.running import Portal
from tests.browser.test_pages import CALL, look
from tests.browser.visitors import LANGUAGES, NARROW, WINDOW, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
PAGE = f"{WINDOW}summary/"


def _charts(page: Page, language: str) -> None:
    """Each chart says what it is and has its table, in the direction of the page; its numbers are within it."""
    charts = page.locator("svg.pt-chart").all()
    assert charts
    for chart in charts:
        assert chart.get_attribute("role") == "img"
        title, description = (chart.get_attribute("aria-labelledby") or "").split()
        assert page.locator(f"#{title}").text_content()
        assert page.locator(f"#{description}").text_content()
        assert chart.get_attribute("direction") == ("rtl" if language == "ar" else "ltr")
    assert page.locator(".pt-counted details table").count() == len(charts)
    outside = page.evaluate(
        """() => [...document.querySelectorAll("svg.pt-chart text, svg.pt-chart rect")].filter(one => {
            const own = one.getBoundingClientRect(), all = one.closest("svg").getBoundingClientRect();
            return own.left < all.left - 1 || own.right > all.right + 1;
        }).map(one => one.textContent)"""
    )
    assert outside == []


@pytest.mark.parametrize("script", [True, False])
def test_the_summary_in_three_languages(portal: Portal, visitors: Visitors, script: bool) -> None:
    portal.at(*CALL)
    visitor, problems = visitors.come(script=script), []
    for language, tag in LANGUAGES.items():
        page = visitor.go(f"/{language}/{PAGE}")
        text = page.locator(".pt-text").first
        assert text.get_attribute("lang") == tag
        assert text.get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        if script:
            problems += look(visitor, "summary", language, dark=True)
        page.set_viewport_size(NARROW)
        for fold in page.locator(".pt-counted summary").all():
            fold.click()
        assert page.locator(".pt-counted table").first.is_visible()
        _charts(page, language)
        problems += [f"{language} unfolded: {one}" for one in watch.layout_problems(page, tag)] if script else []
        watch.picture(page, f"summary-unfolded-{language}-{script}")
    # Nobody has translated it into Japanese: the next in the chain is read, and marked as what it is.
    page = visitor.go(f"/ja/{PAGE}")
    assert page.locator(".pt-text").first.get_attribute("lang") == "en"
    assert not problems, "\n".join(problems)


def test_translating_a_summary(portal: Portal, visitors: Visitors) -> None:
    """By who translates, compared by somebody else; by the keyboard and the form alone."""
    portal.at(*CALL)
    portal.moved()
    translator, second = visitors.come("translator", script=False), visitors.come("deputy")
    page = translator.go(f"/zh-hant/{PAGE}translate/")
    field = page.locator("textarea[name=text]")
    assert field.get_attribute("lang") == "zh-Hant"
    field.fill(field.input_value() + "\n\n還有一句。")
    assert translator.send(page.locator("main form[data-main] button").first) == 200
    assert "還有一句。" in page.locator("textarea[name=text]").input_value()
    assert page.locator("button[name=review]").count() == 0
    problems = []
    for language in ("zh-hant", "ar"):
        second.go(f"/{language}/{PAGE}translate/")
        problems += look(second, "translate-summary", language)
    page = second.go(f"/zh-hant/{PAGE}translate/")
    assert second.send(page.locator("button[name=review]")) == 200
    assert page.locator("button[name=review]").count() == 0
    page = second.go(f"/en/{PAGE}translate/")
    problems += look(second, "translate-summary-source", "en")
    assert not problems, "\n".join(problems)
