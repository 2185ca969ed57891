"""Reminders of unfinished applications: whom, when, in which words, once each, and never what is no longer true."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recruitment import links, queries, reminders, services, unreminded
from recruitment.enums import Group, Reminding
from recruitment.models import Application, Call, NoReminders, RemindedOf
from recruitment.notices import reminding as notices
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now, real_now
from taskforce.notifications import delivery, kinds, rendering
from taskforce.notifications.models import OutboxMessage
from taskforce.notifications.services.sending import claim, release_dead
from taskforce.portal import sweep
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import Act
from taskforce.timeline.models import Extension, Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.notifications.conftest import sink as sink
from tests.notifications.sink import Sink
from tests.recruitment.conftest import AT, CLOSES, OPENS, PAGE, Run, draft, question_names

WEEK, DAY = CLOSES - timedelta(days=7), CLOSES - timedelta(days=1)
TICK = timedelta(microseconds=1)
WORDS = "Words that stand in no mail."
LATER = date(2022, 4, 20)  # AoE: closes 21 April, 12:00 UTC
MOVED = CLOSES + timedelta(days=10)

# --- when: pure -------------------------------------------------------------------------------------------------------


def phase(**changes: object) -> Phase:
    return Phase(
        **{
            "task_force": TaskForce(),
            "capabilities": ["apply"],
            "opens_at": OPENS,
            "closes_at": CLOSES,
            "published_at": AT,
            **changes,
        }
    )


def act(at: datetime) -> Extension:
    return Extension(act=Act.EXTENDED, at=at, ends_version=2)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (OPENS, []),
        (WEEK - TICK, []),
        (WEEK, [Reminding.WEEK]),
        (DAY - timedelta(days=1) - TICK, [Reminding.WEEK]),
        (DAY - timedelta(days=1), []),
        (DAY - TICK, []),
        (DAY, [Reminding.DAY]),
        (CLOSES - TICK, [Reminding.DAY]),
        (CLOSES, []),
        (CLOSES + timedelta(seconds=60), []),
    ],
)
def test_when_each_is_due(at: datetime, due: list[Reminding]) -> None:
    """A reminder that nobody wrote in time is written as long as it is of use, and in the grace there is none."""
    assert reminders.due(phase(), [], at) == due


def test_of_a_call_that_is_shorter_than_its_reminder_there_is_none_at_its_opening() -> None:
    for days in (7, 1):
        short = phase(closes_at=OPENS + timedelta(days=days))
        assert reminders.due(short, [], OPENS) == []


def test_of_an_end_that_was_set_later_it_is_reminded_at_once() -> None:
    """Set two hours before the former end, for three days later: seven days before it are over already."""
    moved, at = phase(closes_at=CLOSES + timedelta(days=3), ends_version=2), CLOSES - timedelta(hours=2)
    assert reminders.due(moved, [act(at)], at - TICK) == []
    assert reminders.due(moved, [act(at)], at) == [Reminding.WEEK]
    nearer = phase(closes_at=CLOSES + timedelta(hours=6), ends_version=2)
    assert reminders.due(nearer, [act(at)], at) == [Reminding.DAY]


def test_of_what_is_cancelled_nothing_is_due() -> None:
    assert reminders.due(phase(cancelled_at=WEEK), [], WEEK) == []


# --- whom -------------------------------------------------------------------------------------------------------------


def mails() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind="draft-reminder").order_by("pk"))


Person = Callable[..., User]


@pytest.fixture
def begins(call: Call) -> Person:
    """Somebody new saves a draft and does not submit it."""

    def one(name: str, language: str = "en", zone: str = "UTC") -> User:
        user = create_account(f"{name}@example.org", at=AT, name=f"{name.title()} Canary", language=language)
        User.objects.filter(pk=user.pk).update(zone=zone)
        services.save_draft(call.pk, user, draft(call, WORDS, language=language))
        return user

    return one


def test_who_would_lose_something_is_reminded_and_nobody_else(call: Call, begins: Person, clock: Clock) -> None:
    """A draft, and changes since the application was submitted; not who is through, has left, or only looked."""
    begins("ann")
    bo, cy, di = (begins(name) for name in ("bo", "cy", "di"))
    services.submit(call.pk, bo, draft(call, "Submitted."))
    services.submit(call.pk, cy, draft(call, "Submitted."))
    services.withdraw(Application.objects.get(applicant=di).pk, di, at=app_now())
    ed = create_account("ed@example.org", at=AT, name="Ed")
    services.open_application(call.pk, ed, language="en")
    clock.set(app_now() + timedelta(seconds=5))
    services.save_draft(call.pk, cy, draft(call, "Changed."))
    clock.set(WEEK)
    assert services.remind(WEEK) == 2
    assert {(mail.mailbox, mail.context["is_submitted"]) for mail in mails()} == {
        ("ann@example.org", False),
        ("cy@example.org", True),
    }
    assert RemindedOf.objects.get().count == 2


def test_each_once_for_each_end_and_again_for_another_end(
    call: Call, begins: Person, clock: Clock, people: dict[str, User]
) -> None:
    begins("ann")
    for at, written in ((WEEK - TICK, 0), (WEEK, 1), (WEEK + timedelta(days=1), 0), (DAY, 1), (DAY + TICK, 0)):
        clock.set(at)
        assert services.remind(at) == written, at
    clock.set(DAY + timedelta(hours=1))
    timeline.extend(call.phase_id, closes_on=LATER, reason="Late translations.", actor=people["coordinator"])
    found = []
    for at in (DAY + timedelta(hours=2), MOVED - timedelta(days=7), MOVED - timedelta(days=1), MOVED):
        clock.set(at)
        found.append(services.remind(at))
    assert found == [0, 1, 1, 0], "planned anew: seven days and one before the new end"
    assert [(row.ends_version, row.kind) for row in RemindedOf.objects.order_by("pk")] == [
        (1, "week"),
        (1, "day"),
        (2, "week"),
        (2, "day"),
    ]
    assert len({mail.key for mail in mails()}) == 4
    assert Entry.objects.filter(action="application.reminded").count() == 4


def test_of_an_end_that_was_set_earlier_both_are_planned_anew(
    call: Call, begins: Person, clock: Clock, people: dict[str, User]
) -> None:
    """The first one at once, where seven days before the new end have passed already."""
    begins("ann")
    clock.set(CLOSES - timedelta(days=12))
    assert services.remind(app_now()) == 0
    timeline.shorten(call.phase_id, closes_on=date(2022, 4, 5), reason="Enough time.", actor=people["coordinator"])
    # Before the former end; the new one is five days earlier.
    found = [services.remind(clock.set(CLOSES - timedelta(days=days))) for days in (11, 10, 6, 5)]
    assert found == [1, 0, 1, 0]
    assert [(row.ends_version, row.kind) for row in RemindedOf.objects.order_by("pk")] == [(2, "week"), (2, "day")]


def test_a_draft_that_is_begun_after_the_reminder_waits_for_the_next(call: Call, begins: Person, clock: Clock) -> None:
    clock.set(WEEK)
    assert services.remind(WEEK) == 0
    clock.set(WEEK + timedelta(hours=1))
    begins("ann")
    assert services.remind(app_now()) == 0
    assert services.remind(clock.set(DAY)) == 1


def test_the_sweep_does_it(call: Call, begins: Person, clock: Clock) -> None:
    begins("ann")
    clock.set(WEEK)
    assert sweep.run()["applicants reminded of drafts"] == 1
    assert sweep.run()["applicants reminded of drafts"] == 0


# --- the words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_what_the_mail_says(call: Call, begins: Person, clock: Clock, language: str) -> None:
    """Until when, by the rule and in UTC and by the reader's own clock; never a word of an answer."""
    begins("ann", language, "Asia/Taipei")
    clock.set(WEEK)
    services.remind(WEEK)
    (mail,) = mails()
    assert (mail.language, mail.zone) == (language, "Asia/Taipei")
    made = rendering.render(kinds.get(mail.kind), mail.context, mail.language)
    for text in (made.subject, made.text, made.html):
        assert WORDS not in text
        assert "Canary" not in text
    assert f"/{language}/tf/leadership-development/join/application/?call=recruitment" in made.text
    assert mail.context["stop_url"] in made.text
    if language == "en":
        assert "your application is not submitted yet" in made.subject
        assert "10 April 2022, anywhere on Earth (AoE)" in made.text
        assert "11 April 2022, 12:00 UTC" in made.text
        assert "Every question that asks for an answer has one." in made.text


def test_it_says_how_many_answers_are_missing(call: Call, clock: Clock) -> None:
    user = create_account("ann@example.org", at=AT, name="Ann")
    only_the_second = {Group.ANSWERS: {question_names(call)[1]: ["two"]}}
    services.save_draft(call.pk, user, replace(draft(call), typed=only_the_second))
    clock.set(WEEK)
    services.remind(WEEK)
    (mail,) = mails()
    assert mail.context["missing"] == 1
    assert (
        "One answer that is asked for is still missing."
        in rendering.render(kinds.get(mail.kind), mail.context, "en").text
    )


# --- when it goes -----------------------------------------------------------------------------------------------------


def submits(call: Call, user: User) -> None:
    services.submit(call.pk, user, draft(call, "Submitted."))


def withdraws(call: Call, user: User) -> None:
    services.withdraw(Application.objects.get(applicant=user).pk, user, at=app_now())


def wants_none(call: Call, user: User) -> None:
    services.set_reminders(call, user.pk, wanted=False, at=app_now())


def has_another_address(call: Call, user: User) -> None:
    """What the mail has in it, to stop the reminders, is for nobody at the former one."""
    User.objects.filter(pk=user.pk).update(email="ann@elsewhere.example.org")


def nothing(call: Call, user: User) -> None:
    """Twin: without it the mail goes."""


@pytest.mark.parametrize(
    ("meanwhile", "goes"),
    [(nothing, 1), (submits, 0), (withdraws, 0), (wants_none, 0), (has_another_address, 0)],
    ids=lambda one: str(one)[10:20],
)
def test_what_is_no_longer_true_when_it_goes_does_not_go(
    call: Call, begins: Person, clock: Clock, sink: Sink, meanwhile: Callable[[Call, User], None], goes: int
) -> None:
    user = begins("ann")
    services.remind(clock.set(WEEK))
    meanwhile(call, user)
    delivery.deliver_due()
    subjects = [arrival.mail["Subject"] for arrival in sink.to("ann@example.org")]
    assert sum("not submitted yet" in subject for subject in subjects) == goes


def test_of_an_end_that_has_moved_nobody_is_reminded(
    call: Call, begins: Person, clock: Clock, sink: Sink, people: dict[str, User]
) -> None:
    """Written for the former end and still queued when it is moved."""
    begins("ann")
    services.remind(clock.set(WEEK))
    timeline.extend(call.phase_id, closes_on=LATER, reason="Late translations.", actor=people["coordinator"])
    delivery.deliver_due()
    assert [arrival for arrival in sink.to("ann@example.org") if "not submitted" in arrival.mail["Subject"]] == []


@pytest.mark.parametrize(("at", "state"), [(CLOSES - timedelta(seconds=1), "sent"), (CLOSES, "expired")])
def test_after_the_close_none_goes(
    call: Call, begins: Person, clock: Clock, sink: Sink, at: datetime, state: str
) -> None:
    """The mail server was away until then."""
    begins("ann")
    services.remind(clock.set(DAY))
    clock.set(at)
    delivery.deliver_due()
    assert [mail.state for mail in mails()] == [state]


def _killed(*_arguments: object, **_named: object) -> None:
    raise SystemExit


def test_a_worker_that_dies_between_planning_and_sending_sends_once(
    call: Call, begins: Person, clock: Clock, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it plans it has planned nothing; killed after that, what it has planned goes, once."""
    begins("ann")
    at = clock.set(WEEK)
    with monkeypatch.context() as dying:
        dying.setattr(log, "record", _killed)  # the last thing before the commit
        with pytest.raises(SystemExit):
            services.remind(at)
    assert mails() == []
    assert not RemindedOf.objects.exists()
    with monkeypatch.context() as dying:
        dying.setattr(delivery, "deliver_due", _killed)
        assert services.remind(at) == 1
        with pytest.raises(SystemExit):
            delivery.deliver_due()
    for _sweep in range(3):
        assert services.remind(at) == 0
        delivery.deliver_due()
    assert len(sink.to("ann@example.org")) == 1
    assert [mail.state for mail in mails()] == ["sent"]


def test_a_worker_that_dies_while_it_sends_reminds_nobody_twice(
    call: Call, begins: Person, clock: Clock, sink: Sink
) -> None:
    """Whether it went nobody knows: it goes no second time, and one's own page says so. A receipt would."""
    user = begins("ann")
    at = clock.set(WEEK)
    services.remind(at)
    assert claim() is not None
    OutboxMessage.objects.update(lease_until=real_now() - timedelta(seconds=1))
    assert release_dead() == 1
    services.remind(at)
    delivery.deliver_due()
    assert sink.to("ann@example.org") == []
    assert [mail.state for mail in mails()] == ["unknown"]
    own = Client()
    own.force_login(user)
    assert "Look into the folder for spam too" in own.get(PAGE).content.decode()


# --- who wants none ---------------------------------------------------------------------------------------------------


def test_by_the_link_of_the_mail_without_sign_in_and_back(call: Call, begins: Person, clock: Clock) -> None:
    user, browser = begins("ann"), Client()
    page = notices.stop_url(call, user.pk, "en").removeprefix("https://portal.example.org")
    page = page[page.index("/en/") :]
    assert "Remind me no more" in browser.get(page).content.decode()
    assert not NoReminders.objects.exists(), "reading changes nothing"
    own = Client()
    own.force_login(user)
    assert f'href="{page}"' in own.get(PAGE).content.decode()
    for _ in range(2):
        assert browser.post(page, {"reminders": "off"}).status_code == 303
    assert "Remind me again" in browser.get(page).content.decode()
    services.remind(clock.set(WEEK))
    assert mails() == []
    assert browser.post(page, {"reminders": "on"}).status_code == 303
    assert services.remind(clock.set(DAY)) == 1
    assert [
        entry.details["wanted"] for entry in Entry.objects.filter(action="application.reminders").order_by("pk")
    ] == [
        False,
        True,
    ]


def test_nobody_fills_the_log_by_the_link(call: Call, begins: Person) -> None:
    page = links.reminders(call, begins("ann").pk)
    other = links.reminders(call, begins("bo").pk)
    answers = [Client().post(page, {"reminders": ("off", "on")[number % 2]}) for number in range(61)]
    assert [answer.status_code for answer in answers] == [303] * 60 + [429]
    assert Client().post(other, {"reminders": "off"}).status_code == 303, "each mailbox has a count of its own"


def test_whoever_begins_anew_is_not_reminded_either(call: Call, begins: Person, clock: Clock) -> None:
    user = begins("ann")
    wants_none(call, user)
    withdraws(call, user)
    services.save_draft(call.pk, user, draft(call, "Once more."))
    assert services.remind(clock.set(WEEK)) == 0


def test_the_link_of_somebody_who_has_no_application_here_is_none(call: Call, people: dict[str, User]) -> None:
    token = unreminded.token(unreminded.Whose(call.pk, people["member"].pk))
    place = "/en/tf/leadership-development/join/application/reminders"
    assert [Client().get(f"{place}/{one}/").status_code for one in (token, token[:-1], "x")] == [404, 404, 404]


def test_the_mail_can_be_left(call: Call, begins: Person, clock: Clock, sink: Sink) -> None:
    begins("ann")
    services.remind(clock.set(WEEK))
    delivery.deliver_due()
    (arrival,) = [one for one in sink.to("ann@example.org") if "not submitted" in one.mail["Subject"]]
    assert "/join/application/reminders/" in arrival.mail["List-Unsubscribe"]


# --- many, and at once ------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_the_statements_do_not_rise_with_the_applications(call: Call, begins: Person, clock: Clock) -> None:
    counts = []
    for number, end in ((3, 1), (60, 2)):
        for one in range(number):
            begins(f"person{end}-{one}")
        RemindedOf.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            services.remind(clock.set(WEEK + timedelta(seconds=end)))
        counts.append(len(captured))
        clock.set(OPENS + timedelta(days=1))
    assert counts[0] == counts[1] <= 24, counts


Write = Callable[[datetime], object]


def naive(at: datetime) -> None:
    """Find who has none, then write, without a row that only one can make."""
    for due in queries.to_remind(at):
        for found in queries.unfinished(due.call):
            for one in found:
                if not OutboxMessage.objects.filter(context__application=one.application.pk).exists():
                    time.sleep(0.02)
                    OutboxMessage.objects.create(
                        key=f"{random.random()}",
                        kind="draft-reminder",
                        mail_class="announcement",
                        mailbox="ann@example.org",
                        language="en",
                        context={"application": one.application.pk},
                        message_id=f"<{random.random()}>",
                        not_before=at,
                        created_at=at,
                    )


@pytest.mark.parametrize(
    ("write", "holds"), [(services.remind, True), (naive, False)], ids=["one row", "find and write"]
)
def test_four_sweeps_at_once(
    committed: None, call: Call, begins: Person, aside: Run, write: Write, *, holds: bool
) -> None:
    for name in ("ann", "bo", "cy"):
        begins(name)
    Clock().set(WEEK)
    for running in [aside(write, WEEK) for _ in range(4)]:
        running.result(30)
    told = Counter(mail.context["application"] for mail in mails())
    assert len(told) == 3
    assert (max(told.values()) == 1) is holds
