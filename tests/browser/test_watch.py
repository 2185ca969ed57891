"""The watch finds what it is there to find: on a page without a fault nothing, on one with every fault each."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser import watch

pytestmark = [pytest.mark.browser, pytest.mark.long]

ADDRESS = "http://faults.test/"
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'"
SOUND = (
    '<!DOCTYPE html><html lang="en" dir="ltr"><head><title>A page</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<link rel="icon" href="/icon"><link rel="stylesheet" href="/style"></head>'
    "<body><main><h1>A page</h1>{}</main></body></html>"
)
STYLE = (
    "body { margin: 0 } .faint { color: #ccc; background: #fff } .broad { width: 2000px; height: 2px } "
    ".tiny { font-size: 6px }"
)
FAULTS = {
    "console": ('<script src="/complains"></script>', "console error: on purpose"),
    "script": ('<script src="/throws"></script>', "script error: thrown on purpose"),
    "missing": ('<img src="/nowhere" alt="">', "404 for http://faults.test/nowhere"),
    "gone": ('<script src="/broken-off"></script>', "request failed: http://faults.test/broken-off"),
    "style": ('<p style="color: red">Red</p>', "policy: style-src"),
    "inline": ("<script>1</script>", "policy: script-src"),
    "headings": ("<h1>Another page</h1>", "2 h1"),
    "sideways": ('<div class="broad"></div>', "2000 px wide in a window of 320: div.broad"),
    "contrast": ('<p class="faint">Faint</p>', "axe color-contrast (serious)"),
    "label": ('<input name="unnamed">', "axe label (critical)"),
    "target": (
        '<p class="tiny"><button>a</button><button>b</button></p>',
        "axe target-size (serious)",
    ),
}
FILES = {
    "/style": ("text/css", STYLE),
    "/icon": ("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "/complains": ("text/javascript", "console.error('on purpose')"),
    "/throws": ("text/javascript", "throw new Error('thrown on purpose')"),
}


def _serve(context: BrowserContext, html: str) -> None:
    """Answer at ADDRESS without a network."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ADDRESS.rstrip("/"))
        if path == "/":
            route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})
        elif path in FILES:
            kind, content = FILES[path]
            route.fulfill(body=content, content_type=kind)
        elif path == "/broken-off":
            route.abort()
        else:
            route.fulfill(status=404, body="")

    context.route(f"{ADDRESS}**", answer)


def _problems(browser: Browser, html: str, lang: str = "en") -> list[str]:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    try:
        _serve(context, html)
        page: Page = context.new_page()
        watching = watch.Watch(page)
        page.goto(ADDRESS)
        return [*watching.problems(), *watch.layout_problems(page, lang), *watch.access_problems(page)]
    finally:
        context.close()


@pytest.fixture(scope="module")
def faulty(chromium: Browser) -> list[str]:
    """What is found on one page that has every fault."""
    return _problems(chromium, SOUND.format("".join(body for body, _said in FAULTS.values())), "ar")


def test_a_sound_page_has_no_problem(chromium: Browser) -> None:
    assert _problems(chromium, SOUND.format("")) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(faulty: list[str], fault: str) -> None:
    said = FAULTS[fault][1]
    assert any(said in problem for problem in faulty), faulty


def test_the_wrong_language_and_direction_are_found(faulty: list[str]) -> None:
    assert "lang is “en”, not “ar”" in faulty
    assert "dir is “ltr”, not “rtl”" in faulty
