"""What somebody types in their application is not lost: to no network, language, sign-in, closed browser or window."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Playwright, Route

from deploy import browser as programs
from tests.browser.running import Portal, until
from tests.browser.test_pages import look
from tests.browser.visitors import LANGUAGES, NARROW, TASK_FORCE, WIDE, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]

APPLICATION = f"{TASK_FORCE}/join/application/"
_SESSION = re.compile("session")
UNSAVED = "Object.keys(localStorage).filter(name => name.startsWith('unsaved:')).length"
# Of four groups; the last ones of scripts that lose something easily.
FIELDS = {
    "wiki_name": "Amani ✍ (WMF)",
    "profile-projects": "Wikipedia, Wiktionary\nand the Incubator",
    "profile-roles": "ترجمة ومراجعة",
    "not-reviewers": "王小明\nक्षितिज",
}
ANSWER = "Leaders grow where they are trusted.\n\nSo trust them: 信任他們。"


@pytest.fixture(autouse=True)
def _open(portal: Portal) -> None:
    """A call that is open, in which nobody has typed anything yet."""
    portal.at("recruitment-open")
    portal.moved()


def answer_of(page: Page) -> Locator:
    """The field of the first question."""
    return page.locator("form[data-groups] textarea[name^='q-']").first


def status_of(page: Page) -> Locator:
    """Where the page says, also aloud, whether it is saved."""
    return page.locator("[data-draft-status]")


def notice_of(page: Page) -> Locator:
    """What has to be done."""
    return page.locator("[data-draft-notice]")


def _is_told(page: Page) -> bool:
    """That it is saved: by a saving from here, or of a page before that arrived after this one was drawn, or before."""
    said = page.locator("form[data-groups]").evaluate(
        "form => [form.dataset.saved, form.dataset.taken, form.dataset.keeps]"
    )
    return any(status_of(page).inner_text().startswith(str(one).partition("{")[0]) for one in said)


def is_saved(page: Page) -> None:
    """Wait until all that stands there is saved, and this browser has nothing of it any more."""
    try:
        until("it is saved", lambda: _is_told(page) and page.evaluate(UNSAVED) == 0)
    except AssertionError as late:
        raise AssertionError(f"{late}: {status_of(page).inner_text()!r}, {notice_of(page).inner_text()!r}") from late


def unfold(page: Page) -> None:
    """Open what is folded away in the form."""
    for summary in page.locator("form[data-groups] details:not([open]) > summary").all()[::-1]:
        summary.click()


def type_all(page: Page, more: str = "") -> None:
    """Five fields of three groups, one of them folded away."""
    unfold(page)
    for name, text in FIELDS.items():
        page.locator(f"form[data-groups] [name='{name}']").fill(text + more)
    answer_of(page).fill(ANSWER + more)


def has_all(page: Page, more: str = "") -> None:
    """Every character of them stands in its field."""
    until("the answer is there", lambda: answer_of(page).input_value() == ANSWER + more)
    for name, text in FIELDS.items():
        assert page.locator(f"form[data-groups] [name='{name}']").input_value() == text + more


class Own:
    """A browser of somebody's own, with all that it keeps: it can be closed, and opened again."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self.playwright, self.folder = playwright, folder
        self.context = self.opened()

    def opened(self) -> BrowserContext:
        """As it was left."""
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=programs.find(),
            args=["--no-sandbox"],
            viewport=WIDE,
            locale="en",
            timezone_id="Asia/Taipei",
        )
        self.context.set_default_timeout(60_000)
        return self.context


@pytest.fixture
def own(playwright: Playwright, tmp_path: Path) -> Iterator[Own]:
    """Somebody's own browser."""
    one = Own(playwright, tmp_path)
    yield one
    one.context.close()


ROLES, PROJECTS = (f"form[data-groups] [name='profile-{name}']" for name in ("roles", "projects"))


def torn_and_put_together(page: Page, other: Page) -> None:
    """Both tabs change the same field, and each another one: either text is chosen, and nothing else is touched."""
    page.locator(ROLES).fill("Patroller")
    is_saved(page)
    other.bring_to_front()
    other.locator(PROJECTS).fill("Commons")
    other.locator(ROLES).fill("Steward")
    until("it is told", lambda: other.locator(".pt-both").count() == 1)
    assert "Patroller" in other.locator(".pt-both pre").inner_text()
    assert other.locator(ROLES).input_value() == "Steward"
    assert other.locator(PROJECTS).input_value() == "Commons"
    other.locator(".pt-both button").first.click()
    is_saved(other)
    page.bring_to_front()
    page.reload()
    assert page.locator(ROLES).input_value() == "Steward"
    assert page.locator(PROJECTS).input_value() == "Commons"


def choose_language(page: Page, code: str) -> None:
    """By the menu, which sends the form; whatever becomes of that."""
    menu = page.locator(".pt-menu--languages")
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()
    page.locator(f".pt-menu--languages button[value=in-{code}]").click(no_wait_after=True)


def is_gone(page: Page) -> bool:
    """Whether the browser shows a page of its own, since nobody answered."""
    page.wait_for_timeout(100)
    return page.url.startswith("chrome-error:")


def see(page: Page) -> str:
    """What the line above the form says where nothing could be saved."""
    return str(page.locator("form[data-groups]").get_attribute("data-see"))


def test_every_character_is_there_again(portal: Portal, own: Own) -> None:
    """Five fields; the network goes, the language is changed without it and with it, the sign-in ends, the browser
    closes, a second tab opens; then both tabs change the same, and that is put together."""
    visitor = Visitor(own.context, portal)
    page = visitor.become("applicant")
    visitor.go(f"/en/{APPLICATION}")
    type_all(page)
    is_saved(page)
    assert re.search(r"Saved \d\d:\d\d UTC \(in your time: \d\d:\d\d\)", status_of(page).inner_text())
    # The network is lost; what is typed from now on is in this browser only, and the page says so.
    visitor.context.set_offline(True)
    type_all(page, " more")
    until("it is told", lambda: "cannot be reached" in notice_of(page).inner_text())
    assert page.evaluate(UNSAVED) == 1
    # Another language, by the menu: nobody answers, so the page stays, with all of it.
    choose_language(page, "zh-hant")
    until("it was tried", lambda: status_of(page).inner_text() == see(page))
    assert page.url == f"{portal.address}/en/{APPLICATION}"
    has_all(page, " more")
    # The network is back, and the language is chosen at once.
    visitor.context.set_offline(False)
    with page.expect_navigation(url=f"**/zh-hant/{APPLICATION}"):
        choose_language(page, "zh-hant")
    has_all(page, " more")
    is_saved(page)
    # Lost anew, and nobody knows it yet: the browser shows a page of its own instead of the next language.
    visitor.context.set_offline(True)
    type_all(page, " once more")
    choose_language(page, "en")
    until("the page is gone", lambda: is_gone(page))
    visitor.context.set_offline(False)
    page.go_back()
    has_all(page, " once more")
    is_saved(page)
    # The sign-in ends while somebody types.
    visitor.context.clear_cookies(name=_SESSION)
    type_all(page, " and more")
    page.locator("[data-draft-notice] a[target=_blank]").wait_for()
    # Signed in again in another tab: it is saved here by itself.
    second = Visitor(visitor.context, portal)
    second.become("applicant")
    second.page.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    is_saved(page)
    # The browser is closed while the network is lost again.
    visitor.context.set_offline(True)
    type_all(page, " at last")
    last = repr(ANSWER + " at last")[-20:-1]
    until("all of it is in the browser", lambda: last in page.evaluate("JSON.stringify(localStorage)"))
    own.context.close()
    visitor = Visitor(own.opened(), portal)
    # A browser that was closed may have forgotten its session.
    page = visitor.become("applicant")
    visitor.go(f"/ar/{APPLICATION}")
    has_all(page, " at last")
    is_saved(page)
    # A second tab, which has it from the portal.
    other = visitor.context.new_page()
    other.goto(f"{portal.address}/en/{APPLICATION}")
    has_all(other, " at last")
    torn_and_put_together(page, other)
    assert answer_of(page).input_value() == ANSWER + " at last"
    for name in ("wiki_name", "not-reviewers"):
        assert page.locator(f"form[data-groups] [name='{name}']").input_value() == FIELDS[name] + " at last"


def two_tabs(visitor: Visitor, portal: Portal) -> tuple[Page, Page]:
    """Both on the same page, as it is stored."""
    page = visitor.go(f"/en/{APPLICATION}")
    other = visitor.context.new_page()
    other.goto(f"{portal.address}/en/{APPLICATION}")
    return page, other


def test_two_tabs_are_put_together(portal: Portal, visitors: Visitors) -> None:
    """What only one changed is added; where both have, both texts are shown, and either can be taken."""
    visitor = visitors.come("applicant")
    page, other = two_tabs(visitor, portal)
    roles = "form[data-groups] [name='profile-roles']"
    projects = "form[data-groups] [name='profile-projects']"
    other.locator(projects).fill("Commons")
    is_saved(other)
    page.locator(roles).fill("Patroller")
    until("it was added here", lambda: page.locator(projects).input_value() == "Commons")
    is_saved(page)
    # The same field in both.
    other.locator(roles).fill("Steward")
    until("it is told", lambda: other.locator(".pt-both").count() == 1)
    assert "Patroller" in other.locator(".pt-both pre").inner_text()
    assert other.locator(roles).input_value() == "Steward"
    assert "choose at each field" in notice_of(other).inner_text()
    # Meanwhile it is in this browser, and there again where the tab is loaded anew.
    other.reload()
    until("it is told again", lambda: other.locator(".pt-both").count() == 1)
    assert other.locator(roles).input_value() == "Steward"
    assert "Patroller" in other.locator(".pt-both pre").inner_text()
    other.locator(".pt-both button").first.click()
    is_saved(other)
    page.locator(roles).fill("Translator")
    until("it is told", lambda: page.locator(".pt-both").count() == 1)
    page.locator(".pt-both button").last.click()
    assert page.locator(roles).input_value() == "Steward"
    until("nothing is left of it here", lambda: page.evaluate(UNSAVED) == 0)
    page.reload()
    assert page.locator(roles).input_value() == "Steward"
    assert page.locator(projects).input_value() == "Commons"


SAVE = "form[data-groups] button[value=save]:not([aria-hidden])"
SUBMIT = "form[data-groups] button[value=submit]"
LANGUAGE = "form[data-groups] [name='profile-language-{}']"
LEVEL = "form[data-groups] [name='profile-level-{}']"


def test_two_tabs_with_lists_of_unequal_length(portal: Portal, visitors: Visitors) -> None:
    """What one tab has no room for is there too once it is told of it, under its own label, and is not taken away."""
    visitor = visitors.come("applicant")
    page, other = two_tabs(visitor, portal)
    with other.expect_navigation():
        other.locator("#more-languages").click()
    other.locator(LANGUAGE.format(5)).fill("Français")
    other.locator(LEVEL.format(5)).select_option(index=3)
    level = other.locator(LEVEL.format(5)).input_value()
    is_saved(other)
    page.locator(ROLES).fill("Patroller")
    until("it was added here", lambda: page.locator(LANGUAGE.format(5)).count() == 1)
    is_saved(page)
    assert page.get_by_label("Language 5", exact=True).input_value() == "Français"
    assert page.get_by_label("Language 4", exact=True).input_value() == ""
    # It is a field like others: what is typed in it is saved.
    page.locator(LANGUAGE.format(4)).fill("Kiswahili")
    is_saved(page)
    page.reload()
    assert page.locator(LANGUAGE.format(4)).input_value() == "Kiswahili"
    assert page.locator(LANGUAGE.format(5)).input_value() == "Français"
    assert page.locator(LEVEL.format(5)).input_value() == level
    assert page.locator(ROLES).input_value() == "Patroller"


def test_rows_that_were_added_come_back(visitors: Visitors) -> None:
    """What was typed in rows that were added, while the network was away, is in its rows again."""
    visitor = visitors.come("applicant")
    page = visitor.go(f"/en/{APPLICATION}")
    with page.expect_navigation():
        page.locator("#more-languages").click()
    page.route("**/application/draft/**", lambda route: route.abort())
    page.locator(LANGUAGE.format(4)).fill("Français")
    until("it is in the browser", lambda: page.evaluate(UNSAVED) == 1)
    page.unroute("**/application/draft/**")
    visitor.context.set_offline(True)
    page.goto("about:blank")
    visitor.context.set_offline(False)
    visitor.go(f"/ar/{APPLICATION}")
    until("it is there", lambda: page.locator(LANGUAGE.format(4)).count() == 1)
    assert page.locator(LANGUAGE.format(4)).input_value() == "Français"
    is_saved(page)


def test_it_is_found_by_whichever_address_somebody_comes(visitors: Visitors) -> None:
    """Mails name the call in the address: what this browser has of it is there as well."""
    visitor = visitors.come("applicant")
    page = visitor.go(f"/en/{APPLICATION}")
    page.route("**/application/draft/**", lambda route: route.abort())
    answer_of(page).fill("Typed while the network was away.")
    until("it is in the browser", lambda: page.evaluate(UNSAVED) == 1)
    page.goto("about:blank")
    page.unroute("**/application/draft/**")
    visitor.go(f"/en/{APPLICATION}?call=recruitment")
    until("it is there", lambda: answer_of(page).input_value() == "Typed while the network was away.")
    is_saved(page)


@pytest.mark.parametrize(("button", "done"), [(SUBMIT, "submitted"), (SAVE, "saved")])
def test_nobody_is_in_conflict_with_themselves(visitors: Visitors, button: str, done: str) -> None:
    """The portal has saved what was sent, but its answer comes too late for the button: what is typed by now counts."""
    visitor = visitors.come("applicant")
    page = visitor.go(f"/en/{APPLICATION}")
    for field in page.locator("form[data-groups] textarea[name^='q-']").all():
        field.fill("First words.")
    page.locator("form[data-groups] [name='name']").fill("Amani")
    held: list[Route] = []

    def late(route: Route) -> None:
        route.fetch()
        held.append(route)

    page.route("**/application/draft/**", late)
    answer_of(page).fill("First words, sent.")
    until("the portal has it", lambda: page.evaluate("1") and held)
    answer_of(page).fill("First words, sent. And the last.")
    assert visitor.send(page.locator(button).last) == 200
    assert f"has been {done}." in page.locator(".pt-messages").inner_text()
    assert page.locator(".pt-both").count() == 0
    page.unroute("**/application/draft/**")
    visitor.go(f"/en/{APPLICATION}")
    assert answer_of(page).input_value() == "First words, sent. And the last."


def test_another_window_is_told_of_though_an_answer_is_late(portal: Portal, visitors: Visitors) -> None:
    """What another window saved after that is no text of one's own."""
    visitor = visitors.come("applicant")
    page, other = two_tabs(visitor, portal)
    held: list[Route] = []

    def late(route: Route) -> None:
        route.fetch()
        held.append(route)

    page.route("**/application/draft/**", late)
    answer_of(page).fill("Of this window.")
    until("the portal has it", lambda: page.evaluate("1") and held)
    other.reload()
    answer_of(other).fill("Of the other window.")
    # The browser still has what the first one typed.
    until("it is saved", lambda: status_of(other).inner_text().startswith("Saved"))
    page.bring_to_front()
    answer_of(page).fill("Of this window. And the last.")
    assert visitor.send(page.locator(SAVE)) == 409
    assert "Of the other window." in page.locator("main fieldset.pt-both").inner_text()


def test_what_was_typed_and_taken_back_is_not_what_is_stored(visitors: Visitors) -> None:
    """An answer is lost, and somebody takes back what they had typed: the portal takes it back, too."""
    visitor = visitors.come("applicant")
    page = visitor.go(f"/en/{APPLICATION}")
    page.locator(ROLES).fill("Patroller")
    is_saved(page)
    held: list[Route] = []

    def lost(route: Route) -> None:
        route.fetch()
        held.append(route)
        route.abort()

    page.route("**/application/draft/**", lost)
    page.locator(ROLES).fill("Steward")
    until("the portal has it", lambda: page.evaluate("1") and held)
    page.locator(ROLES).fill("Patroller")
    page.unroute("**/application/draft/**")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    is_saved(page)
    page.reload()
    assert page.locator(ROLES).input_value() == "Patroller"


def test_a_choice_takes_nothing_else_away(portal: Portal, visitors: Visitors) -> None:
    """Of two texts one is chosen on the page for it: what a closed tab had in another field is still there."""
    visitor = visitors.come("applicant")
    page = visitor.go(f"/en/{APPLICATION}")
    closed = visitor.context.new_page()
    closed.goto(f"{portal.address}/en/{APPLICATION}")
    closed.route("**/application/draft/**", lambda route: route.abort())
    closed.locator(ROLES).fill("Typed in a tab that was closed")
    until("it is in the browser", lambda: closed.evaluate(UNSAVED) == 1)
    closed.close()
    page.route("**/application/draft/**", _unheard)
    other = Visitor(visitor.context, portal)
    other.page.route("**/application/draft/**", _unheard)
    # So that the closed tab's text waits in the browser until the choice is made.
    other.page.add_init_script("Object.defineProperty(window, 'fetch', {value: undefined})")
    other.go(f"/en/{APPLICATION}")
    answer_of(other.page).fill("Of another window.")
    assert other.send(other.page.locator(SAVE)) == 200
    other.page.close()
    answer_of(page).fill("Of this one.")
    assert visitor.send(page.locator(SAVE)) == 409
    page.unroute("**/application/draft/**")
    page.locator("main input[value=stored]").check(force=True)
    assert visitor.send() == 200
    until("it is there", lambda: page.locator(ROLES).input_value() == "Typed in a tab that was closed")
    assert answer_of(page).input_value() == "Of another window."
    is_saved(page)


def _sees_both(visitor: Visitor, portal: Portal, language: str, mine: str, others: str) -> Page:
    """By the button, after another window has changed the same answer and more."""
    page = visitor.go(f"/{language}/{APPLICATION}")
    other = Visitor(visitor.context, portal)
    other.go(f"/{language}/{APPLICATION}")
    type_all(other.page, others)
    assert other.send(other.page.locator(SAVE)) == 200
    other.page.close()
    answer_of(page).fill(mine + ANSWER)
    assert visitor.send(page.locator(SAVE)) == 409
    assert page.locator("main fieldset.pt-both").count() == 1
    return page


def test_the_page_of_two_texts_without_a_script(portal: Portal, visitors: Visitors) -> None:
    """What only one window has changed is there too; on a phone, from right to left."""
    visitor = visitors.come("applicant", script=False, language="ar")
    page = _sees_both(visitor, portal, "ar", "Mine. ", " of another window")
    page.set_viewport_size(NARROW)
    page.locator("main input[value=own]").check(force=True)
    page.locator("main textarea").fill("Both.")
    assert visitor.send() == 200
    assert answer_of(page).input_value() == "Both."
    for name, text in FIELDS.items():
        assert page.locator(f"form[data-groups] [name='{name}']").input_value() == text + " of another window"


def _unheard(route: Route) -> None:
    route.fulfill(json={"saved_at": "2022-03-21T12:00:00Z", "saved_at_label": "", "versions": {}})


def test_the_page_of_two_texts(portal: Portal, visitors: Visitors) -> None:
    """In three languages, wide and narrow; with a script, which has kept what was typed and hears that it is chosen."""
    problems = []
    for number, language in enumerate(LANGUAGES):
        visitor = visitors.come("applicant", language=language)
        # Of this window nothing arrives by itself.
        visitor.page.route("**/application/draft/**", _unheard)
        page = _sees_both(visitor, portal, language, f"Mine {number}. ", f" of another window, {number}")
        problems += look(visitor, "two-texts", language)
        page.unroute("**/application/draft/**")
        page.locator("main input[value=stored]").check(force=True)
        assert visitor.send() == 200
        has_all(page, f" of another window, {number}")
        assert page.locator(".pt-both").count() == 0
        assert "#" not in page.url
        problems += look(visitor, "application-form", language)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("meanwhile", ["online", "typed"])
def test_what_happens_while_a_saving_fails_is_not_waited_out(visitors: Visitors, meanwhile: str) -> None:
    """The network comes back, or somebody types on, while a saving is on its way that then fails: it is tried again at
    once, not after the long wait of a portal that nobody reaches."""
    visitor = visitors.come("applicant")
    page = visitor.go(f"/en/{APPLICATION}")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/application/draft/**", hold)
    answer_of(page).fill("Before the tunnel.")
    until("it is on its way", lambda: page.evaluate("1") and held)
    if meanwhile == "online":
        page.evaluate("window.dispatchEvent(new Event('online'))")
    else:
        answer_of(page).fill("Before the tunnel, and in it.")
    held[0].abort()
    until("it is saved", lambda: _is_told(page) and page.evaluate(UNSAVED) == 0, seconds=10)


def test_the_call_closes_while_somebody_types(portal: Portal, visitors: Visitors) -> None:
    """Nothing is saved any more, nothing submitted; what stands there can be copied and taken along."""
    visitor = visitors.come("applicant")
    page = visitor.go(f"/en/{APPLICATION}")
    answer_of(page).fill("In time.")
    is_saved(page)
    portal.manage("demo_clock", "2022-04-11T12:10:00Z")
    answer_of(page).fill("In time. Too late.")
    until("it is told", lambda: "nothing was submitted by itself" in notice_of(page).inner_text())
    assert answer_of(page).input_value() == "In time. Too late."
    with page.expect_download() as coming:
        notice_of(page).locator("button").last.click()
    assert "In time. Too late." in Path(coming.value.path()).read_text("utf-8")
    page.on("dialog", lambda dialog: dialog.accept())
    # The late visitor's page has what is stored, and what this browser has besides.
    visitor.go(f"/en/{APPLICATION}")
    until("it is shown", lambda: "In time. Too late." in page.locator("[data-unsaved-here]").inner_text())
    page.locator("[data-unsaved-here] button").last.click()
    assert page.evaluate(UNSAVED) == 0


def test_the_next_person_at_this_machine_finds_nothing(portal: Portal, visitors: Visitors) -> None:
    """Neither after another sign-in nor after a sign-out is anything left in the browser."""
    visitor = visitors.come("applicant")
    page = visitor.go(f"/en/{APPLICATION}")
    page.on("dialog", lambda dialog: dialog.accept())

    def unsaved(text: str) -> None:
        def stopped(route: Route) -> None:
            route.abort()

        page.route("**/application/draft/**", stopped)
        answer_of(page).fill(text)
        until("it is in the browser", lambda: page.evaluate(UNSAVED) == 1)
        page.unroute("**/application/draft/**")

    unsaved("Of the first one")
    page.locator("a[href*='/accounts/logout/']").first.click()
    assert visitor.send() == 200
    assert page.evaluate(UNSAVED) == 0
    visitor.become("applicant")
    visitor.go(f"/en/{APPLICATION}")
    page.route("**/application/draft/**", lambda route: route.abort())
    answer_of(page).fill("Of the first one, again")
    until("it is in the browser", lambda: page.evaluate(UNSAVED) == 1)
    visitor.become("member")
    visitor.go(f"/en/{APPLICATION}")
    assert "Of the first" not in page.locator("main").inner_text() + answer_of(page).input_value()
    assert page.evaluate(UNSAVED) == 0


def test_a_tab_of_another_account_saves_nothing(portal: Portal, visitors: Visitors) -> None:
    """Somebody else signs in in another tab: what was typed here does not become theirs."""
    visitor = visitors.come("applicant")
    page = visitor.go(f"/en/{APPLICATION}")
    answer_of(page).fill("Of the applicant.")
    is_saved(page)
    other = Visitor(visitor.context, portal)
    other.become("member")
    answer_of(page).fill("Of the applicant. More.")
    until("it is told", lambda: "Another account" in notice_of(page).inner_text())
    other.go(f"/en/{APPLICATION}")
    assert answer_of(other.page).input_value() == ""
