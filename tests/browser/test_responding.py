"""Agreeing, replying and translating, as people see it: wide and narrow, in three languages."""

import pytest

from tests.browser.running import Portal
from tests.browser.test_pages import FEEDBACK, look
from tests.browser.visitors import LANGUAGES, WINDOW, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
SAID = "الثقة تصنع القادة، ومن دونها لا يتقدم أحد لخدمة المجتمع."


def test_responding_to_what_was_said(portal: Portal, visitors: Visitors) -> None:
    portal.at(*FEEDBACK)
    visitor, problems = visitors.come(language="ar"), []
    visitor.go(f"/ar/{WINDOW}")
    visitor.fill_questions(SAID)
    assert visitor.send() == 200
    reference = visitor.page.locator("[data-ref]").inner_text()
    portal.moved()
    member, coordinator = visitors.come("member"), visitors.come("coordinator")
    for language in LANGUAGES:
        item = f"/{language}/{WINDOW}items/{reference}/"
        member.go(f"{item}agree/")
        problems += look(member, "agree", language)
        assert member.send() == 200
        problems += look(member, "agreed", language)
        member.go(f"{item}reply/")
        problems += look(member, "reply", language)
        member.page.locator("[name=text]").fill("Trust grows where people may err. " * 3)
        assert member.send() == 200
        problems += look(member, "own-reply", language)
        coordinator.go(f"/{language}/{WINDOW}translate/", status=200)
        problems += look(coordinator, "to-translate", language)
        coordinator.go(f"{item}translate/")
        problems += look(coordinator, "translate-item", language)
        if language != "ar":
            coordinator.page.locator("textarea[name^=text-]").first.fill("Trust makes leaders.")
            assert coordinator.send() == 200
            coordinator.go(f"{item}reply/")
            coordinator.page.locator("[name=text]").fill("We shall write this into the next revision.")
            assert coordinator.send() == 200
        visitor.go(item)
        problems += look(visitor, "item-with-responses", language)
        visitor.go(f"/{language}/{WINDOW}items/?sort=agreed")
        problems += look(visitor, "said-by-agreement", language)
    moderator = visitors.come("moderator")
    moderator.go("/en/admin/feedback/feedbackreply/")
    moderator.follow("/change/")
    moderator.follow("/decide/")
    problems += look(moderator, "decide-reply", "en")
    assert not problems, "\n".join(problems)
