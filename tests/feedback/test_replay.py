"""The same form again: the same receipt, also after the close and under parallel posts; another text: refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from feedback import queries
from feedback.forms.keyed import HONEYPOT
from feedback.forms.saying import FeedbackForm
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from feedback.services import submit
from taskforce.audit.models import Entry
from taskforce.timeline import gates
from taskforce.timeline.enums import Capability
from taskforce.timeline.gates import new_form_key
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, OPENS
from tests.feedback.pages import address, counted, filled, limited, parsed, text_question


def test_the_same_form_again_is_the_same_receipt(window: FeedbackWindow, visitor: Client, clock: Clock) -> None:
    fields = filled(visitor)
    first = visitor.post(address(), fields)
    second = visitor.post(address(), {**fields, HONEYPOT: "filled by the browser"})
    clock.set(CLOSES + timedelta(days=3))
    late = visitor.post(address(), fields)
    assert [first.status_code, second.status_code, late.status_code] == [303, 303, 303]
    assert first.headers["Location"] == second.headers["Location"] == late.headers["Location"]
    assert FeedbackItem.objects.count() == 1
    assert Entry.objects.filter(action="feedback.submitted").count() == 1


def test_line_ends_and_white_space_at_the_ends_make_no_other_text(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor)
    question = text_question(fields)
    first = visitor.post(address(), {**fields, question: "One\r\ntwo"})
    second = visitor.post(address(), {**fields, question: "  One\ntwo\n"})
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])


@pytest.mark.parametrize("days", [0, 30])
def test_the_same_key_with_another_text_is_refused_with_both(
    window: FeedbackWindow, visitor: Client, clock: Clock, days: int
) -> None:
    fields = filled(visitor)
    question = text_question(fields)
    first = visitor.post(address(), fields)
    clock.set(CLOSES - timedelta(days=1) + timedelta(days=days))
    response = visitor.post(address(), {**fields, question: "Something else entirely."})
    html = response.content.decode()
    assert response.status_code == 409
    assert "Leaders grow where they are trusted." in html
    assert "Something else entirely.</textarea>" in html
    assert ("data-main" in html) == (days == 0)
    assert first.headers["Location"] in html
    assert html.count("<h1") == 1
    assert FeedbackAnswer.objects.get().text == "Leaders grow where they are trusted."


@pytest.mark.parametrize("change", [{"visibility": "staff"}, {"language": "fr"}, {"name": "Somebody else"}])
def test_other_fields_count_as_another_text(window: FeedbackWindow, visitor: Client, change: dict[str, str]) -> None:
    fields = filled(visitor)
    visitor.post(address(), fields)
    assert visitor.post(address(), {**fields, **change}).status_code == 409
    assert "Somebody" not in FeedbackItem.objects.get().name


@pytest.mark.parametrize("days", [0, 30])
def test_other_fields_that_would_be_an_error_are_another_text_too(
    window: FeedbackWindow, visitor: Client, clock: Clock, days: int
) -> None:
    fields = filled(visitor)
    first = visitor.post(address(), fields)
    clock.set(CLOSES - timedelta(days=1) + timedelta(days=days))
    response = visitor.post(address(), {**fields, "visibility": "everybody"})
    assert response.status_code == 409
    assert first.headers["Location"] in response.content.decode()


def test_what_was_sent_as_another_text_stands_in_a_new_form(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor)
    first = visitor.post(address(), fields)
    other = {**fields, text_question(fields): "Something else entirely.", "visibility": "staff"}
    again = parsed(visitor.post(address(), other).content.decode()).fields
    assert again is not None
    assert again["form_key"] != fields["form_key"]
    assert {**again, "form_key": "", "csrfmiddlewaretoken": ""} == {**other, "form_key": "", "csrfmiddlewaretoken": ""}
    second = visitor.post(address(), again)
    assert second.status_code == 303
    assert second.headers["Location"] != first.headers["Location"]
    assert FeedbackItem.objects.count() == 2


def test_an_error_in_another_text_stands_in_the_new_form_too(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor)
    visitor.post(address(), fields)
    html = visitor.post(address(), {**fields, "name": "Somebody"}).content.decode()
    assert '<a href="#id_name">' in html
    assert parsed(html).fields is not None


def test_a_conflict_with_a_withdrawn_text_does_not_show_it(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor)
    location = visitor.post(address(), fields).headers["Location"]
    confirmation = filled(visitor, f"{location}withdraw/", confirm="on")
    visitor.post(f"{location}withdraw/", confirmation)
    response = visitor.post(address(), {**fields, text_question(fields): "Another."})
    assert response.status_code == 409
    assert "Leaders grow" not in response.content.decode()


def in_parallel(number: int, act: Callable[[int], int]) -> list[int]:
    """Run `act` in as many threads, each with a connection of its own."""

    def once(turn: int) -> int:
        try:
            return act(turn)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(once, range(number)))


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("keys", "items"), [(1, 1), (20, 20)], ids=["one key", "no key in common"])
def test_twenty_parallel_posts_of_one_form_are_one_item(
    committed: None, window: FeedbackWindow, keys: int, items: int
) -> None:
    """The twin: posts that no key tells to be the same are as many items, however equal their words."""
    fields = filled(Client())
    sent = [{**fields, "form_key": new_form_key(OPENS, window.phase_id)} for _ in range(keys)]
    found: set[str] = set()

    def post(turn: int) -> int:
        response = Client().post(address(), sent[turn % keys])
        found.add(response.headers.get("Location", ""))
        return response.status_code

    assert in_parallel(20, post) == [303] * 20
    assert len(found) == items
    assert FeedbackItem.objects.count() == items
    assert FeedbackAnswer.objects.count() == items
    assert Entry.objects.filter(action="feedback.submitted").count() == items


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_parallel_posts_with_other_texts_leave_one_text(committed: None, window: FeedbackWindow) -> None:
    fields = filled(Client())
    question = text_question(fields)
    statuses = in_parallel(10, lambda turn: Client().post(address(), {**fields, question: f"Text {turn}"}).status_code)
    assert sorted(statuses) == [303] + [409] * 9
    assert FeedbackAnswer.objects.count() == 1


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_parallel_new_texts_of_one_sender_stop_at_the_limit(
    committed: None, window: FeedbackWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, 5)
    forms = [filled(Client()) for _ in range(12)]
    statuses = in_parallel(12, lambda turn: Client().post(address(), forms[turn]).status_code)
    assert sorted(statuses) == [303] * 5 + [429] * 7
    assert FeedbackItem.objects.count() == counted() == 5


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_repeat_that_lost_the_race_does_not_wait_for_other_people(
    committed: None, window: FeedbackWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's post is under way, with its share of the phase's lock: the repeat has its receipt beside it."""
    fields = filled(Client())
    first = Client().post(address(), fields)
    look, looked = queries.door_or_404, Event()

    def too_early(task_force: str, slug: str, form_key: gates.FormKey | None, unit: str) -> queries.Door:
        looked.set()
        door = look(task_force, slug, form_key, unit)
        assert door.place
        return door._replace(place=door.place._replace(item_id=None))

    def again() -> str:
        try:
            return Client().post(address(), fields).headers["Location"]
        finally:
            connection.close()

    monkeypatch.setattr(queries, "door_or_404", too_early)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        gates.enter(window.phase_id, Capability.FEEDBACK)
        assert pool.submit(again).result(timeout=30) == first.headers["Location"]
    assert looked.is_set()
    assert FeedbackItem.objects.count() == 1


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_repeat_after_the_close_waits_for_the_first_that_is_under_way(
    committed: None, window: FeedbackWindow, clock: Clock
) -> None:
    fields = filled(Client())
    stored, may_commit = Event(), Event()

    def first() -> None:
        form = FeedbackForm(window, fields, language="en", at=window.phase.opens_at)
        assert form.is_valid()
        try:
            with transaction.atomic():
                submit(window.pk, **form.for_service())
                stored.set()
                assert may_commit.wait(20)
        finally:
            connection.close()

    def again() -> int:
        try:
            return Client().post(address(), fields).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        under_way = pool.submit(first)
        assert stored.wait(20)
        clock.set(CLOSES)
        repeat = pool.submit(again)
        with pytest.raises(TimeoutError):
            repeat.result(timeout=0.5)
        may_commit.set()
        under_way.result(timeout=20)
        assert repeat.result(timeout=20) == 303
    assert FeedbackItem.objects.count() == 1
