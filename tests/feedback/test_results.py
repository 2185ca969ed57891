"""From everywhere that a closed window is shown, the ways to what became of it and to its summary."""

from typing import Any

import pytest

from feedback.models import FeedbackWindow
from feedback.services.answering import Wanted
from taskforce.accounts.models import User
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import HARD_CLOSES
from tests.feedback.pages import address
from tests.feedback.test_answering import draft, release
from tests.feedback.test_answering import lead as lead
from tests.feedback.test_items import say
from tests.feedback.test_summaries import kept, published

_SITES = ("", "text", "task force")


def shown(window: FeedbackWindow) -> dict[str, str]:
    """The page of the window, that of its text and that of its task force."""
    slug = window.phase.task_force.slug
    pages = dict(
        zip(_SITES, (address(), f"/en/tf/{slug}/proposals/{window.proposal.slug}/", f"/en/tf/{slug}/"), strict=True)
    )
    return {site: Client().get(path).content.decode() for site, path in pages.items()}


@pytest.mark.long
def test_what_became_of_it_and_the_summary_are_found_from_everywhere(
    window: FeedbackWindow, people: dict[str, User], lead: User, clock: Clock
) -> None:
    item = say(window, "Trust comes first.")
    clock.set(HARD_CLOSES)
    ways: dict[str, Any] = {"answers": f'href="{address()}themes/"', "summary": f'href="{address()}summary/"'}
    for html in shown(window).values():
        assert "Published:" not in html
        assert ways["answers"] not in html
    draft(window, lead, item, wanted=Wanted("noted", None, {"en": "Thank you."}))
    release(window, lead)
    for site, html in shown(window).items():
        assert ways["answers"] in html, site
        assert "Summary of what was said" not in html, site
    kept(window, people["coordinator"], {"en": "Of {total} texts **most** agree."})
    published(window, people["coordinator"])
    for site, html in shown(window).items():
        assert html.index(ways["answers"]) < html.index("Summary of what was said"), site
        assert ways["summary"] in html, site
