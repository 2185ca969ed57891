"""A text with a window on it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from feedback import suspects
from feedback.models import FeedbackWindow
from feedback.services import publish_window
from proposals.enums import ProposalState, UnitKind
from proposals.models import Proposal, Revision, Unit, UnitText
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import STANDING, Written
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


def _publish_text() -> None:
    proposal = Proposal.objects.create(
        task_force=TaskForce.objects.get(), slug="proposal", state=ProposalState.PUBLISHED, created_at=AT
    )
    unit = Unit.objects.create(proposal=proposal, position=0, kind=UnitKind.TITLE, source_language="en")
    for language, title in TITLES.items():
        UnitText.objects.create(unit=unit, language=language, text=title, html=title)
    Revision.objects.create(proposal=proposal, number=1, language="en", editor_name="Editor", at=AT)


def _publish_window() -> None:
    publish_window(
        Phase.objects.get(slug="feedback"),
        Proposal.objects.get(),
        QuestionSetVersion.objects.get(),
        slug="responsibilities",
        titles={"en": "Responsibilities of the task force", "zh-hant": "專案組的職責"},
        introductions={"en": "Tell us **what matters** to you."},
        at=AT,
    )


@pytest.fixture(scope="session")
def written_text(written: Written, model_case: Rows) -> Rows:
    """The text."""
    return written(_publish_text, model_case)


@pytest.fixture(scope="session")
def written_version(written: Written) -> Rows:
    """The questions."""
    return written(lambda: create_set("responsibilities", QUESTIONS, at=AT))


@pytest.fixture(scope="session")
def written_window(written: Written, model_case: Rows, written_text: Rows, written_version: Rows) -> Rows:
    """The window."""
    return written(_publish_window, model_case, written_text, written_version)


@pytest.fixture
def text(tf: TaskForce, written_text: Rows) -> Proposal:
    """A published text with a title in two languages and one revision."""
    written_text.write()
    return Proposal.objects.get(pk=written_text.ids("proposals_proposal")[0])


@pytest.fixture
def version(db: None, written_version: Rows) -> QuestionSetVersion:
    """Two questions: a long text and one choice, neither required."""
    written_version.write()
    return QuestionSetVersion.objects.get(pk=written_version.ids("questions_questionsetversion")[0])


@pytest.fixture
def window(text: Proposal, version: QuestionSetVersion, written_window: Rows) -> FeedbackWindow:
    """The window of the model case, open at the moment where `clock` stands."""
    written_window.write()
    return FeedbackWindow.objects.get(pk=written_window.ids("feedback_feedbackwindow")[0])


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
