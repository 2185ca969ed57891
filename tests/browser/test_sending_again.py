"""The page that has the mail sent again that confirms a text: wide and narrow, in three languages."""

import pytest

from tests.browser.running import Portal
from tests.browser.test_pages import FEEDBACK, look
from tests.browser.visitors import LANGUAGES, WINDOW, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
_BY_MAIL = """
from feedback.models import FeedbackWindow
FeedbackWindow.objects.filter(slug="responsibilities").update(participation="mail")
"""
MAILBOX = "once-more@example.org"


def test_the_mail_is_sent_again(portal: Portal, visitors: Visitors) -> None:
    portal.at(*FEEDBACK)
    portal.manage("shell", "-c", _BY_MAIL)
    portal.moved()
    visitor, problems = visitors.come(), []
    visitor.go(f"/en/{WINDOW}")
    visitor.fill_questions("A text that waits until its link is followed.")
    visitor.page.locator("[name=mailbox]").fill(MAILBOX)
    assert visitor.send() == 200
    own = visitor.page.url.removeprefix(portal.address).removeprefix("/en/")
    for language in LANGUAGES:
        visitor.go(f"/{language}/{own}")
        problems += look(visitor, "waiting", language)
        visitor.page.locator("main summary").first.click()
        visitor.follow("/again/")
        assert visitor.send() == 200
        problems += look(visitor, "again-wrong", language)
        visitor.page.locator("[name=mailbox]").fill(MAILBOX)
        assert visitor.send() == 200
        assert visitor.page.url.endswith(own)
        problems += look(visitor, "sent-again", language)
    assert not problems, "\n".join(problems)
