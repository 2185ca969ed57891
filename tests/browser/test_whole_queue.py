"""Hiding all that is held with one sign goes on by itself where scripts run, until it is stopped."""

import pytest
from playwright.sync_api import expect

from tests.browser.running import Portal
from tests.browser.test_pages import FEEDBACK, look
from tests.browser.visitors import Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]
# More than three steps of 50.
MANY = 170
_FLOOD = f"""
from feedback import services
from feedback.models import FeedbackWindow
from taskforce.core.clock import app_now
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
window = FeedbackWindow.objects.get(slug="responsibilities")
question = window.questions.questions.order_by("position")[0]
for turn in range({MANY}):
    key = gates.read_form_key(gates.new_form_key(app_now(), window.phase_id), window.phase_id)
    services.submit(window.pk, form_key=key, language="en", visibility="public", name="", suspected=True,
        answers=[Answer(question.pk, f"Buy now, offer {{turn}}.")])
"""
QUEUE = "/{}/admin/feedback/feedbackitem/queue/?sign=trap"


def _begin(moderator: Visitor, language: str) -> None:
    moderator.go(QUEUE.format(language))
    page = moderator.page
    page.locator("[name=action][value=hide]").check()
    page.locator("[name=rule][value=advertising]").check()
    page.locator("[name=reason]").fill("Spam.")
    page.locator("button[name=whole]").click()


def _looked_at(moderator: Visitor) -> int:
    return int(moderator.page.locator("#progress").get_attribute("value") or 0)


def test_it_goes_on_by_itself_until_it_is_stopped(portal: Portal, visitors: Visitors) -> None:
    portal.at(*FEEDBACK)
    portal.manage("shell", "-c", _FLOOD)
    portal.moved()
    moderator, problems = visitors.come("moderator"), []
    _begin(moderator, "en")
    page = moderator.page
    stop, go_on = page.locator("[data-stop]"), page.locator("form[data-step] [type=submit]")
    stop.click()
    expect(go_on).to_be_visible(timeout=30_000)
    expect(stop).to_be_hidden(timeout=30_000)
    stands = _looked_at(moderator)
    assert 0 < stands < MANY
    problems += look(moderator, "hiding-stopped", "en")
    page.wait_for_timeout(1500)
    assert _looked_at(moderator) == stands
    go_on.click()
    expect(page.locator("#progress")).to_have_attribute("value", str(MANY), timeout=90_000)
    expect(page.locator("form[data-step]")).to_have_count(0, timeout=30_000)
    assert f"{MANY} of {MANY}" in page.locator("[role=status]").inner_text()
    for language in ("ar", "zh-hant"):
        moderator.go(QUEUE.format(language))
        assert page.locator("article").count() == 0
    assert not problems, "\n".join(problems)
