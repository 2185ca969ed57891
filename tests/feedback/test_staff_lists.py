"""What the staff side says of items beside their words: who may read them, and what its author has not confirmed."""

import pytest

from feedback import services
from feedback.models import FeedbackItem, FeedbackUnconfirmed, FeedbackWindow
from feedback.services.editing import OtherCorrection
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from tests.feedback.conftest import AT, OPENS
from tests.feedback.test_elsewhere import key, told
from tests.feedback.test_items import say
from tests.feedback.test_queue import as_person

LIST = "/en/admin/feedback/feedbackitem/"
NAMELESS = "Public, without who spoke and where it is to be read"
Cast = dict[str, User]


def entered(window: FeedbackWindow, people: Cast) -> FeedbackItem:
    said = told(window, visibility="nameless")
    return services.enter(window.pk, said, form_key=key(window), actor=people["facilitator"])


def test_of_what_was_said_elsewhere_it_says_who_may_read_it_in_the_words_of_its_form(
    window: FeedbackWindow, people: Cast
) -> None:
    item = entered(window, people)
    client = as_person(people["moderator"])
    for path in (LIST, f"{LIST}{item.pk}/change/"):
        assert NAMELESS in client.get(path).content.decode(), path
    own = say(window, "Words.", visibility="nameless")
    for path in (LIST, f"{LIST}{own.pk}/change/"):
        page = client.get(path).content.decode()
        assert "Everybody, without a name" in page, "of others, in words for staff"
        assert "I give" not in page


def test_the_list_says_how_much_waits_for_a_mail_of_its_author(window: FeedbackWindow, people: Cast) -> None:
    """To staff of the task force, and nothing of what it says."""
    client, words = as_person(people["observer"]), "until its author confirms the mail address"
    assert words not in client.get(LIST).content.decode()
    FeedbackUnconfirmed.objects.create(
        window=window,
        form_key="a",
        fields_digest="a",
        token_hash="a",
        said={"name": "Amani"},
        answers=[],
        sent_at=OPENS,
    )
    page = client.get(LIST).content.decode()
    assert words in page
    assert "Amani" not in page
    stranger = create_account("stranger@demo.example", at=AT)
    grant_role(stranger, Role.OBSERVER, at=AT, actor_id=None, task_force_id=10_000)
    assert words not in as_person(stranger).get(LIST).content.decode()


def test_who_corrects_anothers_words_is_not_told_of_their_own_text(window: FeedbackWindow, people: Cast) -> None:
    item = entered(window, people)
    FeedbackItem.objects.filter(pk=item.pk).update(edits=1)
    with pytest.raises(OtherCorrection) as caught:
        services.correct(
            item.pk, told(window, spoke="affiliate"), version=0, form_key=key(window), actor=people["facilitator"]
        )
    assert "Your text" not in f"{caught.value.title} {caught.value.message}"
