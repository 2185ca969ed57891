"""The window's page: what it says while open, before and after, in languages of both directions."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import queries
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.services import publish_window
from proposals.models import Proposal
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, Invalid
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.services import extend
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import AT, CLOSES, OPENS, QUESTIONS
from tests.feedback.pages import address, filled, main_form, parsed

PhaseOf = Callable[[str], Phase]

RULE = "28 February 2022, anywhere on Earth (AoE)"


@pytest.mark.parametrize(
    ("language", "lang", "direction", "title", "choice"),
    [
        ("en", "en", "ltr", "Responsibilities of the task force", "Yes"),
        ("zh-hant", "zh-Hant", "ltr", "專案組的職責", "同意"),
        ("ar", "ar", "rtl", "Responsibilities of the task force", "Yes"),
    ],
)
def test_the_open_page_in_three_languages(
    window: FeedbackWindow, client: Client, language: str, lang: str, direction: str, title: str, choice: str
) -> None:
    response = client.get(address(language))
    html = response.content.decode()
    assert response.status_code == 200
    assert f'lang="{lang}"' in re.findall(r"<html[^>]*>", html)[0]
    assert f'dir="{direction}"' in re.findall(r"<html[^>]*>", html)[0]
    assert html.count("<h1") == 1
    assert title in html
    assert choice in html
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert main_form(client, address(language))["language"] == language


def test_text_of_another_language_says_so(window: FeedbackWindow, client: Client) -> None:
    html = client.get(address("ar")).content.decode()
    assert '<span lang="en" dir="ltr">What should the task force do?</span>' in html
    assert '<div class="pt-text" lang="en" dir="ltr"><p>Tell us <strong>what matters</strong> to you.</p>' in html


def test_what_is_given_back_to_be_copied_says_the_language_of_its_question(
    window: FeedbackWindow, visitor: Client
) -> None:
    page = visitor.post(address("ar"), {**filled(visitor), "csrfmiddlewaretoken": "x"})
    assert page.status_code == 403
    said = '<strong><span lang="en" dir="ltr">What should the task force do?</span></strong>'
    assert said in page.content.decode()


def test_the_form_is_what_scripts_rely_on(window: FeedbackWindow, client: Client) -> None:
    form = parsed(client.get(address()).content.decode())
    assert form.fields is not None
    first, second = [f"q-{question.pk}" for question in window.questions.questions.order_by("position")]
    assert {"csrfmiddlewaretoken", "form_key", "language", "visibility", "name", first} <= set(form.fields)
    assert form.fields["visibility"] == "nameless"
    assert form.radios["visibility"] == ["public", "nameless", "staff"]
    # Nothing is chosen for anybody, and whoever chose by mistake can take it back.
    assert second not in form.fields
    assert form.radios[second] == ["yes", "partly", "no", "-"]


def test_each_form_has_a_key_of_its_own(window: FeedbackWindow, client: Client) -> None:
    assert main_form(client, address())["form_key"] != main_form(client, address())["form_key"]


def test_the_page_says_how_long_and_by_which_rule(window: FeedbackWindow, client: Client) -> None:
    html = client.get(address()).content.decode()
    assert "28 February 2022, anywhere on Earth (AoE)" in html
    assert 'datetime="2022-03-01T12:00:00Z"' in html
    assert "1 March 2022, 12:00 UTC" in html
    assert 'data-left="2022-03-01T12:00:00Z"' in html
    assert '<a href="/en/tf/leadership-development/proposals/proposal/">' in html
    assert "CC BY-SA 4.0" in html


def test_little_stands_before_the_form(window: FeedbackWindow, client: Client) -> None:
    """The title, one line to unfold, and what is left until when, by which rule; what it is about is in there."""
    html = client.get(address()).content.decode()
    above = html[html.index("</h1>") : html.index("<input", html.index("</h1>"))]
    folded = above[above.index("<details") : above.index("</details>")]
    for said in ("what matters", "1 March 2022, 12:00 UTC", "proposals/proposal/"):
        assert said in folded
    seen = re.sub(r"<noscript>.*?</noscript>", "", above.replace(folded, ""), flags=re.DOTALL)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", seen)).strip()
    assert words in [f"{days} days left Closes: {RULE} 1 March 2022, 12:00 UTC" for days in (13, 14)]
    assert "<details open" not in above


def test_a_changed_date_is_not_folded_away(
    window: FeedbackWindow, client: Client, people: dict[str, User], clock: Clock
) -> None:
    extend(window.phase_id, closes_on=date(2022, 3, 7), reason="The texts came late.", actor=people["coordinator"])
    html = client.get(address()).content.decode()
    assert html.index("</h1>") < html.index("The texts came late.") < html.index('class="pt-fold"')
    assert html.count("The texts came late.") == 1
    clock.set(datetime(2022, 3, 9, tzinfo=UTC))
    assert client.get(address()).content.decode().count("The texts came late.") == 1


@pytest.mark.parametrize("moment", [AT, OPENS - timedelta(days=1), CLOSES, CLOSES - timedelta(hours=1)])
def test_no_separator_is_left_at_the_end_of_a_line(
    window: FeedbackWindow, client: Client, clock: Clock, moment: datetime
) -> None:
    clock.set(moment)
    html = client.get(address()).content.decode()
    assert "·" not in html[html.index("</h1>") :]


def test_a_day_before_the_close_the_page_warns_first(window: FeedbackWindow, client: Client, clock: Clock) -> None:
    clock.set(CLOSES - timedelta(hours=25))
    assert "Less than 24 hours left" not in client.get(address()).content.decode()
    clock.set(CLOSES - timedelta(minutes=47, seconds=30))
    html = client.get(address()).content.decode()
    warning = html[html.index("cdx-message--warning") : html.index("<dl")]
    assert html.index("</h1>") < html.index("cdx-message--warning") < html.index("data-main")
    assert "Less than 24 hours left" in warning
    assert "47 minutes" in warning
    assert "Feedback closes: 28 February 2022, anywhere on Earth (AoE)" in warning
    assert '<time datetime="2022-03-01T12:00:00Z" data-local>1 March 2022, 12:00 UTC</time>' in warning


def test_without_script_the_language_is_to_be_chosen_first(window: FeedbackWindow, client: Client) -> None:
    html = client.get(address()).content.decode()
    said = html.index("<noscript><p")
    assert said < html.index("data-main")
    assert "empties the form" in html[said : html.index("</noscript>")]


def test_the_form_says_who_reads_a_public_text_and_what_an_empty_name_means(
    window: FeedbackWindow, client: Client
) -> None:
    html = client.get(address()).content.decode()
    assert "A public text can be read by everyone and quoted when the feedback is summed up." in html
    assert "Leave this empty if no name is to be shown with your text." in html


def test_closed_is_still_a_page(window: FeedbackWindow, client: Client, clock: Clock) -> None:
    clock.set(CLOSES)
    response = client.get(address())
    html = response.content.decode()
    assert response.status_code == 200
    assert parsed(html).fields is None
    assert "what matters" not in html, "the page still invites"
    assert html.index("</h1>") < html.index("is closed. It") < html.index("<dl")
    assert "is closed. It closed: 28 February 2022, anywhere on Earth (AoE)." in html
    assert "1 March 2022, 12:00 UTC" in html
    assert "/en/tf/leadership-development/proposals/proposal/" in html
    assert "/en/tf/leadership-development/process/" in html


def test_not_open_yet_is_a_page(window: FeedbackWindow, client: Client, clock: Clock) -> None:
    clock.set(OPENS - timedelta(days=1))
    response = client.get(address())
    html = response.content.decode()
    assert response.status_code == 200
    assert parsed(html).fields is None
    assert "what matters" not in html, "the page invites already"
    assert html.index("</h1>") < html.index("is not open yet. It") < html.index("<dl")
    assert "is not open yet. It opens: 1 February 2022, anywhere on Earth (AoE)." in html
    assert "1 February 2022, 12:00 UTC" in html


def test_what_is_not_there_is_404(window: FeedbackWindow, client: Client) -> None:
    for path in ("feedback/other/", "feedback/other/items/", "feedback/"):
        assert client.get(f"/en/tf/leadership-development/{path}").status_code == 404, path
    assert client.get("/en/tf/other/feedback/responsibilities/").status_code == 404
    FeedbackWindow.objects.update(published_at=None)
    assert client.get(address()).status_code == 404


def test_other_methods_are_refused(window: FeedbackWindow, client: Client) -> None:
    assert client.delete(address()).status_code == 405
    assert client.head(address()).status_code == 200


def statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_the_page_costs_the_same_at_two_sizes(
    window: FeedbackWindow, text: Proposal, phase: PhaseOf, client: Client
) -> None:
    many = create_set("many", [*QUESTIONS, *QUESTIONS, *QUESTIONS, *QUESTIONS], at=AT)
    large = publish_window(phase("feedback"), text, many, slug="large", titles={"en": "Many"}, introductions={}, at=AT)
    FeedbackItem.objects.bulk_create(
        FeedbackItem(
            window=large,
            reference=f"F-{number}",
            form_key=f"key-{number}",
            token_hash=f"hash-{number}",
            language="en",
            visibility="public",
            state="published",
            received_at=AT,
        )
        for number in range(50)
    )
    small_page = statements(client, address())
    large_page = statements(client, address().replace("responsibilities", "large"))
    assert small_page == large_page
    assert small_page <= 8


def test_windows_of_a_task_force_with_state_and_number(window: FeedbackWindow, tf: TaskForce, clock: Clock) -> None:
    at = clock.set(CLOSES - timedelta(seconds=1))
    with CaptureQueriesContext(connection) as captured:
        (found,) = queries.windows(tf, at)
    assert len(captured) == 1
    assert (found.window, found.phase, found.state, found.items) == (window, window.phase, "current", 0)
    assert queries.windows(tf, CLOSES)[0].state == "past"


def test_a_window_needs_parts_that_belong_together(
    window: FeedbackWindow, text: Proposal, version: QuestionSetVersion, phase: PhaseOf, tf: TaskForce
) -> None:
    def publish(of: Phase, on: Proposal, slug: str) -> FeedbackWindow:
        return publish_window(of, on, version, slug=slug, titles={"en": "x"}, introductions={}, at=AT)

    with pytest.raises(Invalid):
        publish(phase("recruitment"), text, "second")
    with pytest.raises(Conflict):
        publish(phase("feedback"), text, "responsibilities")
    stranger = TaskForce.objects.create(slug="other", created_at=AT)
    with pytest.raises(Invalid):
        publish(phase("feedback"), Proposal.objects.create(task_force=stranger, slug="p", created_at=AT), "third")


def test_moments_are_taken_from_the_portals_clock(
    window: FeedbackWindow, client: Client, standing: Callable[[datetime], None]
) -> None:
    standing(CLOSES - timedelta(microseconds=1))
    assert main_form(client, address())
    standing(CLOSES)
    assert parsed(client.get(address()).content.decode()).fields is None
    standing(OPENS - timedelta(microseconds=1))
    assert parsed(client.get(address()).content.decode()).fields is None
    standing(OPENS)
    assert main_form(client, address())
