"""Sees what a visitor does not: the console, failed requests, broken policy, and what the rules for access say."""

import importlib.util
import os
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Request, Response

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_POLICY = """
document.addEventListener("securitypolicyviolation", event =>
    window.saw_violation(`${event.effectiveDirective} blocked ${event.blockedURI} in ${event.sourceFile}`))
"""
_LAYOUT = """() => {
    const root = document.documentElement;
    const width = root.clientWidth;
    const wide = [...document.body.querySelectorAll("*")]
        .filter(element => {
            const box = element.getBoundingClientRect();
            return box.width > 0 && (box.right > width + 1 || box.left < -1);
        })
        .map(element => element.tagName.toLowerCase() + (element.className ? "." + element.className : ""));
    return {
        lang: root.lang, dir: root.dir, headings: document.querySelectorAll("h1").length,
        page: root.scrollWidth, window: width, wide: wide.slice(-4),
    };
}"""
# Colours that are still changing are no colours to judge.
_AXE = """async ([rules, colours]) => {
    await Promise.all(document.getAnimations().map(one => one.finished.catch(() => null)));
    return axe.run(document, {
        runOnly: {type: "tag", values: rules}, resultTypes: ["violations"], preload: false,
        rules: {"color-contrast": {enabled: colours}},
    });
}"""


@cache
def _axe_source() -> str:
    spec = importlib.util.find_spec("axe_playwright_python")
    assert spec is not None, "axe_playwright_python is not installed"
    assert spec.origin is not None
    return (Path(spec.origin).parent / "axe.min.js").read_text("utf-8")


class Watch:
    """Collects what goes wrong on a page from now on."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.seen: list[str] = []
        self._documents: set[str] = set()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"script error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        page.expose_binding("saw_violation", lambda _source, text: self.seen.append(f"policy: {text}"))
        page.add_init_script(_POLICY)
        # As a script of each new document it is sent and compiled once, not for each page.
        page.add_init_script(_axe_source())

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        address = message.location["url"]
        # A page that is meant to be a 403 or 404 is no news; its status is checked by whoever asked for it.
        if message.text.startswith("Failed to load resource") and address in self._documents:
            return
        self.seen.append(f"console {message.type}: {message.text} ({address})")

    def _failed(self, request: Request) -> None:
        # Whoever leaves a page stops what it was still fetching; what a policy blocks fails under another name.
        if request.failure == "net::ERR_ABORTED":
            return
        self.seen.append(f"request failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self._documents.add(response.url)
        elif response.status >= 400:
            self.seen.append(f"{response.status} for {response.url}")

    def problems(self) -> list[str]:
        """What was seen since the last time this was asked."""
        # One round trip, so that events which are still on their way arrive.
        self.page.evaluate("0")
        seen, self.seen = self.seen, []
        return list(dict.fromkeys(seen))

    def assert_clean(self) -> None:
        """Fails with everything that was seen."""
        problems = self.problems()
        assert not problems, f"{self.page.url}\n" + "\n".join(problems)


def layout_problems(page: Page, lang: str) -> list[str]:
    """One h1, the right language and direction, nothing to scroll sideways."""
    found: dict[str, Any] = page.evaluate(_LAYOUT)
    direction = "rtl" if lang.split("-")[0] == "ar" else "ltr"
    problems = []
    if found["headings"] != 1:
        problems.append(f"{found['headings']} h1")
    # Case says nothing in a language tag; Django's admin writes its own codes.
    if found["lang"].lower() != lang.lower():
        problems.append(f"lang is “{found['lang']}”, not “{lang}”")
    if (found["dir"] or "ltr") != direction:
        problems.append(f"dir is “{found['dir']}”, not “{direction}”")
    if found["page"] > found["window"]:
        problems.append(f"{found['page']} px wide in a window of {found['window']}: {', '.join(found['wide'])}")
    return problems


def access_problems(page: Page, *, colours: bool = True) -> list[str]:
    """What axe finds against WCAG 2.2 AA; without `colours` not the contrast, which costs as much as all the rest."""
    violations = page.evaluate(_AXE, [list(RULES), colours])["violations"]
    return [
        f"axe {found['id']} ({found['impact']}): {node['target']} {node['html'][:140]}"
        for found in violations
        for node in found["nodes"][:3]
    ]


def picture(page: Page, name: str) -> None:
    """A picture of the whole page into the folder PICTURES_DIR, if there is one."""
    folder = os.environ.get("PICTURES_DIR")
    if folder:
        # Playwright would otherwise write an inline style for the caret, which the page's policy refuses.
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, caret="initial", animations="allow")
