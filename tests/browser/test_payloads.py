"""Whatever stands in the database, no reader's browser runs it or asks another host: with the policy, and without it.

Without the policy (`bypass_csp`) only what escapes and cleans holds; with it, the policy alone would.
"""

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, Route

from tests.browser.payloads import PAYLOADS
from tests.browser.running import Portal
from tests.browser.visitors import TASK_FORCE, TEXT, WINDOW

pytestmark = [pytest.mark.browser, pytest.mark.stack]

_WRITE = "from tests.browser.payloads import everywhere; print(everywhere())"
PUBLIC = (
    *("/en/", f"/en/{TASK_FORCE}/", f"/ar/{TASK_FORCE}/process/", f"/en/{TEXT}", f"/zh-hant/{TEXT}", f"/en/{TEXT}r/1/"),
    *(f"/en/{TEXT}history/", f"/en/{WINDOW}", f"/en/{TASK_FORCE}/join/", f"/en/{TASK_FORCE}/members/"),
    *(f"/en/{TASK_FORCE}/news/", f"/ar/{TASK_FORCE}/news/members-announced/", "/en/privacy/", "/demo/mail/"),
)
STAFF = (
    *("/en/admin/", "/en/admin/timeline/phase/", "/en/admin/timeline/taskforce/", "/en/admin/timeline/bulletin/"),
    *("/en/admin/announcements/announcement/", "/en/admin/recruitment/application/", "/en/admin/recruitment/call/"),
    *("/en/admin/feedback/feedbackwindow/", "/en/admin/feedback/feedbackitem/", "/en/admin/accounts/rolegrant/"),
    *("/en/admin/notifications/mailing/", "/en/admin/notifications/outboxmessage/", "/ar/admin/timeline/phase/"),
)


class Witness:
    """Sees what runs and who is asked."""

    def __init__(self, page: Page, portal: Portal) -> None:
        self.page, self.portal = page, portal
        self.seen: list[str] = []
        self.asked = 0
        page.on("dialog", self._ran)
        page.context.route("**/*", self._route)

    def _ran(self, dialog: Dialog) -> None:
        self.seen.append(f"{self.page.url} ran {dialog.message}")
        dialog.dismiss()

    def _route(self, route: Route, request: Request) -> None:
        self.asked += 1
        if request.url.startswith((self.portal.address, "data:")):
            route.continue_()
        else:
            self.seen.append(f"{self.page.url} asked {request.url}")
            route.abort()

    def look(self, path: str) -> int:
        """Open a page, move over what can be moved over; returns its status."""
        answer = self.page.goto(self.portal.address + path)
        self.page.evaluate(_STIR)
        return answer.status if answer else 0

    def details(self) -> list[str]:
        """The first page of one row that the list on this page leads to."""
        links = self.page.locator("#result_list a[href*='/admin/']").all()[:1]
        return [str(link.get_attribute("href")) for link in links]


# What a reader's mouse and keyboard would set off, on whatever an attacker could have added a handler to.
_STIR = """() => {
    for (const one of document.querySelectorAll("[onmouseover], [onfocus], [ontoggle], [onclick], [onload], [onerror]"))
        alert("a handler: " + one.outerHTML.slice(0, 80));
    for (const one of document.querySelectorAll("a[href]"))
        if (/^(javascript|data|vbscript):/i.test(one.protocol)) alert("an address: " + one.href.slice(0, 80));
    for (const one of document.querySelectorAll("main img, main iframe, main object, main embed, main base, main meta"))
        if (!one.closest("svg") && one.src !== "" && !String(one.src).startsWith(location.origin))
            alert("an element: " + one.outerHTML.slice(0, 80));
}"""


@pytest.fixture(scope="module")
def filled(portal: Portal) -> Portal:
    """The portal with payloads in every column that holds words."""
    portal.at("announced")
    portal.moved()
    assert int(portal.manage("shell", "--verbosity", "0", "-c", _WRITE).split()[-1]) > len(PAYLOADS)
    return portal


@pytest.mark.parametrize("bypass_csp", [False, True], ids=["with-policy", "without-policy"])
@pytest.mark.parametrize(("role", "paths"), [("", PUBLIC), ("coordinator", STAFF)], ids=["public", "staff"])
def test_nothing_runs_and_nobody_else_is_asked(
    filled: Portal, chromium: Browser, bypass_csp: bool, role: str, paths: tuple[str, ...]
) -> None:
    context = chromium.new_context(bypass_csp=bypass_csp)
    try:
        witness = Witness(context.new_page(), filled)
        if role:
            witness.look(f"/demo/as/{role}/")
            witness.page.locator("main form[data-main] [type=submit]").last.click()
        statuses = {}
        for path in paths:
            statuses[path] = witness.look(path)
            for detail in witness.details():
                statuses[detail] = witness.look(detail)
        assert witness.seen == []
        assert {path: status for path, status in statuses.items() if status != 200} == {}
        assert witness.asked > len(paths)
    finally:
        context.close()


def test_the_witness_sees(chromium: Browser, filled: Portal) -> None:
    """The twin: the same texts, unescaped, run and ask other hosts."""
    context = chromium.new_context(bypass_csp=True)
    try:
        witness = Witness(context.new_page(), filled)
        witness.look("/en/")
        for payload in [each for each in PAYLOADS if "<meta" not in each]:  # which would lead away from the page
            witness.page.evaluate("text => { document.querySelector('main').innerHTML = text }", payload)
        witness.page.wait_for_timeout(300)
        assert any(" ran 1" in one for one in witness.seen)
        assert any("evil.test" in one for one in witness.seen)
    finally:
        context.close()
