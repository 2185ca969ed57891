"""The mails about what was noticed: what can be done, until when, how much came in, what comes next."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.notifications import delivery, expansion, kinds, rendering
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import services
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.notices import digests, events
from tests.conftest import Clock, utc
from tests.notifications.conftest import sink as sink
from tests.notifications.sink import Sink
from tests.timeline.offering import draft_a_call, offer_call, offer_feedback
from tests.timeline.test_services import publish

OPENS, CLOSES = utc(2022, 2, 1, 12), utc(2022, 3, 1, 12)
DAY = timedelta(days=1)
HARD = CLOSES + timedelta(seconds=120)
KINDS = (events.OPENED, events.CLOSING_WEEK, events.CLOSING_DAY, events.CLOSED, digests.DIGEST)
Mails = Callable[..., dict[str, rendering.Rendered]]


@pytest.fixture
def mails(tf: TaskForce, clock: Clock) -> Mails:
    """What two followers get at a moment, by mailbox; the phase for feedback has a window, that for a call has none."""
    offer_feedback(tf.phases.get(slug="feedback"))
    for mailbox, language in [("en@example.org", "en"), ("zh@example.org", "zh-hant")]:
        services.follow(tf, mailbox=mailbox, topics=["deadlines"], language=language, zone="Asia/Taipei", at=OPENS)

    def at(*moments: object, count: int | None = None) -> dict[str, rendering.Rendered]:
        for moment in moments:
            clock.set(moment)  # type: ignore[arg-type]  # instants
            services.notice_due(moment, lambda phase: count)  # type: ignore[arg-type]
            expansion.expand_due()
        last = OutboxMessage.objects.order_by("-id")[:2]
        return {one.mailbox: rendering.render(kinds.get(one.kind), one.context, one.language, one.zone) for one in last}

    return at


def test_opened_says_what_can_be_done_and_until_when(mails: Mails) -> None:
    mail = mails(OPENS)["en@example.org"]
    assert mail.subject == "Leadership development: “Feedback on the proposal” is open"
    for line in (
        "say what you think of it",
        "28 February 2022, anywhere on Earth (AoE)",
        "1 March 2022, 12:00 UTC",
        "\n  1 March 2022, 12:00 UTC\n  Your time: 1 March 2022, 20:00 (Taipei)\n",
        "/en/tf/leadership-development/",
    ):
        assert line in mail.text
    assert "apply" not in mail.text


def test_each_reader_gets_their_language(mails: Mails) -> None:
    mail = mails(OPENS)["zh@example.org"]
    assert "對提案的反饋" in mail.subject
    assert "/zh-hant/tf/leadership-development/" in mail.text


@pytest.mark.parametrize(("at", "words"), [(CLOSES - 7 * DAY, "within a week"), (CLOSES - DAY, "within 24 hours")])
def test_a_reminder_names_the_end_that_is_shown_and_no_grace(mails: Mails, at: object, words: str) -> None:
    mail = mails(OPENS, at)["en@example.org"]
    assert words in mail.subject
    assert "1 March 2022, 12:00 UTC" in mail.text
    assert "12:02" not in mail.text
    assert "grace" not in mail.text


@pytest.mark.parametrize(("count", "shown"), [(None, False), (0, False), (4, False), (5, True), (1280, True)])
def test_closed_tells_how_much_came_in_unless_that_is_few(mails: Mails, count: int | None, *, shown: bool) -> None:
    """Fewer than `SMALL_GROUP` could be made out one by one."""
    mail = mails(OPENS, HARD, count=count)["en@example.org"]
    assert mail.subject == "Leadership development: “Feedback on the proposal” has closed"
    assert ("What came in:" in mail.text) is shown
    if count == 1280:
        assert "1,280" in mail.text


def test_closed_tells_what_comes_next(mails: Mails) -> None:
    mail = mails(OPENS, HARD)["en@example.org"]
    assert "Recruitment of members" in mail.text
    assert "14 March 2022, 12:00 UTC" in mail.text


def test_the_last_phase_has_nothing_after_it(mails: Mails) -> None:
    mail = mails(OPENS, utc(2023, 7, 1, 13))["en@example.org"]
    assert mail.subject.endswith("has ended")
    assert "Next:" not in mail.text


def test_work_has_begun_and_is_not_open(mails: Mails, phase: Callable[[str], Phase]) -> None:
    mail = mails(OPENS, utc(2022, 5, 16, 12))["en@example.org"]
    assert mail.subject == "Leadership development: “The task force works” has begun"
    assert phase("work").opens_on == date(2022, 5, 16)


CALL_OPENS, CALL_CLOSES = utc(2022, 3, 14, 12), utc(2022, 4, 11, 12)
INVITES = ("You can apply", "you can apply", "What you can do now", "Leave yourself time", "took part")
MOMENTS = {
    "opened": (CALL_OPENS, "is open", "has begun", True),
    "a week left": (CALL_CLOSES - 7 * DAY, "closes within a week", "closes within a week", True),
    "a day left": (CALL_CLOSES - DAY, "closes within 24 hours", "closes within 24 hours", True),
    "closed": (CALL_CLOSES + timedelta(seconds=120), "has closed", "has ended", False),
}


@pytest.mark.parametrize("name", MOMENTS)
@pytest.mark.parametrize("has_call", [True, False])
def test_a_mail_invites_only_to_what_is_there(
    mails: Mails, phase: Callable[[str], Phase], name: str, *, has_call: bool
) -> None:
    at, with_call, without, is_to_read = MOMENTS[name]
    if has_call:
        offer_call(phase("recruitment"))
    mail = mails(HARD, at)["en@example.org"]
    assert mail.subject == f"Leadership development: “Recruitment of members” {with_call if has_call else without}"
    assert any(words in mail.text for words in INVITES) is has_call
    assert ("Where you can read about it" in mail.text) is (is_to_read and not has_call)
    assert "10 April 2022, anywhere on Earth (AoE)" in mail.text
    assert "/en/tf/leadership-development/" in mail.text


def test_a_call_that_is_not_published_is_none(
    mails: Mails, phase: Callable[[str], Phase], people: dict[str, User]
) -> None:
    draft_a_call(phase("recruitment"), people["coordinator"])
    assert mails(HARD, CALL_OPENS)["en@example.org"].subject.endswith("has begun")


def test_a_phase_for_two_things_invites_to_the_one_that_is_there(tf: TaskForce, mails: Mails) -> None:
    days = {"opens_on": date(2023, 9, 1), "closes_on": date(2023, 9, 30)}
    offer_feedback(publish(tf, slug="both", capabilities=["feedback", "apply"], **days))
    mail = mails(HARD, utc(2023, 9, 1, 12))["en@example.org"]
    assert "say what you think of it" in mail.text
    assert "apply" not in mail.text


@pytest.mark.long
@pytest.mark.parametrize("name", KINDS)
def test_the_samples_can_be_read_in_every_language(name: str) -> None:
    kind, found = kinds.get(name), {}
    for language in languages.CODES:
        mail = rendering.render(kind, kind.sample(), language)
        found[language] = (bool(mail.subject), "+00:00" in mail.text, "{" in mail.text)
    assert {language: what for language, what in found.items() if what != (True, False, False)} == {}


# --- an act beside mails that have not left -----------------------------------------------------------------------

WHY: dict[str, Any] = {"reason": "The translations came late."}
ACTS: dict[str, Callable[[int, User], object]] = {
    "extend": lambda pk, who: services.extend(pk, closes_on=date(2022, 3, 7), actor=who, **WHY),
    "shorten": lambda pk, who: services.shorten(pk, closes_on=date(2022, 2, 25), actor=who, **WHY),
    "close": lambda pk, who: services.close_early(pk, actor=who, **WHY),
    "cancel": lambda pk, who: services.cancel_phase(pk, actor=who, **WHY),
}
LATER, SOONER = utc(2022, 3, 8, 12), utc(2022, 2, 26, 12)
NEW_END = {
    "extend": {"en": ("7 March 2022", LATER), "zh-hant": ("2022年3月7日", LATER)},
    "shorten": {"en": ("25 February 2022", SOONER), "zh-hant": ("2022年2月25日", SOONER)},
}


@pytest.mark.long
@pytest.mark.parametrize("is_written", [True, False])
@pytest.mark.parametrize("name", ACTS)
def test_that_it_has_opened_is_still_told_while_it_is_open_and_with_the_new_end(
    mails: Mails,
    phase: Callable[[str], Phase],
    people: dict[str, User],
    clock: Clock,
    sink: Sink,
    name: str,
    *,
    is_written: bool,
) -> None:
    if is_written:
        mails(OPENS)
    else:
        services.notice_due(clock.set(OPENS), lambda _phase: None)
    clock.set(OPENS + timedelta(hours=1))
    ACTS[name](phase("feedback").pk, people["coordinator"])
    expansion.expand_due()
    expansion.clear_superseded()
    assert OutboxMessage.objects.filter(kind=events.OPENED, state="queued").count() == (2 if name in NEW_END else 0)
    if name in NEW_END:
        assert Mailing.objects.get(kind=events.OPENED).valid_until == NEW_END[name]["en"][1]
    delivery.deliver_due()
    told = OutboxMessage.objects.filter(kind=events.OPENED, state="sent")
    assert told.count() == (2 if name in NEW_END else 0)
    for mail in told:
        rule, shown = (
            NEW_END[name][mail.language][0],
            rendering.render(kinds.get(mail.kind), mail.context, mail.language),
        )
        assert rule in shown.text
        assert len(sink.to(mail.mailbox)) == (1 + Mailing.objects.exclude(kind=events.OPENED).count())


@pytest.mark.parametrize("name", ACTS)
def test_what_counts_down_to_an_end_goes_no_more_once_it_has_moved(
    mails: Mails, phase: Callable[[str], Phase], people: dict[str, User], name: str
) -> None:
    mails(OPENS, CLOSES - 7 * DAY)
    ACTS[name](phase("feedback").pk, people["coordinator"])
    assert expansion.clear_superseded() > 0
    assert not OutboxMessage.objects.filter(kind=events.CLOSING_WEEK, state="queued").exists()


def test_a_mail_that_has_left_is_not_written_anew(
    mails: Mails, phase: Callable[[str], Phase], people: dict[str, User]
) -> None:
    mails(OPENS)
    OutboxMessage.objects.update(state="sent")
    before = list(OutboxMessage.objects.order_by("id").values_list("context", "valid_until"))
    ACTS["extend"](phase("feedback").pk, people["coordinator"])
    assert list(OutboxMessage.objects.order_by("id").values_list("context", "valid_until")) == before
