"""Twelve languages do not push what one came for below a phone's screen; at a desk they stand there."""

import pytest

from tests.browser.running import Portal
from tests.browser.visitors import NARROW, WIDE, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
PAGE = "/en/admin/mail-texts/subscription-confirm/"


@pytest.mark.parametrize(("size", "is_open"), [(NARROW, False), (WIDE, True)])
def test_languages_are_folded_where_it_is_narrow(
    portal: Portal, visitors: Visitors, size: dict[str, int], *, is_open: bool
) -> None:
    portal.at("feedback-open")
    visitor = visitors.come("coordinator")
    visitor.page.set_viewport_size(size)  # type: ignore[arg-type]  # one of the two
    visitor.go(PAGE)
    arabic = visitor.page.locator('.composer-fold a[href="?language=ar"]')
    assert arabic.is_visible() is is_open
    if not is_open:
        visitor.page.locator(".composer-fold summary").click()
    with visitor.page.expect_navigation():
        arabic.click()
    assert "language=ar" in visitor.page.url


def test_without_a_script_they_can_be_unfolded(portal: Portal, visitors: Visitors) -> None:
    portal.at("feedback-open")
    visitors.come("coordinator")
    visitor = visitors.come("coordinator", script=False)
    visitor.go(PAGE)
    arabic = visitor.page.locator('.composer-fold a[href="?language=ar"]')
    assert not arabic.is_visible()
    visitor.page.locator(".composer-fold summary").click()
    assert arabic.is_visible()


def test_the_reader_s_own_time_stands_in_the_brackets_of_the_language(portal: Portal, visitors: Visitors) -> None:
    portal.at("feedback-open")
    for language, brackets in (("en", "()"), ("zh-hant", "\uff08\uff09")):
        visitor = visitors.come(language=language)
        visitor.go(f"/{language}/tf/leadership-development/")
        own = visitor.page.locator(".pt-own-time").first.inner_text()
        assert (own[0], own[-1]) == tuple(brackets)
