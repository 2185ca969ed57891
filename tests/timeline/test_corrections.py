"""Whom a correction is for: who got what it corrects or may have got it, unless the second person wants everybody."""

from datetime import datetime, timedelta

import pytest

from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, Invalid
from taskforce.notifications import expansion
from taskforce.notifications import services as outbox
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline.models import Bulletin, Subscription, TaskForce
from taskforce.timeline.services import bulletins as services
from taskforce.timeline.services import digests
from tests.conftest import Clock
from tests.timeline.bulletins import AT, follow, sent

pytestmark = pytest.mark.django_db
People = dict[str, User]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What became of the first mail of each of those who followed at once.
TOLD = {"has": "sent", "maybe": "unknown", "hands": "sending", "waits": "queued"}
STATES = {**TOLD, "failed": "failed", "gone": "expired"}


def box(name: str) -> str:
    return f"{name}@example.org"


def mailing_of(bulletin: Bulletin) -> Mailing:
    return Mailing.objects.get(key=f"bulletin:{bulletin.pk}")


def names(mailing: Mailing) -> set[str]:
    """Who has a mail of it."""
    return {mailbox.partition("@")[0] for mailbox in mailing.messages.values_list("mailbox", flat=True)}


def daily(tf: TaskForce, name: str, at: datetime) -> None:
    """Somebody who wants one mail a day from a moment on."""
    follow(tf, box(name), frequency="daily", confirmed_at=at)
    digests.begin_digest(box(name), at=at)


@pytest.fixture
def wrong(tf: TaskForce, people: People, clock: Clock) -> Bulletin:
    """Sent to six and to one who wants daily mails; two have come since."""
    clock.set(AT)
    for name in STATES:
        follow(tf, box(name))
    daily(tf, "daily", AT)
    clock.set(AT + HOUR)
    made = sent(tf, people["coordinator"], people["deputy"])
    expansion.expand_due()
    for name, state in STATES.items():
        OutboxMessage.objects.filter(mailing=made.mailing_id, mailbox=box(name)).update(state=state)
    follow(tf, box("late"), confirmed_at=AT + 2 * HOUR)
    daily(tf, "dailylate", AT + 2 * HOUR)
    clock.set(AT + 3 * HOUR)
    return made


def correction_of(earlier: Bulletin, people: People) -> Bulletin:
    """Written, tested and offered."""
    author = people["coordinator"]
    made = services.correct(earlier.pk, actor=author)
    texts = {"en": f"Put right {made.pk}", "zh-hant": f"更正 {made.pk}"}
    made = services.edit(made.pk, subjects=texts, bodies=texts, actor=author, version=1)
    services.test(made.pk, language="en", actor=author, version=2)
    return services.offer(made.pk, actor=author, version=2)


def send(made: Bulletin, people: People, *, everybody: bool = False, count: int = 100) -> Mailing:
    done = services.send(made.pk, actor=people["deputy"], version=2, count=count, everybody=everybody)
    expansion.expand_due()
    return mailing_of(done)


def told_daily(name: str) -> list[list[int]]:
    """The mailings that each daily mail of somebody tells."""
    contexts = OutboxMessage.objects.filter(kind="digest", mailbox=box(name)).order_by("id")
    return [
        [entry["mailing"] for group in context["groups"] for entry in group["entries"]]
        for context in contexts.values_list("context", flat=True)
    ]


@pytest.mark.parametrize("everybody", [False, True], ids=["those who got it", "everybody"])
def test_a_correction_goes_to_those_who_got_the_first_or_may_have(
    wrong: Bulletin, people: People, clock: Clock, *, everybody: bool
) -> None:
    """At once and in the daily mail; the twin that is for everybody reaches the others too."""
    made = correction_of(wrong, people)
    before = services.readers_now(made, AT + 3 * HOUR, everybody=everybody)
    expected = {*STATES, "late"} if everybody else set(TOLD)
    assert (before.at_once.total(), before.daily.total()) == (len(expected), 1 + everybody)
    mailing = send(made, people, everybody=everybody, count=before.total)
    assert names(mailing) == expected
    made.refresh_from_db()
    assert (made.followers_at_once, made.followers_daily) == (len(expected), 1 + everybody)
    assert digests.send_digests(clock.set(AT + DAY)) == 1 + everybody
    assert told_daily("daily") == [[wrong.mailing_id, mailing.pk]], "both in one mail, the first one first"
    assert told_daily("dailylate") == ([[mailing.pk]] if everybody else [])


@pytest.mark.long
def test_it_follows_its_readers_to_another_pace(wrong: Bulletin, people: People, clock: Clock) -> None:
    """Who had the first in a daily mail and now hears at once, and the other way about."""
    digests.send_digests(clock.set(AT + DAY))
    OutboxMessage.objects.filter(kind="digest").update(state="sent")
    Subscription.objects.filter(mailbox=box("daily")).update(frequency="immediate")
    Subscription.objects.filter(mailbox=box("has")).update(frequency="daily")
    digests.begin_digest(box("has"), at=AT + DAY)
    clock.set(AT + DAY + HOUR)
    mailing = send(correction_of(wrong, people), people)
    assert names(mailing) == {*TOLD, "daily"} - {"has"}
    digests.send_digests(clock.set(AT + 2 * DAY))
    assert told_daily("has") == [[mailing.pk]]
    assert told_daily("dailylate") == []


def test_more_readers_than_were_confirmed_are_a_conflict(wrong: Bulletin, people: People) -> None:
    made = correction_of(wrong, people)
    with pytest.raises(Conflict, match="more people"):
        send(made, people, count=len(TOLD))
    send(made, people, count=len(TOLD) + 1)


@pytest.mark.long
def test_what_was_stopped_before_anybody_got_it_is_corrected_for_nobody_or_all(
    tf: TaskForce, people: People, clock: Clock
) -> None:
    clock.set(AT)
    follow(tf, box("one"))
    daily(tf, "two", AT)
    clock.set(AT + HOUR)
    made = sent(tf, people["coordinator"], people["deputy"])
    expansion.expand_due()
    services.stop(made.pk, actor=people["deputy"])
    correction = correction_of(made, people)
    assert services.readers_now(correction, AT + HOUR, everybody=False).total == 0
    with pytest.raises(Invalid, match="Nobody got what this corrects"):
        send(correction, people)
    assert names(send(correction, people, everybody=True)) == {"one"}


def test_while_the_first_is_being_written_they_all_may_get_it(tf: TaskForce, people: People, clock: Clock) -> None:
    clock.set(AT)
    follow(tf, box("one"))
    made = sent(tf, people["coordinator"], people["deputy"])
    assert names(mailing_of(made)) == set()
    assert names(send(correction_of(made, people), people)) == {"one"}


@pytest.mark.long
def test_whoever_missed_the_correction_gets_what_corrects_it(wrong: Bulletin, people: People) -> None:
    first = correction_of(wrong, people)
    mailing = send(first, people)
    OutboxMessage.objects.filter(mailing=mailing).update(state="sent")
    OutboxMessage.objects.filter(mailing=mailing, mailbox=box("maybe")).update(state="failed")
    second = send(correction_of(first, people), people)
    assert second.params["readers_of"] == [mailing.pk, wrong.mailing_id]
    assert names(second) == set(TOLD)


def test_what_was_corrected_is_not_sent_again(wrong: Bulletin, people: People) -> None:
    """Whoever did not get it would get what is known to be wrong, and nothing that puts it right."""
    failed = OutboxMessage.objects.get(mailing=wrong.mailing_id, mailbox=box("failed"))
    assert outbox.judge("requeue", [failed], at=AT)[0][1] == ""
    mailing = send(correction_of(wrong, people), people)
    assert "was corrected" in outbox.judge("requeue", [failed], at=AT)[0][1]
    Mailing.objects.exclude(pk=mailing.pk).update(state="failed")
    with pytest.raises(Conflict, match="was corrected"):
        outbox.requeue_mailing(wrong.mailing_id or 0, reason="again", at=AT, actor_id=1, allow=None)
    outbox.stop_mailing(mailing.pk, at=AT, actor_id=1, allow=None)
    assert outbox.judge("requeue", [failed], at=AT)[0][1] == ""


def test_who_has_left_hears_of_no_correction(wrong: Bulletin, people: People) -> None:
    Subscription.objects.filter(mailbox=box("has")).delete()
    assert names(send(correction_of(wrong, people), people)) == set(TOLD) - {"has"}
