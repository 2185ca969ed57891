"""Each page of the thread, wide and narrow: console, policy, access, nothing to scroll sideways.

Each is walked in three languages.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Route

from taskforce.accounts.second_factor import codes_of
from taskforce.portal.demo.cast import RECOVERY_SEED
from tests.browser import watch
from tests.browser.running import Portal, until
from tests.browser.visitors import LANGUAGES, NARROW, TASK_FORCE, TEXT, WIDE, WINDOW, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]

FEEDBACK = ("feedback-open", "")
LAST_HOUR = ("feedback-open", "2022-03-01T11:15:00Z")
CALL = ("recruitment-open", "")
LAST_HOUR_OF_CALL = ("recruitment-open", "2022-04-11T11:15:00Z")
REVIEW = ("recruitment-open", "2022-04-20T12:00:00Z")
ANNOUNCED = ("announced", "")
Regular = Callable[[str], Visitor]


@dataclass(frozen=True)
class Place:
    """A page: its address in a language, who looks, when; `through` are links to follow from there.

    `after` is the mailbox whose first mail is waited for.

    `stock` marks pages that Django's admin draws: for those only status, console and policy count. Some pages are
    seen in the dark scheme too.
    """

    name: str
    stage: tuple[str, str]
    path: str
    role: str = ""
    through: tuple[str, ...] = ()
    status: int = 200
    stock: bool = False
    dark: bool = False
    after: str = ""

    def address(self, language: str) -> str:
        """The path in a language."""
        return self.path.format(L=language)


DURING_FEEDBACK = (
    Place("home", FEEDBACK, "/{L}/", dark=True),
    Place("task-force", FEEDBACK, f"/{{L}}/{TASK_FORCE}/", dark=True),
    Place("privacy", FEEDBACK, "/{L}/privacy/", dark=True),
    Place("process", FEEDBACK, f"/{{L}}/{TASK_FORCE}/process/"),
    Place("text", FEEDBACK, f"/{{L}}/{TEXT}", dark=True),
    Place("revision", FEEDBACK, f"/{{L}}/{TEXT}r/1/"),
    Place("history", FEEDBACK, f"/{{L}}/{TEXT}history/", dark=True),
    Place("difference", FEEDBACK, f"/{{L}}/{TEXT}diff/1..4/", dark=True),
    Place("difference-none", FEEDBACK, f"/{{L}}/{TEXT}diff/4..4/"),
    Place("paragraph", FEEDBACK, f"/{{L}}/{TEXT}diff/1..4/", through=("/u/",)),
    Place("edit", FEEDBACK, f"/{{L}}/{TEXT}edit/", role="coordinator", dark=True),
    Place("edit-section", FEEDBACK, f"/{{L}}/{TEXT}edit/", role="coordinator", through=("/edit/s/s",), dark=True),
    Place("edit-preview", FEEDBACK, f"/{{L}}/{TEXT}edit/preview/", role="coordinator"),
    Place("edit-publish", FEEDBACK, f"/{{L}}/{TEXT}edit/publish/", role="coordinator"),
    Place("translate", FEEDBACK, f"/{{L}}/{TEXT}translate/?show=all", role="coordinator", dark=True),
    Place("goals-empty", FEEDBACK, "/{L}/admin/proposals/translationgoal/", role="coordinator", stock=True),
    Place("goal", FEEDBACK, "/{L}/admin/proposals/translationgoal/add/", role="coordinator"),
    Place("window", FEEDBACK, f"/{{L}}/{WINDOW}", dark=True),
    Place("said", FEEDBACK, f"/{{L}}/{WINDOW}items/?q=x", dark=True),
    Place("enter", FEEDBACK, f"/{{L}}/{WINDOW}enter/", role="facilitator", dark=True),
    Place("enter-table", FEEDBACK, f"/{{L}}/{WINDOW}enter/table/", role="facilitator", dark=True),
    Place("windows", FEEDBACK, "/{L}/admin/feedback/feedbackwindow/", role="coordinator", stock=True),
    Place("publish-window", FEEDBACK, "/{L}/admin/feedback/feedbackwindow/add/", role="coordinator", dark=True),
    Place("question-sets", FEEDBACK, "/{L}/admin/questions/questionset/", role="coordinator", stock=True),
    Place("question-set-new", FEEDBACK, "/{L}/admin/questions/questionset/add/", role="coordinator"),
    Place("call-not-yet", FEEDBACK, f"/{{L}}/{TASK_FORCE}/join/"),
    Place("news-empty", FEEDBACK, f"/{{L}}/{TASK_FORCE}/news/"),
    Place("members-empty", FEEDBACK, f"/{{L}}/{TASK_FORCE}/members/"),
    Place("follow", FEEDBACK, "/{L}/subscriptions/leadership-development/", dark=True),
    Place("your-mails", FEEDBACK, "/{L}/subscriptions/", role="member"),
    Place("your-mails-visitor", FEEDBACK, "/{L}/subscriptions/"),
    Place("followers", FEEDBACK, "/{L}/admin/timeline/subscription/", role="coordinator", stock=True),
    Place("sign-in", FEEDBACK, "/{L}/accounts/login/"),
    Place("sign-in-by-code", FEEDBACK, "/{L}/accounts/login/code/"),
    Place("sign-up", FEEDBACK, "/{L}/accounts/signup/"),
    Place("not-found", FEEDBACK, "/{L}/nothing-here/", status=404),
    Place("account", FEEDBACK, "/{L}/accounts/email/", role="member"),
    Place("two-step", FEEDBACK, "/{L}/accounts/2fa/", role="coordinator"),
    Place("two-step-set-up", FEEDBACK, "/{L}/accounts/2fa/totp/activate/", role="member", dark=True),
    Place("two-step-off", FEEDBACK, "/{L}/accounts/2fa/totp/deactivate/", role="coordinator"),
    Place("recovery-codes", FEEDBACK, "/{L}/accounts/2fa/recovery-codes/generate/", role="coordinator"),
    Place("proof-by-app", FEEDBACK, "/{L}/accounts/2fa/reauthenticate/?next=/{L}/", role="coordinator"),
    Place("proof-by-password", FEEDBACK, "/{L}/accounts/reauthenticate/?next=/{L}/", role="member"),
    Place("proof-by-mail", FEEDBACK, "/{L}/accounts/reauthenticate/code/?next=/{L}/", role="member"),
    Place("demo-clock", FEEDBACK, "/demo/clock/?language={L}"),
    Place("demo-as", FEEDBACK, "/demo/as/coordinator/?language={L}"),
    Place("admin-index", FEEDBACK, "/{L}/admin/", role="coordinator", stock=True),
    Place("rights", FEEDBACK, "/{L}/admin/rights/", role="coordinator", dark=True),
    Place("people", FEEDBACK, "/{L}/admin/accounts/rolegrant/", role="coordinator", stock=True),
    Place("give-role", FEEDBACK, "/{L}/admin/accounts/rolegrant/give/", role="coordinator"),
    Place("take-role", FEEDBACK, "/{L}/admin/accounts/rolegrant/", role="coordinator", through=("/take/",)),
    Place("invitations", FEEDBACK, "/{L}/admin/accounts/invitation/", role="coordinator", stock=True),
    Place("admin-phases", FEEDBACK, "/{L}/admin/timeline/phase/", role="coordinator", stock=True),
    Place("admin-feedback", FEEDBACK, "/{L}/admin/feedback/feedbackitem/", role="moderator", stock=True),
    Place("own-data", FEEDBACK, "/{L}/accounts/data/", role="member", dark=True),
    Place("deletion", FEEDBACK, "/{L}/accounts/deletion/", role="member", dark=True),
    Place("deletion-requests", FEEDBACK, "/{L}/admin/accounts/deletionrequest/", role="privacy", stock=True),
    Place("audit", FEEDBACK, "/{L}/admin/audit/entry/", role="privacy", dark=True),
    Place("extend", FEEDBACK, "/{L}/admin/timeline/phase/", role="coordinator", through=("/extend/",)),
    Place(
        "moderate", FEEDBACK, "/{L}/admin/feedback/feedbackitem/", role="moderator", through=("/change/", "/decide/")
    ),
)
LATER = (
    Place("call", CALL, f"/{{L}}/{TASK_FORCE}/join/"),
    Place("application", CALL, f"/{{L}}/{TASK_FORCE}/join/application/", role="applicant", dark=True),
    Place("call-closed", REVIEW, f"/{{L}}/{TASK_FORCE}/join/"),
    Place("application-late", REVIEW, f"/{{L}}/{TASK_FORCE}/join/application/", role="member", dark=True),
    Place("application-in-review", REVIEW, f"/{{L}}/{TASK_FORCE}/join/application/", role="applicant"),
    Place("admin-candidates", REVIEW, "/{L}/admin/recruitment/application/", role="reviewer1", stock=True),
    Place("review", REVIEW, "/{L}/admin/recruitment/application/", role="reviewer1", through=("/review/",), dark=True),
    Place("decisions", REVIEW, "/{L}/admin/recruitment/call/", role="coordinator", through=("/decisions/",)),
    Place("release", REVIEW, "/{L}/admin/recruitment/call/", role="coordinator", through=("/release/",)),
    Place("own-application", ANNOUNCED, f"/{{L}}/{TASK_FORCE}/join/application/", role="applicant"),
    Place("receipt", ANNOUNCED, f"/{{L}}/{TASK_FORCE}/join/application/receipt/1/", role="applicant"),
    Place("home-announced", ANNOUNCED, "/{L}/"),
    Place("task-force-announced", ANNOUNCED, f"/{{L}}/{TASK_FORCE}/"),
    Place("members", ANNOUNCED, f"/{{L}}/{TASK_FORCE}/members/"),
    Place("news", ANNOUNCED, f"/{{L}}/{TASK_FORCE}/news/"),
    Place("news-item", ANNOUNCED, f"/{{L}}/{TASK_FORCE}/news/", through=("/news/members-announced/",)),
    Place("mailbox", ANNOUNCED, "/demo/mail/?language={L}", dark=True),
    Place(
        "mail",
        ANNOUNCED,
        "/demo/mail/?language={L}&to=member@demo.example",
        through=("/demo/mail/",),
        after="member@demo.example",
    ),
)


def _arrive(visitor: Visitor, place: Place, language: str) -> None:
    visitor.go(place.address(language), place.status if not place.through else 200)
    for link in place.through:
        visitor.follow(link)


def look(visitor: Visitor, name: str, language: str, *, dark: bool = False) -> list[str]:
    """What is wrong with the page that is open: wide and narrow, and narrow in the dark scheme.

    A window's width changes no colour and no name: each language is judged by the rules for access in the narrow one,
    English in both. Colours are judged where every mark of a missing
    translation is seen, and where none is.
    """
    page, problems = visitor.page, []
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        found = watch.layout_problems(page, LANGUAGES[language])
        if size is NARROW or language == "en":
            found += watch.access_problems(page, colours=size is NARROW and language != "zh-hant")
        problems += [f"{name} {language} at {size['width']}: {one}" for one in found]
        watch.picture(page, f"{name}-{language}-{size['width']}")
    if dark:
        page.emulate_media(color_scheme="dark")
        problems += [f"{name} {language} dark: {one}" for one in watch.access_problems(page)]
        watch.picture(page, f"{name}-{language}-dark")
        page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    return problems + [f"{name} {language}: {one}" for one in visitor.watch.problems()]


@pytest.fixture(scope="module")
def regular(chromium: Browser, portal: Portal) -> Iterator[Regular]:
    """The visitor who walks as a role. They stay at their browser: a new one for each page takes longer than axe."""
    people = Visitors(chromium, portal)
    here: dict[tuple[int, str], Visitor] = {}

    def come(role: str) -> Visitor:
        key = (portal.loads, role)
        if key not in here:
            here[key] = people.come(role)
        here[key].page.set_viewport_size(WIDE)
        here[key].page.emulate_media(color_scheme="light")
        return here[key]

    yield come
    people.leave()


def _walk(portal: Portal, regular: Regular, place: Place) -> None:
    """Fails with everything that is wrong with a place, in any language."""
    portal.at(*place.stage)
    if place.after:
        until("the mail", lambda: portal.mails(to=place.after), seconds=90)
    visitor = regular(place.role)
    problems = []
    for language in LANGUAGES:
        _arrive(visitor, place, language)
        if place.stock:
            watch.picture(visitor.page, f"{place.name}-{language}-1280")
            problems += [f"{place.name} {language}: {one}" for one in visitor.watch.problems()]
        else:
            problems += look(visitor, place.name, language, dark=place.dark and language == "en")
    assert not problems, "\n".join(problems)


# In the order of the story: going forward is quicker than loading a scenario.


@pytest.mark.parametrize("place", DURING_FEEDBACK, ids=lambda place: place.name)
def test_page_during_feedback(portal: Portal, regular: Regular, place: Place) -> None:
    _walk(portal, regular, place)


_CUT = """() => [...document.querySelectorAll("#result_list tbody :is(th, td, a, time), .pt-menu--languages a")]
    .filter(one => {
        const box = one.getBoundingClientRect();
        return box.width < 2 || box.left < 0 || box.right > document.documentElement.clientWidth;
    })
    .map(one => one.textContent)"""
_UNNAMED = """() => [...document.querySelectorAll("#result_list tbody td")]
    .filter(one => {
        const named = one.querySelector("[data-label]");
        return !named?.dataset.label || getComputedStyle(named, "::before").content === "none";
    })
    .map(one => one.textContent)"""


def test_the_list_of_phases_hides_nothing_on_a_narrow_screen(portal: Portal, visitors: Visitors) -> None:
    """Each row is a block whose cells lie in the window, under the names of their columns; so does the open menu."""
    portal.at(*FEEDBACK)
    visitor = visitors.come("coordinator")
    for language in LANGUAGES:
        visitor.go(f"/{language}/admin/timeline/phase/")
        visitor.page.set_viewport_size(NARROW)
        assert visitor.page.locator("#result_list tbody tr").count() >= 4
        visitor.page.locator(".pt-menu--languages summary").click()
        assert visitor.page.evaluate(_CUT) == []
        assert visitor.page.evaluate(_UNNAMED) == []
        visitor.page.set_viewport_size(WIDE)


def test_signing_in_takes_a_second_step(portal: Portal, visitors: Visitors) -> None:
    """The page that asks for the app's code, refuses a wrong one and lets a right one in, to the staff side."""
    portal.at(*FEEDBACK)
    problems = []
    for language in LANGUAGES:
        visitor = visitors.come(language=language)
        page = visitor.go(f"/{language}/accounts/login/?next=/{language}/admin/")
        page.locator("[name=login]").fill("observer@demo.example")
        page.locator("[name=password]").fill("demo")
        assert visitor.send(page.locator("form:has([name=password]) [type=submit]")) == 200
        problems += look(visitor, "second-step", language)
        code, go = (visitor.page.locator(f"form[data-main] {one}").first for one in ("[name=code]", "[type=submit]"))
        code.fill("000000")
        assert visitor.send(go) == 200
        problems += look(visitor, "second-step-refused", language)
        # Each code opens one session: a recovery code for each.
        code.fill(codes_of(RECOVERY_SEED)[list(LANGUAGES).index(language)])
        assert visitor.send(go) == 200
        assert visitor.page.url.endswith(f"/{language}/admin/")
    assert not problems, "\n".join(problems)


def test_receipt_errors_and_refusal(portal: Portal, visitors: Visitors) -> None:
    """The pages that only a posted form leads to; the last of them moves the clock."""
    portal.at(*LAST_HOUR)
    problems = []
    waiting = []
    for language in LANGUAGES:
        visitor = visitors.come(language=language)
        visitor.go(f"/{language}/{WINDOW}")
        assert visitor.send() == 200
        problems += look(visitor, "window-errors", language)
        visitor.fill_questions("Leaders grow where they are trusted.")
        assert visitor.send() == 200
        problems += look(visitor, "receipt", language)
        visitor.follow("/withdraw/")
        problems += look(visitor, "withdraw", language)
        visitor.go(f"/{language}/{WINDOW}")
        visitor.fill_questions("Too late.")
        visitor.pause()
        waiting.append((visitor, language))
    visitors.come().set_clock("2022-03-01T12:02:01Z")
    for visitor, language in waiting:
        assert visitor.send() == 403
        problems += look(visitor, "refused", language)
        visitor.go(f"/{language}/{WINDOW}")
        problems += look(visitor, "window-closed", language)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("place", LATER, ids=lambda place: place.name)
def test_page_later(portal: Portal, regular: Regular, place: Place) -> None:
    _walk(portal, regular, place)


# In each language somebody who applies, and somebody who never comes to the end of it.
_APPLICANTS = {"en": ("member", "observer"), "zh-hant": ("translator", "privacy"), "ar": ("facilitator", "moderator")}


def _unheard(route: Route) -> None:
    """What saves itself is not what is looked at here."""
    route.fulfill(json={"saved_at": "2022-04-11T11:15:00Z", "saved_at_label": "", "versions": {}})


def _applies(visitors: Visitors, role: str, language: str) -> tuple[Visitor, str]:
    """At their empty form, which does not save itself."""
    visitor, path = visitors.come(role, language=language), f"/{language}/{TASK_FORCE}/join/application/"
    visitor.page.route("**/application/draft/**", _unheard)
    visitor.go(path)
    return visitor, path


def _pressed(visitor: Visitor, action: str) -> int:
    return visitor.send(visitor.page.locator(f"main button[name=action][value={action}]:not([aria-hidden])").last)


def test_an_application_from_the_form_to_its_withdrawal(portal: Portal, visitors: Visitors) -> None:
    """One's own page in each state until the close, the page before submitting, the receipt, no more reminders."""
    portal.at(*LAST_HOUR_OF_CALL)
    portal.moved()
    problems = []
    for language, (role, _other) in _APPLICANTS.items():
        visitor, path = _applies(visitors, role, language)
        visitor.fill_questions("Leaders grow where they are trusted.")
        assert _pressed(visitor, "check") == 200
        problems += look(visitor, "application-check", language, dark=language == "en")
        visitor.go(path)
        problems += look(visitor, "application-draft", language)
        visitor.follow("/reminders/")
        problems += look(visitor, "application-reminders", language)
        assert visitor.send() == 200
        problems += look(visitor, "application-no-reminders", language)
        visitor.go(path)
        assert _pressed(visitor, "submit") == 200
        visitor.reference()
        problems += look(visitor, "application-submitted", language, dark=language == "en")
        visitor.follow("/receipt/1/")
        problems += look(visitor, "application-receipt", language)
        visitor.go(path)
        visitor.page.locator("details:has([data-groups]) > summary").click()
        visitor.fill_questions("Leaders grow where they are trusted, and heard.")
        assert _pressed(visitor, "save") == 200
        problems += look(visitor, "application-newer-draft", language)
        visitor.page.locator("details:has([name=confirm]) > summary").click()
        withdraw = visitor.page.locator("form:has([name=confirm]) [type=submit]")
        assert visitor.send(withdraw) == 200
        problems += look(visitor, "application-withdraw", language)
        visitor.page.locator("[name=confirm]").check(force=True)
        assert visitor.send(withdraw) == 200
        problems += look(visitor, "application-withdrawn", language, dark=language == "en")
    assert not problems, "\n".join(problems)


def test_an_application_after_the_close(portal: Portal, visitors: Visitors) -> None:
    """The form that comes too late, and what was never submitted."""
    portal.at(*LAST_HOUR_OF_CALL)
    portal.moved()
    problems = []
    waiting = []
    for language, (_other, role) in _APPLICANTS.items():
        visitor, path = _applies(visitors, role, language)
        visitor.fill_questions("Leaders grow where they are trusted.")
        assert _pressed(visitor, "save") == 200
        visitor.fill_questions("Leaders grow where they are trusted, and heard.")
        waiting.append((visitor, path, language))
    visitors.come().set_clock("2022-04-11T12:03:00Z")
    for visitor, path, language in waiting:
        assert _pressed(visitor, "submit") == 403
        problems += look(visitor, "application-refused", language)
        visitor.go(path)
        problems += look(visitor, "application-unsent", language)
    assert not problems, "\n".join(problems)


def test_composer(portal: Portal, visitors: Visitors) -> None:
    """A draft with its languages side by side, its preview, and the page before publishing."""
    portal.at(*ANNOUNCED)
    visitor = visitors.come("coordinator")
    texts = {"en": "A title", "zh-hant": "標題", "ar": "عنوان"}
    visitor.draft_announcement(texts, texts)
    edit = visitor.page.url.removeprefix(portal.address).split("?")[0]
    portal.moved()
    problems = []
    for language in LANGUAGES:
        own = edit.replace("/en/", f"/{language}/", 1)
        pages = {
            "compose-new": own.rsplit("/", 3)[0] + "/add/",
            "compose": f"{own}?language={'zh-hant' if language == 'en' else language}",
            "compose-preview": own.replace("/change/", f"/preview/?language={language}"),
            "compose-publish": own.replace("/change/", "/publish/"),
        }
        for name, path in pages.items():
            visitor.go(path)
            problems += look(visitor, name, language)
    assert not problems, "\n".join(problems)


def _draft_questions(visitor: Visitor) -> str:
    """A new set, which begins with the questions of another one; the address of its draft."""
    visitor.portal.moved()
    page = visitor.go("/en/admin/questions/questionset/add/")
    page.locator("[name=slug]").fill("written-here")
    page.locator("[name=like]").select_option(index=1)
    assert visitor.send() == 200
    return page.url.removeprefix(visitor.portal.address).split("?")[0]


def test_what_readers_will_see_follows_what_is_typed(portal: Portal, visitors: Visitors) -> None:
    portal.at(*FEEDBACK)
    visitor = visitors.come("coordinator")
    draft = _draft_questions(visitor)
    page = visitor.go(f"{draft}2/?language=ar")
    page.locator("[name=labels-ar]").fill("هل توافق على ذلك؟")
    page.locator("[data-as-readers] :text('هل توافق على ذلك؟')").wait_for()
    page.locator("[name=kind]").select_option("several")
    page.locator("[data-as-readers] [type=checkbox]").first.wait_for()
    # Looking stores nothing.
    beside = visitors.come("deputy").go(f"{draft}2/?language=ar")
    assert beside.locator("[name=labels-ar]").input_value() != "هل توافق على ذلك؟"
    assert beside.locator("[name=kind]").input_value() == "one-choice"
    assert visitor.send() == 200
    assert visitor.page.locator("[name=kind]").input_value() == "several"


def test_pages_of_a_draft_of_questions(portal: Portal, visitors: Visitors) -> None:
    """Its list, one of them with what readers will see, all of them, and the page of the act."""
    portal.at(*FEEDBACK)
    visitor = visitors.come("coordinator")
    draft, problems = _draft_questions(visitor), []
    for language in LANGUAGES:
        own, written = draft.replace("/en/", f"/{language}/", 1), "zh-hant" if language == "en" else language
        pages = {
            "questions-set": own.replace("/draft/", "/change/"),
            "questions-draft": f"{own}?language={written}",
            "questions-one": f"{own}2/?language={written}",
            "questions-preview": own.replace("/draft/", f"/preview/?language={written}"),
            "questions-publish": own.replace("/draft/", "/publish/"),
        }
        for name, path in pages.items():
            visitor.go(path)
            problems += look(visitor, name, language)
    assert not problems, "\n".join(problems)
