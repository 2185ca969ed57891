"""Mails per second through real workers, a real broker and a mail server that is two milliseconds away."""

import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection

from bench.tasks import app, one_mail
from taskforce.notifications import expansion
from taskforce.notifications.tasks import deliver
from taskforce.portal import sweep
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase
from tests.chaos import case as cases
from tests.chaos.stack import Stack
from tests.chaos.witness import delivered, log

MAILS = int(os.environ.get("BENCH_MAILS") or 400)
ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 3)
# Seconds before the mail server answers a command; a new connection costs five such ways besides, as one over a
# network does (TCP, two for TLS, the second EHLO, signing in), since here it is plain and on the same machine.
DELAY = 0.002
GREETING = 5 * DELAY
# Seconds after which batches are woken again; longer than a pass needs as a rule.
AGAIN_EVERY = 10.0
SETTLING = 0.5
PATIENCE = 300.0


@dataclass
class Measured:
    """Mails per second of one way, a figure for each round, and the connections that it opened for all mails."""

    rates: list[float] = field(default_factory=list)
    connections: int = 0
    mails: int = 0

    @property
    def rate(self) -> float:
        """The median."""
        return statistics.median(self.rates)

    @property
    def per_hundred(self) -> float:
        """SMTP connections for a hundred mails."""
        return 100 * self.connections / self.mails


class Bench:
    """A deadline that is moved again and again, and followers who hear of it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.made = cases.case()
        self.phase = cases.phase(self.made, cases.FEEDBACK, cases.in_seconds(86_400))
        sweep.run()  # the opening is noticed before anybody follows
        cases.followers(self.made, MAILS)

    def queue(self) -> None:
        """A mail for everybody, ready to be sent."""
        later = Phase.objects.get(pk=self.phase.pk).closes_at + timedelta(days=1)
        timeline.extend(
            self.phase.pk, closes_on=later.date(), closes_time=later.time(), reason="More time.",
            actor=self.made.coordinator,
        )  # fmt: skip
        expansion.expand_due()
        connection.close()

    def worker(self, processes: int) -> None:
        """The worker with so many processes, each of which has sent before."""
        self.stack.mail({"delay": DELAY, "greeting": GREETING})
        command = "-m celery -A bench.tasks --quiet worker --pool prefork --loglevel WARNING --without-gossip"
        words = [*command.split(), "--without-mingle", "--without-heartbeat", "--concurrency", str(processes)]
        self.stack.start("worker", [sys.executable, *words], patience=3.0)
        self.send(batches=True, processes=processes)
        self.send(batches=False, processes=processes)

    def send(self, *, batches: bool, processes: int) -> tuple[float, int]:
        """Send all mails in one of the two ways; returns seconds and connections."""
        self.queue()
        before, opened = delivered(self.stack), self.connections()
        begun = woken = time.monotonic()
        self.wake(processes if batches else MAILS, batches=batches)
        while delivered(self.stack) - before < MAILS:
            time.sleep(0.01)
            if batches and time.monotonic() - woken > AGAIN_EVERY:
                woken = time.monotonic()
                self.wake(processes, batches=True)
            if time.monotonic() - begun > PATIENCE:
                raise RuntimeError(f"only {delivered(self.stack) - before} of {MAILS} mails were sent")
        took = time.monotonic() - begun
        self.settle()
        return took, self.connections() - opened

    def settle(self) -> None:
        """Nothing of one way may be left for the other to find: tasks that wait are dropped, the last ones end."""
        with app.connection_for_write() as line:
            line.default_channel.queue_purge(app.conf.task_default_queue)
        time.sleep(SETTLING)

    def wake(self, times: int, *, batches: bool) -> None:
        """Tell the worker, as beat does."""
        task = deliver if batches else one_mail
        for _ in range(times):
            task.apply_async(expires=PATIENCE)

    def connections(self) -> int:
        """How many the mail server has seen."""
        return sum("connection" in line for line in log(self.stack))

    def compare(self, processes: int) -> tuple[Measured, Measured]:
        """Batches and one task per mail, in turn."""
        self.worker(processes)
        ways = Measured(), Measured()
        for _ in range(ROUNDS):
            for measured, batches in zip(ways, (True, False), strict=True):
                seconds, connections = self.send(batches=batches, processes=processes)
                measured.rates.append(MAILS / seconds)
                measured.connections += connections
                measured.mails += MAILS
        self.stack.end("worker")
        return ways
