"""What a facilitator has entered is corrected until the close: by them alone, never over a change, and all is kept."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from feedback.models import FeedbackItem, FeedbackWindow, FeedbackWording
from feedback.services import OtherWording, Words, correct, enter, translate
from taskforce.accounts.models import RoleGrant, User
from taskforce.audit.models import Entry
from taskforce.core.errors import Invalid, Refused
from taskforce.questions.forms import Answer
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, HARD_CLOSES
from tests.feedback.pages import address, main_form, text_question
from tests.feedback.test_elsewhere import ENTER, SAID, facilitator, key, page, told
from tests.feedback.test_items import listed, read

__all__ = ["facilitator", "page"]
BETTER = "We were never asked in any language of ours."


@pytest.fixture
def item(window: FeedbackWindow, facilitator: User, clock: Clock) -> FeedbackItem:
    """Something that they have entered, which everybody reads."""
    return enter(window.pk, told(window, place_url="https://example.org/"), form_key=key(window), actor=facilitator)


def better(window: FeedbackWindow, **changes: Any) -> Any:
    question = window.questions.questions.get(kind="long-text")
    return told(window, answers=[Answer(question.pk, BETTER)], **changes)


def correction(browser: Client, item: FeedbackItem, **changes: Any) -> dict[str, Any]:
    """The page's form as it is filled in, with other words."""
    fields = main_form(browser, at(item))
    return {**fields, text_question(fields): BETTER, **changes}


def at(item: FeedbackItem) -> str:
    return f"{ENTER}{item.reference}/correct/"


def test_the_form_shows_what_stands_and_what_it_said_before_is_kept_without_who_spoke(
    page: Client, item: FeedbackItem
) -> None:
    assert at(item) in page.get(ENTER).content.decode()
    fields = main_form(page, at(item))
    assert (fields["spoke"], fields["said_on"], fields["channel"]) == ("contributor", "2022-02-10", "call")
    changed = correction(page, item, spoke="affiliate", channel="mail", said_on="2022-02-09")
    assert page.post(at(item), changed).status_code == 303
    item.refresh_from_db()
    assert (item.spoke, item.channel, item.said_on, item.edits) == ("affiliate", "mail", date(2022, 2, 9), 1)
    wording = FeedbackWording.objects.get()
    assert wording.answers[0]["text"] == SAID
    assert "volunteer" not in str(vars(wording))
    entry = Entry.objects.get(action="feedback.corrected")
    assert (entry.actor_id, entry.details["channel"]) == (item.entered_by_id, "mail")
    read = Client().get(f"{address()}items/{item.reference}/").content.decode()
    assert BETTER in read
    assert SAID not in read
    assert "corrected by who entered it" in read
    assert "volunteer" not in read
    found = Client().get(f"{address()}items/?q=any+language").content.decode()
    assert BETTER in found


def test_the_same_words_are_no_change(page: Client, item: FeedbackItem) -> None:
    assert page.post(at(item), main_form(page, at(item))).status_code == 303
    item.refresh_from_db()
    assert (item.edits, FeedbackWording.objects.count()) == (0, 0)


@pytest.mark.parametrize("is_known", [True, False], ids=["with the version", "without a look at it"])
def test_of_two_forms_the_second_is_shown_what_stands(page: Client, item: FeedbackItem, is_known: bool) -> None:
    """The twin says of the second form that it was shown after the first was sent: then the first is lost."""
    second = correction(page, item)
    page.post(at(item), correction(page, item, spoke="organizer"))
    sent = {**second, "spoke": "affiliate"}
    response = page.post(at(item), sent if is_known else {**sent, "version": "1"})
    item.refresh_from_db()
    assert item.spoke == ("organizer" if is_known else "affiliate")
    if not is_known:
        return
    html = response.content.decode()
    assert response.status_code == 409
    assert "organizer" in html
    assert 'value="affiliate"' in html
    # The form that came back can be sent as it stands.
    assert 'name="version" value="1"' in html
    assert page.post(at(item), {**sent, "version": "1"}).status_code == 303


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(page: Client, item: FeedbackItem) -> None:
    html = page.post(at(item), correction(page, item, spoke_words="jane@example.org", version="x")).content.decode()
    assert "no mail address" in html
    assert BETTER in html
    assert "This form has expired" in html
    item.refresh_from_db()
    assert item.edits == 0


def test_what_everybody_could_read_is_not_taken_away_from_them(
    page: Client, window: FeedbackWindow, facilitator: User, item: FeedbackItem
) -> None:
    assert 'value="staff"' not in page.get(at(item)).content.decode()
    said = better(window, visibility="staff")
    with pytest.raises(Invalid):
        correct(item.pk, said, version=0, form_key=key(window), actor=facilitator)
    assert correct(item.pk, replace(said, visibility="nameless"), version=0, form_key=key(window), actor=facilitator)
    read = Client().get(f"{address()}items/{item.reference}/").content.decode()
    assert "example.org" not in read
    assert "volunteer" not in read


def test_until_the_close_and_in_the_grace_by_a_form_from_before(
    window: FeedbackWindow, facilitator: User, page: Client, item: FeedbackItem, clock: Clock
) -> None:
    before = key(window, clock.set(CLOSES - timedelta(seconds=1)))
    fields = correction(page, item)
    clock.set(CLOSES + timedelta(seconds=1))
    assert correct(item.pk, better(window), version=0, form_key=before, actor=facilitator)
    with pytest.raises(Refused):
        correct(item.pk, told(window), version=1, form_key=key(window, CLOSES), actor=facilitator)
    clock.set(HARD_CLOSES)
    refused = page.post(at(item), {**fields, "version": "1", "spoke": "organizer"})
    assert refused.status_code == 403
    assert "organizer" in refused.content.decode()
    assert "data-main" not in page.get(at(item)).content.decode()
    assert at(item) not in page.get(ENTER).content.decode()


def test_by_whoever_has_entered_it_as_long_as_they_may(
    window: FeedbackWindow, facilitator: User, people: dict[str, User], page: Client, item: FeedbackItem
) -> None:
    with pytest.raises(Refused):
        correct(item.pk, better(window), version=0, form_key=key(window), actor=people["coordinator"])
    with pytest.raises(Refused):
        correct(item.pk, better(window, language="ar"), version=0, form_key=key(window), actor=facilitator)
    with pytest.raises(Invalid):
        correct(item.pk, better(window, channel="web"), version=0, form_key=key(window), actor=facilitator)
    with pytest.raises(OtherWording):
        correct(item.pk, better(window), version=1, form_key=key(window), actor=facilitator)
    page.post(f"{ENTER}{item.reference}/take-back/", {"reason": "Said twice."})
    with pytest.raises(Refused):
        correct(item.pk, better(window), version=0, form_key=key(window), actor=facilitator)
    assert page.get(at(item)).status_code == 303
    RoleGrant.objects.filter(user=facilitator).delete()
    with pytest.raises(Refused):
        correct(item.pk, better(window), version=0, form_key=key(window), actor=facilitator)


def test_what_is_taken_off_is_in_no_translation(
    page: Client, item: FeedbackItem, window: FeedbackWindow, people: dict[str, User]
) -> None:
    """Nor found by its words."""
    question = window.questions.questions.get(kind="long-text").pk
    words = Words({question: "Niemand hat uns gefragt."}, "", 0, 0)
    translate(item.pk, "de", words, actor=people["coordinator"], at=item.received_at)
    assert "Niemand hat uns" in read(item, "de")
    assert listed("?q=niemand") == [item.reference]
    assert page.post(at(item), correction(page, item)).status_code == 303
    assert "Niemand hat uns" not in read(item, "de")
    assert listed("?q=niemand") == []
