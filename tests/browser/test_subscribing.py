"""Following on a phone, from right to left: the form, the mail, the button, what one gets, and leaving."""

import pytest

from tests.browser import watch
from tests.browser.running import Portal, until
from tests.browser.visitors import LANGUAGES, NARROW, TASK_FORCE, WIDE, Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack]
MAILBOX = "phone@demo.example"
FORM = "subscriptions/leadership-development/"
COLOURED = ("follow-errors", "follow-choose", "follow-leave", "followers-report")


@pytest.fixture(scope="module", autouse=True)
def _feedback(portal: Portal) -> None:
    """What these tests leave behind is in the way of none of them, and of everybody else."""
    portal.at("feedback-open")
    portal.moved()


def problems(visitor: Visitor, name: str, language: str = "ar") -> list[str]:
    """What is wrong with the page that is open; its colours are judged where it has some of its own."""
    found = watch.layout_problems(visitor.page, LANGUAGES[language])
    found += watch.access_problems(visitor.page, colours=name in COLOURED)
    watch.picture(visitor.page, f"{name}-{language}-{(visitor.page.viewport_size or WIDE)['width']}")
    return [f"{name} {language}: {one}" for one in found + visitor.watch.problems()]


def path_in(portal: Portal, kind: str) -> str:
    """The address in the mail that has come."""
    mail = until(f"the mail {kind}", lambda: portal.mails(kind, MAILBOX))[-1]
    link = next(word for word in mail["text"].split() if "/subscriptions/" in word)
    return str(link.removeprefix(portal.address))


@pytest.mark.long
def test_following_and_leaving_on_a_phone(portal: Portal, visitors: Visitors) -> None:
    visitor = visitors.come(language="ar", zone="Africa/Cairo")
    visitor.page.set_viewport_size(NARROW)
    visitor.go(f"/ar/{TASK_FORCE}/")
    visitor.follow(FORM)
    found = problems(visitor, "follow")
    assert visitor.page.locator("[name=zone]").input_value() == "Africa/Cairo"
    visitor.page.locator("[name=email]").fill("phone@localhost")
    assert visitor.send() == 200
    found += problems(visitor, "follow-errors")
    assert visitor.page.locator("[name=email]").input_value() == "phone@localhost"
    visitor.page.locator("[name=email]").fill(MAILBOX)
    assert visitor.send() == 200
    found += problems(visitor, "follow-sent")
    visitor.go(path_in(portal, "subscription-confirm"))
    found += problems(visitor, "follow-confirm")
    assert visitor.send() == 200
    found += problems(visitor, "follow-confirmed")
    # Asked for once more, a mail leads to what the mailbox gets.
    visitor.go(f"/ar/{FORM}")
    visitor.page.locator("[name=email]").fill(MAILBOX)
    assert visitor.send() == 200
    visitor.go(path_in(portal, "subscription-known"))
    found += problems(visitor, "follow-choose")
    visitor.page.locator("select[name$=-updates]").select_option("daily")
    assert visitor.send() == 200
    assert visitor.page.locator("select[name$=-updates]").input_value() == "daily"
    found += problems(visitor, "follow-chosen")
    with visitor.page.expect_navigation():
        visitor.page.locator("main a.cdx-button--action-destructive").click()
    found += problems(visitor, "follow-leave")
    assert visitor.send() == 200
    found += problems(visitor, "follow-left")
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
def test_staff_add_followers(visitors: Visitors, language: str) -> None:
    visitor = visitors.come("coordinator")
    found = []
    # A window's width changes no name: the wide one is judged in one language.
    for size in (WIDE, NARROW) if language == "en" else (NARROW,):
        visitor.page.set_viewport_size(size)
        visitor.go(f"/{language}/admin/timeline/subscription/add/")
        found += problems(visitor, "followers-add", language)
        visitor.page.locator("[name=addresses]").fill("one@demo.example\nnobody\none@demo.example\na@localhost")
        assert visitor.send() == 200
        found += problems(visitor, "followers-report", language)
    assert not found, "\n".join(found)
