"""A window that asks in every way: what is sent is shown again, kept, compared and read as it was meant."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils.crypto import salted_hmac
from django.utils.html import escape

from feedback import services
from feedback.models import FeedbackItem, FeedbackWindow
from proposals.models import Proposal
from taskforce.accounts.models import User
from taskforce.core.text import digest
from taskforce.questions.forms import Answer
from taskforce.questions.models import Question
from taskforce.questions.services import create_set
from taskforce.timeline import gates
from taskforce.timeline.models import Phase
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import AT, OPENS, TITLES
from tests.feedback.pages import address, parsed
from tests.questions.test_kinds import LANGUAGE, LINE, REGION, SCALE, SEVERAL

PhaseOf = Callable[[str], Phase]


@pytest.fixture
def every_kind(text: Proposal, phase: PhaseOf, clock: Clock) -> FeedbackWindow:
    """A window that asks for a line, several choices, a number, a language and a region."""
    clock.set(OPENS + timedelta(hours=1))
    version = create_set("every", [LINE, SEVERAL, SCALE, LANGUAGE, REGION], at=AT)
    return services.publish_window(
        phase("feedback"), text, version, slug="responsibilities", titles=TITLES, introductions={}, at=AT
    )


def names(window: FeedbackWindow) -> list[str]:
    return [f"q-{pk}" for pk in window.questions.questions.order_by("position").values_list("pk", flat=True)]


def fields(client: Client, window: FeedbackWindow, **changes: Any) -> dict[str, Any]:
    """The form as it is shown, filled in."""
    shown = parsed(client.get(address()).content.decode()).fields
    assert shown is not None
    line, several, scale, language, region = names(window)
    filled = {line: "in short", several: ["c", "a"], scale: "5", language: "+", f"{language}-other": "Atayal of Wulai"}
    return {**shown, **filled, region: "sa", **changes}


def test_what_was_chosen_is_read_as_it_was_meant(
    every_kind: FeedbackWindow, client: Client, people: dict[str, User]
) -> None:
    sent = fields(client, every_kind)
    response = client.post(address(), sent)
    assert response.status_code == 303
    item = FeedbackItem.objects.get()
    stored = list(item.answers.order_by("question__position").values_list("text", "choices"))
    expected = [("in short", []), ("", ["a", "c"]), ("", ["5"]), ("Atayal of Wulai", ["mis"]), ("", ["sa"])]
    assert stored == expected
    client_of_staff = Client()
    client_of_staff.force_login(people["moderator"])
    receipt = client.get(response.headers["Location"]).content.decode()
    admin = client_of_staff.get(f"/en/admin/feedback/feedbackitem/{item.pk}/change/").content.decode()
    for page in (receipt, admin):
        for words in ("in short", "<li>Apples</li><li>Cheese</li>", "very much", "Atayal of Wulai", "South Asia"):
            assert words in page
    # The same form is the same receipt, however the boxes come; another box is another text.
    several = names(every_kind)[1]
    assert client.post(address(), {**sent, several: ["a", "c"]}).headers["Location"] == response.headers["Location"]
    other = client.post(address(), {**sent, several: ["a", "b", "c"]})
    assert other.status_code == 409
    page = other.content.decode()
    assert "<li>Apples</li><li>Cheese</li>" in page
    assert page.count("checked") >= 4, "the boxes, the number and the region of the second text"
    assert escape("Atayal of Wulai") in page


def test_after_an_error_everything_stands_where_it_was(every_kind: FeedbackWindow, client: Client) -> None:
    line, several, scale, language, region = names(every_kind)
    page = client.post(address(), fields(client, every_kind, **{line: "x" * 11, language: "de"})).content.decode()
    assert "too long" in page
    assert "You chose a language of the list too" in page
    for name, value in ((several, "a"), (several, "c"), (scale, "5"), (region, "sa")):
        assert f'name="{name}" value="{value}"' in page
    assert page.count(" checked") == 2 + 1 + 1 + 1, "boxes, number, region, and who may read it"
    assert 'value="de" selected' in page
    assert "Atayal of Wulai" in page


def test_what_was_typed_is_on_the_page_of_a_closed_window(
    every_kind: FeedbackWindow, client: Client, clock: Clock
) -> None:
    sent = fields(client, every_kind)
    clock.set(every_kind.phase.closes_at + timedelta(hours=1))
    page = client.post(address(), sent)
    assert page.status_code == 403
    for words in ("in short", "Apples", "Cheese", "very much", "Atayal of Wulai", "South Asia"):
        assert words in page.content.decode()


def test_a_form_of_before_there_were_several_keeps_its_receipt(window: FeedbackWindow) -> None:
    """The digest of a text and one choice is the one that stands in the database since."""
    first, second = Question.objects.filter(version=window.questions).order_by("position")
    key = gates.read_form_key(gates.new_form_key(OPENS, window.phase_id), window.phase_id)
    receipt = services.submit(
        window.pk, form_key=key, language="en", visibility="public", name="Ada",
        answers=[Answer(first.pk, "Words."), Answer(second.pk, choices=("yes",))],
    )  # fmt: skip
    before = digest([window.pk, "en", "public", "Ada", [[first.pk, "Words.", ""], [second.pk, "", "yes"]]])
    expected = salted_hmac("feedback.fields", before, algorithm="sha256").hexdigest()
    assert receipt.item.fields_digest == expected


def test_a_box_that_is_not_offered_and_a_field_sent_twice(every_kind: FeedbackWindow, client: Client) -> None:
    _line, several, scale, *_others = names(every_kind)
    data = QueryDict(mutable=True)
    for name, value in fields(client, every_kind).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    data.setlist(scale, ["1", "2"])
    data.setlist(several, ["a", "zzz"])
    page = client.post(address(), data.urlencode(), content_type="application/x-www-form-urlencoded").content.decode()
    assert "This was sent more than once." in page
    assert "Please choose among the answers given here." in page
