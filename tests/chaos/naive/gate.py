"""`gunicorn tests.chaos.naive.gate`: the deadline is checked in Python, the row comes later, and no key is unique."""

import random
import time

from taskforce.wsgi import application as application  # the portal's apps must be there before what is changed in them

from feedback import queries
from feedback.models import FeedbackItem
from taskforce.core.errors import Refused
from taskforce.timeline import gates, windows

# Between the check and the row: what a form takes to be cleaned, scanned and stored on a machine that has much to do
# (DESIGN: before the lock).
WORK = (2.0, 2.5)


def _enter(phase_id: int, capability: str, **_: object) -> gates.Pass:
    passed = gates.Pass(*gates._look(phase_id))
    if not windows.is_open(passed.phase, passed.at):
        raise Refused("closed")
    time.sleep(random.uniform(*WORK))
    return passed


def _unknown(nonce: str) -> FeedbackItem | None:
    return None


_door = queries.door_or_404


def _of_a_new_form(task_force: str, slug: str, form_key: gates.FormKey | None = None, unit: str = "") -> queries.Door:
    door = _door(task_force, slug, form_key, unit)
    return door._replace(place=door.place and door.place._replace(item_id=None))


gates.enter = _enter
queries.door_or_404 = _of_a_new_form
queries.item_by_form = _unknown
