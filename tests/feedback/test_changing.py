"""Changing what one has said: by its link, until the close, with nothing lost."""

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import InternalError

from feedback import queries, services, suspects
from feedback.forms.keyed import HONEYPOT
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow, FeedbackWording
from feedback.services import moderate
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Invalid
from taskforce.limits import table
from taskforce.timeline.gates import read_form_key
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import AT, CLOSES, HARD_CLOSES
from tests.feedback.pages import address, filled, main_form, parsed, text_question
from tests.feedback.test_replay import in_parallel

FIRST = "Leaders grow where they are trusted."
SECOND = "Leaders grow where they may err."


@pytest.fixture
def own(window: FeedbackWindow, visitor: Client) -> str:
    """The link of a text that was sent."""
    return visitor.post(address(), filled(visitor, visibility="public", name="Ada")).headers["Location"]


def form_of(visitor: Client, own: str, **changes: Any) -> dict[str, Any]:
    """The fields of the form that changes it, as a browser sends them."""
    fields: dict[str, Any] = dict(main_form(visitor, f"{own}edit/"))
    return {**fields, text_question(fields): SECOND, **changes}


def item() -> FeedbackItem:
    return FeedbackItem.objects.get()


def test_the_form_holds_what_was_said_and_takes_what_is_said_now(own: str, visitor: Client, clock: Clock) -> None:
    assert f'href="{own}edit/"' in visitor.get(own).content.decode()
    fields = main_form(visitor, f"{own}edit/")
    assert (fields[text_question(fields)], fields["visibility"], fields["name"]) == (FIRST, "public", "Ada")
    before = item()
    clock.set(CLOSES - timedelta(days=1))
    changed = form_of(visitor, own, visibility="nameless", name="", language="fr")
    response = visitor.post(f"{own}edit/", changed)
    assert (response.status_code, response.headers["Location"]) == (303, own)
    now = item()
    assert (now.language, now.visibility, now.name, now.state) == ("fr", "nameless", "", "published")
    assert (now.reference, now.received_at, now.edits) == (before.reference, before.received_at, 1)
    assert now.edited_at is not None
    assert FeedbackAnswer.objects.get().text == SECOND
    assert "may err" in now.search_text
    html = visitor.get(own).content.decode()
    assert SECOND in html
    assert FIRST not in html
    assert "Your text is changed." in html


def test_what_was_said_before_is_kept_and_only_staff_see_it(
    own: str, visitor: Client, people: dict[str, User], clock: Clock
) -> None:
    visitor.post(f"{own}edit/", form_of(visitor, own))
    (wording,) = FeedbackWording.objects.all()
    assert (wording.number, wording.visibility, wording.said_at) == (1, "public", item().received_at)
    assert [answer["text"] for answer in wording.answers] == [FIRST]
    assert "Ada" not in str(wording.answers)
    staff = Client()
    staff.force_login(people["moderator"])
    assert FIRST in staff.get(f"/en/admin/feedback/feedbackitem/{item().pk}/change/").content.decode()
    for page in (f"{address()}items/", f"{address()}items/{item().reference}/"):
        html = Client().get(page).content.decode()
        assert SECOND in html
        assert FIRST not in html
        assert "changed by its author" in html
    (row,) = Client().get("/open-data/leadership-development/feedback.json").json()
    assert (row["changed_on"], row["licence"]) == (item().edited_at.date().isoformat(), "CC-BY-SA-4.0")  # type: ignore[union-attr]
    (entry,) = Entry.objects.filter(action="feedback.edited")
    assert (entry.target_id, entry.actor_id, entry.details["in_grace"]) == (item().pk, None, False)
    assert SECOND not in str(entry.details)


def test_an_earlier_wording_is_neither_changed_nor_deleted(own: str, visitor: Client) -> None:
    visitor.post(f"{own}edit/", form_of(visitor, own))
    for spoil in (
        lambda: FeedbackWording.objects.update(answers=[]),
        lambda: FeedbackWording.objects.all().delete(),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            spoil()


def test_what_has_no_name_says_the_day_of_its_change_alone(own: str, visitor: Client, clock: Clock) -> None:
    clock.set(CLOSES - timedelta(days=2, hours=3, minutes=7))
    visitor.post(f"{own}edit/", form_of(visitor, own, visibility="nameless", name=""))
    edited = item().edited_at
    assert edited is not None
    html = Client().get(f"{address()}items/{item().reference}/").content.decode()
    assert f'datetime="{edited.date().isoformat()}"' in html
    assert edited.strftime("%H:%M") not in html


def test_the_same_words_are_no_change(own: str, visitor: Client) -> None:
    fields = main_form(visitor, f"{own}edit/")
    assert visitor.post(f"{own}edit/", fields).status_code == 303
    changed = form_of(visitor, own)
    for _ in range(2):
        assert visitor.post(f"{own}edit/", changed).status_code == 303
    assert (item().edits, FeedbackWording.objects.count()) == (1, 1)
    assert Entry.objects.filter(action="feedback.edited").count() == 1


def test_who_was_overtaken_sees_both_and_can_send_theirs_after_all(own: str, visitor: Client) -> None:
    mine, other = form_of(visitor, own), form_of(visitor, own)
    visitor.post(f"{own}edit/", {**other, text_question(other): "From another tab."})
    response = visitor.post(f"{own}edit/", mine)
    html = response.content.decode()
    assert response.status_code == 409
    assert "From another tab." in html
    assert f"{SECOND}</textarea>" in html
    assert FeedbackAnswer.objects.get().text == "From another tab."
    again = parsed(html).fields
    assert again is not None
    assert visitor.post(f"{own}edit/", again).status_code == 303
    assert FeedbackAnswer.objects.get().text == SECOND
    assert [wording.number for wording in FeedbackWording.objects.all()] == [1, 2]


def test_the_close_ends_it_and_the_page_says_when_it_was(own: str, visitor: Client, clock: Clock) -> None:
    fields = form_of(visitor, own)
    clock.set(HARD_CLOSES)
    page = visitor.get(f"{own}edit/")
    html = page.content.decode()
    assert page.status_code == 200
    assert parsed(html).fields is None
    assert "You could change your text until" in html
    # The rule, the instant of it, and the reader's own time, which their browser writes beside it.
    until = html.split("You could change your text until", 1)[1].split("</p>", 1)[0]
    assert f'<time datetime="{CLOSES:%Y-%m-%dT%H:%M}' in until
    assert f"{own}edit/" not in visitor.get(own).content.decode()
    response = visitor.post(f"{own}edit/", fields)
    assert response.status_code == 403
    assert SECOND in response.content.decode()
    assert item().edits == 0
    wrong = visitor.post(f"{own}edit/", {**fields, "visibility": "everybody"})
    assert wrong.status_code == 403


def test_the_grace_is_for_forms_from_before_the_close(own: str, visitor: Client, clock: Clock) -> None:
    fields = form_of(visitor, own)
    clock.set(CLOSES + timedelta(seconds=30))
    assert visitor.post(f"{own}edit/", fields).status_code == 303
    assert Entry.objects.get(action="feedback.edited").details["in_grace"] is True
    assert parsed(visitor.get(f"{own}edit/").content.decode()).fields is None


def test_what_was_hidden_or_withdrawn_is_not_changed(own: str, visitor: Client, people: dict[str, User]) -> None:
    fields = form_of(visitor, own)
    moderate(item().pk, "hide", rule="private", reason="It names somebody.", actor=people["moderator"], at=AT)
    page = visitor.get(f"{own}edit/").content.decode()
    assert parsed(page).fields is None
    assert "This text was hidden" in page
    refused = visitor.post(f"{own}edit/", fields)
    assert refused.status_code == 403
    assert SECOND in refused.content.decode()
    services.withdraw(item().pk, at=AT)
    assert visitor.get(f"{own}edit/").headers["Location"] == own
    assert visitor.post(f"{own}edit/", fields).status_code == 403
    assert item().edits == 0


def test_a_changed_text_is_judged_anew(own: str, visitor: Client) -> None:
    spam = "https://a.example https://b.example https://c.example"
    fields = form_of(visitor, own)
    visitor.post(f"{own}edit/", {**fields, text_question(fields): spam})
    now = item()
    assert (now.state, now.suspicion, now.state_reason) == ("held", "links", "")
    # What is held stays so until somebody has read it, whatever it says then.
    visitor.post(f"{own}edit/", form_of(visitor, own))
    now = item()
    assert (now.state, now.suspicion, now.edits) == ("held", "links", 2)
    # What stood keeps its address, without its words.
    html = Client().get(f"{address()}items/{now.reference}/").content.decode()
    assert "This text is being looked at" in html
    assert "a.example" not in html


def test_a_text_is_not_held_for_being_like_itself(own: str, visitor: Client) -> None:
    long = "A task force has to say what it wants before it asks anybody to join it, and to whom it answers."
    fields = form_of(visitor, own)
    visitor.post(f"{own}edit/", {**fields, text_question(fields): long})
    fields = form_of(visitor, own)
    visitor.post(f"{own}edit/", {**fields, text_question(fields): f"{long} Soon."})
    assert (item().suspicion, item().edits) == ("", 2)


def test_the_trap_holds_it(own: str, visitor: Client) -> None:
    visitor.post(f"{own}edit/", form_of(visitor, own, **{HONEYPOT: "x"}))
    assert (item().state, item().suspicion) == ("held", "trap")


def test_what_everybody_could_read_stays_public(own: str, visitor: Client) -> None:
    fields = form_of(visitor, own)
    assert 'value="staff"' not in visitor.get(f"{own}edit/").content.decode()
    assert visitor.post(f"{own}edit/", {**fields, "visibility": "staff"}).status_code == 200
    assert item().visibility == "public"
    with pytest.raises(Invalid):
        services.edit(
            item().pk, version=0, form_key=_key(fields, item()), language="en", visibility="staff", name="", answers=[]
        )


def _key(fields: dict[str, Any], found: FeedbackItem) -> Any:
    return read_form_key(fields["form_key"], found.window.phase_id)


def test_what_was_for_staff_may_become_public_and_is_known_from_then_on(
    window: FeedbackWindow, visitor: Client
) -> None:
    own = visitor.post(address(), filled(visitor, visibility="staff")).headers["Location"]
    assert Client().get(f"{address()}items/{item().reference}/").status_code == 404
    visitor.post(f"{own}edit/", form_of(visitor, own, visibility="nameless"))
    assert SECOND in Client().get(f"{address()}items/{item().reference}/").content.decode()


def test_an_answer_that_is_emptied_goes_and_one_that_is_not_asked_for_stays(own: str, visitor: Client) -> None:
    fields = form_of(visitor, own)
    choice = next(name for name in parsed(visitor.get(f"{own}edit/").content.decode()).radios if name.startswith("q-"))
    visitor.post(f"{own}edit/", {**fields, choice: "yes", text_question(fields): ""})
    (answer,) = FeedbackAnswer.objects.all()
    assert (answer.choices, answer.text) == (["yes"], "")
    assert main_form(visitor, f"{own}edit/")[choice] == "yes"


def test_nothing_is_saved_where_nothing_is_said_any_more(own: str, visitor: Client) -> None:
    fields = form_of(visitor, own)
    response = visitor.post(f"{own}edit/", {**fields, text_question(fields): ""})
    assert "Please answer at least one question." in response.content.decode()
    assert item().edits == 0


@pytest.mark.parametrize("given", ["", "x", "-1", "99999999999999999999"])
def test_a_form_without_its_version_is_sent_again(own: str, visitor: Client, given: str) -> None:
    response = visitor.post(f"{own}edit/", form_of(visitor, own, version=given))
    html = response.content.decode()
    assert "This form has expired." in html
    again = parsed(html).fields
    assert again is not None
    assert visitor.post(f"{own}edit/", again).status_code == 303
    assert FeedbackAnswer.objects.get().text == SECOND


def test_many_changes_are_too_many(own: str, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "EDITED_FEEDBACK", table.EDITED_FEEDBACK._replace(most=1))
    visitor.post(f"{own}edit/", form_of(visitor, own))
    fields = form_of(visitor, own)
    response = visitor.post(f"{own}edit/", {**fields, text_question(fields): "A third one."})
    assert response.status_code == 429
    assert response.headers["Retry-After"]
    assert "A third one.</textarea>" in response.content.decode()
    assert item().edits == 1


def test_the_first_form_again_still_leads_to_the_receipt(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor)
    own = visitor.post(address(), fields).headers["Location"]
    visitor.post(f"{own}edit/", form_of(visitor, own))
    assert visitor.post(address(), fields).headers["Location"] == own
    assert FeedbackAnswer.objects.get().text == SECOND


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("is_locked", "statuses"), [(True, [303, 409]), (False, [303, 500])])
def test_of_two_changes_at_once_one_is_told_of_the_other(
    committed: None,
    window: FeedbackWindow,
    monkeypatch: pytest.MonkeyPatch,
    is_locked: bool,
    statuses: list[int],
) -> None:
    """The twin: where neither waits for the other, both take the item for as it was, and only the row of the earlier
    wording, which there can be but once, keeps one from being lost."""
    own = Client().post(address(), filled(Client())).headers["Location"]
    forms = [form_of(Client(), own) for _ in range(2)]
    if not is_locked:
        both = Barrier(2)

        def glance(item_id: int) -> FeedbackItem:
            found = FeedbackItem.objects.select_related("window__phase").get(pk=item_id)
            both.wait(20)
            return found

        monkeypatch.setattr(queries, "locked", glance)

    def change(turn: int) -> int:
        client, fields = Client(raise_request_exception=False), forms[turn]
        return client.post(f"{own}edit/", {**fields, text_question(fields): f"By number {turn}."}).status_code

    assert sorted(in_parallel(2, change)) == statuses
    assert FeedbackWording.objects.count() == item().edits == 1


def test_the_check_that_fails_holds_it(own: str, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = form_of(visitor, own)
    monkeypatch.setattr(suspects, "_reasons", lambda said: 1 / 0)
    visitor.post(f"{own}edit/", fields)
    assert (item().state, item().suspicion) == ("held", "unchecked")
