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
from taskforce.core import clock
from taskforce.core.errors import PortalError
from taskforce.questions.forms import Answer
from tests.chaos import case as cases

# What a submission still has to do behind the gate on a machine that has much to do.
INSIDE = (0.02, 0.15)


def submit(window: FeedbackWindow, question_id: int, *, inside: float = 0.0) -> str:
    """One submission in a transaction that takes `inside` seconds more; returns what came of it."""
    try:
        with transaction.atomic():
            services.submit(
                window.pk,
                form_key=cases.form_key(window.phase, clock.app_now()),
                language="en",
                visibility="nameless",
                name="",
                answers=[Answer(question_id, f"Words of {threading.get_ident()} at {time.monotonic_ns()}.", "")],
            )
            time.sleep(inside)
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
def writing(window: FeedbackWindow, question_id: int, writers: int) -> Iterator[Counter[str]]:
    """So many writers, one submission after the other, for as long as the block lasts."""
    over, outcomes = threading.Event(), Counter[str]()

    def one(number: int) -> None:
        chance = random.Random(number)
        try:
            while not over.is_set():
                outcomes[submit(window, question_id, inside=chance.uniform(*INSIDE))] += 1
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
