"""One's own page besides the form: what comes next, mails, files; and what whoever comes late still finds to do."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from recruitment import services
from recruitment.enums import Outcome
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from taskforce.accounts.services import ask_for_deletion, take_back_deletion
from taskforce.core.clock import app_now
from taskforce.notifications.models import OutboxMessage
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import TaskForce
from taskforce.timeline.services import create_task_force, publish_phase
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import (
    AT,
    CALL,
    CLOSES,
    OPEN,
    OPENS,
    PAGE,
    REVIEW,
    draft,
    key,
    publish,
    question_names,
    shown_form,
    withdrawal,
)

SignIn = Callable[[User], Client]


def submit(call: Call, user: User, text: str = "I listen.", **changes: Any) -> Application:
    return services.submit(call.pk, user, draft(call, text, **changes)).application


def section(html: str, name: str) -> str:
    """A section of a page by its heading's id; "" where it has none."""
    found = re.search(rf'<section class="pt-section" aria-labelledby="{name}">(.*?)</section>', html, re.DOTALL)
    return found[1] if found else ""


class TestLetters:
    def test_each_mail_stands_there_with_its_state(self, call: Call, user: User, applicant: Client) -> None:
        user.language = "zh-hant"
        user.save()
        one = submit(call, user)
        services.withdraw(one.pk, user, at=app_now())
        services.take_back(one.pk, user, key(call))
        shown = section(applicant.get(PAGE).content.decode(), "letters")
        assert len(re.findall("<li>", shown)) == 3
        assert shown.count("on its way") == 3
        assert shown.count('lang="zh-Hant"') == 3
        assert f"您的申請 {one.reference} 已提交" in shown or one.reference in shown

    def test_of_a_draft_too_with_all_that_is_ones_own(self, call: Call, user: User, applicant: Client) -> None:
        """Whoever has only begun was reminded, can take along what they have typed, and ask for its deletion."""
        assert section(applicant.get(PAGE).content.decode(), "yours") == "", "nothing is theirs yet"
        services.save_draft(call.pk, user, draft(call, "Only begun."))
        services.remind(CLOSES - timedelta(days=6))
        html = applicant.get(PAGE).content.decode()
        assert "not submitted yet" in section(html, "letters")
        for said in (f"{PAGE}data/", f"{PAGE}data.txt", "/en/accounts/deletion/"):
            assert said in section(html, "yours")
        assert section(html, "receipts") == ""
        assert "Only begun." in applicant.get(f"{PAGE}data.txt").content.decode()

    def test_none_of_anybody_else(self, call: Call, user: User, people: dict[str, User], applicant: Client) -> None:
        submit(call, user)
        other = submit(call, people["member"])
        services.withdraw(other.pk, people["member"], at=app_now())
        html = applicant.get(PAGE).content.decode()
        assert len(re.findall("<li>", section(html, "letters"))) == 1
        assert other.reference not in html


class TestHeld:
    """What is decided and not told changes no byte of any of one's own pages and files."""

    PATHS = (
        PAGE,
        f"{PAGE}receipt/1/",
        f"{PAGE}receipt/1.json",
        f"{PAGE}receipt/1.txt",
        f"{PAGE}data/",
        f"{PAGE}data.txt",
    )

    def _seen(self, browser: Client) -> dict[str, tuple[int, dict[str, str], str]]:
        seen = {}
        for path in self.PATHS:
            answer = browser.get(path)
            text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
            headers = {
                name: value for name, value in answer.headers.items() if name not in ("X-Request-ID", "Content-Length")
            }
            headers.pop("Content-Security-Policy", None)
            seen[path] = (answer.status_code, headers, text)
        return seen

    @pytest.mark.parametrize("outcome", [Outcome.ACCEPT, Outcome.DECLINE])
    def test_it_is_invisible(
        self, call: Call, user: User, people: dict[str, User], applicant: Client, clock: Clock, outcome: Outcome
    ) -> None:
        one = submit(call, user)
        clock.set(REVIEW)
        before = self._seen(applicant)
        services.decide(one.pk, people["coordinator"], outcome)
        assert self._seen(applicant) == before
        assert "told to all who applied at the same time" in before[PAGE][2]
        services.release(call.pk, people["coordinator"])
        after = self._seen(applicant)
        assert after[PAGE] != before[PAGE], "this test could not fail"
        assert after[f"{PAGE}data/"] != before[f"{PAGE}data/"]


# What is told to nobody must be seen nowhere by whoever it is about, whichever it is.
_READ = (
    *(TestHeld.PATHS), CALL, f"{PAGE}check/", "/en/", "/en/tf/leadership-development/",
    "/en/tf/leadership-development/process/", "/en/tf/leadership-development/members/",
    "/en/tf/leadership-development/news/", "/en/accounts/data/", "/en/accounts/deletion/", "/en/subscriptions/",
    "/ar/tf/leadership-development/join/application/",
)  # fmt: skip
# Of the length of a body what counts is the body, in which the seconds are not compared.
_ANEW = ("X-Request-ID", "Content-Security-Policy", "Content-Length")


class TestHeldAcceptIsHeldDecline:
    """Neither can be told from the other, nor from nothing decided: pages, files, JSON, refusals, mails, headers, and
    what each asks of the database, by which the time that it takes would tell."""

    def _send(self, call: Call, browser: Client) -> list[Callable[[], Any]]:
        """What somebody may post to a closed call; the last one withdraws."""
        first, _second = question_names(call)
        late = {**shown_form(browser, call), first: "Later words."}
        draft_url, taken = f"{PAGE}draft/", withdrawal(browser)
        return [
            lambda: browser.post(draft_url, {**late, "group": "answers"}, headers={"accept": "application/json"}),
            *(partial(browser.post, PAGE, {**late, "action": action}) for action in ("save", "check", "submit")),
            lambda: browser.post(PAGE, {**taken, "confirm": ""}),
            lambda: browser.post(PAGE, taken),
            lambda: browser.get(PAGE),
            lambda: browser.post(PAGE, {**taken, "action": "take-back", "form_key": late["form_key"]}),
        ]

    def _all(self, call: Call, user: User, people: dict[str, User], browser: Client, clock: Clock, what: str) -> Any:
        with transaction.atomic():
            if what:
                services.decide(Application.objects.get().pk, people["coordinator"], what)
            clock.set(REVIEW)
            asked: list[Callable[[], Any]] = [
                *(partial(browser.get, path) for path in _READ),
                *self._send(call, browser),
            ]
            seen = [self._one(one) for one in asked]
            rows = OutboxMessage.objects.filter(mailbox=user.email).order_by("pk")
            mails = [
                (mail.kind, mail.language, mail.mail_class, plain(str(sorted(mail.context.items())))) for mail in rows
            ]
            transaction.set_rollback(True)
        return seen, mails

    def _one(self, ask: Callable[[], Any]) -> tuple[int, dict[str, str], str, list[str]]:
        with CaptureQueriesContext(connection) as captured:
            answer = ask()
        headers = {name: plain(value) for name, value in answer.headers.items() if name not in _ANEW}
        asked = [plain(re.sub(r"'[^']*'", "''", query["sql"])) for query in captured]
        return answer.status_code, headers, plain(answer.content.decode()), asked

    def test_it_is(self, call: Call, user: User, people: dict[str, User], applicant: Client, clock: Clock) -> None:
        submit(call, user)
        clock.set(REVIEW)
        _made = people["coordinator"].pk  # now, since what is made inside is undone
        self._all(call, user, people, applicant, clock, "")  # what a process reads once is read
        nothing, accepted, declined = (
            self._all(call, user, people, applicant, clock, what) for what in ("", Outcome.ACCEPT, Outcome.DECLINE)
        )
        for number, (one, other, third) in enumerate(zip(nothing[0], accepted[0], declined[0], strict=True)):
            for part in range(4):
                assert one[part] == other[part] == third[part], (number, part)
        assert nothing[1] == accepted[1] == declined[1]
        statuses = [one[0] for one in nothing[0]]
        assert {200, 303, 403} <= set(statuses)
        assert 404 not in statuses
        assert len(nothing[1]) == 2, "the receipt and the withdrawal"


def plain(text: str) -> str:
    """Without what is made anew each time: tokens, and the seconds at which something was done."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    text = re.sub(r"(\d\d:\d\d):\d\d(?:\.\d+)?", r"\1", text)
    return re.sub(r"(?:s\d+_x\d+|_\d{6,}_[a-z]+_\d+)", "", text)


class TestFiles:
    def test_all_of_ones_own_and_nothing_else(
        self, call: Call, user: User, people: dict[str, User], applicant: Client
    ) -> None:
        first = submit(call, user, "First words.")
        services.withdraw(first.pk, user, at=app_now())
        second = submit(call, user, "Second words.", name="Ada")
        services.save_draft(call.pk, user, draft(call, "Only saved."))
        other = submit(call, people["member"], "Theirs.")
        found = applicant.get(f"{PAGE}data/")
        rows = found.json()
        assert {one["reference"] for one in rows["applications"]} == {first.reference, second.reference}
        assert len(rows["application-versions"]) == 2
        assert {(one["address"], one["state"]) for one in rows["mails"]} == {(user.email, "coming")}
        assert all(one["subject"] and one["at"] for one in rows["mails"])
        text = applicant.get(f"{PAGE}data.txt").content.decode()
        for said in (first.reference, second.reference, "First words.", "Second words.", "Only saved.", "Ada"):
            assert said in text
            assert said in found.content.decode()
        for whole in (found.content.decode(), text):
            assert "Theirs." not in whole
            assert other.reference not in whole

    def test_who_has_nothing_there_finds_none(self, call: Call, applicant: Client, client: Client) -> None:
        for path in (f"{PAGE}data/", f"{PAGE}data.txt"):
            assert applicant.get(path).status_code == 404
            assert client.get(path).status_code == 302

    def test_it_says_what_a_deletion_means(self, call: Call, user: User, applicant: Client) -> None:
        submit(call, user)
        shown = section(applicant.get(PAGE).content.decode(), "yours")
        assert "/en/accounts/deletion/" in shown
        assert "A deletion also takes your application back" in shown


class TestDeletion:
    def test_a_request_is_said_while_it_is_open(self, call: Call, user: User, applicant: Client) -> None:
        submit(call, user)
        assert "You have asked for the deletion" not in applicant.get(PAGE).content.decode()
        ask_for_deletion(user, "", at=OPEN)
        shown = section(applicant.get(PAGE).content.decode(), "yours")
        assert "You have asked for the deletion of your data" in shown
        assert 'datetime="2022-03-21T12:00:00Z"' in shown
        assert "Your request for deletion" in shown
        take_back_deletion(user, at=OPEN)
        assert "You have asked for the deletion" not in applicant.get(PAGE).content.decode()


class TestLate:
    def test_after_the_close_there_is_more_to_do(
        self, call: Call, version: QuestionSetVersion, tf: TaskForce, applicant: Client, clock: Clock
    ) -> None:
        opens_on, closes_on = date(2022, 4, 1), date(2022, 5, 30)
        other = create_task_force("another", {"en": "Another one"}, at=AT)
        another = publish_phase(
            other, slug="join", titles={"en": "Join"}, capabilities=["apply"], opens_on=opens_on, closes_on=closes_on,
            at=AT,
        )  # fmt: skip
        publish(another, version, titles={"en": "Become one of another"})
        clock.set(CLOSES)
        for path in (CALL, PAGE):
            html = applicant.get(path).content.decode()
            for said in (
                "It is too late to apply to this call", "Apply to another call: Become one of another",
                "/en/tf/another/join/?call=join", "/en/subscriptions/leadership-development/", "#texts",
                "/en/tf/leadership-development/process/",
            ):  # fmt: skip
                assert said in html, (path, said)

    def test_every_way_on_leads_somewhere(self, call: Call, applicant: Client, clock: Clock) -> None:
        """To follow, to read and translate, to see how it is decided: no dead end, and nothing that only others see."""
        clock.set(CLOSES)
        for path in (CALL, PAGE):
            main = applicant.get(path).content.decode().partition("<main")[2].partition("</main>")[0]
            ways = {one.partition("#")[0] for one in re.findall(r'href="(/[^"]*)"', main)}
            assert any("/subscriptions/" in one for one in ways)
            assert any("/process/" in one for one in ways)
            assert {applicant.get(one.replace("&amp;", "&")).status_code for one in ways} == {200}, ways

    def test_who_has_applied_is_not_told_that_it_is_too_late(
        self, call: Call, user: User, people: dict[str, User], applicant: Client, clock: Clock
    ) -> None:
        submit(call, user)
        clock.set(REVIEW)
        pages = [applicant.get(PAGE).content.decode()]
        services.decide(Application.objects.get().pk, people["coordinator"], Outcome.ACCEPT)
        services.release(call.pk, people["coordinator"])
        pages.append(applicant.get(PAGE).content.decode())
        for html in pages:
            assert "too late to apply" not in html
            assert "/en/subscriptions/leadership-development/" in html, "what can be done is there all the same"

    def test_before_it_opens_one_is_asked_to_follow(self, call: Call, applicant: Client, clock: Clock) -> None:
        clock.set(OPENS - timedelta(days=1))
        for path in (CALL, PAGE):
            html = applicant.get(path).content.decode()
            assert "/en/subscriptions/leadership-development/" in html
            assert "It is too late" not in html

    def test_the_call_is_the_same_for_everybody(
        self, call: Call, user: User, applicant: Client, client: Client, clock: Clock
    ) -> None:
        submit(call, user)
        clock.set(CLOSES)
        assert applicant.get(CALL).content == client.get(CALL).content


@pytest.mark.long
def test_more_versions_and_mails_cost_no_more(call: Call, user: User, applicant: Client) -> None:
    counts = []
    for many in (2, 8):
        for number in range(many):
            submit(call, user, f"{many} {number}")
        with CaptureQueriesContext(connection) as captured:
            assert applicant.get(PAGE).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


class TestSignedOutAfterTheClose:
    def test_the_page_says_what_can_still_be_done_and_how_to_get_to_ones_own(
        self, call: Call, client: Client, clock: Clock
    ) -> None:
        """Before the close it is the sign-in at once; what was typed and posted goes there after it, too."""
        assert client.get(PAGE).status_code == 302
        clock.set(REVIEW)
        page = client.get(PAGE)
        html = page.content.decode()
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "private, no-store"
        assert "It is too late to apply to this call" in html
        assert "Follow this task force: hear by mail what becomes of it" in html
        assert page.context["sign_in_url"] == f"/en/accounts/login/?next={PAGE.replace('/', '%2F')}"
        assert page.context["sign_in_url"] in html
        assert client.post(PAGE, {"form_key": "x", "action": "save"}).status_code == 302
