"""Whatever stands in the database, no reader's browser runs it or asks another host: with the policy, and without it.

Without the policy (`bypass_csp`) only what escapes and cleans holds; with it, the policy alone would.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Dialog,
    Error,
    Frame,
    Page,
    ProxySettings,
    Request,
    Route,
    StorageState,
    ViewportSize,
)

from tests.architecture.table import TABLE
from tests.browser.payloads import MAILS_OF_A_KIND, PACKS, PAYLOADS, TO_COME
from tests.browser.running import Portal, until
from tests.browser.visitors import TASK_FORCE
from tests.sampling import sample

pytestmark = [pytest.mark.browser, pytest.mark.stack]

_WRITE = "from tests.browser.payloads import all_of_it; print(all_of_it())"
_WRITE_ANEW = "from tests.browser.payloads import anew; print(anew({turn}))"
# Who looks at a page: the first of them who gets one there, but for a page of which one of them has more.
VIEWERS = ("anonymous", "member", "applicant", "reviewer1", "privacy", "moderator", "coordinator", "admin")
_WHO_ELSE = {"recruitment:application": "applicant"}
# Pages that are looked at where there is still something to see.
_ELSEWHERE = {
    "feedback:confirm": f"/en/{TASK_FORCE}/feedback/{TO_COME}/confirm/{{unconfirmed}}/",
    "feedback:again": f"/en/{TASK_FORCE}/feedback/{TO_COME}/mine/{{to_come}}/again/",
    "feedback:translate_item": f"/ar/{TASK_FORCE}/feedback/responsibilities/items/{{worded}}/translate/",
}
# Every page of the table by who looks at it, in one language each, by turns.
PAGES: dict[str, list[str]] = {}
for _number, (_name, _row) in enumerate(TABLE.items()):
    if _row.is_page and (_who := next((one for one in VIEWERS if _row.expected(one) == 200), "")):
        _language = ("en", "ar", "zh-hant")[_number % 3]
        _path = _row.path if _row.path.startswith("/") else f"/{_language}/{_row.path}"
        PAGES.setdefault(_WHO_ELSE.get(_name, _who), []).append(_ELSEWHERE.get(_name, _path))
# What is no page: its type, and whether a browser that opens it keeps it as a file.
FILES = {
    "/open-data/leadership-development/phases.json": ("application/json", False),
    "/open-data/leadership-development/phases.csv": ("text/csv; charset=utf-8", True),
    "/open-data/leadership-development/feedback.json": ("application/json", False),
    "/open-data/leadership-development/feedback.csv": ("text/csv; charset=utf-8", True),
    f"/en/{TASK_FORCE}/feedback/responsibilities/feed.atom": ("application/atom+xml; charset=utf-8", False),
    f"/en/{TASK_FORCE}/timeline.ics": ("text/calendar; charset=utf-8", True),
    f"/ar/{TASK_FORCE}/timeline.ics": ("text/calendar; charset=utf-8", True),
    "/demo/mail.json?to=reader@announcement.example": ("application/json", False),
    "/readyz": ("application/json", False),
}
OWN_DATA = "/en/accounts/data/"
# The pages in whose content nobody's words stand: the portal's own and codes alone.
BARE = {
    *("/demo/clock/", "privacy/", "subscriptions/sent/leadership-development/", "accounts/data/", "accounts/2fa/"),
    *("accounts/2fa/totp/activate/", "accounts/2fa/totp/deactivate/", "accounts/2fa/recovery-codes/"),
    *("accounts/2fa/recovery-codes/generate/", "accounts/2fa/reauthenticate/", "accounts/reauthenticate/"),
    *("accounts/reauthenticate/code/", "accounts/login/code/", "accounts/password/change/"),
    *("accounts/password/reset/key/1-x/", "accounts/logout/", "admin/mail-texts/"),
    *("admin/mail-texts/phase-extended/", "admin/notifications/mailing/{mailing}/release/"),
    *("admin/notifications/hold/switch/", TABLE["feedback:withdraw"].path),  # of an item without name and answers
    TABLE["admin:feedback_feedbackwindow_final"].path,  # numbers alone
    # Where a call is begun, and where it is asked what it lacks: no phase of this world waits for one.
    *(TABLE[f"admin:recruitment_call_{each}"].path for each in ("add", "check")),
    # Of texts that are none in this world: held ones, chosen ones, answers to be released, one that was hidden.
    *(TABLE[f"admin:feedback_{each}"].path for each in ("feedbackitem_queue", "feedbackwindow_chosen")),
    *(TABLE[f"admin:feedback_feedbackwindow_{each}"].path for each in ("release", "export")),
    *(TABLE[each].path for each in ("feedback:appeal", "feedback:appeal_reply")),
    # These speak of no text, and of whoever wrote one by its reference alone.
    *(TABLE[f"feedback:{each}"].path for each in ("reported", "stop")),
    *(TABLE[f"admin:feedback_feedback{each}"].path for each in ("item_block", "reply_block", "block_lift")),
}
# Who looks in `make test`; in `make long` the others.
SOON = {"anonymous", "member", "coordinator"}
LOOKING = [pytest.param(role, marks=[] if role in SOON else pytest.mark.long) for role in PAGES]
# How many pages of each side these look at, and with the policy too; `make whole` looks at all.
_MOST, _MOST_WITH_POLICY = 12, 1


class Witness:
    """Sees what runs and who is asked."""

    def __init__(self, page: Page, portal: Portal) -> None:
        self.page, self.portal = page, portal
        self.seen: list[str] = []
        self.served: dict[str, tuple[str, str]] = {}
        page.on("dialog", self._ran)
        # Whoever is asked but the portal gives no answer here (`nowhere_else`). A route for all requests would be
        # plainer, but with one the browser keeps no style sheet and gets each anew for each page.
        page.context.on("requestfailed", self._note)

    def _ran(self, dialog: Dialog) -> None:
        self.seen.append(f"{self.page.url} ran {dialog.message}")
        dialog.dismiss()

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.portal.address, "data:", "about:")):
            self.seen.append(f"{self.page.url} asked {request.url}")

    def _serve(self, route: Route, request: Request) -> None:
        if request.url in self.served:
            kind, body = self.served[request.url]
            route.fulfill(content_type=kind, body=body)
        elif request.url.startswith(self.portal.address):
            route.continue_()
        else:
            route.abort()

    def look(self, path: str) -> int:
        """Open a page, move over what can be moved over; returns its status."""
        answer = self.page.goto(self.portal.address + path)
        self._stir(self.page.main_frame)
        return answer.status if answer else 0

    def shows_words(self) -> bool:
        """Whether a payload stands in what the open page is about, as text or in a field."""
        return bool(self.page.evaluate(_WORDS))

    def _stir(self, frame: Frame) -> None:
        frame.evaluate(_STIR)

    def read(self, documents: Iterable[tuple[str, str]], more: str = "") -> None:
        """Open documents (type, body) as somebody else's program might: each in a frame, under no policy of ours.

        `more` is HTML beside them. All of it is one page of the portal's own origin.
        """
        start = f"{self.portal.address}{_READING}"
        self.page.context.route("**/*", self._serve)
        frames = [(f"{start}/{number}", *document) for number, document in enumerate(documents)]
        self.served = {url: (kind, body) for url, kind, body in frames}
        shown = "".join(f'<iframe src="{url}"></iframe>' for url in self.served)
        self.served[start] = ("text/html; charset=utf-8", f"<!DOCTYPE html><main></main>{shown}{more}")
        self.page.goto(start)
        self.page.context.unroute("**/*", self._serve)
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


_WORDS = """() => [...document.querySelectorAll("main, #content")]
    .some(one => /alert\\(1\\)|evil\\.test/i.test(one.innerHTML))"""
# What a reader's mouse and keyboard would set off, on whatever an attacker could have added a handler to.
_STIR = """() => {
    for (const one of document.querySelectorAll("[onmouseover], [onfocus], [ontoggle], [onclick], [onload], [onerror]"))
        alert("a handler: " + one.outerHTML.slice(0, 80));
    for (const one of document.querySelectorAll("a[href]"))
        if (/^(javascript|data|vbscript):/i.test(one.protocol)) alert("an address: " + one.href.slice(0, 80));
    for (const one of document.querySelectorAll("main img, main iframe, main object, main embed, main base, main meta"))
        if (!one.closest("svg") && one.src !== "" && !one.src?.startsWith(location.origin)
            && !one.matches("img[src^='data:image/']"))
            alert("an element: " + one.outerHTML.slice(0, 80));
}"""


_READING = "/as-somebody-reads-it"
Come = Callable[..., Witness]


@dataclass
class Filled:
    """The portal with payloads in every column that holds words, and the rows that its pages are about."""

    portal: Portal
    world: dict[str, str]
    # By role, so that each signs in once.
    sessions: dict[str, StorageState] = field(default_factory=dict)


@pytest.fixture(scope="module")
def filled(portal: Portal) -> Filled:
    """Filled once; what is looked at moves nothing."""
    portal.at("announced")
    portal.moved()
    made = json.loads(portal.manage("shell", "--verbosity", "0", "-c", _WRITE).splitlines()[-1])
    assert made["values"] > len(PAYLOADS)
    assert made["mails"] > 30 * MAILS_OF_A_KIND
    until("all mails have arrived", lambda: len(portal.mails("payloads:")) == made["mails"])
    return Filled(portal, made["world"])


def nowhere_else(
    chromium: Browser, portal: Portal, *, bypass_csp: bool, session: StorageState | None = None
) -> BrowserContext:
    """A browser for which there is no other host; in a small window, for much of what a page costs is drawing it."""
    nobody = ProxySettings(server="http://127.0.0.1:9", bypass="127.0.0.1")
    window = ViewportSize(width=320, height=240)
    return chromium.new_context(bypass_csp=bypass_csp, proxy=nobody, viewport=window, storage_state=session)


@pytest.fixture
def come(filled: Filled, chromium: Browser) -> Iterator[Come]:
    """Brings a witness in, signed in as a role unless it is a visitor."""
    here: list[BrowserContext] = []

    def brought(role: str, *, bypass_csp: bool = True) -> Witness:
        session = filled.sessions.get(role)
        here.append(nowhere_else(chromium, filled.portal, bypass_csp=bypass_csp, session=session))
        witness = Witness(here[-1].new_page(), filled.portal)
        if role != "anonymous" and session is None:
            witness.look(f"/demo/as/{role}/")
            witness.page.locator("main form[data-main] [type=submit]").last.click()
            filled.sessions[role] = here[-1].storage_state()
        return witness

    yield brought
    for context in here:
        context.close()


def problems(witness: Witness, paths: Iterable[str], world: dict[str, str]) -> list[str]:
    """What is wrong with pages, and with the first row's page of each that is a list."""
    found, known = [], {_kind(path.format(**world)) for path in paths}
    for path in paths:
        address = path.format(**world)
        status = witness.look(address)
        found += [f"{address}: {status}"] if status != 200 else []
        if witness.shows_words() is _is_bare(path):
            found.append(f"{address}: {'somebody’s words stand' if _is_bare(path) else 'nobody’s words stand'} there")
        for detail in witness.details():
            if _kind(detail) not in known:
                known.add(_kind(detail))
                status = witness.look(detail)
                found += [f"{detail}: {status}"] if status != 200 else []
    return found + witness.seen


def _kind(address: str) -> str:
    """An address without its language and the row that it is about."""
    return re.sub(r"\d+", "", re.sub(r"^/(en|ar|zh-hant)/", "", address))


def _is_bare(path: str) -> bool:
    return re.sub(r"^/(en|ar|zh-hant)/", "", path) in BARE


@pytest.mark.parametrize("role", LOOKING)
def test_nothing_runs_and_nobody_else_is_asked(filled: Filled, come: Come, role: str) -> None:
    """On any page; without the policy, so that only what escapes and cleans holds."""
    paths = sample(PAGES[role], _MOST, of=f"pages {role}")
    assert problems(come(role), paths, filled.world) == []


@pytest.mark.long
@pytest.mark.parametrize("role", sample(PAGES, 3, of="who looks with the policy"))
def test_with_the_policy_neither(filled: Filled, come: Come, role: str) -> None:
    """The same pages as a reader gets them."""
    paths = sample(PAGES[role], _MOST_WITH_POLICY, of=f"pages with payloads {role}")
    assert problems(come(role, bypass_csp=False), paths, filled.world) == []


def test_one_s_own_data_is_a_file_and_no_page(filled: Filled, come: Come) -> None:
    """It holds everything as it was written, and the browser that gets it only keeps it."""
    witness = come("member")
    witness.look(OWN_DATA)
    page = witness.page
    posted = page.expect_response(lambda answer: answer.request.method == "POST")
    with posted as answers, page.expect_download() as kept:
        page.locator("main form[data-main] [type=submit]").click()
    headers = answers.value.headers
    assert headers["content-type"] == "application/json"
    assert headers["content-disposition"] == 'attachment; filename="own-data.json"'
    assert headers["x-content-type-options"] == "nosniff"
    assert "alert(1)" in kept.value.path().read_text()
    assert page.url == filled.portal.address + OWN_DATA
    assert witness.seen == []


@pytest.mark.long
def test_mails_as_they_were_sent_run_nothing(filled: Filled, chromium: Browser) -> None:
    """Both parts of each, opened as documents by a program that forbids nothing; and on the pages that show mails."""
    arrived = filled.portal.mails()
    written = [one for one in arrived if one["key"].startswith("payloads:")]
    moved = [one for one in arrived if one not in written and "evil.test" in one["text"].replace("\u2060", "")]
    assert {one["state"] for one in written} == {"sent"}
    assert moved
    letters = sample(written, 20, of="mails with payloads")
    context = nowhere_else(chromium, filled.portal, bypass_csp=True)
    try:
        witness = Witness(context.new_page(), filled.portal)
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


@pytest.mark.long
def test_what_is_no_page_is_no_document_with_scripts_either(filled: Filled, chromium: Browser) -> None:
    """Data and calendars: opened, and drawn into a page as a script, a style sheet, a picture."""
    context = nowhere_else(chromium, filled.portal, bypass_csp=True)
    try:
        witness = Witness(context.new_page(), filled.portal)
        for path, (kind, is_kept) in FILES.items():
            status, headers, body = filled.portal.get(path)
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


@pytest.mark.whole  # each turn writes all columns anew and opens all pages
@pytest.mark.parametrize("turn", range(3, len(PACKS), 3))
def test_other_payloads_in_the_short_columns(filled: Filled, come: Come, turn: int) -> None:
    """Long texts always hold all payloads; a short column holds others in each turn, its other rows those between."""
    made = filled.portal.manage("shell", "--verbosity", "0", "-c", _WRITE_ANEW.format(turn=turn))
    world = filled.world | json.loads(made.splitlines()[-1])
    found = []
    for role, paths in PAGES.items():
        found += problems(come(role), [path for path in paths if not _is_bare(path)], world)
    assert found == []


def test_the_witness_sees(chromium: Browser, filled: Filled) -> None:
    """The twin: the same texts, unescaped, run and ask other hosts."""
    context = nowhere_else(chromium, filled.portal, bypass_csp=True)
    try:
        witness = Witness(context.new_page(), filled.portal)
        witness.look("/en/")
        for payload in [each for each in PAYLOADS if "<meta" not in each]:  # which would lead away from the page
            witness.page.evaluate("text => { document.querySelector('main').innerHTML = text }", payload)
        witness.page.wait_for_timeout(300)
        assert any(" ran 1" in one for one in witness.seen)
        assert any("evil.test" in one for one in witness.seen)
        witness.seen.clear()
        data = filled.portal.get("/demo/mail.json?to=reader@announcement.example")[2].decode()
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
