"""Ten thousand addresses with three hundred bad ones, and who may bring them in."""

import time
from typing import Any

import pytest

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import grant_role
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid, Refused
from taskforce.limits import mailboxes, table
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import pasting, queries, services
from taskforce.timeline.asking import Ask
from taskforce.timeline.models import Departure, Subscription, TaskForce

pytestmark = pytest.mark.django_db
BAD = ("a@[127.0.0.1]", "a@localhost", '"x" <a@b.example>', "nobody", "a@b.example, klingon")


def add(tf: TaskForce, actor: User, text: str, **options: Any) -> services.Report:
    values: dict[str, Any] = {"topics": ["deadlines", "updates"], "language": "en", "at": app_now(), **options}
    return services.add_followers(tf.pk, text, actor=actor, **values)


def test_lines_are_read_with_their_languages_and_told_by_their_numbers() -> None:
    text = "Ann@example.org\r\n\r\nbob@example.org, zh-Hant\nann@EXAMPLE.org;fr\ncy@example.org\tpt_BR\n" + "\n".join(
        BAD
    )
    found = pasting.read(text, "ar")
    assert found.good == {"ann@example.org": "ar", "bob@example.org": "zh-hant", "cy@example.org": "pt-br"}
    assert [(line.number, line.text) for line in found.bad] == list(enumerate(BAD, start=6))
    assert all(line.why for line in found.bad)
    ((number, text, why),) = found.again
    assert (number, text) == (4, "ann@EXAMPLE.org;fr")
    assert why.endswith("line 1.")


def test_of_a_line_without_end_the_beginning_is_shown() -> None:
    text = "a" + "\u0301\u0316" * 50_000
    (line,) = pasting.read(f"{text}\nann@example.org", "en").bad
    assert (line.text, len(line.shown)) == (text, 120)
    assert pasting.read("nobody", "en").bad[0].shown == "nobody"


def test_the_mark_at_the_head_of_a_file_is_no_part_of_the_first_address() -> None:
    found = pasting.read("\ufeffann@example.org\r\nbob@example.org", "en")
    assert (list(found.numbers.items()), found.bad) == ([("ann@example.org", 1), ("bob@example.org", 2)], [])


@pytest.mark.long
@pytest.mark.parametrize("agreed_where", ["", "On paper, at the meeting of May."])
def test_ten_thousand_lines_with_three_hundred_bad_ones(
    tf: TaskForce, people: dict[str, User], agreed_where: str, django_assert_max_num_queries: Any
) -> None:
    lines = [f"person{number}@example.org" for number in range(9_690)]
    lines += [BAD[number % len(BAD)] for number in range(300)]
    lines += [f"PERSON{number}@example.org, ar" for number in range(10)]
    people["coordinator"].refresh_from_db()
    # Of this process alone: how fast the rest of the machine is says nothing about the work.
    started = time.process_time()
    with django_assert_max_num_queries(40):
        report = add(tf, people["coordinator"], "\n".join(lines), agreed_where=agreed_where)
    taken = time.process_time() - started
    assert (len(report.bad), len(report.again)) == (300, 10)
    assert [line.number for line in report.bad] == list(range(9_691, 9_991))
    assert taken < 10, f"{taken:.1f} s"
    assert Subscription.objects.count() == 2 * 9_690
    entry = Entry.objects.get(action="followers.added")
    assert (entry.actor_id, entry.reason) == (people["coordinator"].pk, agreed_where)
    if agreed_where:
        assert (report.added, report.asked, OutboxMessage.objects.count()) == (9_690, 0, 0)
        assert queries.followers_count(tf.pk, "updates") == 9_690
    else:
        assert (report.added, report.asked, OutboxMessage.objects.count()) == (0, 9_690, 9_690)
        assert queries.followers_count(tf.pk, "updates") == 0


def test_who_follows_keeps_their_choices_and_who_was_asked_is_not_asked_again(
    tf: TaskForce, people: dict[str, User]
) -> None:
    services.follow(
        tf, mailbox="ann@example.org", topics=["deadlines", "updates"], language="fr", frequency="daily", at=app_now()
    )
    text = "ann@example.org\nbob@example.org"
    first, second = (add(tf, people["deputy"], text) for _ in range(2))
    assert (first.known, first.asked, first.waiting) == (1, 1, 0)
    assert (second.known, second.asked, second.waiting) == (1, 0, 1)
    third = add(tf, people["deputy"], text, agreed_where="On paper.")
    assert (third.known, third.added) == (1, 1)
    assert set(Subscription.objects.values_list("mailbox", "frequency", "language", "source")) == {
        ("ann@example.org", "daily", "fr", "import"),
        ("bob@example.org", "immediate", "en", "list"),
    }
    assert OutboxMessage.objects.get().mailbox == "bob@example.org"


def test_an_invitation_is_one_of_the_three_mails_that_staff_send(tf: TaskForce, people: dict[str, User]) -> None:
    for _ in range(2):
        assert mailboxes.admit("bob@example.org", to=table.MAILS_OF_STAFF)
    report = add(tf, people["admin"], "bob@example.org\nb.ob@example.org\nbob+x@example.org")
    assert (report.asked, report.limited) == (1, 2)
    assert OutboxMessage.objects.count() == 1


def test_nothing_is_half_done(tf: TaskForce, people: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskforce.audit.log.record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add(tf, people["coordinator"], "ann@example.org")
    assert not Subscription.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("name", ["observer", "reviewer1", "translator", "moderator", "privacy", "member"])
def test_nobody_else_brings_people_in(tf: TaskForce, people: dict[str, User], name: str) -> None:
    with pytest.raises(Refused):
        add(tf, people[name], "ann@example.org")


@pytest.mark.parametrize("changes", [{"topics": ["gossip"]}, {"topics": []}, {"language": "tlh"}])
def test_what_there_is_not_is_refused(tf: TaskForce, people: dict[str, User], changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        add(tf, people["coordinator"], "ann@example.org", **changes)


def test_followers_are_counted_by_language(tf: TaskForce, people: dict[str, User]) -> None:
    add(tf, people["coordinator"], "a@x.example, ar\nb@x.example, ar\nc@x.example", agreed_where="On paper.")
    services.follow(tf, mailbox="d@x.example", topics=["updates"], language="fr", frequency="daily", at=app_now())
    assert queries.counts_by_language(tf.pk, "updates") == {"ar": 2, "en": 1, "fr": 1}
    assert queries.followers_count(tf.pk, "updates") == 4
    assert sum(map(len, queries.subscribers(tf.pk, "updates"))) == 3


@pytest.mark.parametrize("agreed_where", ["", "On paper."])
@pytest.mark.parametrize("topic", ["", "updates"])
@pytest.mark.parametrize("everywhere", [True, False])
def test_who_has_left_is_not_brought_back(
    tf: TaskForce, people: dict[str, User], agreed_where: str, topic: str, *, everywhere: bool
) -> None:
    at = app_now()
    services.follow(tf, mailbox="ann@example.org", topics=["updates"], language="en", at=at)
    services.leave(Leave("Ann@example.org", None if everywhere else tf.pk, topic), at=at)
    report = add(tf, people["coordinator"], "bob@example.org\nann@example.org", agreed_where=agreed_where)
    ((number, text, why),) = report.left
    assert (number, text, report.added + report.asked) == (2, "ann@example.org", 1)
    assert why.startswith("Has left on ")
    assert not Subscription.objects.filter(mailbox="ann@example.org").exists()
    assert not OutboxMessage.objects.filter(mailbox="ann@example.org").exists()
    assert "ann" not in str(list(Departure.objects.values()))


def test_what_was_left_on_the_page_of_choices_is_not_brought_back(tf: TaskForce, people: dict[str, User]) -> None:
    at = app_now()
    services.follow(tf, mailbox="ann@example.org", topics=["updates", "deadlines"], language="en", at=at)
    services.choose("ann@example.org", {(tf.pk, "updates"): ""}, language="en", zone="UTC", at=at)
    assert len(add(tf, people["coordinator"], "ann@example.org", agreed_where="On paper.").left) == 1
    assert add(tf, people["coordinator"], "ann@example.org", topics=["deadlines"]).known == 1
    services.choose("ann@example.org", {(tf.pk, "updates"): "daily"}, language="en", zone="UTC", at=at)
    assert not Departure.objects.exists()


def test_another_task_force_and_another_topic_may_still_ask(tf: TaskForce, people: dict[str, User]) -> None:
    at = app_now()
    services.follow(tf, mailbox="ann@example.org", topics=["updates"], language="en", at=at)
    services.leave(Leave("ann@example.org", tf.pk, "updates"), at=at)
    assert add(tf, people["coordinator"], "ann@example.org", topics=["deadlines"]).asked == 1


@pytest.mark.parametrize("everywhere", [True, False])
def test_by_their_own_confirmation_they_are_back(tf: TaskForce, people: dict[str, User], *, everywhere: bool) -> None:
    at = app_now()
    services.follow(tf, mailbox="ann@example.org", topics=["updates"], language="en", at=at)
    services.leave(Leave("ann@example.org", None if everywhere else tf.pk, ""), at=at)
    ask = Ask("ann@example.org", tf.pk, ("updates",), "immediate", "fr", "UTC")
    services.ask_to_follow(ask, sender=None, at=at)
    # Anybody can ask; only the mailbox can answer.
    assert len(add(tf, people["coordinator"], "ann@example.org").left) == 1
    services.confirm(ask, at=at)
    report = add(tf, people["coordinator"], "ann@example.org", agreed_where="On paper.")
    assert (report.added, report.left) == (1, [])
    other = services.create_task_force("other", {"en": "Other"}, at=at)
    boss = people["admin"]
    grant_role(boss, Role.ADMINISTRATOR, at=at, actor_id=None, task_force_id=other.pk)
    boss.refresh_from_db()
    assert len(add(other, boss, "ann@example.org").left) == (1 if everywhere else 0)


@pytest.mark.parametrize("agreed_where", ["", "On paper."])
def test_all_mails_of_a_mailbox_keep_its_language(tf: TaskForce, people: dict[str, User], agreed_where: str) -> None:
    services.follow(tf, mailbox="ann@example.org", topics=["updates"], language="ar", zone="Asia/Aden", at=app_now())
    add(tf, people["coordinator"], "ann@example.org, de\nbob@example.org, de", agreed_where=agreed_where)
    found = set(Subscription.objects.values_list("mailbox", "language", "zone"))
    assert found == {("ann@example.org", "ar", "Asia/Aden"), ("bob@example.org", "de", "UTC")}
    assert set(OutboxMessage.objects.values_list("mailbox", "language")) == (
        set() if agreed_where else {("ann@example.org", "ar"), ("bob@example.org", "de")}
    )
