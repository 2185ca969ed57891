"""Saying something: its preview, its draft, which saves itself where there is a script, and changing it afterwards."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Locator, Page, Route

from tests.browser.running import Portal, until
from tests.browser.test_pages import look
from tests.browser.visitors import LANGUAGES, NARROW, TEXT, WINDOW, Visitor, Visitors
from tests.sampling import FIGURE

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
WORDS = "Leaders grow where they are trusted."
ANSWER = "وهذا جواب عن السؤال الأول."


@pytest.fixture(autouse=True)
def _feedback(portal: Portal) -> None:
    """What these tests leave behind is in nobody's way."""
    portal.at("feedback-open")
    portal.moved()


def button(visitor: Visitor, act: str) -> Locator:
    """One of the buttons behind the form."""
    return visitor.page.locator(f"button[form=say][value={act}]")


def first_field(visitor: Visitor) -> Locator:
    return visitor.page.locator("main form[data-main] textarea").first


def test_the_pages_of_saying(visitors: Visitors) -> None:
    problems = []
    for language in LANGUAGES:
        visitor = visitors.come(language=language)
        visitor.go(f"/{language}/{WINDOW}")
        visitor.fill_questions(WORDS)
        assert visitor.send(button(visitor, "keep")) == 200
        problems += look(visitor, "draft", language)
        assert visitor.send(button(visitor, "preview")) == 200
        assert WORDS in visitor.page.locator("main article").inner_text()
        problems += look(visitor, "preview", language)
        # One button sends it, beneath what is agreed to.
        assert visitor.page.locator("main button[form=say]:not([name]), main button[value=send]").count() == 1
        assert visitor.send(visitor.page.locator("main section button[form=say]")) == 200
        visitor.follow("/edit/")
        problems += look(visitor, "change", language)
        first_field(visitor).fill("And where they may err.")
        assert visitor.send() == 200
        assert "/mine/" in visitor.page.url
        assert "And where they may err." in visitor.page.locator("main").inner_text()
        problems += look(visitor, "changed", language)
    assert not problems, "\n".join(problems)


def test_without_a_script_on_a_phone(visitors: Visitors) -> None:
    """A draft, a reload, a preview, the text, its change; from right to left."""
    visitor = visitors.come(script=False, language="ar")
    visitor.page.set_viewport_size(NARROW)
    visitor.go(f"/ar/{WINDOW}")
    visitor.fill_questions(WORDS)
    assert visitor.send(button(visitor, "keep")) == 200
    visitor.go(f"/zh-hant/{WINDOW}")
    assert first_field(visitor).input_value() == WORDS
    assert visitor.send(button(visitor, "preview")) == 200
    assert visitor.send(visitor.page.locator("main section button[form=say]")) == 200
    visitor.reference()
    visitor.follow("/edit/")
    assert first_field(visitor).input_value() == WORDS
    first_field(visitor).fill("And where they may err.")
    assert visitor.send() == 200
    visitor.go(f"/ar/{WINDOW}")
    assert first_field(visitor).input_value() == ""
    visitor.watch.assert_clean()


def test_a_draft_saves_itself_from_the_first_pause_on(visitors: Visitors) -> None:
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    status = page.locator("[data-draft-status]")
    assert "saved by itself" in status.inner_text()
    # What the form has by itself is no draft.
    page.locator("main form[data-main] input[name=visibility]").last.check()
    page.wait_for_timeout(5000)
    assert not [cookie for cookie in visitor.context.cookies() if "draft" in cookie.get("name", "")]
    first_field(visitor).fill("First.")
    until("it is saved", lambda: "Saved in the draft." in status.inner_text())
    page.reload()
    assert first_field(visitor).input_value() == "First."
    first_field(visitor).fill("First, and more.")
    until("it is saved", lambda: "Saved in the draft." in status.inner_text())
    page.reload()
    assert first_field(visitor).input_value() == "First, and more."
    # Nor is it lost by another language, nor by signing in.
    visitor.go(f"/ar/{WINDOW}")
    assert first_field(visitor).input_value() == "First, and more."
    visitor.become("coordinator")
    visitor.go(f"/en/{WINDOW}")
    assert first_field(visitor).input_value() == "First, and more."
    # What another tab saves is not overwritten.
    other = visitor.context.new_page()
    other.goto(page.url)
    other.locator("main form[data-main] textarea").first.fill("From another tab.")
    with other.expect_navigation():
        other.locator("button[form=say][value=keep]").click()
    first_field(visitor).fill("From this one.")
    until("it is told", lambda: "another tab" in status.inner_text())
    assert visitor.send(button(visitor, "keep")) == 409
    assert "From another tab." in page.locator("main textarea[readonly]").first.input_value()
    assert first_field(visitor).input_value() == "From this one."


@pytest.mark.parametrize("pause", [0, 300, 1500])
def test_what_was_typed_before_leaving_is_there_again(visitors: Visitors, pause: int) -> None:
    """By a link, by another language, by a reload, however soon; nobody is asked, and no tab is in its own way."""
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    status = page.locator("[data-draft-status]")
    words = ""

    def type_more(more: str) -> None:
        nonlocal words
        words += more
        data = status.evaluate("one => ({...one.closest('form').dataset})")
        until("nothing is on its way", lambda: status.inner_text() in (data["keeps"], data["saved"]))
        first_field(visitor).press("End")
        first_field(visitor).press_sequentially(more)
        page.wait_for_timeout(pause)

    type_more("abcdefghijklmnopqrstuvwxyz.")
    with page.expect_navigation():
        page.locator("main a[href*='/proposals/']:visible, .pt-breadcrumbs a:visible").first.click()
    visitor.go(f"/en/{WINDOW}")
    until("it is there again", lambda: first_field(visitor).input_value() == words)
    # Nobody has pressed "Save draft".
    assert "Your draft is saved." not in page.locator("main").inner_text()
    type_more(" Then in Arabic.")
    page.locator(".pt-menu--languages summary").click()
    with page.expect_navigation():
        page.locator(".pt-menu--languages a[hreflang=ar]").click()
    until("it is there again", lambda: first_field(visitor).input_value() == words)
    type_more(" And anew.")
    page.reload()
    until("it is there again", lambda: first_field(visitor).input_value() == words)
    type_more(" At last.")
    said = status.evaluate("one => one.closest('form').dataset.saved")
    until("it is saved", lambda: status.inner_text() == said)
    page.reload()
    assert first_field(visitor).input_value() == words
    assert not asked


def test_a_saving_that_arrives_late_is_no_other_tab(visitors: Visitors) -> None:
    """The answer to what was sent before the page was left is heard by nobody; the portal has it all the same."""
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    status = page.locator("[data-draft-status]")

    def unheard(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route("**/feedback/**", unheard)
    first_field(visitor).fill("Kept, and nobody knows.")
    until("it failed", lambda: "did not answer" in status.inner_text())
    page.unroute("**/feedback/**")
    first_field(visitor).press_sequentially(" More.")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until("it is saved", lambda: "Saved in the draft." in status.inner_text())
    page.reload()
    assert first_field(visitor).input_value() == "Kept, and nobody knows. More."


@pytest.mark.parametrize("meanwhile", ["online", "typed"])
def test_what_happens_while_a_saving_fails_is_not_waited_out(visitors: Visitors, meanwhile: str) -> None:
    """The network comes back, or somebody types on, while what was sent fails: it is tried again at once."""
    visitor = visitors.come()
    page = visitor.go(f"/en/{WINDOW}")
    status = page.locator("[data-draft-status]")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method != "POST" or held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/feedback/**", hold)
    first_field(visitor).fill("Between two networks.")
    # Asking the page lets what it sends be heard of.
    until("it is on its way", lambda: page.title() and held)
    if meanwhile == "online":
        page.evaluate("window.dispatchEvent(new Event('online'))")
    else:
        first_field(visitor).fill("Between two networks, and on.")
    words = first_field(visitor).input_value()
    held[0].abort()
    # Nobody who waits as long as where nobody answers would see it.
    until("it is saved", lambda: "Saved in the draft." in status.inner_text(), seconds=20)
    page.reload()
    assert first_field(visitor).input_value() == words


def figures(said: Locator) -> list[str]:
    """The numbers in a sentence."""
    return re.findall(r"\d[\d,]*", said.inner_text())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_says_how_much_of_its_limit_is_used(visitors: Visitors, language: str) -> None:
    """Counted as the server counts it here: each character once, in every script."""
    visitor = visitors.come(language=language)
    page = visitor.go(f"/{language}/{WINDOW}")
    field, aloud = first_field(visitor), page.locator("[data-counted]")
    most = int(field.get_attribute("data-most") or "")
    line = page.locator(f"[id='{field.get_attribute('id')}_count']")
    field.fill(WORDS)
    assert figures(line) == [str(len(WORDS)), f"{most:,}"]
    field.fill("語" * most)
    assert figures(line) == ["0"]
    problems = look(visitor, "counted", language)
    assert not problems, "\n".join(problems)
    # What saves itself may be refused for it.
    field.fill("語" * (most + 2))
    until("it says what is too much", lambda: figures(aloud) == ["2"])
    assert visitor.send() == 200
    # So says the portal, and the page on which it does counts along as well.
    assert figures(page.locator(".pt-error-summary__text").first) == ["2", f"{most:,}"]
    assert figures(line) == ["2"]


class Hands:
    """Somebody with a keyboard alone: each key that is pressed, and each text that is written, is an interaction."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def press(self, key: str) -> None:
        """One key."""
        self.page.keyboard.press(key)
        self.count += 1

    def write(self, text: str) -> None:
        """One text, in the field that has the keyboard."""
        self.page.keyboard.type(text)
        self.count += 1

    def follow(self) -> None:
        """What has the keyboard: a link, or the button of a form."""
        with self.page.expect_navigation():
            self.press("Enter")

    def tab_to(self, selector: str) -> None:
        """On to the next place that matches."""
        for _ in range(25):
            self.press("Tab")
            if self.page.locator(f"{selector}:focus").count():
                return
        raise AssertionError(f"no way to {selector}")

    def go_to_content(self) -> None:
        """Past what stands on every page, by its first link."""
        self.press("Tab")
        self.press("Enter")


def test_from_the_text_to_the_receipt_by_keyboard_on_a_phone(
    visitors: Visitors, record_property: Callable[[str, str], None]
) -> None:
    """360 px, a slow network, no script, from right to left: from the text itself to one of its paragraphs, say
    something about it, answer two questions, and have the receipt, in fewer than 25 interactions."""
    visitor = visitors.come(script=False, language="ar")
    page = visitor.page
    page.set_viewport_size({"width": 360, "height": 640})
    network = visitor.context.new_cdp_session(page)
    network.send("Network.enable")
    # Of a phone far from everything: 400 ms there and back, 400 kbit/s.
    slow = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    network.send("Network.emulateNetworkConditions", slow)
    visitor.go(f"/ar/{TEXT}")
    hands = Hands(page)
    hands.go_to_content()
    hands.tab_to("main .pt-unit__link")
    hands.follow()
    hands.tab_to("main a[href*='?unit=']")
    hands.follow()
    # The field has the keyboard already.
    page.locator("main form[data-main] textarea[name=q-paragraph]:focus").wait_for()
    hands.write(WORDS)
    hands.tab_to("main form[data-main] details textarea")
    hands.write(ANSWER)
    hands.tab_to("main form[data-main] input[type=radio][name^=q-]")
    hands.press("Space")
    # Of any field of one line the key sends the form.
    hands.follow()
    visitor.reference()
    main = page.locator("main").inner_text()
    assert WORDS in main
    assert ANSWER in main
    assert page.locator("html").get_attribute("dir") == "rtl"
    record_property(FIGURE, f"from the text to the receipt: {hands.count} interactions")
    assert hands.count < 25, hands.count
    visitor.watch.assert_clean()
