"""A window in which each text is read by a moderator before it appears: nothing stands by itself, and all are told."""

import pytest

from feedback import services
from feedback.models import FeedbackItem, FeedbackWindow
from taskforce.accounts.models import User
from tests.clients import Client
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address, fresh, main_form, text_question
from tests.feedback.test_items import listed, say

SAID = "Each text is read by a moderator before it appears"


@pytest.fixture
def read_first(window: FeedbackWindow) -> FeedbackWindow:
    FeedbackWindow.objects.update(is_read_first=True)
    return FeedbackWindow.objects.get()


def test_the_form_says_so_and_nothing_stands_until_somebody_lets_it(
    read_first: FeedbackWindow, visitor: Client, people: dict[str, User]
) -> None:
    assert SAID in visitor.get(address()).content.decode()
    assert SAID in visitor.get(f"{address()}items/").content.decode()
    own = visitor.post(address(), fresh(visitor, visibility="nameless")).headers["Location"]
    item = FeedbackItem.objects.get()
    assert (item.state, item.suspicion, item.was_public) == ("held", "", False)
    assert "reads your text before anybody else can" in visitor.get(own).content.decode()
    assert listed() == []
    staff = Client()
    staff.force_login(people["moderator"])
    queue = staff.get("/en/admin/feedback/feedbackitem/queue/").content.decode()
    assert item.reference in queue
    assert "In this window each text is read first." in queue
    services.moderate(item.pk, "publish", reason="Fine.", actor=people["moderator"], at=OPENS)
    assert listed() == [item.reference]


def test_what_its_author_changes_is_read_again(
    read_first: FeedbackWindow, visitor: Client, people: dict[str, User]
) -> None:
    own = visitor.post(address(), fresh(visitor, visibility="nameless")).headers["Location"]
    item = FeedbackItem.objects.get()
    services.moderate(item.pk, "publish", reason="Fine.", actor=people["moderator"], at=OPENS)
    fields = main_form(visitor, f"{own}edit/")
    changed = visitor.post(f"{own}edit/", {**fields, text_question(fields): "Something else than was read."})
    assert changed.status_code == 303
    item.refresh_from_db()
    assert item.state == "held"
    assert listed() == []


def test_elsewhere_people_are_not_told_so(window: FeedbackWindow, visitor: Client) -> None:
    for page in (address(), f"{address()}items/"):
        assert SAID not in visitor.get(page).content.decode()
    assert say(window, "Words.").state == "published"
