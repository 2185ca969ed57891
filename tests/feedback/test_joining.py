"""Sorting where something is answered already: what comes into such a theme is answered by a release, and no public
answer is gone with its theme."""

from datetime import datetime, timedelta

import pytest

from feedback import answering
from feedback.enums import Participation
from feedback.models import Disposition, FeedbackItem, FeedbackWindow, Release
from feedback.services import answering as acts
from feedback.services.answering import Wanted
from proposals.models import Revision
from taskforce.accounts.models import User
from taskforce.core.errors import Invalid
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client
from tests.feedback.pages import address
from tests.feedback.test_answering import AT, draft, draft_for, put, release, theme
from tests.feedback.test_answering import lead as lead
from tests.feedback.test_answering import second as second
from tests.feedback.test_items import read, say
from tests.feedback.test_standing import kept, true

LATER = AT + timedelta(days=9)


def publish(window: FeedbackWindow, lead: User, at: datetime = LATER) -> Release:
    return acts.release(window.pk, seen=answering.ready(window).seen, actor=lead, at=at)


def outcome(item: FeedbackItem) -> str:
    item.refresh_from_db()
    assert kept() == true()
    return item.became


@pytest.fixture
def joined(window: FeedbackWindow, lead: User, people: dict[str, User]) -> tuple[FeedbackItem, FeedbackItem]:
    """One that was answered with its theme, and one that has come into it since."""
    FeedbackWindow.objects.filter(pk=window.pk).update(participation=Participation.ACCOUNT)
    window.refresh_from_db()
    first = say(window, "On trust.", author_id=people["member"].pk)
    late = say(window, "On other things.", author_id=people["applicant"].pk)
    trust = theme(window, lead)
    put(window, lead, trust, first)
    draft_for(window, lead, trust)
    release(window, lead)
    OutboxMessage.objects.all().delete()
    put(window, lead, trust, late)
    return first, late


def test_nothing_of_it_is_public_before_a_release(
    window: FeedbackWindow, lead: User, people: dict[str, User], joined: tuple[FeedbackItem, FeedbackItem]
) -> None:
    first, late = joined
    assert (outcome(first), outcome(late)) == ("noted", "")
    assert "Thank you." in read(first)
    assert "Thank you." not in read(late)
    assert answering.left([window]).undecided == 1
    before = Client().get(f"{address()}feed.atom").content
    made = publish(window, lead)
    assert outcome(late) == "noted"
    assert "Thank you." in read(late)
    assert Client().get(f"{address()}feed.atom").content != before
    held = answering.answer_of(late).holding
    assert held is not None
    # The day on which it became this one's answer.
    assert (held.release, made.at) == (made, LATER)
    kinds = list(OutboxMessage.objects.filter(kind="feedback-own-answers").values_list("mailbox", flat=True))
    assert kinds == [people["applicant"].email]


def test_a_correction_of_the_theme_reaches_who_came_later(
    window: FeedbackWindow, lead: User, second: Revision, joined: tuple[FeedbackItem, FeedbackItem]
) -> None:
    first, late = joined
    publish(window, lead)
    trust = answering.themes(window)[0].theme
    draft_for(window, lead, trust, Wanted("adopted", 2, {"en": "In it."}))
    assert answering.ready(window).items == 2
    publish(window, lead, LATER + timedelta(days=1))
    assert (outcome(first), outcome(late)) == ("adopted", "adopted")


def test_a_draft_of_the_theme_is_for_who_came_later_too(
    window: FeedbackWindow, lead: User, joined: tuple[FeedbackItem, FeedbackItem]
) -> None:
    first, late = joined
    trust = answering.themes(window)[0].theme
    draft_for(window, lead, trust, Wanted("declined", None, {"en": "No."}))
    assert Disposition.objects.filter(release=None).count() == 1
    publish(window, lead)
    assert (outcome(first), outcome(late)) == ("declined", "declined")


@pytest.mark.parametrize("act", ["discard", "out", "own"])
def test_without_its_draft_it_is_as_undecided_as_before(
    window: FeedbackWindow, lead: User, joined: tuple[FeedbackItem, FeedbackItem], act: str
) -> None:
    late = joined[1]
    if act == "discard":
        acts.discard(window.pk, {late.pk: answering.answer_of(late).stamp}, actor=lead, at=AT)
    elif act == "out":
        put(window, lead, None, late)
    else:
        draft(window, lead, late, wanted=Wanted("declined", None, {"en": "No."}))
    assert outcome(late) == ""
    assert Disposition.objects.filter(release=None).count() == (1 if act == "own" else 0)


def test_no_public_answer_is_gone_with_its_theme(
    window: FeedbackWindow, lead: User, joined: tuple[FeedbackItem, FeedbackItem]
) -> None:
    first, late = joined
    for place in (None, theme(window, lead, "Other")):
        with pytest.raises(Invalid, match="answer it by itself"):
            put(window, lead, place, first, late)
    assert outcome(first) == "noted"
    draft(window, lead, first, wanted=Wanted("declined", None, {"en": "No."}))
    publish(window, lead)
    put(window, lead, None, first, late)
    # Each has its own, which stays with it.
    assert (outcome(first), outcome(late)) == ("declined", "noted")
    assert answering.left([window]).undecided == 0
