"""What becomes of what was said: themes, answers that are drafted and released together, and corrections of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from feedback import answering, services
from feedback.enums import Outcome
from feedback.models import Disposition, FeedbackItem, FeedbackWindow, Release, Theme, ThemedItem
from feedback.notices import answers as answer_notices
from feedback.services import answering as acts
from feedback.services.answering import Wanted
from proposals.models import Proposal, Revision
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.notifications import kinds
from taskforce.notifications.models import Mailing
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES
from tests.feedback.pages import address
from tests.feedback.test_items import say

AT = CLOSES + timedelta(days=1)
NOTED = Wanted("noted", None, {"en": "Thank you.", "zh-hant": "謝謝。"})
Do = Callable[..., Any]


@pytest.fixture
def lead(window: FeedbackWindow, people: dict[str, User]) -> User:
    return people["coordinator"]


@pytest.fixture
def second(text: Proposal) -> Revision:
    """A second revision of the text."""
    return Revision.objects.create(proposal=text, number=2, language="en", editor_name="Editor", at=AT)


def seen(*items: FeedbackItem) -> dict[int, str]:
    """The items with the stamps that a page would show."""
    found = answering.answers_of(FeedbackItem.objects.filter(pk__in=[item.pk for item in items]))
    return {pk: one.stamp for pk, one in found.items()}


def theme(window: FeedbackWindow, lead: User, title: str = "Trust") -> Theme:
    return acts.add_theme(window.pk, titles={"en": title}, descriptions={}, actor=lead, at=AT)


def put(window: FeedbackWindow, lead: User, into: Theme | None, *items: FeedbackItem) -> int:
    return acts.sort(window.pk, seen(*items), theme_id=into.pk if into else None, actor=lead, at=AT)


def draft(window: FeedbackWindow, lead: User, *items: FeedbackItem, wanted: Wanted = NOTED) -> int:
    return acts.draft(window.pk, seen(*items), wanted, actor=lead, at=AT)


def draft_for(window: FeedbackWindow, lead: User, of: Theme, wanted: Wanted = NOTED) -> Disposition:
    stamp = next(one.stamp for one in answering.themes(window) if one.theme == of)
    return acts.draft_for_theme(of.pk, wanted, expected=stamp, actor=lead, at=AT)


def release(window: FeedbackWindow, lead: User) -> Release:
    return acts.release(window.pk, seen=answering.ready(window).seen, actor=lead, at=AT)


def undecided(window: FeedbackWindow) -> int:
    return answering.left([window]).undecided


def test_what_is_drafted_is_public_with_its_release_only(window: FeedbackWindow, lead: User) -> None:
    one, other = say(window, "First."), say(window, "Second.")
    assert draft(window, lead, one, other) == 2
    assert answering.answer_of(one).holding is None
    assert undecided(window) == 2
    made = release(window, lead)
    assert made.number == 1
    held = answering.answer_of(one).holding
    assert held is not None
    assert (held.outcome, held.answers["zh-hant"], held.release) == ("noted", "謝謝。", made)
    assert undecided(window) == 0
    entries = Entry.objects.filter(action__startswith="feedback.answer").order_by("pk")
    assert [(each.action, each.details) for each in entries] == [
        ("feedback.answer-drafted", {"count": 2, "became": "noted"}),
        ("feedback.answers-released", {"number": 1, "answers": 2, "corrections": 0}),
    ]
    with pytest.raises(Invalid):
        release(window, lead)


def test_an_own_answer_goes_before_that_of_the_theme(window: FeedbackWindow, lead: User) -> None:
    one, other = say(window, "First."), say(window, "Second.")
    trust = theme(window, lead)
    assert put(window, lead, trust, one, other) == 2
    draft_for(window, lead, trust)
    draft(window, lead, one, wanted=Wanted("declined", None, {"en": "No."}))
    release(window, lead)
    held = [answering.answer_of(each).holding for each in (one, other)]
    assert [each.outcome for each in held if each] == ["declined", "noted"]
    for outcome, found in (("declined", [one]), ("noted", [other]), ("adopted", []), (answering.UNDECIDED, [])):
        assert list(FeedbackItem.objects.filter(answering.with_outcome(outcome))) == found, outcome
    put(window, lead, None, one)
    assert undecided(window) == 0
    assert list(FeedbackItem.objects.filter(answering.in_theme(trust.pk))) == [other]
    assert list(FeedbackItem.objects.filter(answering.in_theme(answering.NO_THEME))) == [one]


def test_a_correction_leaves_the_earlier_answer_to_be_read(window: FeedbackWindow, lead: User) -> None:
    item, trust = say(window, "First."), theme(window, lead)
    put(window, lead, trust, item)
    for words in ("One.", "Two.", "Three."):
        draft(window, lead, item, wanted=Wanted("noted", None, {"en": words}))
        draft_for(window, lead, trust, Wanted("noted", None, {"en": words}))
        assert answering.ready(window).corrections == (0 if words == "One." else 2)
        release(window, lead)
    held = answering.answer_of(item).own
    assert held is not None
    assert held.answers == {"en": "Three."}
    assert [each.answers["en"] for each in answering.earlier(held)] == ["Two.", "One."]
    assert [each.answers["en"] for each in answering.earlier_of([trust])[trust.pk]] == ["Two.", "One."]


def test_what_stands_is_one_in_the_database_too(window: FeedbackWindow, lead: User) -> None:
    item = say(window, "First.")
    draft(window, lead, item)
    made = release(window, lead)
    for wrong in (
        {"item": item, "outcome": "noted", "release": made, "stands": True},
        {"item": item, "outcome": "noted", "stands": True},
        {"item": item, "outcome": "adopted"},
        {"outcome": "noted"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Disposition.objects.create(**wrong)


def test_adopted_names_a_revision_that_is_later_than_what_was_read(
    window: FeedbackWindow, lead: User, second: Revision
) -> None:
    """The very revision that a text was said about has not taken it up."""
    item = say(window, "First.")
    for number in (None, 3, 2**40):
        with pytest.raises(Invalid):
            draft(window, lead, item, wanted=Wanted("adopted", number, {"en": "Yes."}))
    with pytest.raises(Invalid, match="was said about revision 1: only a later revision"):
        draft(window, lead, item, wanted=Wanted("partly", 1, {"en": "Yes."}))
    draft(window, lead, item, wanted=Wanted("adopted", 2, {"en": "Yes."}))
    FeedbackItem.objects.filter(pk=item.pk).update(revision=second)
    for number in (1, 2):
        with pytest.raises(Invalid, match=f"about revision 2: .* and revision {number} is none"):
            draft(window, lead, item, wanted=Wanted("partly", number, {"en": "Yes."}))
    trust = theme(window, lead)
    draft_for(window, lead, trust, Wanted("adopted", 2, {"en": "Yes."}))
    with pytest.raises(Invalid, match="about revision 2"):
        put(window, lead, trust, item)
    release(window, lead)
    assert put(window, lead, trust, item) == 1, "its own answer holds for it"
    draft(window, lead, item, wanted=Wanted("noted", 2, {"en": "A number that is of no use here."}))
    assert Disposition.objects.get(item=item, release=None).revision is None


def test_a_revision_says_how_many_it_answers(window: FeedbackWindow, lead: User, second: Revision) -> None:
    """Of what everybody may read; the answer of a theme counts for its items that have none of their own."""
    one, other, third = (say(window, words) for words in ("First.", "Second.", "Third."))
    hidden = say(window, "For staff.", visibility="staff")
    trust = theme(window, lead)
    put(window, lead, trust, one, other, hidden)
    draft_for(window, lead, trust, Wanted("adopted", 2, {"en": "Yes."}))
    draft(window, lead, one, wanted=Wanted("declined", None, {"en": "No."}))
    draft(window, lead, third, wanted=Wanted("partly", 2, {"en": "A part of it."}))
    assert answering.answered_in(window.proposal, [1, 2]) == {}
    release(window, lead)
    assert answering.answered_in(window.proposal, [1, 2]) == {2: [(window, 2, [trust])]}
    assert answering.answered_in(window.proposal, [1]) == {}
    assert set(FeedbackItem.objects.filter(answering.in_revision(2))) == {other, third, hidden}
    assert not FeedbackItem.objects.filter(answering.in_revision(1)).exists()


def test_what_is_not_published_drops_out(window: FeedbackWindow, lead: User, people: dict[str, User]) -> None:
    item, stays = say(window, "First."), say(window, "Second.")
    draft(window, lead, item, stays)
    before = seen(item)
    services.withdraw(item.pk, at=AT)
    services.moderate(stays.pk, "hide", reason="R.", rule="other", actor=people["moderator"], at=AT)
    assert answering.left([window]) == answering.Left(0, 0, 0, 0)
    assert answering.ready(window).answers == 0
    with pytest.raises(Conflict):
        acts.draft(window.pk, before, NOTED, actor=lead, at=AT)
    services.moderate(stays.pk, "publish", reason="R.", actor=people["moderator"], at=AT)
    assert answering.ready(window).answers == 1


def test_somebody_elses_change_is_found_and_nothing_is_done(
    window: FeedbackWindow, lead: User, people: dict[str, User]
) -> None:
    one, other = say(window, "First."), say(window, "Second.")
    trust, both = theme(window, lead), seen(one, other)
    put(window, people["deputy"], trust, other)
    at_once: list[Do] = [
        lambda: acts.sort(window.pk, both, theme_id=trust.pk, actor=lead, at=AT),
        lambda: acts.draft(window.pk, both, NOTED, actor=lead, at=AT),
        lambda: acts.discard(window.pk, both, actor=lead, at=AT),
    ]
    for act in at_once:
        with pytest.raises(Conflict, match=r"1 of these texts has changed"):
            act()
    assert ThemedItem.objects.count() == 1
    assert not Disposition.objects.exists()
    stamp = answering.themes(window)[0].stamp
    draft_for(window, people["deputy"], trust)
    at_once = [
        lambda: acts.draft_for_theme(trust.pk, NOTED, expected=stamp, actor=lead, at=AT),
        lambda: acts.discard_of_theme(trust.pk, expected=stamp, actor=lead, at=AT),
        lambda: acts.change_theme(
            trust.pk, expected=trust.version - 1, titles={"en": "T"}, descriptions={}, actor=lead, at=AT
        ),
        lambda: acts.release(window.pk, seen="0" * 64, actor=lead, at=AT),
    ]
    for act in at_once:
        with pytest.raises(Conflict):
            act()


def test_themes_are_changed_and_moved(window: FeedbackWindow, lead: User) -> None:
    first, second = theme(window, lead, "A"), theme(window, lead, "B")
    acts.change_theme(
        first.pk, expected=1, titles={"en": " A\u202e  thing ", "ar": "أ"}, descriptions={"en": "D"}, actor=lead, at=AT
    )
    acts.move_theme(second.pk, expected=second.position, actor=lead, at=AT)
    with pytest.raises(Conflict):
        acts.move_theme(second.pk, expected=1, actor=lead, at=AT)
    found = [one.theme for one in answering.themes(window)]
    assert [each.pk for each in found] == [second.pk, first.pk]
    first.refresh_from_db()
    assert (first.title_en, first.title_ar, first.description_en, first.version) == ("A thing", "أ", "D", 2)  # type: ignore[attr-defined]
    for wrong in ({}, {"en": "\u200b"}, {"en": "x" * 201}, {"xx": "T"}):
        with pytest.raises(Invalid):
            acts.add_theme(window.pk, titles=wrong, descriptions={}, actor=lead, at=AT)


def test_who_may_not_answer_is_refused(window: FeedbackWindow, lead: User, people: dict[str, User]) -> None:
    item, trust = say(window, "First."), theme(window, lead)
    for role in ("moderator", "observer", "admin", "member"):
        each: list[Do] = [
            lambda who: draft(window, who, item),
            lambda who: put(window, who, trust, item),
            lambda who: theme(window, who),
            lambda who: release(window, who),
            lambda who: draft_for(window, who, trust),
        ]
        for act in each:
            with pytest.raises(Refused):
                act(people[role])


def test_hostile_answers(window: FeedbackWindow, lead: User, clock: Clock) -> None:
    item = say(window, "First.")
    for answers in ({}, {"en": " \u200b"}, {"en": "x" * 5_001}, {"en": "x" * 2_000_000}, {"xx": "Foreign."}):
        with pytest.raises(Invalid):
            draft(window, lead, item, wanted=Wanted("noted", None, answers))
    with pytest.raises(Invalid):
        draft(window, lead, item, wanted=Wanted("made-up", None, {"en": "Yes."}))
    draft(window, lead, item, wanted=Wanted("noted", None, {"en": "A\x00 line \ud800."}))
    assert Disposition.objects.get().answers == {"en": "A line ?."}


def test_every_outcome_can_be_given(window: FeedbackWindow, lead: User, second: Revision) -> None:
    for outcome in Outcome.values:
        draft(window, lead, say(window, outcome), wanted=Wanted(outcome, second.number, {"en": "Yes."}))
    release(window, lead)
    assert {each.outcome: each.revision is not None for each in Disposition.objects.all()} == {
        "adopted": True, "partly": True, "noted": False, "declined": False, "out-of-scope": False,
    }  # fmt: skip


def test_followers_hear_of_a_release_once(window: FeedbackWindow, lead: User, people: dict[str, User]) -> None:
    """However many answers it has; of what is drafted nobody hears."""
    items = [say(window, f"Words {number}.") for number in range(3)]
    draft(window, lead, *items)
    assert not Mailing.objects.exists()
    first = release(window, lead)
    draft(window, lead, items[0], wanted=Wanted("declined", None, {"en": "No."}))
    second = release(window, lead)
    found = list(Mailing.objects.order_by("pk"))
    assert [(each.key, each.topic) for each in found] == [
        (f"feedback-answers:{each.pk}", "answers") for each in (first, second)
    ]
    kind = kinds.get("feedback-answers")
    assert kind.context
    told = [kind.context(each.params, "zh-hant") for each in found]
    assert [each["is_first"] for each in told] == [True, False]
    assert [[one["count"] for one in each["outcomes"]] for each in told] == [[2, 1], [2, 1]]
    shown = Client().get(f"{address()}themes/").content.decode()
    assert [f"{name}</a>: {count}" in shown for name, count in (("Noted", 2), ("Declined", 1))] == [True, True]
    assert told[0]["url"].endswith("/zh-hant/tf/leadership-development/feedback/responsibilities/themes/")
    answer_notices.released(first)
    assert Mailing.objects.count() == 2
