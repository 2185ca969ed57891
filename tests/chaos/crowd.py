"""Many writers in this process, each thread with a connection of its own: acts on a phase meet them at the gate."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection, transaction

from feedback import services
from feedback.models import FeedbackItem, FeedbackWindow
from recruitment.forms.applying import made_draft
from recruitment.models import Call
from recruitment.services import Draft
from taskforce.core import clock
from taskforce.core.errors import PortalError
from taskforce.questions.forms import Answer
from tests.chaos import case as cases

# What a submission still has to do behind the gate on a machine that has much to do.
INSIDE = (0.02, 0.15)
# For so long nobody who is inside alone leaves, if nobody else comes.
ALONE = 0.2


class Room:
    """Those behind the gate. Whoever is alone there stays for a moment, so that it is not empty by chance.

    That is what hundreds at a deadline come to, whose next one is always there; a dozen threads on a slow machine would
    leave gaps, and a mistake that gaps hide would pass.
    """

    def __init__(self, alone: float = ALONE) -> None:
        self._alone = alone
        self._inside = 0
        self._change = threading.Condition()

    def stay(self, seconds: float) -> None:
        """Be inside for so long, and a little longer where nobody else is."""
        with self._change:
            self._inside += 1
            self._change.notify_all()
        time.sleep(seconds)
        with self._change:
            self._change.wait_for(lambda: self._inside > 1, self._alone)
            self._inside -= 1


def submit(window: FeedbackWindow, question_id: int, room: Room, *, inside: float = 0.0) -> str:
    """One submission in a transaction that stays in the room for `inside` seconds more; returns what came of it."""
    try:
        with transaction.atomic():
            services.submit(
                window.pk,
                form_key=cases.form_key(window.phase, clock.app_now()),
                language="en",
                visibility="nameless",
                name="",
                answers=[Answer(question_id, f"Words of {threading.get_ident()} at {time.monotonic_ns()}.")],
            )
            room.stay(inside)
    except PortalError as refusal:
        return type(refusal).__name__
    return "stored"


def drafted(call: Call, question_id: int, words: str) -> Draft:
    """A form of a call that is sent with these words."""
    key = cases.form_key(call.phase, clock.app_now())
    return made_draft(call, [Answer(question_id, words)], form_key=key, language="en")


def in_the_room(act: Callable[[], object], room: Room) -> str:
    """One act on an application, in a transaction that stays in the room for a moment; returns what came of it."""
    try:
        with transaction.atomic():
            act()
            room.stay(0)
    except PortalError as refusal:
        return type(refusal).__name__
    return "stored"


def together(work: Callable[[int], str], count: int) -> Counter[str]:
    """Run it so often at the same moment; returns how often each outcome came."""
    start = threading.Barrier(count)

    def one(number: int) -> str:
        try:
            start.wait(60)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(one, range(count)))


@contextmanager
def writing(window: FeedbackWindow, question_id: int, writers: int, *, alone: float = 0.0) -> Iterator[Counter[str]]:
    """So many writers, one submission after the other, for as long as the block lasts; `alone` as the room has it."""
    over, room, outcomes, counting = threading.Event(), Room(alone), Counter[str](), threading.Lock()

    def one(number: int) -> None:
        chance = random.Random(number)
        try:
            while not over.is_set():
                outcome = submit(window, question_id, room, inside=chance.uniform(*INSIDE))
                with counting:
                    outcomes[outcome] += 1
        finally:
            connection.close()

    with ThreadPoolExecutor(writers) as pool:
        jobs = [pool.submit(one, number) for number in range(writers)]
        try:
            while outcomes["stored"] < writers:
                time.sleep(0.05)
                for job in jobs:
                    if job.done():
                        job.result()  # what went wrong
            yield outcomes
        finally:
            over.set()
    for job in jobs:
        job.result()


def rows(window: FeedbackWindow) -> int:
    """How many items the window holds."""
    return FeedbackItem.objects.filter(window=window).count()
