"""Who can take part: anybody, or whoever has an account, which nobody but its owner ever meets."""

import json
from typing import Any

import pytest

from feedback import services
from feedback.enums import Participation
from feedback.models import FeedbackDraft, FeedbackItem, FeedbackWindow
from taskforce.accounts.models import User
from taskforce.core.errors import Refused
from taskforce.timeline.gates import new_form_key, read_form_key
from tests.clients import Client
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address, filled, main_form, text_question

WORDS = "Leaders grow where they are trusted."


@pytest.fixture
def closed_circle(window: FeedbackWindow) -> FeedbackWindow:
    """The same window, for whoever has an account."""
    FeedbackWindow.objects.filter(pk=window.pk).update(participation=Participation.ACCOUNT)
    window.refresh_from_db()
    return window


@pytest.fixture
def member(people: dict[str, User]) -> User:
    return people["member"]


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def item() -> FeedbackItem:
    return FeedbackItem.objects.get()


def test_who_has_no_account_signs_in_and_finds_what_was_typed(
    closed_circle: FeedbackWindow, visitor: Client, member: User
) -> None:
    page = visitor.get(address()).content.decode()
    assert "You need an account to send this." in page
    assert "You need no account" not in page
    response = visitor.post(address(), filled(visitor))
    assert response.status_code == 302
    assert f"next={address()}" in response.headers["Location"]
    assert not FeedbackItem.objects.exists()
    visitor.force_login(member)
    fields = main_form(visitor, address())
    assert fields[text_question(fields)] == WORDS
    assert visitor.post(address(), fields).status_code == 303
    assert item().author == member
    assert not FeedbackDraft.objects.exists()


def test_an_error_is_said_before_anybody_signs_in(closed_circle: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor)
    response = visitor.post(address(), {**fields, text_question(fields): ""})
    assert "Please answer at least one question." in response.content.decode()
    assert not FeedbackDraft.objects.exists()


def test_the_service_asks_too(closed_circle: FeedbackWindow) -> None:
    key = read_form_key(new_form_key(OPENS, closed_circle.phase_id), closed_circle.phase_id)
    said: dict[str, Any] = {"language": "en", "visibility": "nameless", "name": "", "answers": []}
    with pytest.raises(Refused):
        services.submit(closed_circle.pk, form_key=key, **said)


def test_where_nobody_needs_an_account_none_is_kept(window: FeedbackWindow, member: User) -> None:
    client = signed_in(member)
    assert client.post(address(), filled(client)).status_code == 303
    assert item().author is None
    key = read_form_key(new_form_key(OPENS, window.phase_id), window.phase_id)
    said: dict[str, Any] = {"language": "en", "visibility": "nameless", "name": "", "answers": []}
    assert services.submit(window.pk, form_key=key, **said, author_id=member.pk).item.author is None


def test_nobody_but_its_owner_meets_the_account(
    closed_circle: FeedbackWindow, member: User, people: dict[str, User]
) -> None:
    client = signed_in(member)
    own = client.post(address(), filled(client)).headers["Location"]
    assert f'href="{own}"' in client.get("/en/accounts/email/").content.decode()
    assert own not in signed_in(people["coordinator"]).get("/en/accounts/email/").content.decode()
    staff = signed_in(people["moderator"])
    for reader, path in (
        (Client(), f"{address()}items/"),
        (Client(), f"{address()}items/{item().reference}/"),
        (Client(), "/open-data/leadership-development/feedback.json"),
        (staff, "/en/admin/feedback/feedbackitem/"),
        (staff, f"/en/admin/feedback/feedbackitem/{item().pk}/change/"),
    ):
        shown = reader.get(path).content.decode()
        assert item().reference in shown, path
        assert member.email not in shown, path
        assert member.name not in shown, path


def test_it_is_in_the_file_of_ones_own_data(closed_circle: FeedbackWindow, member: User) -> None:
    client = signed_in(member)
    client.post(address(), filled(client))
    file = client.post("/en/accounts/data/")
    raw = b"".join(file.streaming_content) if file.streaming else file.content  # type: ignore[attr-defined]
    assert item().reference in raw.decode()
    assert WORDS in json.dumps(json.loads(raw), ensure_ascii=False)


def test_whose_account_lists_what_they_said_reads_so_and_whose_does_not_too(
    window: FeedbackWindow, visitor: Client, member: User
) -> None:
    known, only = "nothing of that is kept with what you say here", "it is the only way back to your text"
    theirs = signed_in(member)
    assert known not in visitor.get(address()).content.decode()
    assert known in theirs.get(address()).content.decode()
    assert only in theirs.get(theirs.post(address(), filled(theirs)).headers["Location"]).content.decode()
    FeedbackWindow.objects.filter(pk=window.pk).update(participation=Participation.ACCOUNT)
    assert known not in theirs.get(address()).content.decode()
    fields = filled(theirs)
    fields[text_question(fields)] = "Other words that are long enough."
    own = theirs.get(theirs.post(address(), fields).headers["Location"]).content.decode()
    assert only not in own
    assert "The page of your account lists this text." in own
