"""A reply that was hidden, as its author and moderators see it: wide and narrow, in three languages."""

import pytest

from tests.browser.running import Portal
from tests.browser.test_pages import FEEDBACK, look
from tests.browser.visitors import LANGUAGES, WINDOW, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
SAID = "الثقة تصنع القادة، ومن دونها لا يتقدم أحد لخدمة المجتمع."


def test_a_hidden_reply_and_the_appeal_of_its_author(portal: Portal, visitors: Visitors) -> None:
    portal.at(*FEEDBACK)
    visitor, problems = visitors.come(language="ar"), []
    visitor.go(f"/ar/{WINDOW}")
    visitor.fill_questions(SAID)
    assert visitor.send() == 200
    item = f"{WINDOW}items/{visitor.page.locator('[data-ref]').inner_text()}/"
    portal.moved()
    author, moderator, other = (visitors.come(role) for role in ("member", "moderator", "coordinator"))
    author.go(f"/en/{item}reply/")
    author.page.locator("[name=text]").fill("Strong words in a reply.")
    assert author.send() == 200
    own = author.page.url.partition("/en/")[2]
    moderator.go("/en/admin/feedback/feedbackreply/")
    row = moderator.page.locator('#result_list a[href*="/change/"]').first.get_attribute("href") or ""
    moderator.go(row.partition("?")[0].replace("/change/", "/decide/"))
    moderator.page.locator("[name=action][value=hide]").check()
    moderator.page.locator("[name=rule][value=attack]").check()
    moderator.page.locator("[name=reason]").fill("It insults somebody who is not here.")
    assert moderator.send(moderator.page.locator("#content form[data-main] [type=submit]").last) == 200
    for language in LANGUAGES:
        visitor.go(f"/{language}/{item}")
        problems += look(visitor, "hidden-reply", language)
        author.go(f"/{language}/{own}")
        problems += look(author, "own-hidden-reply", language)
        author.follow("/appeal/")
        problems += look(author, "appeal-for-a-reply", language)
    author.page.locator("[name=words]").fill("I meant nobody.")
    assert author.send() == 200
    for language in LANGUAGES:
        author.go(f"/{language}/{own}")
        problems += look(author, "own-reply-appealed-for", language)
        other.go(f"/{language}/admin/feedback/feedbackitem/queue/?why=appeal")
        problems += look(other, "queue-with-a-reply", language)
        other.follow("/decide/")
        problems += look(other, "appeal-of-a-reply", language)
        visitor.go(f"/{language}/{WINDOW}moderation/")
        problems += look(visitor, "moderation-with-replies", language)
    assert not problems, "\n".join(problems)
