"""What a translator types is never lost, whatever the portal answers; and what became of it is said, also aloud."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, Route

from tests.browser.running import Portal, until
from tests.browser.visitors import TEXT, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]

WORK = f"/ar/{TEXT}translate/"
PAGES = ("list", "one")


class Desk:
    """A translator at one paragraph, on the page of all of them or on its own."""

    def __init__(self, visitor: Visitor, kind: str) -> None:
        self.visitor, self.page, self.kind = visitor, visitor.page, kind
        page = visitor.go(f"{WORK}?show=all")
        self.unit = page.locator("[data-unit]:has(textarea)").nth(1).get_attribute("data-unit")
        self.address = f"{WORK}{self.unit}/"
        if self.is_kept:
            # By a test before.
            self.place.locator("[data-kept] button").click()
            until("it is gone", lambda: not self.is_kept)
        if kind == "one":
            visitor.go(self.address)

    @property
    def place(self) -> Locator:
        """The paragraph."""
        return self.page.locator(f"[data-unit='{self.unit}']")

    @property
    def field(self) -> Locator:
        """Where its translation is typed."""
        return self.place.locator("textarea")

    @property
    def is_kept(self) -> bool:
        """Whether the portal has it, and says so."""
        return self.place.locator("[data-kept]").is_visible()

    def said(self, name: str) -> str:
        """One of the sentences that the page has for what happens."""
        return self.page.locator("[data-told]").get_attribute(f"data-{name}") or ""

    @property
    def warning(self) -> Locator:
        """The notice of what went wrong, where there is one."""
        return self.place.locator("[data-warning]:visible")

    def is_told(self, name: str) -> None:
        """It stands in a notice at the paragraph, and in the region that screen readers read by themselves."""
        sentence = self.said(name)
        assert sentence
        words = self.warning.locator("[data-words]")
        until(f"it says: {sentence}", lambda: words.count() == 1 and words.inner_text() == sentence)
        assert self.warning.locator(".cdx-icon").is_visible()
        assert self.warning.get_by_role("link").count() == (name == "signed-out")
        region = self.page.locator("[role=status][data-told]")
        until(f"it is read aloud: {sentence}", lambda: region.inner_text() == sentence)

    def is_shown_anywhere(self, text: str) -> bool:
        """Whether somebody who opens the paragraph elsewhere has it there again."""
        page = self.visitor.context.new_page()
        page.goto(self.visitor.portal.address + self.address)
        found = page.locator("textarea").input_value()
        page.close()
        return found == text

    def comes_back(self) -> None:
        """The page is looked at again, after another one."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.fixture(scope="module", autouse=True)
def leaving(portal: Portal) -> Iterator[None]:
    """Whoever comes after this finds the text as it was."""
    yield
    portal.moved()


@pytest.fixture(params=PAGES)
def desk(portal: Portal, visitors: Visitors, request: pytest.FixtureRequest) -> Desk:
    """A translator at a paragraph."""
    portal.at("feedback-open")
    return Desk(visitors.come("translator", language="ar"), request.param)


def _answering(status: int, page: str = "<p>Not now.</p>") -> Callable[[Route], None]:
    """Whatever is sent is answered like this, as the portal or a server in front of it may."""

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=status, body=page, content_type="text/html", headers={"Retry-After": "1"})
        else:
            route.continue_()

    return answer


def _again(desk: Desk, status: int) -> None:
    """What has to happen until it is tried again: nothing, to be online, to be signed in, to type on."""
    if status == 401:
        desk.comes_back()
    elif status == 403:
        desk.field.press_sequentially(".")
    else:
        desk.page.evaluate("window.dispatchEvent(new Event('online'))")


@pytest.mark.parametrize(
    ("status", "name"), [(401, "signed-out"), (403, "refused"), (429, "too-often"), (502, "unkept")]
)
def test_whatever_is_answered(desk: Desk, status: int, name: str) -> None:
    """It stays where it is typed, over a reload too; it is said why it is not kept; and then it is kept."""
    where = re.compile(r"/translate/\d+/$")
    desk.page.route(where, _answering(status))
    desk.field.fill(f"After {status}")
    desk.is_told(name)
    assert desk.field.input_value() == f"After {status}"
    assert not desk.is_kept
    desk.page.on("dialog", lambda dialog: dialog.accept())
    desk.page.reload()
    assert desk.field.input_value() == f"After {status}"
    desk.is_told(name)
    desk.page.unroute(where)
    _again(desk, status)
    until("it is kept", lambda: desk.is_kept)
    assert desk.warning.count() == 0
    assert desk.is_shown_anywhere(desk.field.input_value())


@pytest.mark.parametrize(("status", "name"), [(429, "unsent-too-often"), (503, "unsent")])
def test_saving_waits_where_nobody_has_time(desk: Desk, status: int, name: str) -> None:
    """The page with what was typed is not left for one that says "not now"."""
    where = re.compile(r"/translate/\d+/$")
    desk.page.route(where, _answering(status))
    desk.field.fill("Not lost")
    desk.field.press("Control+Enter")
    desk.is_told(name)
    assert desk.field.input_value() == "Not lost"
    desk.page.unroute(where)
    desk.place.locator("button[value=save]").click()
    until("it is saved", lambda: desk.place.locator(".pt-work__told").count() == 1)
    assert desk.is_shown_anywhere("Not lost")


def test_offline_and_back(desk: Desk) -> None:
    """The train leaves the tunnel."""
    desk.page.context.set_offline(True)
    desk.field.fill("In the tunnel")
    desk.is_told("unkept")
    desk.page.context.set_offline(False)
    until("it is kept", lambda: desk.is_kept)
    assert desk.is_shown_anywhere("In the tunnel")


def test_kept_meanwhile_elsewhere(desk: Desk) -> None:
    """Both texts, one of them in its field; nothing is kept over the other until somebody types on."""
    other = Desk(_beside(desk), "one")
    other.field.fill("From the phone")
    until("it is kept", lambda: other.is_kept)
    desk.field.fill("From the desk")
    desk.place.locator("pre", has_text="From the phone").wait_for()
    assert desk.field.input_value() == "From the desk"
    told = desk.page.locator("[role=status][data-told]")
    until("it is read aloud", lambda: told.inner_text() != "")
    assert desk.is_shown_anywhere("From the phone")
    desk.field.press_sequentially(", too")
    until("the newer one is kept", lambda: desk.is_shown_anywhere("From the desk, too"))


def _beside(desk: Desk) -> Visitor:
    """The same translator on another device."""
    context = desk.page.context.browser.new_context(storage_state=desk.page.context.storage_state())  # type: ignore[union-attr]  # it has one
    return Visitor(context, desk.visitor.portal)


def test_the_sign_in_ends_while_one_types(desk: Desk) -> None:
    """Said at once; signed in again in another tab, one goes on in this one."""
    desk.page.context.clear_cookies(name="session")
    desk.field.fill("Signed out meanwhile")
    desk.is_told("signed-out")
    tab = Visitor(desk.page.context, desk.visitor.portal)
    tab.become("translator")
    desk.comes_back()
    until("it is kept", lambda: desk.is_kept)
    assert desk.is_shown_anywhere("Signed out meanwhile")


def test_what_came_back_after_signing_in_is_kept(desk: Desk) -> None:
    """Who presses the button instead is led to sign in, and finds it where it was typed, where it is kept by itself."""
    desk.page.context.clear_cookies(name="session")
    desk.field.fill("Signed in again")
    desk.is_told("signed-out")
    with desk.page.expect_navigation():
        desk.place.locator("button[value=save]").click()
    assert "/accounts/" in desk.page.url
    desk.visitor.become("translator")
    desk.visitor.go(WORK if desk.kind == "list" else desk.address)
    assert desk.field.input_value() == "Signed in again"
    until("one goes on there", lambda: desk.field.evaluate("(area) => area === document.activeElement"))
    until("it is kept", lambda: desk.is_kept)


def test_an_edit_summary_comes_back_too(desk: Desk) -> None:
    """From the tab, while the portal does not answer: with the text, and where it is all that was typed."""
    where = re.compile(r"/translate/\d+/$")
    desk.page.route(where, _answering(502))
    desk.page.on("dialog", lambda dialog: dialog.accept())
    before = desk.field.input_value()
    summary = desk.place.locator("input[name$=summary]")
    for text, words in ((before, "Only a summary"), ("Both of them", "With a summary")):
        desk.place.locator(".pt-work__summary summary").click()
        desk.field.fill(text)
        summary.fill(words)
        desk.is_told("unkept")
        desk.page.reload()
        assert (desk.field.input_value(), summary.input_value()) == (text, words)
        assert summary.is_visible()
        summary.fill("")
        desk.place.locator(".pt-work__summary summary").click()
    desk.place.locator(".pt-work__summary summary").click()
    summary.fill("At last")
    desk.page.unroute(where)
    _again(desk, 502)
    until("it is kept", lambda: desk.is_kept)
    desk.page.reload()
    assert (desk.field.input_value(), summary.input_value()) == ("Both of them", "At last")


def test_the_network_comes_back_while_it_is_sent(desk: Desk) -> None:
    """What is sent just then fails, and the next time is at once: not as late as where nobody answers."""
    where, held = re.compile(r"/translate/\d+/$"), list[Route]()
    desk.page.route(where, lambda route: held.append(route))  # noqa: PLW0108 - it is asked how much it takes
    desk.field.fill("Between two networks")
    # Asking the page lets what it sends be heard of.
    until("it is on its way", lambda: desk.page.title() and held)
    desk.page.evaluate("window.dispatchEvent(new Event('online'))")
    held[0].fulfill(status=502)
    desk.page.unroute(where)
    until("it is kept", lambda: desk.is_kept, seconds=20)


def test_more_than_the_portal_reads(desk: Desk) -> None:
    """Nothing of it arrives, so the page that has it is not left, whichever way it is sent."""
    desk.field.evaluate(
        "(area) => { area.value = 'x'.repeat(2700000); area.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    desk.is_told("too-long")
    here = desk.page.url
    desk.place.locator("button[value=save]").click()
    saving = desk.said("saving")
    state = desk.place.locator("[data-state]")
    until("it was tried", lambda: state.inner_text() != saving)
    desk.is_told("too-long")
    assert desk.page.url == here
    assert len(desk.field.input_value()) == 2_700_000
    desk.field.fill("Shorter")
    until("it is kept", lambda: desk.is_kept)
    assert (state.inner_text(), desk.warning.count()) == ("", 0)


_RENAME = """
from taskforce.accounts.models import User
from taskforce.timeline.models import TaskForce
from taskforce.timeline.services import rename
one = TaskForce.objects.get(slug="leadership-development")
who = User.objects.get(email="coordinator@demo.example")
rename(one.pk, names={"en": "Leading"}, slug="leading", reason="A better name", actor=who)
"""


def test_the_notice_leads_to_the_sign_in_and_back(desk: Desk) -> None:
    """Its link is as good as the button, also of what is typed after it came; the other paragraphs say it, too."""
    desk.page.context.clear_cookies(name="session")
    desk.field.fill("Typed signed out")
    desk.is_told("signed-out")
    desk.field.press_sequentially(", and more")
    with desk.page.expect_navigation():
        desk.warning.get_by_role("link").click()
    assert "/accounts/" in desk.page.url
    desk.visitor.become("translator")
    desk.visitor.go(f"{WORK}?show=all" if desk.kind == "list" else desk.address)
    assert desk.field.input_value() == "Typed signed out, and more"
    assert desk.warning.count() == 0


@pytest.mark.parametrize("is_first", ["kept", "saved"])
def test_the_address_becomes_another_one(desk: Desk, is_first: str) -> None:
    """The page goes on there: what is typed is kept, and saved, and nobody is told that their sign-in has ended."""
    portal = desk.visitor.portal
    portal.moved()
    portal.manage("shell", "-c", _RENAME)
    told = desk.place.locator(".pt-work__told")
    if is_first == "kept":
        desk.field.fill("Typed at the old address")
        until("it is kept", lambda: desk.is_kept)
        assert desk.is_shown_anywhere("Typed at the old address")
    desk.field.fill("Saved at the new address")
    desk.place.locator("button[value=save]").click()
    until("it is saved", lambda: told.count() == 1)
    assert "/tf/leading/proposals/proposal/translate/" in desk.page.url
    assert desk.page.locator("[data-address*='leadership-development']").count() == 0
    assert desk.is_shown_anywhere("Saved at the new address")
    desk.field.fill("And once more")
    until("it is kept", lambda: desk.is_kept)
    desk.page.reload()
    assert desk.field.input_value() == "And once more"


def test_signed_out_and_another_address(desk: Desk) -> None:
    """Both at once: signed in again in another tab, one goes on in this one."""
    portal = desk.visitor.portal
    portal.moved()
    portal.manage("shell", "-c", _RENAME)
    desk.page.context.clear_cookies(name="session")
    desk.field.fill("Far away")
    desk.is_told("signed-out")
    Visitor(desk.page.context, portal).become("translator")
    desk.comes_back()
    until("it is kept", lambda: desk.is_kept)
    assert "/tf/leading/" in desk.page.url
    assert desk.is_shown_anywhere("Far away")


def test_the_right_is_taken_away_meanwhile(desk: Desk) -> None:
    """Refused in words; the button leads to the page that says why, with what was typed."""
    desk.visitor.portal.moved()
    where = ("--task-force", "leadership-development", "--language", "ar")
    desk.visitor.portal.manage("revoke_role", "translator@demo.example", "translator", *where)
    desk.field.fill("Not mine any more")
    desk.is_told("refused")
    with desk.page.expect_navigation():
        desk.place.locator("button[value=save]").click()
    assert "Not mine any more" in desk.page.locator("main .pt-typed").inner_text()


def _focused(page: Page) -> str | None:
    found: str | None = page.evaluate("document.activeElement.closest('[data-unit]')?.dataset.unit")
    return found


def test_one_paragraph_by_keyboard(portal: Portal, visitors: Visitors) -> None:
    """On its own page, too: saved without leaving it, and on to the next one."""
    portal.at("feedback-open")
    desk = Desk(visitors.come("translator", language="ar"), "one")
    desk.field.fill("On its own")
    desk.place.locator("button[value=save]").click()
    until("it is saved", lambda: desk.place.locator(".pt-work__told").count() == 1)
    assert desk.page.url.endswith(desk.address)
    desk.page.locator("[data-way=next]").click()
    desk.page.wait_for_url(lambda url: not url.endswith(desk.address))
    desk.visitor.go(desk.address)
    desk.field.fill("On its own, again")
    desk.field.press("Control+Enter")
    desk.page.wait_for_url(re.compile(r"\?show=todo&unit="))
    until("the next one has the focus", lambda: _focused(desk.page) not in (None, desk.unit))
    desk.visitor.watch.assert_clean()
