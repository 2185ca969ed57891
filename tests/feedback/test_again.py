"""The same words again in another form of the same browser (somebody went back): one item, one receipt, a note."""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from http.cookies import Morsel

import pytest
from django.conf import settings

from feedback import sent
from feedback.enums import Participation
from feedback.models import FeedbackItem, FeedbackWindow
from proposals.models import Proposal, Revision
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core import sealedlinks
from taskforce.core.clock import real_now
from taskforce.timeline.gates import new_form_key
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, HARD_CLOSES, OPENS
from tests.feedback.pages import address, filled, fresh, limited, parsed, text_question

NOTE = "You had already sent this. It was received once: this is its receipt."


def kept(client: Client) -> "Morsel[str]":
    return client.cookies["sent"]


def references(client: Client) -> list[str]:
    """What the cookie says, for the portal alone."""
    return list(sealedlinks.unseal(kept(client).value, "feedback.sent")[0])


@pytest.mark.long
def test_going_back_and_sending_again_leads_to_the_first_receipt(window: FeedbackWindow, visitor: Client) -> None:
    first = visitor.post(address(), filled(visitor))
    assert NOTE not in visitor.get(first.headers["Location"]).content.decode()
    second = visitor.post(address(), filled(visitor))
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])
    assert NOTE in visitor.get(second.headers["Location"]).content.decode()
    assert NOTE not in visitor.get(second.headers["Location"]).content.decode(), "it is said once"
    assert FeedbackItem.objects.count() == 1
    assert Entry.objects.filter(action="feedback.submitted").count() == 1


@pytest.mark.parametrize("change", [{"visibility": "staff"}, {"language": "fr"}, {"text": "Other words."}])
def test_anything_else_is_another_item(window: FeedbackWindow, visitor: Client, change: dict[str, str]) -> None:
    first = visitor.post(address(), filled(visitor))
    fields = filled(visitor)
    question = text_question(fields)
    changes = {question if name == "text" else name: value for name, value in change.items()}
    second = visitor.post(address(), {**fields, **changes})
    assert second.headers["Location"] != first.headers["Location"]
    assert FeedbackItem.objects.count() == 2


def test_another_person_may_say_the_same(window: FeedbackWindow, visitor: Client) -> None:
    visitor.post(address(), filled(visitor))
    visitor.post(address(), filled(other := Client(enforce_csrf_checks=True)))
    assert other.post(address(), filled(other)).status_code == 303
    assert FeedbackItem.objects.count() == 2


def test_the_same_choice_is_not_the_same_words(window: FeedbackWindow, visitor: Client) -> None:
    """A device goes round the table, and everybody only chooses."""
    choice = f"q-{window.questions.questions.get(position=2).pk}"
    for _ in range(2):
        fields = filled(visitor, **{choice: "yes"})
        visitor.post(address(), {**fields, text_question(fields): ""})
    assert FeedbackItem.objects.count() == 2


def test_short_words_may_be_another_person_s(window: FeedbackWindow, visitor: Client) -> None:
    places = set()
    for _ in range(2):
        fields = filled(visitor)
        places.add(visitor.post(address(), {**fields, text_question(fields): "Yes, I agree."}).headers["Location"])
    assert len(places) == FeedbackItem.objects.count() == 2


def test_about_another_revision_it_is_said_anew(
    window: FeedbackWindow, text: Proposal, visitor: Client, clock: Clock
) -> None:
    visitor.post(address(), filled(visitor))
    clock.set(CLOSES - timedelta(days=5))
    Revision.objects.create(proposal=text, number=2, language="en", editor_name="Editor", at=CLOSES - timedelta(days=6))
    visitor.post(address(), filled(visitor))
    assert FeedbackItem.objects.count() == 2


def test_what_was_withdrawn_can_be_said_again(window: FeedbackWindow, visitor: Client) -> None:
    first = visitor.post(address(), filled(visitor)).headers["Location"]
    visitor.post(f"{first}withdraw/", filled(visitor, f"{first}withdraw/", confirm="on"))
    assert visitor.post(address(), filled(visitor)).headers["Location"] != first
    assert FeedbackItem.objects.count() == 2


def test_the_browser_keeps_references_sealed_and_for_an_hour(window: FeedbackWindow, visitor: Client) -> None:
    location = visitor.post(address(), filled(visitor)).headers["Location"]
    cookie = kept(visitor)
    assert (cookie["path"], cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (
        "/",
        3600,
        True,
        "Lax",
    )
    assert references(visitor) == [FeedbackItem.objects.get().reference]
    assert FeedbackItem.objects.get().reference not in cookie.value
    assert location.rstrip("/").rsplit("/", 1)[1] not in cookie.value


@pytest.mark.parametrize("forged", ["{reference}", "{reference}:1abcde:forged", "", ":::", "\u00ff"])
def test_a_forged_cookie_leads_to_nobodys_receipt(window: FeedbackWindow, visitor: Client, forged: str) -> None:
    first = visitor.post(address(), filled(visitor)).headers["Location"]
    visitor.cookies["sent"] = forged.format(reference=FeedbackItem.objects.get().reference)
    assert visitor.post(address(), filled(visitor)).headers["Location"] != first
    assert FeedbackItem.objects.count() == 2


def test_no_account_is_to_be_read_from_it_and_signing_out_drops_it(
    window: FeedbackWindow, people: dict[str, User]
) -> None:
    """A shared device says nothing of who sat there: in letters, numbers, or a code that is the same elsewhere."""
    client = Client()
    client.force_login(people["member"])
    client.post(address(), fresh(client, visibility="nameless"))
    said = urlsafe_b64decode(kept(client).value + "===")
    for told in (FeedbackItem.objects.get().reference, str(people["member"].pk)):
        assert told not in kept(client).value
        assert told.encode() not in said
    client.get("/en/accounts/logout/")
    assert kept(client).value, "it is only asked about"
    client.cookies["portal_language"] = "en"
    answer = client.post("/en/accounts/logout/")
    dropped = answer.cookies["sent"]
    assert (dropped.value, dropped["max-age"], dropped["path"]) == ("", 0, "/")
    assert "portal_language" not in answer.cookies


def test_after_its_hour_the_cookie_counts_no_more(
    window: FeedbackWindow, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = visitor.post(address(), filled(visitor)).headers["Location"]
    later = real_now() + timedelta(hours=1)
    monkeypatch.setattr(sent, "real_now", lambda: later)
    assert visitor.post(address(), filled(visitor)).headers["Location"] != first


@pytest.mark.long
def test_the_last_five_are_kept(window: FeedbackWindow, visitor: Client) -> None:
    question = text_question(filled(visitor))
    for turn in range(7):
        visitor.post(address(), {**filled(visitor), question: f"Leaders grow where they are trusted. {turn}"})
    sent_now = FeedbackItem.objects.order_by("id").values_list("reference", flat=True)
    assert references(visitor) == list(sent_now)[-5:]
    visitor.post(address(), {**filled(visitor), question: "Leaders grow where they are trusted. 6"})
    assert FeedbackItem.objects.count() == 7


@pytest.mark.long
def test_sending_the_same_over_and_over_is_too_often_too(
    window: FeedbackWindow, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, 3)
    assert [visitor.post(address(), filled(visitor)).status_code for _ in range(4)] == [303, 303, 303, 429]
    assert FeedbackItem.objects.count() == 1


@pytest.mark.long
def test_after_the_close_it_is_refused_with_the_way_to_the_first(
    window: FeedbackWindow, visitor: Client, standing: Callable[[datetime], None]
) -> None:
    standing(CLOSES - timedelta(seconds=2))
    first = visitor.post(address(), filled(visitor)).headers["Location"]
    fields = filled(visitor)
    standing(HARD_CLOSES)
    response = visitor.post(address(), fields)
    html = response.content.decode()
    assert response.status_code == 403
    assert f'<a href="{first}">' in html
    assert "It closed: 28 February 2022, anywhere on Earth (AoE)" in html
    assert "has not been saved" not in html.partition("<main")[2]
    other = visitor.post(
        address(), {**fields, "form_key": new_form_key(OPENS, window.phase_id), text_question(fields): "New."}
    )
    assert "has not been saved" in other.content.decode().partition("<main")[2]
    assert first not in other.content.decode()


@pytest.mark.parametrize("way", ["the same words", "the same form", "the same form with an error"])
def test_another_account_in_the_same_browser_never_comes_to_the_first_ones_text(
    window: FeedbackWindow, people: dict[str, User], way: str
) -> None:
    """FAILS where somebody is led to the private page of somebody else: with it they could change what those said, or
    withdraw it."""
    FeedbackWindow.objects.update(participation=Participation.ACCOUNT)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people["member"])
    fields = filled(browser)
    first = browser.post(address(), fields).headers["Location"]
    again = browser.post(address(), fields).headers["Location"]
    assert again == first, "the twin: one's own form again is one's own text"
    browser.force_login(people["applicant"])
    mine = filled(browser)
    typed = mine if way == "the same words" else {**fields, "csrfmiddlewaretoken": mine["csrfmiddlewaretoken"]}
    if way == "the same form with an error":
        typed["language"] = "xx-nothing"
    response = browser.post(address(), typed)
    html = response.content.decode()
    assert first not in html
    if way == "the same words":
        assert response.headers["Location"] != first
        assert set(FeedbackItem.objects.values_list("author__email", flat=True)) == {
            people[name].email for name in ("member", "applicant")
        }
        return
    assert response.status_code == 409
    assert "This form was sent from another account before." in html
    assert fields[text_question(fields)] in html
    assert FeedbackItem.objects.count() == 1
    shown = parsed(html).fields
    assert shown
    assert browser.post(address(), {**shown, "language": "en", "act": "send"}).status_code == 303
    assert FeedbackItem.objects.count() == 2


def test_where_a_browser_has_changed_hands_nobody_is_led_to_the_others_text(
    window: FeedbackWindow, people: dict[str, User]
) -> None:
    """FAILS where, in a window for anybody, the receipt of one account is handed to another, or to nobody."""
    browser = Client(enforce_csrf_checks=True)
    found = []
    for person in ("member", "applicant", None, "member"):
        if person:
            browser.force_login(people[person])
        else:
            browser.cookies.pop(settings.SESSION_COOKIE_NAME)
        found.append(browser.post(address(), filled(browser)).headers["Location"])
    assert len(set(found)) == 4
    browser.force_login(people["member"])
    assert browser.post(address(), filled(browser)).headers["Location"] == found[-1]
