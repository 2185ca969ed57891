"""Windows on a text that is not published yet, or has ended: none is new, and what was said stays."""

from collections.abc import Callable

import pytest

from feedback.models import FeedbackWindow
from feedback.queries import title_of
from feedback.services import publish_window
from feedback.slots import on_ending
from proposals.models import Proposal
from proposals.services import create, lives
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.core.errors import Invalid
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase
from tests.clients import Client, note_sign_in
from tests.conftest import Clock
from tests.feedback.conftest import AT, HARD_CLOSES, OPENS

PhaseOf = Callable[[str], Phase]


@pytest.fixture
def leader(text: Proposal) -> User:
    user = create_account("leader@demo.example", at=AT, name="Leader", password="demo")
    grant_role(user, Role.COORDINATOR, at=AT, actor_id=None)
    return user


def test_no_new_window(text: Proposal, version: QuestionSetVersion, phase: PhaseOf, leader: User) -> None:
    draft = create(text.task_force, slug="plan", at=AT)
    lives.withdraw(text.pk, reasons={"en": "Why"}, editor=leader, at=AT)
    # As somebody had read it before.
    assert text.state == "published"
    for one in (draft, text):
        with pytest.raises(Invalid):
            publish_window(phase("feedback"), one, version, slug="w", titles={"en": "W"}, introductions={}, at=AT)
    assert not FeedbackWindow.objects.exists()


def test_a_window_that_is_there(window: FeedbackWindow, client: Client, leader: User, clock: Clock) -> None:
    """It stays, with the title of its text and a link to it; whoever ends the text is told of it while it is open."""
    text = window.proposal
    page = f"/en/tf/{text.task_force.slug}/proposals/{text.slug}/"
    client.force_login(leader)
    note_sign_in(client, leader, second_factor=True)
    assert "Feedback on it goes on" in client.get(f"{page}edit/end/").content.decode()
    lives.withdraw(text.pk, reasons={"en": "Why"}, editor=leader, at=AT)
    shown = Client().get(f"/en/tf/{text.task_force.slug}/feedback/{window.slug}/").content.decode()
    assert title_of(text).text in shown
    assert page in shown
    assert window.slug in Client().get(page).content.decode()
    clock.set(HARD_CLOSES)
    assert on_ending(text, "en") is None


@pytest.mark.long
@pytest.mark.parametrize("is_ended", [False, True])
def test_whoever_reads_of_an_open_window(
    window: FeedbackWindow, client: Client, leader: User, clock: Clock, is_ended: bool
) -> None:
    """On a text that has ended nobody is invited any more, and every page says what became of it; the window itself
    stays where it is, with its form."""
    clock.set(OPENS)
    text = window.proposal
    if is_ended:
        lives.withdraw(text.pk, reasons={"en": "We stop here."}, editor=leader, at=OPENS)
    group = f"/en/tf/{text.task_force.slug}/"
    page = f"{group}proposals/{text.slug}/"
    paragraph = text.units.order_by("pk")[0]
    shown = {
        name: client.get(address).content.decode()
        for name, address in {
            "text": page,
            "paragraph": f"{page}u/{paragraph.pk}/",
            "difference": f"{page}diff/0..1/",
            "task force": group,
            "window": f"{group}feedback/{window.slug}/",
        }.items()
    }
    assert ["Give feedback" in shown["text"], "Give feedback" in shown["task force"]] == [not is_ended] * 2
    assert ("Say something about the title" in shown["paragraph"]) is not is_ended
    assert all(f"/feedback/{window.slug}/" in shown[name] for name in ("text", "task force"))
    said = [name for name, said in shown.items() if "We stop here." in said]
    assert said == (["text", "paragraph", "difference", "window"] if is_ended else [])
    assert 'class="pt-form' in shown["window"]
    assert ("The text that this is about was withdrawn" in shown["window"]) is is_ended
