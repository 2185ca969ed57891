"""A window on a text of which less is translated than is wanted: told, or refused until somebody says why not."""

from collections.abc import Callable

import pytest

from feedback.models import FeedbackWindow
from feedback.services import publish_window
from proposals.models import Proposal
from proposals.queries import shortfalls
from proposals.services import Wanted, save_translation, set_goal
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.audit.models import Entry
from taskforce.core.errors import Refused
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline.models import Phase
from tests.feedback.conftest import AT

PhaseOf = Callable[[str], Phase]


@pytest.fixture
def leader(text: Proposal) -> User:
    user = create_account("leader@demo.example", at=AT, name="Leader", password="demo")
    grant_role(user, Role.COORDINATOR, at=AT, actor_id=None)
    return user


def _publish(phase: PhaseOf, text: Proposal, version: QuestionSetVersion, override: str = "") -> FeedbackWindow:
    return publish_window(
        phase("feedback"), text, version, slug="w", titles={"en": "W"}, introductions={}, at=AT, override=override
    )


def test_told(text: Proposal, version: QuestionSetVersion, phase: PhaseOf, leader: User) -> None:
    """The log says in which languages less is translated; one that is reached (the source) is not among them."""
    for code in ("de", "en"):
        set_goal(text.pk, Wanted(code, 100, "Many read it"), actor=leader, at=AT)
    assert [(each.goal.language, each.reached) for each in shortfalls(text)] == [("de", 0)]
    _publish(phase, text, version)
    entry = Entry.objects.get(action="feedback.window-published")
    assert entry.details["languages"] == ["de"]


def test_refused(text: Proposal, version: QuestionSetVersion, phase: PhaseOf, leader: User) -> None:
    """With how far each language is; blanks are no reason; with one it goes on, and the log has it."""
    set_goal(text.pk, Wanted("de", 80, "Many read it", refuses=True), actor=leader, at=AT)
    for blank in ("", " \u200b"):
        with pytest.raises(Refused) as refusal:
            _publish(phase, text, version, blank)
        missing = ("Deutsch", "6 texts of the questions are missing")
        assert refusal.value.facts == [("Deutsch", "0% of 80%"), missing]
    assert not FeedbackWindow.objects.exists()
    _publish(phase, text, version, "The call cannot wait.")
    entry = Entry.objects.get(action="feedback.window-published")
    assert entry.reason == "The call cannot wait."


def test_once_it_is_reached(text: Proposal, version: QuestionSetVersion, phase: PhaseOf, leader: User) -> None:
    """Nobody is asked for a reason: the text is, and the questions are."""
    set_goal(text.pk, Wanted("de", 80, "Many read it", refuses=True), actor=leader, at=AT)
    unit = text.units.get()
    save_translation(unit.pk, "de", "Leitung für alle", editor=leader, at=AT)
    with pytest.raises(Refused) as refusal:
        _publish(phase, text, version)
    assert refusal.value.facts == [("Deutsch", "6 texts of the questions are missing")]
    german = create_set("german", [{"kind": "region", "labels": {"en": "Where?", "de": "Wo?"}}], at=AT)
    _publish(phase, text, german)
    assert Entry.objects.get(action="feedback.window-published").details["languages"] == []
