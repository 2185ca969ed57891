"""Changing a text at a browser: what is typed is saved by itself, and nobody else's words are written over."""

import re

import pytest
from playwright.sync_api import Dialog, Locator, Route

from tests.browser.running import Portal
from tests.browser.visitors import TEXT, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
EDIT = f"/en/{TEXT}edit/"
# A little more than what `edit.js` waits, in milliseconds: after the last change, and until it tries again.
IDLE, AGAIN = 4_500, 30_500


def opened(visitors: Visitors, role: str) -> Visitor:
    """Somebody on the page of the first section."""
    visitor = visitors.come(role)
    visitor.go(EDIT)
    visitor.follow("/edit/s/s")
    return visitor


def test_what_is_typed_is_saved_by_itself(portal: Portal, visitors: Visitors) -> None:
    """And shown to the next one; where both have typed, the second one's stays unsaved until they have seen both."""
    portal.at("feedback-open")
    portal.moved()
    ada, ben = opened(visitors, "coordinator"), opened(visitors, "deputy")
    field, other = (one.page.locator("textarea[data-edit-text]") for one in (ada, ben))
    status = ada.page.locator("[data-autosave-status]")
    field.nth(1).fill("By the first one.")
    status.filter(has_text="Saved in the draft.").wait_for(timeout=60_000)
    ada.page.reload()
    assert field.nth(1).input_value() == "By the first one."
    other.nth(0).fill("Another heading")
    ben.page.locator("[data-autosave-status]").filter(has_text="Saved in the draft.").wait_for(timeout=60_000)
    assert other.nth(1).input_value() == "By the first one."
    field.nth(0).fill("My heading")
    warned(ada, "somebody else has changed this")
    assert ada.send(ada.page.locator("button[value=save]").last) == 409
    assert field.nth(0).input_value() == "My heading"
    assert "Another heading" in (ada.page.locator("main").text_content() or "")
    assert ada.send(ada.page.locator("button[value=save]").last) == 200
    assert field.nth(0).input_value() == "My heading"


def at_the_first_field(visitors: Visitors) -> tuple[Visitor, Locator, Locator]:
    """An editor, a field, and the line that says whether it is saved."""
    ada = opened(visitors, "coordinator")
    return ada, ada.page.locator("textarea[data-edit-text]").nth(1), ada.page.locator("[data-autosave-status]")


def warned(visitor: Visitor, words: str) -> Locator:
    """The notice above the buttons, once it says this; then nothing else is said beside it."""
    notice = visitor.page.locator("[role=status] > [data-autosave-warning]").filter(has_text=words)
    notice.wait_for(timeout=60_000)
    assert notice.locator(".cdx-icon").is_visible()
    assert visitor.page.locator("[data-autosave-status]").inner_text() == ""
    return notice


def asked_of(visitor: Visitor, *, leaves: bool) -> list[str]:
    """What the browser asks from now on, and whether the answer is to leave the page."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept() if leaves else dialog.dismiss()

    visitor.page.on("dialog", answer)
    return asked


def test_a_link_waits_until_all_is_saved(portal: Portal, visitors: Visitors) -> None:
    """Whoever goes on at once, and nobody is asked."""
    portal.at("feedback-open")
    portal.moved()
    ada, field, _status = at_the_first_field(visitors)
    asked = asked_of(ada, leaves=True)
    here = ada.page.url
    field.fill("Typed in the last second.")
    ada.page.locator("main a[rel=next]").click()
    ada.page.wait_for_url(lambda address: address != here)
    assert not asked
    ada.page.goto(here)
    assert field.input_value() == "Typed in the last second."


# What is posted to the page of a section.
SENT = re.compile(r"/edit/s/[a-z0-9]+/$")


class Answers:
    """Who stands in front of the portal and answers what is sent in its place, with a status; with none nobody does."""

    def __init__(self, visitor: Visitor, status: int | None) -> None:
        self.visitor, self.status, self.times = visitor, status, 0
        if status is None:
            visitor.context.set_offline(offline=True)
        else:
            visitor.page.route(SENT, self._answer)

    def _answer(self, route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        self.times += 1
        page = "<title>Not now</title><p>Come back later.</p>"
        route.fulfill(status=self.status or 503, body=page, content_type="text/html", headers={"Retry-After": "1"})

    def wait_until_tried(self, times: int) -> None:
        """So often; the browser is let go on meanwhile."""
        for _ in range(300):
            if self.times >= times:
                return
            self.visitor.page.wait_for_timeout(100)
        raise AssertionError(f"tried {self.times} times, not {times}")

    def end(self) -> None:
        """The portal answers again."""
        if self.status is None:
            self.visitor.context.set_offline(offline=False)
        else:
            self.visitor.page.unroute(SENT)


@pytest.mark.parametrize("status", [None, 429, 500, 502, 503])
def test_where_the_portal_does_not_answer(portal: Portal, visitors: Visitors, status: int | None) -> None:
    """It says so, asks before the page is left, and saves once there is an answer: by itself, and nothing is lost."""
    portal.at("feedback-open")
    portal.moved()
    ada, field, said = at_the_first_field(visitors)
    asked = asked_of(ada, leaves=False)
    here = ada.page.url
    ada.page.clock.install()
    ada.page.reload()
    words = f"Typed on a train, {status}."
    answers = Answers(ada, status)
    field.fill(words)
    ada.page.clock.fast_forward(IDLE)
    notice = warned(ada, "too much was sent" if status == 429 else "the portal did not answer")
    assert notice.get_by_role("link").count() == 0
    ada.page.locator("main a[rel=next]").click(no_wait_after=True)
    for _ in range(300):
        if asked:
            break
        ada.page.wait_for_timeout(100)
    assert asked == ["beforeunload"]
    assert ada.page.url == here
    assert field.input_value() == words
    answers.end()
    ada.page.clock.fast_forward(AGAIN)
    said.filter(has_text="Saved in the draft.").wait_for(timeout=60_000)
    assert not notice.is_visible()
    ada.page.reload()
    assert field.input_value() == words
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("meanwhile", ["online", "typed"])
def test_what_happens_while_a_saving_fails_is_not_waited_out(
    portal: Portal, visitors: Visitors, meanwhile: str
) -> None:
    """The network comes back, or somebody types on, while what was sent fails: it is tried again at once."""
    portal.at("feedback-open")
    portal.moved()
    ada, field, said = at_the_first_field(visitors)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method != "POST" or held:
            route.continue_()
        else:
            held.append(route)

    ada.page.route(SENT, hold)
    field.fill(f"Between two networks, {meanwhile}.")
    # Asking the page lets what it sends be heard of.
    for _ in range(600):
        if held:
            break
        ada.page.wait_for_timeout(100)
    if meanwhile == "online":
        ada.page.evaluate("window.dispatchEvent(new Event('online'))")
    else:
        field.press_sequentially(" And on.")
    words = field.input_value()
    held[0].abort()
    # Nobody who waits as long as where nobody answers would see it.
    said.filter(has_text="Saved in the draft.").wait_for(timeout=20_000)
    ada.page.reload()
    assert field.input_value() == words


def test_it_is_tried_as_long_as_it_is_refused(portal: Portal, visitors: Visitors) -> None:
    """Again and again, but not at once; what is typed meanwhile goes along."""
    portal.at("feedback-open")
    portal.moved()
    ada, field, said = at_the_first_field(visitors)
    ada.page.clock.install()
    ada.page.reload()
    answers = Answers(ada, 429)
    field.fill("Once.")
    for times in (1, 2, 3):
        ada.page.clock.fast_forward(IDLE if times == 1 else AGAIN)
        answers.wait_until_tried(times)
        warned(ada, "too much was sent")
        ada.page.clock.fast_forward(AGAIN // 3)
        assert answers.times == times
    field.press_sequentially(" Twice.")
    answers.end()
    ada.page.clock.fast_forward(AGAIN)
    said.filter(has_text="Saved in the draft.").wait_for(timeout=60_000)
    ada.page.reload()
    assert "Twice." in field.input_value()


@pytest.mark.parametrize("status", [400, 403, 409, 413])
def test_what_was_refused_is_not_tried_again(portal: Portal, visitors: Visitors, status: int) -> None:
    """It says that a button tells why; the button does, and what was typed is still there."""
    portal.at("feedback-open")
    portal.moved()
    ada, field, _said = at_the_first_field(visitors)
    ada.page.clock.install()
    ada.page.reload()
    answers = Answers(ada, status)
    field.fill(f"Refused with {status}.")
    ada.page.clock.fast_forward(IDLE)
    warned(ada, "somebody else has changed this" if status == 409 else "Not saved by itself")
    ada.page.clock.fast_forward(AGAIN * 2)
    ada.page.wait_for_timeout(300)
    assert answers.times == 1
    assert field.input_value() == f"Refused with {status}."
    answers.end()
    assert ada.send(ada.page.locator("button[value=save]").last) == 200
    assert field.input_value() == f"Refused with {status}."


@pytest.mark.parametrize("is_there", [True, False])
def test_signed_out(portal: Portal, visitors: Visitors, *, is_there: bool) -> None:
    """Said where one works, and no more is sent; its link leads to the sign-in with all that is typed, and back.
    Whoever signs in again in another tab goes on in this one."""
    portal.at("feedback-open")
    portal.moved()
    ada = visitors.come()
    ada.become("coordinator")
    ada.go(EDIT)
    ada.follow("/edit/s/s")
    here, field = ada.page.url, ada.page.locator("textarea[data-edit-text]").nth(1)
    ada.context.clear_cookies(name="session")
    field.fill("Typed signed out")
    notice = warned(ada, "You are signed out; what you typed is still here.")
    field.press_sequentially(", and more")
    if is_there:
        with ada.page.expect_navigation():
            notice.get_by_role("link", name="Sign in").click()
        assert "next=" in ada.page.url
        ada.become("coordinator")
        ada.page.goto(here)
    else:
        Visitor(ada.context, portal).become("coordinator")
        ada.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        ada.page.locator("[data-autosave-status]").filter(has_text="Saved in the draft.").wait_for(timeout=60_000)
        assert not notice.is_visible()
        ada.page.reload()
    assert field.input_value() == "Typed signed out, and more"


def test_a_link_does_not_leave_where_nobody_has_time(portal: Portal, visitors: Visitors) -> None:
    """The first press saves before it goes: where that is refused, one stays, with what was typed."""
    portal.at("feedback-open")
    portal.moved()
    ada, field, said = at_the_first_field(visitors)
    here, answers = ada.page.url, Answers(ada, 503)
    field.fill("Typed just before.")
    ada.page.locator("main a[rel=next]").click(no_wait_after=True)
    warned(ada, "the portal did not answer")
    assert ada.page.url == here
    assert field.input_value() == "Typed just before."
    answers.end()
    ada.page.evaluate("window.dispatchEvent(new Event('online'))")
    said.filter(has_text="Saved in the draft.").wait_for(timeout=60_000)
    ada.page.locator("main a[rel=next]").click()
    ada.page.wait_for_url(lambda address: address != here)
    ada.page.goto(here)
    assert field.input_value() == "Typed just before."


def test_the_language_of_a_new_paragraph_is_saved_by_itself(portal: Portal, visitors: Visitors) -> None:
    """With its words, alone, and while what was chosen before is still on its way; it is there on the next page."""
    portal.at("feedback-open")
    portal.moved()
    ada = opened(visitors, "coordinator")
    status = ada.page.locator("[data-autosave-status]")
    assert ada.page.locator("select[name^='language-']").count() == 0
    assert ada.send(ada.page.locator("button[value=new]").last) == 200
    choice = ada.page.locator("select[name^='language-']")
    key = (choice.get_attribute("name") or "").removeprefix("language-")
    field = ada.page.locator(f"textarea[name='text-{key}']")
    assert choice.input_value() != "ar"
    saved = status.filter(has_text="Saved in the draft.")

    def stands(words: str, language: str) -> None:
        saved.wait_for(timeout=60_000)
        ada.page.reload()
        assert (field.input_value(), choice.input_value()) == (words, language)

    field.fill("مرحبا")
    choice.select_option("ar")
    stands("مرحبا", "ar")
    assert field.get_attribute("lang") == "ar"
    choice.select_option("es")
    stands("مرحبا", "es")
    on_their_way: list[Route] = []

    def hold_the_first(route: Route) -> None:
        on_their_way.append(route)
        if len(on_their_way) > 1:
            route.continue_()

    ada.page.route(SENT, hold_the_first)
    choice.select_option("fr")
    field.fill("Bonjour")
    for _ in range(300):
        if on_their_way:
            break
        ada.page.wait_for_timeout(100)
    choice.select_option("de")
    on_their_way[0].continue_()
    saved.wait_for(timeout=60_000)
    # What was chosen meanwhile goes by itself.
    ada.page.wait_for_event("response", lambda answer: answer.request.method == "POST")
    stands("Bonjour", "de")
    ben = opened(visitors, "deputy")
    assert ben.page.locator(f"select[name='language-{key}']").input_value() == "de"
    assert ada.send(ada.page.locator("button[value=save]").last) == 200
    assert (field.input_value(), choice.input_value()) == ("Bonjour", "de")
