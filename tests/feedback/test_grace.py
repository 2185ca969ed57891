"""After the shown close: the page is closed, a form from before it still arrives, marked, and nothing arrives twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection

from feedback import queries, services
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from feedback.services import moderation
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.core.errors import Refused
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline.gates import new_form_key, read_form_key
from taskforce.timeline.models import Extension, Phase
from tests.clients import Client
from tests.conftest import Stand
from tests.feedback.conftest import CLOSES, HARD_CLOSES, OPENS
from tests.feedback.pages import address, filled, fresh, parsed, text_question
from tests.meeting import until
from tests.timeline.conftest import past_the_triggers

TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("at", [CLOSES, HARD_CLOSES - TICK, HARD_CLOSES])
@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_from_the_close_on_the_page_is_closed_and_names_no_later_instant(
    window: FeedbackWindow, visitor: Client, standing: Stand, at: datetime, language: str
) -> None:
    standing(at)
    html = visitor.get(address(language)).content.decode()
    assert parsed(html).fields is None
    assert "2022-03-01T12:00:00Z" in html
    assert "12:02" not in html
    assert "14:02" not in html


def test_a_form_from_before_the_close_arrives_and_staff_see_when(
    window: FeedbackWindow, visitor: Client, standing: Stand, people: dict[str, User]
) -> None:
    fields = filled(visitor)
    standing(HARD_CLOSES - TICK)
    assert visitor.post(address(), fields).status_code == 303
    assert FeedbackItem.objects.get().in_grace
    visitor.force_login(people["moderator"])
    assert "(in the grace after the close)" in visitor.get("/en/admin/feedback/feedbackitem/").content.decode()


def test_what_came_in_time_has_no_mark(
    window: FeedbackWindow, visitor: Client, standing: Stand, people: dict[str, User]
) -> None:
    fields = filled(visitor)
    standing(CLOSES - TICK)
    visitor.post(address(), fields)
    assert not FeedbackItem.objects.get().in_grace
    visitor.force_login(people["moderator"])
    assert "in the grace" not in visitor.get("/en/admin/feedback/feedbackitem/").content.decode()


IN_GRACE = "It came in after the close that was shown, within the grace"


@pytest.mark.parametrize(("at", "is_late"), [(CLOSES - TICK, False), (CLOSES, True), (HARD_CLOSES - TICK, True)])
def test_the_receipt_says_that_it_came_in_the_grace(
    window: FeedbackWindow, visitor: Client, standing: Stand, at: datetime, *, is_late: bool
) -> None:
    fields = filled(visitor)
    standing(at)
    mine = visitor.post(address(), fields).headers["Location"]
    for later in (at, HARD_CLOSES + timedelta(days=9)):
        standing(later)
        receipt = visitor.get(mine).content.decode()
        assert "data-ref" in receipt
        assert (IN_GRACE in receipt) is is_late
    services.withdraw(FeedbackItem.objects.get().pk, at=HARD_CLOSES)
    assert IN_GRACE not in visitor.get(mine).content.decode(), "what was withdrawn does not count"


@pytest.mark.parametrize("first_at", [CLOSES - TICK, CLOSES, HARD_CLOSES - TICK])
@pytest.mark.parametrize("again_at", [HARD_CLOSES - TICK, HARD_CLOSES, HARD_CLOSES + timedelta(days=9)])
def test_the_same_form_has_its_receipt_for_ever_and_another_text_under_it_none(
    window: FeedbackWindow, visitor: Client, standing: Stand, first_at: datetime, again_at: datetime
) -> None:
    fields = filled(visitor)
    standing(first_at)
    first = visitor.post(address(), fields)
    standing(again_at)
    again = visitor.post(address(), fields)
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert visitor.post(address(), {**fields, text_question(fields): "Another."}).status_code == 409
    assert visitor.post(address(), {**fields, "visibility": "nobody"}).status_code == 409
    assert FeedbackAnswer.objects.get().text == fields[text_question(fields)]


def test_a_form_with_errors_stays_to_be_corrected_in_the_grace(
    window: FeedbackWindow, visitor: Client, standing: Stand
) -> None:
    fields = filled(visitor, visibility="")
    standing(CLOSES + TICK)
    response = visitor.post(address(), fields)
    html = response.content.decode()
    again = parsed(html).fields
    assert response.status_code == 200
    assert again is not None
    assert again["form_key"] == fields["form_key"]
    assert "Less than" not in html
    assert visitor.post(address(), {**again, "visibility": "staff"}).status_code == 303


@pytest.mark.parametrize("at", [CLOSES - TICK, CLOSES + TICK])
def test_the_key_of_another_phase_is_none(
    window: FeedbackWindow, visitor: Client, standing: Stand, phase: Callable[[str], Phase], at: datetime
) -> None:
    fields = filled(visitor, form_key=new_form_key(OPENS, phase("recruitment").pk))
    standing(at)
    response = visitor.post(address(), fields)
    html = response.content.decode()
    assert response.status_code == (200 if at < CLOSES else 403)
    assert ("This form has expired" in html) is (at < CLOSES)
    assert fields[text_question(fields)] in html
    assert not FeedbackItem.objects.exists()


@pytest.fixture
def capped(window: FeedbackWindow) -> FeedbackWindow:
    """The window of a phase that takes two."""
    with past_the_triggers():
        Phase.objects.filter(pk=window.phase_id).update(cap=2)
    return window


def test_a_page_with_a_cap_says_so_and_not_how_many_are_in(capped: FeedbackWindow, visitor: Client) -> None:
    visitor.post(address(), fresh(visitor))
    html = visitor.get(address()).content.decode()
    assert "or as soon as 2 are in" in html
    assert "1 is in" not in html


@pytest.mark.long
def test_the_last_one_that_a_cap_lets_in_closes_the_window(capped: FeedbackWindow, visitor: Client) -> None:
    forms: list[dict[str, Any]] = [fresh(visitor) for _ in range(3)]
    assert [visitor.post(address(), form).status_code for form in forms] == [303, 303, 403]
    assert Extension.objects.get().act == "full"
    refused = visitor.post(address(), forms[2]).content.decode()
    assert "is full: 2 are in; that was the limit" in refused
    assert forms[2][text_question(forms[2])] in refused
    assert visitor.post(address(), forms[1]).status_code == 303
    assert FeedbackItem.objects.filter(in_grace=False).count() == 2
    assert parsed(visitor.get(address()).content.decode()).fields is None


def send(window: FeedbackWindow, *, suspected: bool = False) -> FeedbackItem:
    key = read_form_key(new_form_key(app_now(), window.phase_id), window.phase_id)
    receipt = services.submit(
        window.pk, form_key=key, language="en", visibility="public", name="", answers=[], suspected=suspected
    )
    return receipt.item


def test_what_is_held_or_hidden_takes_nobodys_place(capped: FeedbackWindow, people: dict[str, User]) -> None:
    for _ in range(5):
        send(capped, suspected=True)
    services.moderate(send(capped).pk, "hide", rule="advertising", reason="spam", actor=people["moderator"], at=OPENS)
    send(capped)
    assert not Extension.objects.exists()
    send(capped)
    assert Extension.objects.get().act == "full"
    with pytest.raises(Refused, match="2 are in; that was the limit"):
        send(capped)


def test_what_staff_let_stand_takes_the_last_place_and_may_be_one_more(
    capped: FeedbackWindow, people: dict[str, User]
) -> None:
    held = [send(capped, suspected=True) for _ in range(3)]
    send(capped)
    services.moderate(held[0].pk, "publish", reason="A person", actor=people["moderator"], at=app_now())
    assert Extension.objects.get().act == "full"
    with pytest.raises(Refused, match="2 are in; that was the limit"):
        send(capped)
    services.moderate(held[1].pk, "publish", reason="A person", actor=people["moderator"], at=app_now())
    assert queries.taken(capped.phase_id) == 3
    assert Extension.objects.count() == 1


def not_alone(item_id: int) -> gates.Pass | None:
    """The phase beside those who are inside: what the test below must be able to catch."""
    return gates.Pass(Phase.objects.select_related("task_force").get(feedback_windows__items=item_id), app_now())


@pytest.mark.long
@pytest.mark.parametrize(
    ("hold", "holds"), [(moderation.alone_where_places_count, True), (not_alone, False)], ids=["held", "not held"]
)
def test_the_last_place_is_taken_once_by_staff_and_a_visitor_at_the_same_time(
    committed: None,
    capped: FeedbackWindow,
    people: dict[str, User],
    monkeypatch: pytest.MonkeyPatch,
    hold: Callable[[int], gates.Pass | None],
    *,
    holds: bool,
) -> None:
    held, close_full, inside, done = send(capped, suspected=True), timeline.close_full, Event(), Event()
    send(capped)

    def slowly(passed: gates.Pass) -> Extension | None:
        if not inside.is_set():
            inside.set()
            until(done.is_set)
        return close_full(passed)

    def visitor() -> None:
        try:
            send(capped)
        finally:
            connection.close()

    monkeypatch.setattr(moderation, "alone_where_places_count", hold)
    monkeypatch.setattr(timeline, "close_full", slowly)
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(visitor)
        assert inside.wait(30)
        services.moderate(held.pk, "publish", reason="A person", actor=people["moderator"], at=app_now())
        done.set()
        assert (sent.exception(20) is None) is holds
    assert Extension.objects.count() == 1
    assert queries.taken(capped.phase_id) == (3 if holds else 2)


def test_what_is_held_closes_no_window_that_wants_one_more(capped: FeedbackWindow) -> None:
    send(capped)
    assert send(capped, suspected=True).state == "held"
    assert not Extension.objects.exists()


def test_the_same_form_again_takes_no_second_place(capped: FeedbackWindow, visitor: Client) -> None:
    form = fresh(visitor)
    for _ in range(3):
        assert visitor.post(address(), form).status_code == 303
    assert not Extension.objects.exists()
