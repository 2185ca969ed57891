"""An author appeals once against the hiding of their text; somebody else than who hid it decides, and once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from feedback import queries, services, undecided
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackWindow
from feedback.services.reporting import Report, report
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from tests.clients import Client
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address, filled, main_form
from tests.feedback.test_items import read, say
from tests.feedback.test_replies import key
from tests.meeting import Both

Cast = dict[str, User]


@pytest.fixture
def hidden(window: FeedbackWindow, people: Cast) -> FeedbackItem:
    """A text that the moderator has hidden."""
    item = say(window, "Strong words.", name="Amani")
    return services.moderate(item.pk, "hide", reason="Why.", rule="attack", actor=people["moderator"], at=OPENS)


@pytest.fixture
def appealed(hidden: FeedbackItem) -> FeedbackItem:
    services.appeal(hidden.pk, words="I meant nobody.", at=OPENS)
    return hidden


def decide(item: FeedbackItem, outcome: str, actor: User, reason: str = "Read again.") -> FeedbackAppeal:
    return services.decide_appeal(item.pk, outcome, reason=reason, actor=actor, at=OPENS)


def test_put_back_it_stands_again_for_everybody(appealed: FeedbackItem, people: Cast) -> None:
    made = decide(appealed, "put-back", people["coordinator"])
    appealed.refresh_from_db()
    assert (appealed.state, appealed.rule, appealed.state_reason) == ("published", "", "Read again.")
    assert (made.rule, made.hidden_by, made.decided_by) == ("attack", people["moderator"], people["coordinator"])
    assert "Strong words." in read(appealed)
    acts = Entry.objects.filter(action__startswith="feedback.appeal").order_by("pk")
    assert [(one.action, one.actor_id, one.reason) for one in acts] == [
        ("feedback.appealed", None, ""),
        ("feedback.appeal-put-back", people["coordinator"].pk, "Read again."),
    ]


def test_upheld_it_stays_hidden_for_the_rule_that_it_was_hidden_for(appealed: FeedbackItem, people: Cast) -> None:
    decide(appealed, "upheld", people["deputy"])
    appealed.refresh_from_db()
    assert (appealed.state, appealed.rule, appealed.state_reason) == ("hidden", "attack", "Why.")
    assert "Strong words." not in read(appealed)


@pytest.mark.parametrize("outcome", ["put-back", "upheld"])
def test_who_hid_it_does_not_decide_nor_does_anybody_else_without_the_right(
    appealed: FeedbackItem, people: Cast, outcome: str
) -> None:
    for role in ("moderator", "observer", "reviewer1", "member"):
        with pytest.raises(Refused):
            decide(appealed, outcome, people[role])
    assert FeedbackAppeal.objects.get().outcome == ""


def test_the_database_refuses_that_too(appealed: FeedbackItem, people: Cast) -> None:
    """And what is decided by halves."""
    whole = {"outcome": "upheld", "decided_at": OPENS, "decided_by": people["deputy"]}
    for wrong in ({"decided_by": people["moderator"]}, {"decided_by": None}, {"decided_at": None}, {"outcome": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FeedbackAppeal.objects.update(**{**whole, **wrong})
    FeedbackAppeal.objects.update(**whole)


def test_once_and_only_of_what_is_hidden(window: FeedbackWindow, appealed: FeedbackItem, people: Cast) -> None:
    stands = say(window, "Words.")
    with pytest.raises(Conflict):
        services.appeal(stands.pk, words="Why not?", at=OPENS)
    for _ in range(2):
        with pytest.raises(Conflict):
            services.appeal(appealed.pk, words="Again.", at=OPENS)
        if not FeedbackAppeal.objects.get().outcome:
            decide(appealed, "upheld", people["deputy"])


def test_who_was_put_back_and_is_hidden_again_appeals_again(appealed: FeedbackItem, people: Cast) -> None:
    decide(appealed, "put-back", people["deputy"])
    services.moderate(appealed.pk, "hide", reason="x", rule="other", actor=people["coordinator"], at=OPENS)
    services.appeal(appealed.pk, words="Once more.", at=OPENS)
    with pytest.raises(Conflict):
        services.appeal(appealed.pk, words="And again.", at=OPENS)
    with pytest.raises(Refused):
        decide(appealed, "upheld", people["coordinator"])
    decide(appealed, "upheld", people["moderator"])
    with pytest.raises(Conflict):
        services.appeal(appealed.pk, words="And again.", at=OPENS)
    assert list(FeedbackAppeal.objects.order_by("id").values_list("outcome", flat=True)) == ["put-back", "upheld"]
    with pytest.raises(IntegrityError), transaction.atomic():
        FeedbackAppeal.objects.create(item=appealed, words="A third.", made_at=OPENS, rule="other")


def test_who_was_overruled_does_not_hide_the_same_words_again(appealed: FeedbackItem, people: Cast) -> None:
    decide(appealed, "put-back", people["deputy"])
    with pytest.raises(Refused):
        services.moderate(appealed.pk, "hide", reason="Still.", rule="attack", actor=people["moderator"], at=OPENS)
    appealed.refresh_from_db()
    assert appealed.state == "published"
    FeedbackItem.objects.filter(pk=appealed.pk).update(edited_at=OPENS + timedelta(minutes=1), edits=1)
    services.moderate(appealed.pk, "hide", reason="New.", rule="attack", actor=people["moderator"], at=OPENS)


def test_who_reported_it_does_not_decide(window: FeedbackWindow, people: Cast) -> None:
    item = say(window, "Strong words.")
    about = Report(key(item), "attack", words="Hard to bear.")
    report(item.pk, about, reporter=people["moderator"], at=OPENS)
    services.moderate(item.pk, "hide", reason="Why.", rule="attack", actor=people["coordinator"], at=OPENS)
    services.appeal(item.pk, words="I meant nobody.", at=OPENS)
    client = Client()
    client.force_login(people["moderator"])
    queue = client.get("/en/admin/feedback/feedbackitem/queue/").content.decode()
    assert "You have reported this text yourself" in queue
    assert "Decide about the appeal" not in queue
    assert "appeal" not in undecided.counts(people["moderator"])
    assert undecided.counts(people["deputy"])["appeal"] == 1
    with pytest.raises(Refused):
        decide(item, "upheld", people["moderator"])
    decide(item, "put-back", people["deputy"])


@pytest.mark.parametrize("words", ["", " \n", "\u200b", "x" * 2_001, "x" * 3_000_000])
def test_words_that_are_none_or_too_many(hidden: FeedbackItem, words: str) -> None:
    with pytest.raises(Invalid):
        services.appeal(hidden.pk, words=words, at=OPENS)


def test_nothing_else_is_decided_while_it_waits(appealed: FeedbackItem, people: Cast) -> None:
    """Not by who hid it, who would decide about their own decision."""
    for role in ("moderator", "coordinator"):
        with pytest.raises(Conflict):
            services.moderate(appealed.pk, "publish", reason="x", actor=people[role], at=OPENS)
    decide(appealed, "upheld", people["coordinator"])
    services.moderate(appealed.pk, "publish", reason="x", actor=people["moderator"], at=OPENS)


@pytest.mark.parametrize(("outcome", "reason"), [("upheld", " "), ("withdrawn", "x"), ("", "x"), ("publish", "x")])
def test_other_outcomes_and_no_reason(appealed: FeedbackItem, people: Cast, outcome: str, reason: str) -> None:
    with pytest.raises(Invalid):
        decide(appealed, outcome, people["deputy"], reason)


def test_withdrawn_its_words_are_gone_and_nothing_waits(appealed: FeedbackItem, people: Cast) -> None:
    services.withdraw(appealed.pk, at=OPENS)
    found = FeedbackAppeal.objects.get()
    assert (found.words, found.outcome, found.decided_by) == ("", "withdrawn", None)
    with pytest.raises(Conflict):
        decide(appealed, "put-back", people["deputy"])


def test_withdrawn_later_what_was_decided_stays(appealed: FeedbackItem, people: Cast) -> None:
    decide(appealed, "upheld", people["deputy"])
    services.withdraw(appealed.pk, at=OPENS)
    found = FeedbackAppeal.objects.get()
    assert (found.words, found.outcome, found.reason) == ("", "upheld", "Read again.")


def _unlocked(item_id: int) -> FeedbackItem:
    """As `queries.locked`, but for the lock: what the test below must be able to catch."""
    return FeedbackItem.objects.select_related("window__phase").get(pk=item_id)


@pytest.mark.long
@pytest.mark.parametrize(("find", "told"), [(queries.locked, 1), (_unlocked, 0)], ids=["service", "twin"])
def test_two_people_decide_at_the_same_moment(
    committed: None,
    window: FeedbackWindow,
    people: Cast,
    monkeypatch: pytest.MonkeyPatch,
    find: Callable[[int], FeedbackItem],
    told: int,
) -> None:
    """One decision holds, and who comes second is told."""
    item = say(window, "Strong words.")
    services.moderate(item.pk, "hide", reason="Why.", rule="attack", actor=people["moderator"], at=OPENS)
    services.appeal(item.pk, words="I meant nobody.", at=OPENS)
    together, of = Both(), queries.appeal_of

    def slowly(one: FeedbackItem) -> FeedbackAppeal | None:
        found = of(one)
        together.meet()
        return found

    def decided(outcome: str, role: str) -> bool:
        try:
            decide(item, outcome, people[role])
        except Conflict:
            return False
        finally:
            connection.close()
        return True

    monkeypatch.setattr(queries, "locked", find)
    monkeypatch.setattr(queries, "appeal_of", slowly)
    with ThreadPoolExecutor(2) as pool:
        acts = [pool.submit(decided, "upheld", "deputy"), pool.submit(decided, "upheld", "coordinator")]
        assert [act.result(20) for act in acts].count(False) == told
    assert Entry.objects.filter(action__startswith="feedback.appeal-").count() == 2 - told


def test_staff_read_it_and_decide_on_the_page(appealed: FeedbackItem, people: Cast) -> None:
    """Who hid it reads the words and has no form; who sends one all the same is refused with the reason."""
    path = f"/en/admin/feedback/feedbackitem/{appealed.pk}/"
    who_hid, other = Client(), Client()
    who_hid.force_login(people["moderator"])
    other.force_login(people["coordinator"])
    made = who_hid.get(f"{path}decide/").content.decode()
    assert "I meant nobody." in made
    assert "somebody else decides about the appeal" in made
    assert "data-main" not in made
    sent: dict[str, Any] = {"outcome": "put-back", "reason": "Fine."}
    answer = who_hid.post(f"{path}decide/", sent)
    assert answer.status_code == 403
    assert "somebody else decides about the appeal" in answer.content.decode()
    fields = main_form(other, f"{path}decide/")
    again = other.post(f"{path}decide/", {**fields, "outcome": "put-back", "reason": " "})
    assert again.status_code == 200
    assert FeedbackAppeal.objects.get().outcome == ""
    assert other.post(f"{path}decide/", {**fields, **sent}).status_code == 302
    assert "It is published again" in other.get(f"{path}change/").content.decode()
    appealed.refresh_from_db()
    assert appealed.state == "published"


def test_its_author_appeals_by_the_link_and_reads_what_came_of_it(
    window: FeedbackWindow, visitor: Client, people: Cast
) -> None:
    """Also when the window has closed; the page of a text that stands says nothing of appeals."""
    own = visitor.post(address(), filled(visitor, visibility="nameless")).headers["Location"]
    item = FeedbackItem.objects.get()
    assert "ppeal" not in visitor.get(own).content.decode()
    assert "nothing to appeal against" in visitor.get(f"{own}appeal/").content.decode()
    services.moderate(item.pk, "hide", reason="Why.", rule="attack", actor=people["moderator"], at=OPENS)
    assert f'href="{own}appeal/"' in visitor.get(own).content.decode()
    fields = main_form(visitor, f"{own}appeal/")
    empty = visitor.post(f"{own}appeal/", {**fields, "words": " "})
    assert (empty.status_code, FeedbackAppeal.objects.count()) == (200, 0)
    sent = visitor.post(f"{own}appeal/", {**fields, "words": "I meant <b>nobody</b>."})
    assert (sent.status_code, sent.headers["Location"]) == (303, own)
    made = visitor.get(own).content.decode()
    assert "I meant &lt;b&gt;nobody&lt;/b&gt;." in made
    assert "Somebody who did not hide your text decides" in made
    assert f'href="{own}appeal/"' not in made
    again = visitor.post(f"{own}appeal/", {**fields, "words": "And another thing."})
    assert again.status_code == 409
    assert "And another thing." in again.content.decode()
    decide(item, "upheld", people["deputy"])
    made = visitor.get(own).content.decode()
    assert "It stays hidden" in made
    assert "Read again." in made
    assert "appealed before" in visitor.get(f"{own}appeal/").content.decode()


@pytest.mark.parametrize("words", ["x" * 2_001, "a\x00b", "\u202eevil", "[" * 20_000, "<script>x</script>"])
def test_hostile_words_are_an_error_or_harmless(
    window: FeedbackWindow, visitor: Client, people: Cast, words: str
) -> None:
    own = visitor.post(address(), filled(visitor)).headers["Location"]
    item = FeedbackItem.objects.get()
    services.moderate(item.pk, "hide", reason="Why.", rule="attack", actor=people["moderator"], at=OPENS)
    answer = visitor.post(f"{own}appeal/", {**main_form(visitor, f"{own}appeal/"), "words": words})
    assert answer.status_code in (200, 303, 400)
    assert "<script>x" not in visitor.get(own).content.decode()
