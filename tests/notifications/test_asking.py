"""Whoever acts on many mails at once is asked about once for each task force, not once for each mail."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taskforce.accounts.models import RoleGrant, User
from taskforce.core.errors import Refused
from taskforce.notifications import services
from taskforce.notifications.models import OutboxMessage
from taskforce.notifications.rules import RELEASE
from taskforce.portal import rules
from taskforce.timeline.models import TaskForce
from tests.notifications.conftest import AT, NEWS, Write

pytestmark = pytest.mark.django_db


def cost_of_a_release(write: Write, count: int, tf: TaskForce, by: User) -> int:
    """Statements that letting so many held mails go takes."""
    ids = [write(f"{count}p{number}@example.org", NEWS, task_force_id=tf.pk).pk for number in range(count)]
    with CaptureQueriesContext(connection) as captured:
        done = services.act(RELEASE, ids, reason="x", at=AT, actor_id=by.pk, allow=rules.still_may(by.pk)).done
    assert done == count
    return len(captured)


def test_releasing_costs_the_same_for_five_and_for_fifty(write: Write, tf: TaskForce, people: dict[str, User]) -> None:
    services.hold("wait", at=AT, actor_id=1, actor_name="Ada", allow=None)
    few, many = (cost_of_a_release(write, count, tf, people["coordinator"]) for count in (5, 50))
    assert few == many <= 10


def test_each_task_force_is_asked_about_all_the_same(write: Write, tf: TaskForce, people: dict[str, User]) -> None:
    """The first answer is no answer for another task force, nor for mail of none."""
    services.hold("wait", at=AT, actor_id=1, actor_name="Ada", allow=None)
    by = people["coordinator"].pk
    mine = write("a@example.org", NEWS, task_force_id=tf.pk).pk
    for number, other in enumerate((tf.pk + 1, None)):
        foreign = write(f"b{number}@example.org", NEWS, task_force_id=other).pk
        with pytest.raises(Refused):
            services.act(RELEASE, [mine, foreign], reason="x", at=AT, actor_id=by, allow=rules.still_may(by))
    assert not OutboxMessage.objects.filter(released_at__isnull=False).exists()


def test_the_roles_are_those_of_the_first_asking(write: Write, tf: TaskForce, people: dict[str, User]) -> None:
    """Not those of the moment at which a page made the rule: then the row was not held yet."""
    allow = rules.still_may(people["coordinator"].pk)
    RoleGrant.objects.filter(user=people["coordinator"]).delete()
    with pytest.raises(Refused):
        allow(write("a@example.org", NEWS, task_force_id=tf.pk))
