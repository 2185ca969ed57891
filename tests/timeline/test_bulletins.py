"""Mails to followers: one person writes, another sends, nothing changes afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.http import Http404

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.core import text
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.side_by_side import own_texts
from taskforce.notifications import expansion
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import bulletin_rules as rules
from taskforce.timeline.enums import BulletinState
from taskforce.timeline.models import Bulletin, TaskForce
from taskforce.timeline.queries import bulletins as queries
from taskforce.timeline.services import bulletins as services
from taskforce.timeline.transitions import BULLETIN
from tests.conftest import Clock
from tests.timeline.bulletins import AT, draft, follow, offered, sent

People = dict[str, User]
WRITERS = ["coordinator", "deputy", "admin"]
OTHERS = ["observer", "reviewer1", "moderator", "privacy", "translator", "facilitator", "member"]


@pytest.fixture(autouse=True)
def morning(clock: Clock) -> None:
    """A day after the announcement."""
    clock.set(AT)


@pytest.fixture
def author(people: People) -> User:
    return people["coordinator"]


@pytest.fixture
def second(people: People) -> User:
    return people["deputy"]


def texts(bulletin: Bulletin, code: str = "en") -> tuple[str, str]:
    return own_texts(bulletin, "subject", code)


def acts() -> list[str]:
    found = Entry.objects.filter(action__startswith="bulletin.").order_by("id")
    return [entry.action.removeprefix("bulletin.") for entry in found]


# --- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WRITERS)
def test_a_draft_has_its_author(tf: TaskForce, people: People, name: str) -> None:
    made = draft(tf, people[name])
    assert (made.state, made.version, made.author_id, made.editor_id) == ("draft", 1, people[name].pk, people[name].pk)
    assert texts(made, "zh-hant") == ("第一次會議", "在**星期四**舉行。")
    entry = Entry.objects.get(action="bulletin.drafted")
    assert (entry.actor_id, entry.task_force_id, entry.target_id) == (people[name].pk, tf.pk, made.pk)


@pytest.mark.parametrize("name", OTHERS)
def test_others_write_nothing(tf: TaskForce, people: People, name: str) -> None:
    with pytest.raises(Refused, match="Only coordinators"):
        draft(tf, people[name])
    made = draft(tf, people["coordinator"])
    for act in (services.take_back, services.stop, services.correct, services.drop):
        with pytest.raises(Refused, match="Only coordinators"):
            act(made.pk, actor=people[name])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"topic": "answers"}, "nothing that staff write about"),
        ({"topic": "x"}, "nothing that staff write about"),
        ({"subjects": {"en": " \u202e\u200b"}}, "subject is missing"),
        ({"subjects": {}}, "subject is missing"),
        ({"subjects": {"en": "x" * 201}}, "at most 200"),
        ({"bodies": {"en": "x" * 100_000}}, "at most 50000"),
        ({"bodies": {"tlh": "x"}}, "not a language"),
        ({"bodies": {"en": "See [this](//evil.example)."}}, "whole address"),
        ({"bodies": {"en": "See [this][1].\n\n[1]: //evil.example"}}, "whole address"),
    ],
)
def test_what_is_no_mail_is_refused(tf: TaskForce, author: User, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        draft(tf, author, **changes)
    assert not Bulletin.objects.exists()


def test_lengths_come_before_cleaning(tf: TaskForce, author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is far too long costs nothing; what may fit once it is clean is cleaned first."""
    assert texts(draft(tf, author, subjects={"en": "e\u0301" * 200}))[0] == "\u00e9" * 200
    monkeypatch.setattr(text, "normalized", lambda *_any: pytest.fail("cleaned"))
    with pytest.raises(Invalid, match="at most 200"):
        rules.checked_subject("\u0301" * 801)
    with pytest.raises(Invalid, match="at most 50000"):
        rules.checked_body("\u0301" * 200_001)


def test_disguises_and_controls_are_not_stored(tf: TaskForce, author: User) -> None:
    made = draft(tf, author, subjects={"en": "A\x00 \u202esub\nject\ufdd0"}, bodies={"en": "Te\x00xt\r\nhere"})
    made.refresh_from_db()
    assert texts(made) == ("A sub ject", "Text\nhere")


def test_only_the_languages_given_change(tf: TaskForce, author: User, second: User) -> None:
    made = draft(tf, author)
    services.edit(made.pk, subjects={"de": "Treffen"}, bodies={"de": "Am Donnerstag."}, actor=second, version=1)
    made.refresh_from_db()
    assert (texts(made, "de"), texts(made)[0]) == (("Treffen", "Am Donnerstag."), "The first meeting")
    assert (made.version, made.author_id, made.editor_id) == (2, author.pk, second.pk)


def test_a_second_save_over_a_change_is_a_conflict(tf: TaskForce, author: User, second: User) -> None:
    made = draft(tf, author)
    services.edit(made.pk, subjects={"en": "Theirs"}, bodies={}, actor=second, version=1)
    with pytest.raises(Conflict, match="Deputy Demo has changed"):
        services.edit(made.pk, subjects={"en": "Mine"}, bodies={}, actor=author, version=1)
    made.refresh_from_db()
    assert texts(made)[0] == "Theirs"


def test_a_bulletin_that_is_not_there(db: None, people: People) -> None:
    with pytest.raises(Http404):
        services.drop(5, actor=people["coordinator"])


# --- testing and offering --------------------------------------------------------------------------------------------


def test_a_test_goes_to_oneself_once_per_version_and_language(tf: TaskForce, author: User, second: User) -> None:
    follow(tf, "follower@example.org")
    made = draft(tf, author)
    for actor, language in [(author, "en"), (author, "en"), (author, "ar"), (second, "en")]:
        services.test(made.pk, language=language, actor=actor, version=1)
    assert list(OutboxMessage.objects.order_by("id").values_list("mailbox", "language", "mail_class", "topic")) == [
        (author.email, "en", "transactional", ""),
        (author.email, "ar", "transactional", ""),
        (second.email, "en", "transactional", ""),
    ]
    assert not Mailing.objects.exists()
    services.edit(made.pk, subjects={"en": "Other"}, bodies={}, actor=author, version=1)
    services.test(made.pk, language="en", actor=author, version=2)
    assert OutboxMessage.objects.count() == 4


def test_offering_wants_a_test_of_this_text(tf: TaskForce, author: User) -> None:
    made = draft(tf, author)
    with pytest.raises(Invalid, match="has not been tested"):
        services.offer(made.pk, actor=author, version=1)
    services.test(made.pk, language="zh-hant", actor=author, version=1)
    services.edit(made.pk, subjects={"en": "Other"}, bodies={}, actor=author, version=1)
    with pytest.raises(Invalid, match="has not been tested"):
        services.offer(made.pk, actor=author, version=2)
    services.test(made.pk, language="en", actor=author, version=2)
    assert services.offer(made.pk, actor=author, version=2).state == "offered"


@pytest.mark.parametrize("changes", [{"bodies": {}}, {"subjects": {"en": "x"}, "bodies": {"en": " \u2800"}}])
def test_without_a_text_there_is_nothing_to_test(tf: TaskForce, author: User, changes: dict[str, Any]) -> None:
    made = draft(tf, author, **changes)
    with pytest.raises(Invalid, match="needs a subject and a text"):
        services.test(made.pk, language="en", actor=author, version=1)


def test_a_test_of_an_unknown_language_or_an_old_text(tf: TaskForce, author: User) -> None:
    made = draft(tf, author)
    with pytest.raises(Invalid, match="not a language"):
        services.test(made.pk, language="tlh", actor=author, version=1)
    with pytest.raises(Conflict):
        services.test(made.pk, language="en", actor=author, version=2)
    assert not OutboxMessage.objects.exists()


def test_whoever_wrote_it_offers_it(tf: TaskForce, people: People) -> None:
    made = draft(tf, people["coordinator"])
    services.test(made.pk, language="en", actor=people["admin"], version=1)
    with pytest.raises(Refused, match="Coordinator Demo"):
        services.offer(made.pk, actor=people["admin"], version=1)


def test_editing_what_was_offered_takes_it_back(tf: TaskForce, author: User, people: People, second: User) -> None:
    made = offered(tf, author)
    services.edit(made.pk, subjects={"en": "Other"}, bodies={}, actor=second, version=1)
    made.refresh_from_db()
    assert (made.state, made.offered_at, made.version) == ("draft", None, 2)
    with pytest.raises(Conflict, match="draft"):
        services.send(made.pk, actor=people["admin"], version=1, count=5)


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_second_person_sends_it(tf: TaskForce, author: User, second: User) -> None:
    follow(tf, "a@example.org")
    follow(tf, "b@example.org", "ar", frequency="daily")
    follow(tf, "c@example.org", confirmed_at=None)
    follow(tf, "d@example.org", topic="deadlines")
    made = offered(tf, author)
    done = services.send(made.pk, actor=second, version=1, count=2)
    mailing = Mailing.objects.get()
    assert (done.state, done.second_id, done.mailing_id) == ("sent", second.pk, mailing.pk)
    assert (done.followers_at_once, done.followers_daily) == (1, 1)
    assert (mailing.key, mailing.topic, mailing.task_force_id) == (f"bulletin:{made.pk}", "updates", tf.pk)
    assert acts() == ["drafted", "tested", "offered", "sent"]
    assert Entry.objects.get(action="bulletin.sent").details["followers"] == 2


def test_its_author_sends_nothing(tf: TaskForce, author: User) -> None:
    follow(tf, "a@example.org")
    made = offered(tf, author)
    with pytest.raises(Refused, match="Somebody else must read and send it"):
        services.send(made.pk, actor=author, version=1, count=1)


def test_who_saved_the_text_last_sends_nothing(tf: TaskForce, people: People) -> None:
    follow(tf, "a@example.org")
    made = draft(tf, people["coordinator"])
    services.edit(made.pk, subjects={"en": "Other"}, bodies={}, actor=people["deputy"], version=1)
    services.test(made.pk, language="en", actor=people["deputy"], version=2)
    with pytest.raises(Invalid, match="Send a test to yourself"):
        services.offer(made.pk, actor=people["coordinator"], version=2)
    services.test(made.pk, language="en", actor=people["coordinator"], version=2)
    services.offer(made.pk, actor=people["coordinator"], version=2)
    for name in ("coordinator", "deputy"):
        with pytest.raises(Refused, match="Somebody else"):
            services.send(made.pk, actor=people[name], version=2, count=1)
    assert services.send(made.pk, actor=people["admin"], version=2, count=1).state == "sent"


def test_whoever_put_a_sentence_in_does_not_let_it_out(tf: TaskForce, people: People) -> None:
    """Not even where the other one was the last to save."""
    follow(tf, "a@example.org")
    author, other = people["coordinator"], people["deputy"]
    made = draft(tf, author)
    services.edit(made.pk, subjects={"en": "Mine"}, bodies={"en": "All mine."}, actor=other, version=1)
    services.edit(made.pk, subjects={"en": "Mine!"}, bodies={}, actor=author, version=2)
    services.test(made.pk, language="en", actor=author, version=3)
    services.offer(made.pk, actor=author, version=3)
    with pytest.raises(Refused, match="Somebody else"):
        services.send(made.pk, actor=other, version=3, count=1)
    assert services.send(made.pk, actor=people["admin"], version=3, count=1).second_id == people["admin"].pk


def test_a_test_of_another_person_takes_no_test_away(tf: TaskForce, author: User, second: User) -> None:
    made = draft(tf, author)
    for who in (author, second):
        services.test(made.pk, language="en", actor=who, version=1)
    assert services.offer(made.pk, actor=author, version=1).state == "offered"


@pytest.mark.parametrize("name", ["author_id", "editor_id"])
def test_the_database_wants_another_second_person(tf: TaskForce, author: User, second: User, name: str) -> None:
    made = draft(tf, author)
    services.edit(made.pk, subjects={"en": "Other"}, bodies={}, actor=second, version=1)
    made.refresh_from_db()
    with pytest.raises(IntegrityError, match="the_second_is_another"), transaction.atomic():
        Bulletin.objects.filter(pk=made.pk).update(second_id=getattr(made, name))
    with pytest.raises(IntegrityError, match="the_second_never_saved_it"), transaction.atomic():
        Bulletin.objects.filter(pk=made.pk).update(editors=[made.author_id, 77], second_id=77)
    with pytest.raises(IntegrityError, match="nothing_goes_without_a_second"), transaction.atomic():
        Bulletin.objects.filter(pk=made.pk).update(state="sent")


def test_a_draft_is_not_sent(tf: TaskForce, author: User, second: User) -> None:
    follow(tf, "a@example.org")
    with pytest.raises(Conflict, match="draft"):
        services.send(draft(tf, author).pk, actor=second, version=1, count=1)


def test_more_followers_than_were_confirmed_are_asked_about(tf: TaskForce, author: User, second: User) -> None:
    for number in range(3):
        follow(tf, f"{number}@example.org")
    made = offered(tf, author)
    with pytest.raises(Conflict, match="more people follow this topic: 3"):
        services.send(made.pk, actor=second, version=1, count=2)
    assert not Mailing.objects.exists()
    assert services.send(made.pk, actor=second, version=1, count=4).state == "sent"


def test_where_nobody_follows_nothing_is_sent(tf: TaskForce, author: User, second: User) -> None:
    made = offered(tf, author)
    with pytest.raises(Invalid, match="Nobody follows"):
        services.send(made.pk, actor=second, version=1, count=0)


def test_what_was_sent_is_frozen(tf: TaskForce, author: User, second: User) -> None:
    follow(tf, "a@example.org")
    made = sent(tf, author, second)
    calls: list[Callable[[], Any]] = [
        lambda: services.edit(made.pk, subjects={"en": "Other"}, bodies={}, actor=author, version=1),
        lambda: services.test(made.pk, language="en", actor=author, version=1),
        lambda: services.offer(made.pk, actor=author, version=1),
        lambda: services.take_back(made.pk, actor=author),
        lambda: services.send(made.pk, actor=second, version=1, count=1),
        lambda: services.drop(made.pk, actor=author),
    ]
    for call in calls:
        with pytest.raises(Conflict, match="sent"):
            call()
    for column, value in [("subject_en", "Other"), ("body_ar", "نص"), ("second_name", "X"), ("mailing_id", 5)]:
        with pytest.raises(IntegrityError, match="not changed any more"), transaction.atomic():
            Bulletin.objects.filter(pk=made.pk).update(**{column: value})
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        Bulletin.objects.filter(pk=made.pk).delete()
    assert Mailing.objects.count() == 1


def test_a_failure_while_sending_leaves_nothing(
    tf: TaskForce, author: User, second: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(tf, "a@example.org")
    made = offered(tf, author)

    def broken(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("the log is gone")

    monkeypatch.setattr(log, "record", broken)
    with pytest.raises(RuntimeError):
        services.send(made.pk, actor=second, version=1, count=1)
    made.refresh_from_db()
    assert (made.state, made.mailing_id, Mailing.objects.count()) == ("offered", None, 0)


# --- stopping and correcting -----------------------------------------------------------------------------------------


def test_stopping_takes_back_what_has_not_gone(tf: TaskForce, author: User, second: User) -> None:
    for number in range(4):
        follow(tf, f"{number}@example.org", "ar" if number else "en")
    made = sent(tf, author, second)
    expansion.expand_due()
    first = OutboxMessage.objects.filter(language="en")
    first.exclude(mailing=None).update(state="sent", sent_at=AT)
    OutboxMessage.objects.filter(mailbox="1@example.org").update(state="unknown")
    done = services.stop(made.pk, actor=author)
    progress = queries.progress(done.mailing_id or 0)
    assert (done.state, done.stopped_at is not None) == ("stopped", True)
    assert dict(progress.by_state) == {"sent": 1, "superseded": 2, "unknown": 1}
    assert progress.by_language["ar"] == {"superseded": 2, "unknown": 1}
    assert Entry.objects.get(action="bulletin.stopped").details["taken_back"] == 2
    assert Mailing.objects.get().state == "stopped"
    with pytest.raises(Conflict, match="stopped"):
        services.stop(made.pk, actor=second)


def test_stopped_before_its_mails_are_written_none_is(tf: TaskForce, author: User, second: User) -> None:
    follow(tf, "a@example.org")
    made = sent(tf, author, second)
    services.stop(made.pk, actor=second)
    expansion.expand_due()
    assert not OutboxMessage.objects.exclude(mailing=None).exists()


@pytest.mark.parametrize("stopped", [False, True])
def test_a_correction_is_a_new_draft_with_the_same_text(tf: TaskForce, people: People, *, stopped: bool) -> None:
    follow(tf, "a@example.org")
    made = sent(tf, people["coordinator"], people["deputy"])
    if stopped:
        services.stop(made.pk, actor=people["deputy"])
    correction = services.correct(made.pk, actor=people["deputy"])
    assert (correction.state, correction.topic, correction.corrects_id) == ("draft", "updates", made.pk)
    assert texts(correction, "zh-hant") == texts(made, "zh-hant")
    with pytest.raises(Conflict, match="being written already"):
        services.correct(made.pk, actor=people["coordinator"])
    put_right(correction, people["deputy"])
    services.test(correction.pk, language="en", actor=people["deputy"], version=2)
    services.offer(correction.pk, actor=people["deputy"], version=2)
    # Of what was stopped before it was written nobody has anything.
    done = services.send(correction.pk, actor=people["coordinator"], version=2, count=1, everybody=stopped)
    assert Mailing.objects.get(pk=done.mailing_id or 0).corrects_id == made.mailing_id
    assert services.correct(made.pk, actor=people["admin"]).corrects_id == made.pk


def put_right(correction: Bulletin, actor: User) -> None:
    services.edit(
        correction.pk,
        subjects={"en": "The first meeting, on Friday"},
        bodies={"zh-hant": "在**星期五**舉行。"},
        actor=actor,
        version=correction.version,
    )


def test_a_correction_that_says_the_same_goes_out_in_no_language(tf: TaskForce, people: People) -> None:
    """Not by an offer, and not by a second person who finds it offered."""
    follow(tf, "a@example.org")
    writer = people["coordinator"]
    correction = services.correct(sent(tf, writer, people["deputy"]).pk, actor=writer)
    services.test(correction.pk, language="en", actor=writer, version=1)
    with pytest.raises(Invalid, match="English · 繁體中文"):
        services.offer(correction.pk, actor=writer, version=1)
    services.edit(correction.pk, subjects={"en": "On Friday"}, bodies={}, actor=writer, version=1)
    services.test(correction.pk, language="en", actor=writer, version=2)
    with pytest.raises(Invalid, match="in: 繁體中文"):
        services.offer(correction.pk, actor=writer, version=2)
    Bulletin.objects.filter(pk=correction.pk).update(state="offered")
    with pytest.raises(Invalid, match="in: 繁體中文"):
        services.send(correction.pk, actor=people["deputy"], version=2, count=9)
    assert Mailing.objects.count() == 1


def test_what_is_not_changed_is_left_out_in_one_step(tf: TaskForce, people: People) -> None:
    follow(tf, "a@example.org", "zh-hant")
    writer = people["coordinator"]
    correction = services.correct(sent(tf, writer, people["deputy"]).pk, actor=writer)
    with pytest.raises(Refused):
        services.leave_out(correction.pk, actor=people["observer"], version=1)
    with pytest.raises(Conflict):
        services.leave_out(correction.pk, actor=writer, version=7)
    left = services.leave_out(correction.pk, actor=writer, version=1)
    assert (texts(left, "zh-hant"), left.version) == (("", ""), 2)
    assert services.copied(left) == ["en"], "the source is changed by hand"
    services.edit(left.pk, subjects={"en": "On Friday"}, bodies={}, actor=writer, version=2)
    services.test(left.pk, language="en", actor=writer, version=3)
    assert services.offer(left.pk, actor=writer, version=3).state == "offered"


def test_what_corrects_nothing_is_the_same_as_nothing(tf: TaskForce, author: User) -> None:
    made = draft(tf, author)
    assert services.copied(made) == []
    assert texts(services.leave_out(made.pk, actor=author, version=1), "zh-hant") == texts(made, "zh-hant")


def test_what_was_not_sent_needs_no_correction(tf: TaskForce, author: User) -> None:
    with pytest.raises(Conflict, match="draft"):
        services.correct(draft(tf, author).pk, actor=author)


@pytest.mark.parametrize("make", [draft, offered])
def test_what_was_not_sent_can_be_dropped(tf: TaskForce, author: User, make: Callable[..., Bulletin]) -> None:
    made = make(tf, author)
    assert services.drop(made.pk, actor=author).state == "dropped"
    with pytest.raises(Conflict, match="dropped"):
        services.edit(made.pk, subjects={"en": "x"}, bodies={}, actor=author, version=1)


def test_nobody_acts_for_another_task_force(tf: TaskForce, people: People) -> None:
    other = TaskForce.objects.create(slug="other", created_at=AT)
    with pytest.raises(Refused):
        draft(other, people["coordinator"])
    assert list(queries.writable(people["coordinator"])) == [tf]


# --- the tables ------------------------------------------------------------------------------------------------------


def test_every_step_is_between_states_by_a_known_act() -> None:
    states = set(BulletinState.values)
    assert {status for status, _ in BULLETIN} | set(BULLETIN.values()) <= states
    assert {action for _, action in BULLETIN} == {*rules.ACTIONS}


def test_an_act_that_is_none(tf: TaskForce, author: User) -> None:
    with pytest.raises(KeyError):
        rules.may(author, "publish", draft(tf, author))


def test_followers_are_counted_by_language_and_frequency(tf: TaskForce) -> None:
    follow(tf, "a@example.org", "ar")
    follow(tf, "b@example.org", "ar", frequency="daily")
    follow(tf, "c@example.org", "de", frequency="daily")
    follow(tf, "d@example.org", "de", confirmed_at=None)
    found = queries.readers(tf.pk, "updates")
    assert (found.at_once, found.daily) == ({"ar": 1}, {"ar": 1, "de": 1})
    assert (found.by_language, found.total) == ({"ar": 2, "de": 1}, 3)
