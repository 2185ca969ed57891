"""What a text's page says about feedback on it: the same for everybody, true at the moment."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from feedback.models import FeedbackWindow
from proposals import current
from proposals.models import Proposal
from taskforce.accounts.models import User
from taskforce.core import slots
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, OPENS
from tests.feedback.pages import address
from tests.feedback.test_items import say


def drawn(proposal: Proposal, language: str = "en") -> str:
    page = current.read(proposal.task_force.slug, proposal.slug, language)
    with translation.override(language):
        return "".join(
            render_to_string(template, context)
            for template, context in slots.contents(current.SLOT, page, language)
            if template.startswith("feedback/")
        )


@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_open_it_leads_to_the_form(window: FeedbackWindow, text: Proposal, language: str) -> None:
    assert f'href="{address(language)}"' in drawn(text, language)


def test_open_it_is_the_next_step_with_what_is_left(window: FeedbackWindow, text: Proposal, clock: Clock) -> None:
    clock.set(CLOSES - timedelta(minutes=47, seconds=30))
    shown = drawn(text)
    assert shown.count('class="pt-next-step"') == 1
    assert "47 minutes left" in shown
    assert "Feedback closes: 28\N{NO-BREAK SPACE}February\N{NO-BREAK SPACE}2022" in shown
    assert 'datetime="2022-03-01T12:00:00Z"' in shown


def test_a_second_open_window_stands_below(window: FeedbackWindow, text: Proposal) -> None:
    """There is one next step on a page."""
    FeedbackWindow.objects.create(
        phase=window.phase,
        proposal=text,
        questions=window.questions,
        slug="other",
        title="Other",
        published_at=window.published_at,
    )
    shown = drawn(text)
    assert shown.count('class="pt-next-step"') == 1
    for slug in ("responsibilities", "other"):
        assert f'href="{address().replace("responsibilities", slug)}"' in shown


def test_where_two_are_open_the_button_says_of_which_it_is(window: FeedbackWindow, text: Proposal) -> None:
    assert "Give feedback</a>" in drawn(text), "one alone needs no name"
    FeedbackWindow.objects.create(
        phase=window.phase, proposal=text, questions=window.questions, slug="other", title="Other",
        published_at=window.published_at,
    )  # fmt: skip
    assert f'Give feedback<span class="pt-visually-hidden">: {window.title}</span></a>' in drawn(text)


def test_after_the_close_nothing_more_comes_so_far(window: FeedbackWindow, text: Proposal, clock: Clock) -> None:
    say(window, "Words.")
    assert ">Read what was said so far</a>" in drawn(text)
    clock.set(CLOSES + timedelta(days=1))
    assert ">Read what was said</a>" in drawn(text)
    page = Client().get(address()).content.decode()
    assert ">Read what was said: 1 text</a>" in page


@pytest.mark.parametrize("is_over", [False, True])
def test_facilitators_are_not_invited_into_what_has_closed(
    window: FeedbackWindow, people: dict[str, User], clock: Clock, *, is_over: bool
) -> None:
    if is_over:
        clock.set(CLOSES + timedelta(days=1))
    client = Client()
    client.force_login(people["facilitator"])
    page = client.get("/en/accounts/email/").content.decode()
    assert ("Bring in what was said elsewhere" in page) is not is_over
    assert ("What you have entered" in page) is is_over


def test_before_and_after_it_says_when(window: FeedbackWindow, text: Proposal, clock: Clock) -> None:
    """Of one in which nothing was said only that it is closed."""
    told = "Feedback closed: 28 February 2022, anywhere on Earth (AoE)"
    clock.set(CLOSES)
    assert "Closed</p>" in drawn(text)
    assert told not in drawn(text)
    say(window, "Words.")
    assert told in drawn(text)
    clock.set(OPENS - timedelta(days=1))
    assert "Feedback opens: 1 February 2022, anywhere on Earth (AoE)" in drawn(text)


def test_a_text_without_a_window_says_nothing(text: Proposal) -> None:
    assert drawn(text) == ""
