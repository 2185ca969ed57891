"""Whatever stands in the database, no reader's browser runs it or asks another host: with the policy, and without it.

Without the policy (`bypass_csp`) only what escapes and cleans holds; with it, the policy alone would.
"""

import html
from collections.abc import Iterable
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Dialog, Error, Frame, Page, Request, Route

from tests.browser.payloads import MAILS_OF_A_KIND, PAYLOADS
from tests.browser.running import Portal, until
from tests.browser.visitors import TASK_FORCE, TEXT, WINDOW
from tests.sampling import sample

pytestmark = [pytest.mark.browser, pytest.mark.stack]

_WRITE = "from tests.browser.payloads import everywhere, mails; print(everywhere(), mails())"
# How many pages of each side `make test` looks at; `make fuzz` looks at all.
_MOST = 8
PUBLIC = (
    *("/en/", f"/en/{TASK_FORCE}/", f"/ar/{TASK_FORCE}/process/", f"/en/{TEXT}", f"/zh-hant/{TEXT}", f"/en/{TEXT}r/1/"),
    *(f"/en/{TEXT}history/", f"/en/{WINDOW}", f"/en/{TASK_FORCE}/join/", f"/en/{TASK_FORCE}/members/"),
    *(f"/en/{TASK_FORCE}/news/", f"/ar/{TASK_FORCE}/news/members-announced/", "/en/privacy/", "/demo/mail/"),
)
# What is no page: its type, and whether a browser that opens it keeps it as a file.
FILES = {
    "/open-data/leadership-development/phases.json": ("application/json", False),
    "/open-data/leadership-development/phases.csv": ("text/csv; charset=utf-8", True),
    f"/en/{TASK_FORCE}/timeline.ics": ("text/calendar; charset=utf-8", True),
    f"/ar/{TASK_FORCE}/timeline.ics": ("text/calendar; charset=utf-8", True),
    "/demo/mail.json?to=reader@announcement.example": ("application/json", False),
    "/readyz": ("application/json", False),
}
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
        self.served: dict[str, tuple[str, str]] = {}
        page.on("dialog", self._ran)
        page.context.route("**/*", self._route)

    def _ran(self, dialog: Dialog) -> None:
        self.seen.append(f"{self.page.url} ran {dialog.message}")
        dialog.dismiss()

    def _route(self, route: Route, request: Request) -> None:
        self.asked += 1
        if request.url in self.served:
            kind, body = self.served[request.url]
            route.fulfill(content_type=kind, body=body)
        elif request.url.startswith((self.portal.address, "data:")):
            route.continue_()
        else:
            self.seen.append(f"{self.page.url} asked {request.url}")
            route.abort()

    def look(self, path: str) -> int:
        """Open a page, move over what can be moved over; returns its status."""
        answer = self.page.goto(self.portal.address + path)
        self._stir(self.page.main_frame)
        return answer.status if answer else 0

    def _stir(self, frame: Frame) -> None:
        frame.evaluate(_STIR)

    def read(self, documents: Iterable[tuple[str, str]], more: str = "") -> None:
        """Open documents (type, body) as somebody else's program might: each in a frame, under no policy of ours.

        `more` is HTML beside them. All of it is one page of the portal's own origin.
        """
        start = f"{self.portal.address}/as-somebody-reads-it"
        frames = [(f"{start}/{number}", *document) for number, document in enumerate(documents)]
        self.served = {url: (kind, body) for url, kind, body in frames}
        shown = "".join(f'<iframe src="{url}"></iframe>' for url in self.served)
        self.served[start] = ("text/html; charset=utf-8", f"<!DOCTYPE html><main></main>{shown}{more}")
        self.page.goto(start)
        for frame in self.page.frames:
            with suppress(Error):  # a frame that went elsewhere: its request is what is seen
                self._stir(frame)

    def keeps(self, path: str) -> bool:
        """Whether the browser that opens this address keeps a file and shows nothing."""
        try:
            self.look(path)
        except Error as error:
            if "ownload" not in str(error):
                raise
            return True
        return False

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
    values, mails = map(int, portal.manage("shell", "--verbosity", "0", "-c", _WRITE).split()[-2:])
    assert values > len(PAYLOADS)
    assert mails > 30 * MAILS_OF_A_KIND
    until("all mails have arrived", lambda: len(portal.mails("payloads:")) == mails)
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
        for path in sample(paths, _MOST, of=f"pages with payloads {role}"):
            statuses[path] = witness.look(path)
            for detail in witness.details():
                statuses[detail] = witness.look(detail)
        assert witness.seen == []
        assert {path: status for path, status in statuses.items() if status != 200} == {}
        assert witness.asked > len(statuses)
    finally:
        context.close()


def test_mails_as_they_were_sent_run_nothing(filled: Portal, chromium: Browser) -> None:
    """Both parts of each, opened as documents by a program that forbids nothing; and on the pages that show mails."""
    arrived = filled.mails()
    written = [one for one in arrived if one["key"].startswith("payloads:")]
    moved = [one for one in arrived if one not in written and "evil.test" in one["text"].replace("\u2060", "")]
    assert {one["state"] for one in written} == {"sent"}
    assert moved
    letters = sample(written, 20, of="mails with payloads")
    context = chromium.new_context(bypass_csp=True)
    try:
        witness = Witness(context.new_page(), filled)
        parts = [("text/html; charset=utf-8", one["html"]) for one in (*letters, *moved[:2])]
        subjects = "".join(f"<h2>{html.escape(one['subject'])}</h2>" for one in letters)
        witness.read([*parts, *(("text/plain; charset=utf-8", one["text"]) for one in letters)], subjects)
        assert len(witness.page.frames) > 2 * len(letters)
        witness.look("/demo/mail/")
        shown = witness.page.locator("main a[href*='/demo/mail/']").evaluate_all("all => all.map(one => one.pathname)")
        for path in sample(sorted(set(shown)), 4, of="pages of mails with payloads"):
            assert witness.look(path) == 200
        assert witness.seen == []
    finally:
        context.close()
    words = " ".join(one["text"] + one["subject"] for one in written)
    assert "alert(1)" in words
    assert "{{ request.user }}" in words


def test_what_is_no_page_is_no_document_with_scripts_either(filled: Portal, chromium: Browser) -> None:
    """Data and calendars: opened, and drawn into a page as a script, a style sheet, a picture."""
    context = chromium.new_context(bypass_csp=True)
    try:
        witness = Witness(context.new_page(), filled)
        for path, (kind, is_kept) in FILES.items():
            status, headers, body = filled.get(path)
            assert (status, headers["content-type"], headers["x-content-type-options"]) == (200, kind, "nosniff"), path
            assert path == "/readyz" or b"alert(1)" in body, path
            assert witness.keeps(path) == is_kept, path
        drawn = "".join(
            f'<script src="{path}"></script><link rel="stylesheet" href="{path}"><img src="{path}" alt="">'
            for path in FILES
        )
        witness.read([], drawn)
        witness.page.wait_for_load_state("load")
        assert witness.seen == []
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
        witness.seen.clear()
        data = filled.get("/demo/mail.json?to=reader@announcement.example")[2].decode()
        for bodies in (
            sample(PAYLOADS, 25, of="mails of payloads"),
            [data],
        ):  # a mail that escapes nothing; data under the type of a page
            witness.read(("text/html; charset=utf-8", body) for body in bodies)
            witness.page.wait_for_timeout(300)
            assert any(" ran 1" in one for one in witness.seen)
            assert any("evil.test" in one for one in witness.seen)
            witness.seen.clear()
    finally:
        context.close()
