"""Fixtures of the public pages: a window with its text, and a call."""

import pytest

from feedback.models import FeedbackWindow
from recruitment.models import Call
from recruitment.services.calls import publish_call
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline.models import TaskForce
from tests.portal.making import AT, PhaseOf, make_text, make_window


@pytest.fixture
def questions(tf: TaskForce) -> QuestionSetVersion:
    """One long text."""
    return create_set("q", [{"kind": "long-text", "labels": {"en": "What do you think?"}}], at=AT)


@pytest.fixture
def window(tf: TaskForce, phase: PhaseOf, questions: QuestionSetVersion) -> FeedbackWindow:
    """The window of the feedback phase, on a text."""
    return make_window(phase("feedback"), make_text(tf, "proposal"), questions, "responsibilities")


@pytest.fixture
def call(tf: TaskForce, phase: PhaseOf, questions: QuestionSetVersion) -> Call:
    """The call of the recruitment phase."""
    return publish_call(
        phase("recruitment"),
        questions,
        titles={"en": "Call for members"},
        purposes={"en": "Twelve people"},
        seats=12,
        criteria=[{"labels": {"en": "Experience"}, "weight": 60}, {"labels": {"en": "Diversity"}, "weight": 40}],
        at=AT,
    )
