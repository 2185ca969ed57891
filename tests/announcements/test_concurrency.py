"""Two people press the button at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.announcements import notices, queries, services
from taskforce.announcements.models import Announcement, Member
from taskforce.core.errors import Conflict
from taskforce.notifications.models import Mailing
from taskforce.timeline import services as timeline

AT = datetime(2022, 5, 16, 17, tzinfo=UTC)
Publish = Callable[[int, User, str], object]


@pytest.fixture
def people(transactional_db: None) -> list[User]:
    """Coordinator and deputy of a task force with three members and a draft."""
    tf = timeline.create_task_force("tf", {"en": "Task force"}, at=AT)
    made = []
    for name, role in [("c", Role.COORDINATOR), ("d", Role.DEPUTY)]:
        user = create_account(f"{name}@example.org", at=AT, name=name)
        grant_role(user, role, at=AT, actor_id=None, task_force_id=tf.pk)
        made.append(user)
    for number in range(3):
        user = create_account(f"{number}@example.org", at=AT)
        services.add_member(tf, user, name=f"Member {number}", consented=True, at=AT, actor_id=None)
    draft = services.draft(tf, slug="x", titles={"en": "X"}, bodies={"en": "Y"}, at=AT, actor_id=None)
    services.test(draft.pk, language="en", actor=made[0], version=draft.version)
    return made


def locked(announcement_id: int, actor: User, confirmed: str) -> object:
    """The service as it is."""
    return services.publish(announcement_id, actor=actor, confirmed=confirmed, count=0)


def unlocked(announcement_id: int, actor: User, confirmed: str) -> object:
    """The same steps without the lock: what this test must be able to catch."""
    announcement = Announcement.objects.get(pk=announcement_id)
    _both_have_read.wait(30)
    with transaction.atomic():
        if announcement.state != "draft":
            raise Conflict("published")
        Member.objects.filter(published_at=None).update(published_at=AT)
        Announcement.objects.filter(pk=announcement_id).update(state="published", published_at=AT, members_count=3)
        notices.announced(announcement, at=AT)
    return announcement


_both_have_read = threading.Barrier(2)


def at_once(publish: Publish, people: list[User]) -> Iterator[Any]:
    draft = Announcement.objects.get()
    confirmed = services.shown(draft)

    def one(actor: User) -> object:
        try:
            return publish(draft.pk, actor, confirmed)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(one, actor) for actor in people]:
            yield future.exception(30)


@pytest.mark.long
@pytest.mark.parametrize(("publish", "refused"), [(locked, 1), (unlocked, 0)], ids=["service", "no lock"])
def test_an_announcement_is_published_once(people: list[User], publish: Publish, refused: int) -> None:
    outcomes = list(at_once(publish, people))
    assert [type(outcome) for outcome in outcomes if outcome] == [Conflict] * refused
    announcement = Announcement.objects.get()
    assert announcement.members_count == 3
    assert queries.members_published(announcement.task_force) == 3
    # Whatever happens to the lock, the mailing's key stands for one mailing.
    assert Mailing.objects.filter(kind="announcement").count() == 1
