"""Two people act on one mail to followers at once, each in a real transaction of their own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict
from taskforce.core.side_by_side import own_texts
from taskforce.notifications import expansion
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Bulletin
from taskforce.timeline.notices import bulletins as notices
from taskforce.timeline.services import bulletins as services
from tests.conftest import Clock
from tests.timeline.bulletins import AT, follow, offered
from tests.timeline.conftest import Meeting, Run

Act = Callable[..., Any]
_both_have_read = threading.Barrier(2)


@pytest.fixture
def people(committed_clock: Clock) -> list[User]:
    """Coordinator, deputy and administrator of a task force; the coordinator has offered a mail to two followers."""
    committed_clock.set(AT)
    tf = timeline.create_task_force("tf", {"en": "Task force"}, at=AT)
    made = []
    for name, role in [("c", Role.COORDINATOR), ("d", Role.DEPUTY), ("a", Role.ADMINISTRATOR)]:
        user = create_account(f"{name}@example.org", at=AT, name=name)
        grant_role(user, role, at=AT, actor_id=None, task_force_id=tf.pk)
        made.append(user)
    for name in ("x", "y"):
        follow(tf, f"{name}@example.org")
    offered(tf, made[0])
    return made


def unlocked_send(bulletin_id: int, *, actor: User, version: int, count: int) -> None:
    """The same steps without the lock: what these tests must be able to catch."""
    bulletin = Bulletin.objects.select_related("task_force", "corrects").get(pk=bulletin_id)
    if bulletin.state != "offered" or bulletin.version != version:
        raise Conflict("sent")
    _both_have_read.wait(30)
    with transaction.atomic():
        mailing = notices.published(bulletin, at=AT)
        log_sent(bulletin, actor)
        Bulletin.objects.filter(pk=bulletin_id).exclude(state="sent").update(
            state="sent", second_id=actor.pk, second_name=str(actor), sent_at=AT, mailing_id=mailing.pk
        )


def log_sent(bulletin: Bulletin, actor: User) -> None:
    services._record(bulletin, "sent", at=AT, actor=actor)


@pytest.mark.long
@pytest.mark.parametrize(("send", "told"), [(services.send, 1), (unlocked_send, 2)], ids=["service", "no lock"])
def test_two_second_persons_make_one_mailing(people: list[User], aside: Run, send: Act, told: int) -> None:
    pk = Bulletin.objects.get().pk
    futures = [aside(send, pk, actor=actor, version=1, count=2) for actor in people[1:]]
    outcomes = [type(future.exception(30)) for future in futures]
    assert outcomes.count(Conflict) == 2 - told
    assert Entry.objects.filter(action="bulletin.sent").count() == told
    # Whatever happens to the lock, the mailing's key stands for one mailing, and each mailbox for one mail.
    assert Mailing.objects.count() == 1
    for _ in range(2):
        expansion.expand_due()
    assert OutboxMessage.objects.exclude(mailing=None).count() == 2


def slow_edit(bulletin_id: int, actor: User, inside: Meeting, go: Meeting) -> None:
    """A text that is saved while somebody else sends: changed, not committed yet."""
    with transaction.atomic():
        services.edit(bulletin_id, subjects={"en": "Other"}, bodies={}, actor=actor, version=1)
        inside.arrive()
        go.wait(30)


def slow_naive_edit(bulletin_id: int, actor: User, inside: Meeting, go: Meeting) -> None:
    """The same without a lock: read, thought about, written."""
    bulletin = Bulletin.objects.get(pk=bulletin_id)
    assert bulletin.state == "offered"
    inside.arrive()
    go.wait(30)
    bulletin.subject_en = "Other"  # type: ignore[attr-defined]  # a column of modeltranslation
    bulletin.save(update_fields=["subject_en"])


@pytest.mark.long
def test_a_sender_waits_for_who_saves_and_sends_nothing(people: list[User], aside: Run) -> None:
    pk, inside, go = Bulletin.objects.get().pk, Meeting(), Meeting()
    editor = aside(slow_edit, pk, people[2], inside, go)
    assert inside.wait(30)
    sender = aside(services.send, pk, actor=people[1], version=1, count=2)
    with pytest.raises(TimeoutError):
        sender.result(0.3)
    go.arrive()
    editor.result(30)
    assert isinstance(sender.exception(30), Conflict)
    made = Bulletin.objects.get()
    assert (made.state, own_texts(made, "subject", "en")[0]) == ("draft", "Other")
    assert not Mailing.objects.exists()


def test_a_save_after_the_sending_is_refused_by_the_database_too(people: list[User], aside: Run) -> None:
    pk, inside, go = Bulletin.objects.get().pk, Meeting(), Meeting()
    editor = aside(slow_naive_edit, pk, people[2], inside, go)
    assert inside.wait(30)
    services.send(pk, actor=people[1], version=1, count=2)
    go.arrive()
    assert isinstance(editor.exception(30), IntegrityError)
    assert own_texts(Bulletin.objects.get(), "subject", "en")[0] == "The first meeting"


@pytest.mark.long
def test_a_save_over_a_sending_waits_and_is_refused(people: list[User], aside: Run) -> None:
    pk = Bulletin.objects.get().pk
    with transaction.atomic():
        services.send(pk, actor=people[1], version=1, count=2)
        editor = aside(services.edit, pk, subjects={"en": "Other"}, bodies={}, actor=people[2], version=1)
        with pytest.raises(TimeoutError):
            editor.result(0.3)
    assert isinstance(editor.exception(30), Conflict)
    assert own_texts(Bulletin.objects.get(), "subject", "en")[0] == "The first meeting"


def test_two_saves_of_one_text_keep_the_first(people: list[User], aside: Run) -> None:
    pk = Bulletin.objects.get().pk
    futures = [
        aside(services.edit, pk, subjects={"en": f"By {actor}"}, bodies={}, actor=actor, version=1)
        for actor in people[:2]
    ]
    outcomes = [future.exception(30) for future in futures]
    assert [type(outcome) for outcome in outcomes if outcome] == [Conflict]
    winner = people[outcomes.index(None)]
    made = Bulletin.objects.get()
    assert (own_texts(made, "subject", "en")[0], made.editor_id, made.version) == (f"By {winner}", winner.pk, 2)
