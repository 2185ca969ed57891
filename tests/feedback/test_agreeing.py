"""Who agrees: each person once, while the window is open; everybody sees how many, nobody who."""

import json
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.conf import LazySettings

from feedback import opendata, queries, services
from feedback.enums import Participation
from feedback.models import FeedbackAgreement, FeedbackItem, FeedbackWindow
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Refused
from taskforce.limits import table
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, OPENS
from tests.feedback.pages import address
from tests.feedback.test_items import listed, of, page, read, say
from tests.feedback.test_participation import signed_in
from tests.feedback.test_replay import in_parallel


@pytest.fixture
def item(window: FeedbackWindow) -> FeedbackItem:
    return say(window, "Leaders grow where they are trusted.")


def change(item: FeedbackItem, words: str = "", **other: str) -> None:
    """As its author would, by its link; without words they stay."""
    key = gates.read_form_key(gates.new_form_key(OPENS, item.window.phase_id), item.window.phase_id)
    now = item.answers.get()
    answers = [Answer(now.asked_id, words or now.text)]
    kept: dict[str, Any] = {"language": item.language, "visibility": item.visibility, "name": item.name, **other}
    assert services.edit(item.pk, version=item.edits, form_key=key, answers=answers, **kept)


def number(item: FeedbackItem) -> int:
    """How many agree with what it says, which is always that of the rows."""
    item.refresh_from_db()
    assert item.agreed == FeedbackAgreement.objects.filter(item=item, edits=item.edits).count()
    return item.agreed


def test_a_person_agrees_once_and_takes_it_back(item: FeedbackItem, people: dict[str, User]) -> None:
    path, client = f"{of(item)}agree/", signed_in(people["member"])
    assert f'href="{path}"' in read(item)
    assert f'href="{path}"' in page()
    assert "agree with this" not in read(item)
    shown = client.get(path).content.decode()
    assert "Leaders grow where they are trusted." in shown
    assert 'value="agree"' in shown
    for _ in range(2):
        answer = client.post(path, {"act": "agree"})
        assert (answer.status_code, answer.headers["Location"]) == (303, path)
        assert number(item) == 1
    services.agree(item.pk, user=people["applicant"])
    assert "2 people agree with this." in read(item)
    assert "2 people agree" in page()
    shown = client.get(path).content.decode()
    assert 'value="take-back"' in shown
    assert "You agree with this text</h1>" in shown
    assert 'value="agree"' not in shown
    for _ in range(2):
        assert client.post(path, {"act": "take-back"}).status_code == 303
        assert number(item) == 1
    assert "1 person agrees with this." in read(item)
    acts = Entry.objects.filter(action__startswith="feedback.agree").order_by("pk")
    assert [act.action for act in acts] == [
        "feedback.agreed", "feedback.agreed", "feedback.agreement-taken-back",
    ]  # fmt: skip
    assert {act.actor_id for act in acts} == {None}


def test_who_is_not_signed_in_comes_back_to_it(item: FeedbackItem, people: dict[str, User]) -> None:
    path, client = f"{of(item)}agree/", Client()
    for response in (client.get(path), client.post(path, {"act": "agree"})):
        assert response.status_code == 302
        assert response.headers["Location"].endswith(f"?next={path}")
    assert "with an account each person counts once" in client.get(response.headers["Location"]).content.decode()
    assert number(item) == 0
    client.force_login(people["member"])
    assert 'value="agree"' in client.get(path).content.decode()


def test_it_is_agreed_with_while_the_window_is_open_and_taken_back_ever_after(
    item: FeedbackItem, people: dict[str, User], clock: Clock
) -> None:
    path, early, late = f"{of(item)}agree/", signed_in(people["member"]), signed_in(people["applicant"])
    clock.set(CLOSES - timedelta(seconds=2))
    assert early.post(path, {"act": "agree"}).status_code == 303
    clock.set(CLOSES)
    assert 'value="agree"' not in late.get(path).content.decode()
    refused = late.post(path, {"act": "agree"})
    assert refused.status_code == 403
    assert "closed" in refused.content.decode()
    assert f'href="{path}"' not in read(item)
    assert "1 person agrees with this." in read(item)
    assert number(item) == 1
    assert early.post(path, {"act": "take-back"}).status_code == 303
    assert number(item) == 0


@pytest.mark.parametrize("gone", ["held", "staff", "hidden", "withdrawn"])
def test_nobody_agrees_with_what_does_not_stand(window: FeedbackWindow, people: dict[str, User], gone: str) -> None:
    item = say(window, "Words.", suspected=gone == "held", visibility="staff" if gone == "staff" else "public")
    if gone == "hidden":
        services.moderate(item.pk, "hide", rule="attack", reason="It insults.", actor=people["moderator"], at=OPENS)
    if gone == "withdrawn":
        services.withdraw(item.pk, at=OPENS)
    path, client = f"{of(item)}agree/", signed_in(people["member"])
    status = 404 if gone in ("held", "staff") else 303
    assert client.get(path).status_code == status
    assert client.post(path, {"act": "agree"}).status_code == status
    with pytest.raises(Refused, match="does not stand"):
        services.agree(item.pk, user=people["member"])
    assert not FeedbackAgreement.objects.exists()


def test_nobody_agrees_with_their_own(window: FeedbackWindow, people: dict[str, User]) -> None:
    FeedbackWindow.objects.update(participation=Participation.ACCOUNT)
    item = say(window, "Words.", author_id=people["member"].pk)
    client = signed_in(people["member"])
    shown = client.get(f"{of(item)}agree/").content.decode()
    assert "This text is your own." in shown
    assert 'value="agree"' not in shown
    assert client.post(f"{of(item)}agree/", {"act": "agree"}).status_code == 403
    assert services.agree(item.pk, user=people["applicant"])
    assert number(item) == 1


def test_what_was_agreed_with_before_its_author_changed_it_is_told_apart(
    item: FeedbackItem, people: dict[str, User]
) -> None:
    services.agree(item.pk, user=people["member"])
    change(item, "Leaders never grow.")
    assert number(item) == 0
    assert "1 person agreed before its author changed it, and is not counted." in read(item)
    assert "agree with this" not in read(item)
    client = signed_in(people["member"])
    assert "Its author has changed it since then" in client.get(f"{of(item)}agree/").content.decode()
    services.agree(item.pk, user=people["applicant"])
    assert "1 person agrees with this." in read(item)
    client.post(f"{of(item)}agree/", {"act": "agree"})
    assert number(item) == 2
    assert "agreed before" not in read(item)
    assert services.disagree(item.pk, user=people["member"], at=OPENS)
    assert number(item) == 1


def test_who_agreed_with_an_earlier_wording_is_not_taken_off_a_second_time(
    item: FeedbackItem, people: dict[str, User]
) -> None:
    services.agree(item.pk, user=people["member"])
    change(item, "Leaders never grow.")
    assert services.disagree(item.pk, user=people["member"], at=OPENS)
    assert number(item) == 0


def test_another_name_is_no_other_text(item: FeedbackItem, people: dict[str, User]) -> None:
    services.agree(item.pk, user=people["member"])
    change(item, name="Somebody else")
    assert number(item) == 1
    assert "agreed before" not in read(item)


@pytest.mark.parametrize("act", ["", "both", "x" * 10_000, "\x00"])
def test_a_button_that_there_is_not(item: FeedbackItem, people: dict[str, User], act: str) -> None:
    assert signed_in(people["member"]).post(f"{of(item)}agree/", {"act": act}).status_code == 400
    assert number(item) == 0


def test_very_often_is_too_often(item: FeedbackItem, people: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "AGREEMENT", table.AGREEMENT._replace(most=1))
    client, path = signed_in(people["member"]), f"{of(item)}agree/"
    assert client.post(path, {"act": "agree"}).status_code == 303
    assert client.post(path, {"act": "agree"}).status_code == 303  # changes nothing, so counts for nothing
    client.post(path, {"act": "take-back"})
    assert client.post(path, {"act": "agree"}).status_code == 429
    assert number(item) == 0


# --- the list ------------------------------------------------------------------------------------------------------


def test_the_list_by_how_many_agree(window: FeedbackWindow, people: dict[str, User]) -> None:
    least, most, middle = (say(window, f"Words {turn}.") for turn in range(3))
    for item, names in ((most, ("member", "applicant")), (middle, ("member",))):
        for name in names:
            services.agree(item.pk, user=people[name])
    assert listed("?sort=agreed") == [most.reference, middle.reference, least.reference]
    assert listed("?sort=agreed&q=words+2") == [middle.reference]
    made = page("?sort=agreed")
    assert "What most people agree with first" in made
    assert f'href="{address()}items/#results"' in made
    assert '<meta name="robots" content="noindex">' in made
    assert listed("?sort=x") == []
    assert "Please choose one of the list." in page("?sort=x")


def test_nobody_learns_who_agrees(item: FeedbackItem, people: dict[str, User], settings: LazySettings) -> None:
    """Pages are the same bytes for whoever does; the data has the number alone."""
    settings.DEMO = False
    client = signed_in(people["member"])
    client.post(f"{of(item)}agree/", {"act": "agree"})
    for path in (of(item), f"{address()}items/", f"{address()}items/?sort=agreed"):
        shown = client.get(path)
        assert shown.content == Client().get(path).content
        assert people["member"].name not in shown.content.decode()
    (row,) = json.loads(b"".join(opendata.as_json(item.window.phase.task_force)))
    assert row["agreed"] == 1
    assert people["member"].name not in str(row)


# --- at once -------------------------------------------------------------------------------------------------------


def not_locked() -> Callable[[int], FeedbackItem]:
    """An item that both have read before one of them writes: what the test below must be able to catch."""
    both = Barrier(2, timeout=20)

    def read_by_both(item_id: int) -> FeedbackItem:
        found = FeedbackItem.objects.select_related("window__phase").get(pk=item_id)
        both.wait()
        return found

    return read_by_both


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False], ids=["locked", "not locked"])
def test_one_person_twice_at_once_is_once(
    committed: None, item: FeedbackItem, people: dict[str, User], monkeypatch: pytest.MonkeyPatch, *, is_locked: bool
) -> None:
    if not is_locked:
        monkeypatch.setattr(queries, "locked", not_locked())
    seen: list[list[bool]] = []

    def agree(_turn: int) -> int:
        seen[-1].append(services.agree(item.pk, user=user))
        return 0

    # Without the lock it goes wrong where both look before one of the two has written: in one of some tries.
    for name in ("member",) if is_locked else ("member", "applicant", "translator", "facilitator", "observer"):
        user = people[name]
        seen.append([])
        in_parallel(2, agree)
        if sorted(seen[-1]) == [True, True]:
            break
    assert sorted(seen[-1]) == ([False, True] if is_locked else [True, True])
    item.refresh_from_db()
    assert item.agreed - FeedbackAgreement.objects.count() == (0 if is_locked else 1)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted(committed: None, item: FeedbackItem, people: dict[str, User]) -> None:
    """Half of them take it back, and agree again."""
    many = [people[name] for name in ("member", "applicant", "translator", "facilitator", "observer", "reviewer1")]

    def agree(turn: int) -> int:
        services.agree(item.pk, user=many[turn])
        if turn % 2:
            services.disagree(item.pk, user=many[turn], at=OPENS)
            services.agree(item.pk, user=many[turn])
        return 0

    in_parallel(len(many), agree)
    assert number(item) == len(many)


def test_after_the_close_nobody_signs_in_to_read_that_it_is_over(item: FeedbackItem, clock: Clock) -> None:
    path = f"{of(item)}agree/"
    assert Client().get(path).status_code == 302
    clock.set(CLOSES)
    answer = Client().get(path)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Agreeing with this text" in html
    assert "closed" in html
    assert "Do you agree?" not in html
    assert 'value="agree"' not in html
