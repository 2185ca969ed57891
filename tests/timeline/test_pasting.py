"""Ten thousand addresses with three hundred bad ones, and who may bring them in."""

import time
from typing import Any

import pytest

from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid, Refused
from taskforce.limits import mailboxes
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import pasting, queries, services
from taskforce.timeline.models import Subscription, TaskForce

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


def test_an_invitation_is_one_of_the_mailboxs_three_mails(tf: TaskForce, people: dict[str, User]) -> None:
    for _ in range(2):
        assert mailboxes.admit("bob@example.org")
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
