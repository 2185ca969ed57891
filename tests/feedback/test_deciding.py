"""Deciding after feedback where a phase asked about several texts: each has a decision of its own."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import FeedbackWindow
from proposals.models import Proposal
from proposals.services.lives import withdraw
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.errors import Invalid
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailingState
from taskforce.notifications.models import Mailing
from taskforce.timeline import services, subjects
from taskforce.timeline.models import TaskForce, Verdict
from taskforce.timeline.queries import verdicts
from tests.clients import Client
from tests.conftest import Clock
from tests.portal.making import make_text, make_window

CLOSED = datetime(2022, 3, 1, 12, 2, tzinfo=UTC)
Decide = Callable[..., Verdict]


@pytest.fixture
def plan(tf: TaskForce, window: FeedbackWindow) -> Proposal:
    """A plan on which the same phase asks for feedback."""
    made = make_text(tf, "plan", kind="plan")
    make_window(window.phase, made, window.questions, "plan")
    return made


@pytest.fixture
def decide(window: FeedbackWindow, people: dict[str, User], clock: Clock) -> Decide:
    """Decide after the window's phase, as the coordinator."""

    def decided(about: Proposal | None, outcome: str, why: str = "Because.") -> Verdict:
        return services.decide(
            window.phase_id,
            outcome=outcome,
            reasons={"en": why},
            actor=people["coordinator"],
            about=about.pk if about else None,
        )

    clock.set(CLOSED)
    return decided


def test_the_only_text_needs_no_name(window: FeedbackWindow, decide: Decide) -> None:
    made = decide(None, "proceed")
    assert (made.text_id, made.is_main, made.titles["en"]) == (window.proposal_id, True, "Leadership for everybody")


def test_of_several_one_is_named(window: FeedbackWindow, plan: Proposal, decide: Decide) -> None:
    """Any other is refused; the main text stands first."""
    found = subjects.of(window.phase)
    assert [(one.id, one.is_main) for one in found] == [(window.proposal_id, True), (plan.pk, False)]
    elsewhere = make_text(plan.task_force, "elsewhere")
    for wrong in (None, elsewhere):
        with pytest.raises(Invalid):
            decide(wrong, "proceed")
    assert not Verdict.objects.exists()


def test_each_text_has_its_own_decision(window: FeedbackWindow, plan: Proposal, decide: Decide) -> None:
    """A plan that is stopped ends nothing else, and its mail takes back none about the proposal."""
    text = window.proposal
    decide(text, "proceed")
    decide(plan, "revise")
    decide(plan, "stop", "The plan is not pursued.")
    plan.task_force.refresh_from_db()
    assert plan.task_force.state == "proposed"
    held = {one.text_id: one.outcome for one in verdicts.holding(window.phase)}
    assert held == {text.pk: "proceed", plan.pk: "stop"}
    mailings = Mailing.objects.filter(kind="feedback-decided").order_by("pk")
    kind = kinds.get("feedback-decided")
    assert kind.still_true
    assert kind.context
    assert [one.state == MailingState.SUPERSEDED for one in mailings] == [False, True, False]
    assert [kind.still_true(one.params) for one in mailings] == [True, False, True]
    told = [kind.context(one.params, "en") for one in mailings]
    assert [(one["text"]["text"], one["is_later"]) for one in told] == [
        ("Leadership for everybody", False),
        ("Title plan", False),
        ("Title plan", True),
    ]
    assert told[2]["means"] == "The text is not pursued. What was written and said stays to be read."


def test_the_main_text_ends_the_task_force(window: FeedbackWindow, plan: Proposal, decide: Decide) -> None:
    """And takes it up again; what is decided about another text meanwhile changes nothing in that."""
    for about, outcome, state in (
        (window.proposal, "stop", "cancelled"),
        (plan, "proceed", "cancelled"),
        (plan, "stop", "cancelled"),
        (window.proposal, "revise", "proposed"),
    ):
        decide(about, outcome)
        plan.task_force.refresh_from_db()
        assert plan.task_force.state == state, (about.slug, outcome)


def test_of_two_proposals_one_is_the_main_text(
    tf: TaskForce, window: FeedbackWindow, plan: Proposal, decide: Decide
) -> None:
    """The one that was asked about first: what is decided about the other neither ends the task force nor hinders."""
    other = make_text(tf, "other")
    make_window(window.phase, other, window.questions, "other")
    assert [one.id for one in subjects.of(window.phase) if one.is_main] == [window.proposal_id]
    for about, outcome, state in (
        (other, "stop", "proposed"),
        (window.proposal, "stop", "cancelled"),
        (other, "proceed", "cancelled"),
        (other, "stop", "cancelled"),
        (window.proposal, "proceed", "proposed"),
    ):
        made = decide(about, outcome)
        tf.refresh_from_db()
        assert (made.is_main, tf.state) == (about == window.proposal, state), (about.slug, outcome)


def test_a_proposal_that_has_ended_is_not_the_main_text(
    tf: TaskForce, window: FeedbackWindow, people: dict[str, User], decide: Decide
) -> None:
    """The next one is; but what has been decided about as the main text stays it."""
    other = make_text(tf, "other")
    make_window(window.phase, other, window.questions, "other")

    def main() -> list[int]:
        return [one.id for one in subjects.of(window.phase) if one.is_main]

    def end(text: Proposal) -> None:
        withdraw(text.pk, reasons={"en": "Not any more."}, editor=people["coordinator"], at=CLOSED)

    end(window.proposal)
    assert main() == [other.pk]
    decide(other, "revise")
    end(other)
    assert main() == [other.pk]


def test_home_tells_what_holds_about_the_main_text_first(
    window: FeedbackWindow, plan: Proposal, decide: Decide, client: Client
) -> None:
    """Whichever was decided last; what a later act has replaced is not told."""
    decide(window.proposal, "revise")
    decide(window.proposal, "stop")
    decide(plan, "proceed")
    for address in ("/en/", "/en/tf/leadership-development/"):
        page = client.get(address).content.decode()
        found = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r'<p class="pt-verdict">.*?</p>', page, re.S)]
        assert len(found) == 2, address
        assert "It is not pursued" in found[0]
        assert "Leadership for everybody" in found[0]
        assert "It goes ahead" in found[1]
        assert "Title plan" in found[1]


def test_the_process_names_the_text(window: FeedbackWindow, plan: Proposal, decide: Decide, client: Client) -> None:
    decide(window.proposal, "proceed", "Most of it supports it.")
    decide(plan, "stop", "The plan is not pursued.")
    page = client.get("/en/tf/leadership-development/process/").content.decode()
    decided = page[page.index('id="decided"') :]
    assert "Title plan" in decided
    assert "Leadership for everybody" in decided
    assert "replaced by a later decision" not in decided
    home = client.get("/en/").content.decode()
    told = home[home.index("pt-verdict") :]
    assert told.index("Leadership for everybody") < told.index("Title plan")


def test_the_text_says_what_was_decided(
    window: FeedbackWindow, plan: Proposal, decide: Decide, client: Client, people: dict[str, User]
) -> None:
    """The last decision about it and no other text, in each language the same for everybody, with the way to why."""

    def told(slug: str, code: str = "en", visitor: Client = client) -> str:
        page = visitor.get(f"/{code}/tf/leadership-development/proposals/{slug}/").content.decode()
        found = re.search(r'<p class="pt-verdict">.*?</p>', page, re.S)
        return found[0] if found else ""

    assert told(window.proposal.slug) == ""
    decide(window.proposal, "revise", "Much is unclear.")
    assert told(plan.slug) == ""
    decide(window.proposal, "proceed", "Most of it supports it.")
    decide(plan, "stop", "The plan is not pursued.")
    assert "It goes ahead" in told(window.proposal.slug)
    assert "It is not pursued" in told(plan.slug)
    signed_in = Client()
    signed_in.force_login(people["coordinator"])
    said = set()
    for code in languages.CODES:
        found = told(plan.slug, code)
        assert f'href="/{code}/tf/leadership-development/process/#decided"' in found
        assert "The plan is not pursued." not in found
        assert told(plan.slug, code, signed_in) == found
        said.add(re.sub(r"<[^>]+>", "", found))
    assert len(said) == len(languages.CODES)


def test_the_page_asks_which(
    window: FeedbackWindow, plan: Proposal, decide: Decide, client: Client, people: dict[str, User]
) -> None:
    """Nothing is chosen beforehand; the preview names the text, and keeps what was typed where none was chosen."""
    client.force_login(people["coordinator"])
    address = f"/en/admin/timeline/phase/{window.phase_id}/decide/"
    sent = {"outcome": "stop", "reason-en": "Not now.", "seen": "0"}
    asked = client.post(address, sent).content.decode()
    assert asked.count('name="about"') == 2
    assert "Not now." in asked
    assert "This field is required." in asked
    preview = client.post(address, {**sent, "about": str(plan.pk)}).content.decode()
    assert "The text is not pursued." in preview


def test_the_closed_window_says_what_was_decided(
    client: Client, window: FeedbackWindow, plan: Proposal, decide: Decide
) -> None:
    """About its own text and no other, for one statement; what becomes of it is not promised any more."""
    address = f"/en/tf/{window.phase.task_force.slug}/feedback/{window.slug}/"

    def shown() -> tuple[str, int]:
        with CaptureQueriesContext(connection) as found:
            page = client.get(address).content.decode()
        return page, len(found)

    shown()
    _page, before = shown()
    decide(plan, "revise")
    page, asked = shown()
    assert "pt-verdict" not in page
    assert "hear by mail what becomes of it" in page
    decide(window.proposal, "proceed")
    page, count = shown()
    (line,) = re.findall(r'<p class="pt-verdict">(.*?)</p>', page, re.S)
    assert "<strong>It goes ahead</strong>" in line
    assert "process/#decided" in line
    assert "hear by mail what becomes of it" not in page
    assert "Follow this task force" in page
    assert before == asked == count
