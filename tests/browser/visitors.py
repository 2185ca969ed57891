"""People at their browsers, and the few things that all of them do."""

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize

from tests.browser.running import Portal, until
from tests.browser.watch import Watch

TASK_FORCE = "tf/leadership-development"
WINDOW = f"{TASK_FORCE}/feedback/responsibilities/"
TEXT = f"{TASK_FORCE}/proposals/proposal/"
LANGUAGES = {"en": "en", "zh-hant": "zh-Hant", "ar": "ar"}
WIDE = ViewportSize(width=1280, height=900)
NARROW = ViewportSize(width=320, height=640)
# Signed-in sessions by (load of a scenario, role): a test that only looks need not sign in again.
_sessions: dict[tuple[str, int, str], Any] = {}


class Visitor:
    """A person at a browser: a page, and a watch over it."""

    def __init__(self, context: BrowserContext, portal: Portal) -> None:
        self.context = context
        self.portal = portal
        self.page = context.new_page()
        self.watch = Watch(self.page)

    def go(self, path: str, status: int = 200) -> Page:
        """Open an address of the portal."""
        answer = self.page.goto(self.portal.address + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        return self.page

    def follow(self, part: str) -> Page:
        """Press the first link that can be seen and whose address contains `part`."""
        link = f'a[href*="{part}"]:visible'
        with self.page.expect_navigation():
            self.page.locator(f"main {link}, #content {link}").first.click()
        return self.page

    def send(self, button: Locator | None = None) -> int:
        """Press a button, by default the main form's last one; returns the status of the page that comes."""
        pressed = button or self.page.locator("main form[data-main] [type=submit]").last
        with self.page.expect_navigation() as coming:
            pressed.click()
        answer = coming.value
        assert answer is not None
        return answer.status

    def become(self, role: str) -> Page:
        """Be one of the demo's people from now on."""
        self.go(f"/demo/as/{role}/")
        assert self.send() == 200
        return self.page

    def set_clock(self, instant: str) -> None:
        """Set the demo's clock forward on its own page."""
        self.portal.moved()
        self.go("/demo/clock/")
        self.page.locator("[name=instant]").first.fill(instant)
        assert self.send() == 200
        shown = self.page.locator("main time").first.get_attribute("datetime") or ""
        assert shown[:16] == instant[:16], f"the clock shows {shown}"

    def fill_questions(self, text: str, choice: int = 0) -> None:
        """Answer every question of the page's main form: texts with `text`, choices with the one at `choice`."""
        form = self.page.locator("main form[data-main]")
        for field in form.locator("textarea[name^='q-']").all():
            field.fill(text)
        names = {radio.get_attribute("name") for radio in form.locator("input[type=radio][name^='q-']").all()}
        for name in sorted(filter(None, names)):
            # Codex draws the radio itself and hides the browser's own below the drawing.
            form.locator(f"input[name='{name}']").nth(choice).check(force=True)

    def pause(self) -> None:
        """Until what was typed keeps itself: a moment after the window has closed the script would be refused."""
        said = "form => [form.querySelector('[data-draft-status]').textContent, form.dataset.saved]"
        form = self.page.locator("form[data-draft]")
        until("what was typed is kept", lambda: len(set(form.evaluate(said))) == 1)

    def draft_announcement(self, titles: dict[str, str], bodies: dict[str, str]) -> None:
        """In the admin: a new draft in English, then its other languages; the last one's page stays open."""
        page = self.go("/en/admin/announcements/announcement/add/")
        page.locator("[name=task_force]").select_option(index=1)
        page.locator("[name=slug]").fill("first-members")
        page.locator("[name=title]").fill(titles["en"])
        page.locator("[name=body]").fill(bodies["en"])
        assert self.send() == 200
        for language in [code for code in titles if code != "en"]:
            assert self.send(page.locator(f"main form[data-main] button[name=go][value={language}]")) == 200
            page.locator("[name=title]").fill(titles[language])
            page.locator("[name=body]").fill(bodies[language])
            assert self.send() == 200

    def reference(self) -> str:
        """The reference on a receipt."""
        reference = self.page.locator("output[data-ref]").inner_text().strip()
        assert re.fullmatch(r"\S{4,}", reference), f"no reference: {reference!r}"
        return reference


class Visitors:
    """Brings people in, and sends them away at the end."""

    def __init__(self, browser: Browser, portal: Portal) -> None:
        self.browser = browser
        self.portal = portal
        self._here: list[BrowserContext] = []

    def come(self, role: str = "", *, script: bool = True, language: str = "en", zone: str = "Asia/Taipei") -> Visitor:
        """Somebody new, signed in as one of the demo's people if `role` is given."""
        key = (self.portal.address, self.portal.loads, role)
        context = self.browser.new_context(
            viewport=WIDE,
            java_script_enabled=script,
            locale=LANGUAGES.get(language, language),
            timezone_id=zone,
            storage_state=_sessions.get(key) if role else None,
        )
        context.set_default_timeout(60_000)
        self._here.append(context)
        visitor = Visitor(context, self.portal)
        if role and key not in _sessions:
            visitor.become(role)
            _sessions[key] = context.storage_state()
        return visitor

    def leave(self) -> None:
        """Close everybody's browser."""
        for context in self._here:
            context.close()
        self._here.clear()
