"""A text with a window on it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from feedback import suspects
from feedback.models import FeedbackWindow
from proposals.models import Proposal
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.conftest import STANDING
from tests.rows import Rows

AT = datetime(2022, 1, 25, 9, tzinfo=UTC)
OPENS = datetime(2022, 2, 1, 12, tzinfo=UTC)
CLOSES = datetime(2022, 3, 1, 12, tzinfo=UTC)
HARD_CLOSES = CLOSES + timedelta(seconds=120)
TITLES = {"en": "Leadership for everybody", "zh-hant": "人人可領導"}

QUESTIONS: list[dict[str, Any]] = [
    {
        "kind": "long-text",
        "labels": {"en": "What should the task force do?", "zh-hant": "專案組應該做什麼？"},
        "help_texts": {"en": "A sentence or a page."},
    },
    {
        "kind": "one-choice",
        "labels": {"en": "Do you agree with the proposal?"},
        "choices": [("yes", {"en": "Yes", "zh-hant": "同意"}), ("partly", {"en": "Partly"}), ("no", {"en": "No"})],
    },
]


@pytest.fixture(autouse=True)
def quick_visitors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The visitors of most tests write as fast as no person can (`test_suspects` is about that)."""
    if "test_suspects" not in request.node.nodeid:
        monkeypatch.setattr(suspects, "FASTEST", timedelta(0))


@pytest.fixture
def text(tf: TaskForce, pieces: dict[str, Rows]) -> Proposal:
    """A published text with a title in two languages and one revision."""
    pieces["text"].write()
    return Proposal.objects.get(pk=pieces["text"].ids("proposals_proposal")[0])


@pytest.fixture
def version(db: None, pieces: dict[str, Rows]) -> QuestionSetVersion:
    """Two questions: a long text and one choice, neither required."""
    pieces["window's questions"].write()
    return QuestionSetVersion.objects.get(pk=pieces["window's questions"].ids("questions_questionsetversion")[0])


@pytest.fixture
def window(text: Proposal, version: QuestionSetVersion, pieces: dict[str, Rows]) -> FeedbackWindow:
    """The window of the model case, open at the moment where `clock` stands."""
    pieces["window"].write()
    return FeedbackWindow.objects.get(pk=pieces["window"].ids("feedback_feedbackwindow")[0])


@pytest.fixture
def visitor() -> Client:
    """A browser that has to send CSRF tokens."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """For tests with threads, whose changes are committed: the clock runs by itself again afterwards."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(STANDING.format(body="clock_timestamp()"))
