"""Reporting what others said, as people see it: wide and narrow, in three languages."""

import pytest

from tests.browser.running import Portal
from tests.browser.test_pages import FEEDBACK, look
from tests.browser.visitors import LANGUAGES, WINDOW, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
SAID = "الثقة تصنع القادة، ومن دونها لا يتقدم أحد لخدمة المجتمع."


def test_reporting_what_was_said(portal: Portal, visitors: Visitors) -> None:
    portal.at(*FEEDBACK)
    visitor, problems = visitors.come(language="ar"), []
    visitor.go(f"/ar/{WINDOW}")
    visitor.fill_questions(SAID)
    assert visitor.send() == 200
    reference = visitor.page.locator("[data-ref]").inner_text()
    portal.moved()
    reader, moderator = visitors.come(), visitors.come("moderator")
    for language in LANGUAGES:
        reader.go(f"/{language}/{WINDOW}items/{reference}/")
        problems += look(reader, "item-to-report", language)
        reader.follow("/report/")
        problems += look(reader, "report", language)
        reader.page.locator("[name=rule][value=attack]").check()
        reader.page.locator("[name=words]").fill("It names somebody.")
        assert reader.send() == 200
        problems += look(reader, "reported", language)
        moderator.go(f"/{language}/admin/feedback/feedbackitem/queue/?why=reported")
        problems += look(moderator, "queue-of-reports", language)
        moderator.follow("/reports/")
        problems += look(moderator, "reports", language)
    assert not problems, "\n".join(problems)


def test_who_posted_is_blocked(portal: Portal, visitors: Visitors) -> None:
    portal.at(*FEEDBACK)
    visitor, problems = visitors.come(language="ar"), []
    visitor.go(f"/ar/{WINDOW}")
    visitor.fill_questions(SAID)
    assert visitor.send() == 200
    moderator = visitors.come("moderator")
    for language in LANGUAGES:
        moderator.go(f"/{language}/admin/feedback/feedbackitem/?q=F-")
        moderator.follow("/change/")
        moderator.follow("/block/")
        problems += look(moderator, "block", language)
        moderator.page.locator("[name=rule][value=attack]").check()
        moderator.page.locator("[name=reason]").fill("Three texts against one person.")
        assert moderator.send() == 200
        problems += look(moderator, "blocked", language)
        visitor.go(f"/{language}/{WINDOW}")
        # The same words in the same language would be the text that is there already, and lead to its receipt.
        visitor.fill_questions(f"{SAID} {language}")
        assert visitor.send() == 403
        problems += look(visitor, "you-are-blocked", language)
        moderator.go(f"/{language}/admin/feedback/feedbackblock/?holds=yes")
        moderator.follow("/change/")
        moderator.follow("/lift/")
        problems += look(moderator, "lift", language)
        moderator.page.locator("[name=reason]").fill("They wrote to us.")
        assert moderator.send() == 200
    assert not problems, "\n".join(problems)
