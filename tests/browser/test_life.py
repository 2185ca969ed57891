"""One life of a task force, lived in a browser from the proposal to the members, while processes are killed."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.browser.running import Portal, until
from tests.browser.visitors import TASK_FORCE, TEXT, WINDOW, Visitor, Visitors
from tests.browser.watch import picture

pytestmark = [pytest.mark.browser, pytest.mark.stack]

LAST_MOMENT, CLOSE = "2022-03-01T11:59:30Z", "2022-03-01T12:00:00Z"
# A second after the grace, in which a form from before the close still arrives.
AFTER_GRACE = "2022-03-01T12:02:01Z"
NEW_LAST_DAY, NEW_CLOSE = "2022-03-07", "2022-03-08T12:00:00Z"
REASON = "The translations came a week late."
OPINION = "領導力是幫助別人成長，不是職位。"
APPLICATION = "I have organised our meetups for six years and would like to share what went wrong."
NAME = "Amani Demo"
TITLE = {"en": "The task force has its members", "zh-hant": "專案組成員已經選出"}
BODY = {"en": "Thank you to all who applied.", "zh-hant": "感謝所有申請的人。"}
FOLLOWER = "member@demo.example"


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_whole_life(portal: Portal, visitors: Visitors) -> None:
    """Feedback and its end; an extension under a killed worker; a call; an announcement under a killed beat."""
    portal.at("feedback-open")
    read_and_answer_without_script_or_account(visitors.come(script=False, language="zh-hant"))
    closes_on_the_second(visitors)
    portal.at("feedback-last-hour")
    extend_while_the_worker_is_killed(portal, visitors)
    no_mail_came_twice(portal)
    portal.at("recruitment-open")
    apply(portal, visitors.come("applicant"))
    review_and_release(portal, visitors)
    announce_while_beat_is_killed(portal, visitors)
    no_mail_came_twice(portal)


# --- feedback ---------------------------------------------------------------------------------------------------------


def read_and_answer_without_script_or_account(visitor: Visitor) -> None:
    """From the home page to a receipt, in Chinese."""
    page = visitor.go("/zh-hant/")
    visitor.follow(f"/zh-hant/{TASK_FORCE}/")
    visitor.follow(f"/zh-hant/{TEXT}")
    assert page.locator("html").get_attribute("lang") == "zh-Hant"
    assert page.locator(".pt-unit--untranslated [lang=en]").count(), "no paragraph that nobody has translated"
    visitor.follow(f"/zh-hant/{WINDOW}")
    visitor.fill_questions(OPINION, choice=1)
    assert visitor.send() == 200
    assert "/mine/" in page.url
    visitor.reference()
    assert OPINION in page.locator("main").inner_text()


def closes_on_the_second(visitors: Visitors) -> None:
    """A form that was open for two weeks and a fresh one are refused a second after the grace, with the reason."""
    early, late, keeper = visitors.come(), visitors.come(), visitors.come()
    early.go(f"/en/{WINDOW}")
    early.fill_questions("Open for two weeks.")
    early.pause()
    keeper.set_clock(LAST_MOMENT)
    late.go(f"/en/{WINDOW}")
    late.fill_questions("Just in time, I thought.")
    late.pause()
    keeper.set_clock(AFTER_GRACE)
    for visitor, typed in ((late, "Just in time, I thought."), (early, "Open for two weeks.")):
        assert visitor.send() == 403
        shown = visitor.page.locator("main")
        assert shown.locator(f"time[datetime='{CLOSE}']").count(), "the close is not among the instants"
        assert "closed" in shown.inner_text()
        assert "UTC" in shown.inner_text()
        assert typed in visitor.page.content(), "what was typed is lost"
        visitor.watch.assert_clean()
    page = late.go(f"/en/{WINDOW}")
    assert page.locator("form[data-main]").count() == 0, "a closed window still shows its form"


# --- an extension -----------------------------------------------------------------------------------------------------


def extend_while_the_worker_is_killed(portal: Portal, visitors: Visitors) -> None:
    """The public pages say so at once; the follower's mail comes when there is a worker again, once."""
    coordinator = visitors.come("coordinator")
    page = coordinator.go("/en/admin/")
    coordinator.follow("/admin/timeline/phase/")
    coordinator.follow("/extend/")
    told = re.search(r"(\d+) followers", page.locator("main").inner_text())
    assert told, "the page does not say how many people will get a mail"
    page.locator("[name=closes_on]").fill(NEW_LAST_DAY)
    page.locator("[name=reason]").fill(REASON)
    assert coordinator.send() == 200
    # What others read is folded until somebody opens it.
    previewed = page.locator("main").text_content() or ""
    assert "Nothing has changed yet" in previewed
    for told_in in (REASON, "3月7日"):
        assert told_in in previewed, f"the preview does not show the mails: {told_in}"
    # Held still first: a worker that is killed in the very middle of a mail leaves an announcement to the staff.
    portal.freeze("worker")
    assert coordinator.send() == 200
    portal.kill("worker")
    coordinator.watch.assert_clean()
    reader = visitors.come()
    for path in (f"/en/{TASK_FORCE}/", f"/en/{WINDOW}", f"/en/{TASK_FORCE}/process/"):
        shown = reader.go(path).locator("main")
        assert REASON in shown.inner_text(), f"{path} does not say why"
        assert shown.locator(f"time[datetime='{NEW_CLOSE}']").count(), f"{path} does not show the new end"
    until("a mail for each follower", lambda: len(portal.mails("phase-extended:")) >= int(told[1]), seconds=90)
    mail = _one_mail(portal, "phase-extended:", FOLLOWER)
    assert mail["language"] == "zh-hant"
    assert REASON in mail["text"]
    assert "3月7日" in mail["text"]


# --- recruitment ------------------------------------------------------------------------------------------------------


def apply(portal: Portal, applicant: Visitor) -> None:
    """A draft first, then the application, and its receipt on the page and by mail."""
    page = applicant.go(f"/en/{TASK_FORCE}/join/")
    applicant.follow("/join/application/")
    applicant.fill_questions("To be written.")
    assert applicant.send(page.locator("button[name=action][value=save]")) == 200
    assert page.locator("output[data-ref]").count() == 0, "a draft has no receipt"
    applicant.fill_questions(APPLICATION, choice=1)
    page.locator("[name=name]").fill(NAME)
    page.locator("[name=publish_name]").check(force=True)
    assert applicant.send(page.locator("button[name=action][value=submit]")) == 200
    reference = applicant.reference()
    applicant.watch.assert_clean()
    assert reference in _one_mail(portal, "application-receipt:", "applicant@demo.example")["text"]


def review_and_release(portal: Portal, visitors: Visitors) -> None:
    """A reviewer scores in the admin; the coordinator decides, and releases; only then the applicant knows."""
    visitors.come().set_clock("2022-04-20T12:00:00Z")
    reviewer, coordinator = visitors.come("reviewer1"), visitors.come("coordinator")
    candidate = _score(reviewer)
    page = coordinator.go("/en/admin/")
    assert "Nothing is decided about" in page.locator("#content").inner_text()
    coordinator.follow("/decisions/")
    row = page.locator(f"#candidate-{candidate}")
    row.locator("[name$=-outcome][value=accept]").check()
    assert coordinator.send() == 200
    assert "not told yet" in row.inner_text()
    applicant = visitors.come("applicant")
    held = applicant.go(f"/en/{TASK_FORCE}/join/application/").locator("main").inner_text()
    assert "You have been chosen" not in held, "a held decision is seen"
    assert "You were not chosen" not in held, "a held decision is seen"
    coordinator.follow("/release/")
    # Few reviews, empty seats, an open review: whoever releases must say that they know.
    page.locator("[name=read]").check()
    assert coordinator.send() == 200
    coordinator.watch.assert_clean()
    assert "You have been chosen" in applicant.go(f"/en/{TASK_FORCE}/join/application/").locator("main").inner_text()
    _one_mail(portal, "decision:", "applicant@demo.example")


def _score(reviewer: Visitor) -> str:
    """Find the new application among those of the call, score it, submit; returns its id."""
    page = reviewer.go("/en/admin/")
    reviewer.follow("/admin/recruitment/application/")
    links = [link.get_attribute("href") or "" for link in page.locator("a[href$='/review/']").all()]
    for path in reversed(links):
        shown = reviewer.go(path).locator("main").inner_text()
        assert NAME not in shown, "the reviewer sees a name"
        if APPLICATION in shown:
            break
    else:
        pytest.fail("no candidate with the new application's text")
    for score in page.locator("[name^='score-'][value='4']").all():
        score.check()
    page.locator("[name=note]").fill("Convincing.")
    assert reviewer.send(page.locator("button[name=action][value=submit]")) == 200
    reviewer.watch.assert_clean()
    return path.rstrip("/").split("/")[-2]


# --- announcement -----------------------------------------------------------------------------------------------------


def announce_while_beat_is_killed(portal: Portal, visitors: Visitors) -> None:
    """Composed in two languages, published by a second person; members and news show it, each follower has one mail."""
    coordinator = visitors.come("coordinator")
    coordinator.set_clock("2022-05-16T12:00:00Z")
    publish(visitors.come("deputy"), compose(coordinator))
    portal.kill("beat")
    coordinator.watch.assert_clean()
    reader = visitors.come(language="zh-hant")
    assert NAME in reader.go(f"/zh-hant/{TASK_FORCE}/members/").locator("main").inner_text()
    page = reader.go(f"/zh-hant/{TASK_FORCE}/news/")
    page.get_by_role("link", name=TITLE["zh-hant"]).first.click()
    assert BODY["zh-hant"] in page.locator("main").inner_text()
    reader.watch.assert_clean()
    mail = _one_mail(portal, "announcement:", FOLLOWER)
    assert mail["language"] == "zh-hant"
    assert BODY["zh-hant"] in mail["text"]
    assert TITLE["zh-hant"] in mail["subject"] + mail["text"]
    page = reader.go("/demo/mail/?language=zh-hant")
    assert page.get_by_text(mail["subject"]).count()
    picture(page, "life-mailbox-zh-hant-1280")


def compose(coordinator: Visitor) -> str:
    """Write the announcement in English and Chinese on the admin's own pages, and test it; its publish page."""
    page = coordinator.page
    coordinator.draft_announcement(TITLE, BODY)
    assert coordinator.send(page.locator("main button[name=go][value=preview]")) == 200
    assert coordinator.send(page.locator("main button[name=act][value=test]")) == 200
    coordinator.follow("/publish/")
    assert not page.locator("main form[data-main] [type=submit]").count(), "the author could publish it"
    return page.url.removeprefix(coordinator.portal.address)


def publish(deputy: Visitor, path: str) -> None:
    """Read and publish what the coordinator wrote."""
    deputy.go(path)
    assert deputy.send() == 200
    deputy.watch.assert_clean()


# --- mails ------------------------------------------------------------------------------------------------------------


def _one_mail(portal: Portal, kind: str, to: str) -> dict[str, Any]:
    """The one mail of this kind to this mailbox; waits until it has arrived."""
    found = until(f"a mail {kind} to {to}", lambda: portal.mails(kind, to), seconds=90)
    assert len(found) == 1, f"{len(found)} mails {kind} to {to}"
    return found[0]


def no_mail_came_twice(portal: Portal) -> None:
    """Wait until nothing is on its way, then count Message-IDs, and mails of one key."""
    # Mails that left while a scenario was being replaced are unknown to the new outbox: no key, no state.
    until("every mail has left", lambda: all(mail["state"] in ("sent", "") for mail in portal.mails()))
    mails = portal.mails()
    numbers = Counter(mail["headers"]["Message-ID"] for mail in mails)
    keys = Counter(mail["key"] for mail in mails if mail["key"])
    twice = [one for counted in (numbers, keys) for one, count in counted.items() if count > 1]
    # The mailbox shows a Message-ID once and counts how often it arrived.
    twice += [mail["key"] for mail in mails if mail["arrivals"] > 1]
    assert not twice, f"came twice: {twice}"
