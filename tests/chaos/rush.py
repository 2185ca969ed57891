"""A rush before a close: who sends when, what is killed when, and how it is done."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

from taskforce.timeline.models import Phase
from tests.chaos import case as cases
from tests.chaos.browsers import Visit, load_all, send
from tests.chaos.scale import SCALE
from tests.chaos.stack import Stack, children_of, kill_one_of, soon

LOST_ANSWERS = 0.03
# One visitor in so many comes too late, around the close and the hard close.
ONE_LATE_IN = 11
ONCE = ("worker", "valkey", "postgres")
# For so many seconds after the hard close people go on asking what became of their form.
TIRELESS = 60


@dataclass(frozen=True)
class Instants:
    """Close and hard close, and from when on people send. Seconds since 1970."""

    closes: float
    hard_closes: float
    begins: float

    def at(self, share: float) -> float:
        """The moment at which that share of the rush is over."""
        return self.begins + (self.closes - self.begins) * share


@dataclass(frozen=True)
class Sending:
    """When somebody sends their form, and how many of their answers get lost."""

    moment: float
    visit: Visit
    lost: int = 0


@dataclass(frozen=True)
class Kill:
    """When something was told to die, and when it was dead. Seconds since 1970."""

    name: str
    asked: float
    dead: float


@dataclass
class Faults:
    """What was done to the stack: every one has ended a living process."""

    kills: list[Kill] = field(default_factory=list)

    @property
    def counted(self) -> Counter[str]:
        """How many of what."""
        return Counter(kill.name for kill in self.kills)

    @property
    def crashed_at(self) -> float:
        """When the database was killed; never: the end of time."""
        return next((kill.asked for kill in self.kills if kill.name == "postgres"), float("inf"))


def evenly(visits: list[Visit], instants: Instants, chance: random.Random) -> list[Sending]:
    """Everybody at a moment of their own until the close; some late, every second of these after the hard close.

    Of a small share the answer gets lost.
    """
    in_time, in_grace = (instants.begins, instants.closes - 0.5), (instants.closes - 0.5, instants.hard_closes)
    too_late = (instants.hard_closes, instants.hard_closes + 1.5)
    found = []
    for place, visit in enumerate(visits):
        late, rest = divmod(place, ONE_LATE_IN)
        span = in_time if rest else in_grace if late % 2 else too_late
        found.append(Sending(chance.uniform(*span), visit, lost=int(chance.random() < LOST_ANSWERS)))
    return found


def killings(instants: Instants, chance: random.Random) -> list[tuple[float, str]]:
    """A web worker every so often until the close, and once each the worker, Valkey and PostgreSQL; in order.

    PostgreSQL in the second half, so that half of the rush is outside of the seconds that its crash excuses.
    """
    count = int((instants.closes - instants.begins) / SCALE.kill_every)
    web = [(instants.begins + number * SCALE.kill_every, "web") for number in range(count)]
    shares = {"worker": (0.1, 0.4), "valkey": (0.2, 0.8), "postgres": (0.55, 0.65)}
    return sorted([*web, *((instants.at(chance.uniform(*shares[name])), name) for name in ONCE)])


def break_things(stack: Stack, planned: list[tuple[float, str]], chance: random.Random, faults: Faults) -> None:
    """Kill what is planned at its moment; where nothing of it lives, as soon as something does."""
    master = stack.pids()["web"]
    ways: dict[str, Callable[[], bool]] = {
        "web": lambda: kill_one_of(children_of(master), chance.choice),
        "worker": lambda: stack.kill("worker"),
        "valkey": lambda: stack.kill("valkey"),
        "postgres": lambda: stack.kill_alone("postgres"),
    }
    for moment, name in planned:
        time.sleep(max(0.0, moment - time.time()))
        asked = time.time()
        soon(ways[name], f"something of {name} to kill", 60, pause=0.01)
        faults.kills.append(Kill(name, asked, time.time()))


async def send_all(planned: list[Sending], port: int, instants: Instants) -> None:
    """Everybody sends at their moment, and tries again until there is an answer."""
    until = instants.hard_closes + TIRELESS

    async def one(sending: Sending) -> None:
        await asyncio.sleep(max(0.0, sending.moment - time.time()))
        await send(sending.visit, port, until=until, lose_answers=sending.lost)

    await asyncio.gather(*map(one, planned))


@dataclass(frozen=True)
class Rush:
    """What a rush is made of: its length in seconds, who sends when, what is killed when."""

    seconds: float
    sendings: Callable[[Instants], list[Sending]]
    kills: Callable[[Instants], list[tuple[float, str]]]
    chance: random.Random


def run(stack: Stack, visits: list[Visit], phases: list[Phase], rush: Rush) -> tuple[Instants, Faults]:
    """Load every form, set the close so that the rush fits before it, and rush; returns what was when."""
    faults = Faults()
    asyncio.run(load_all(visits, stack.port))
    closes_at = cases.in_seconds(rush.seconds + 1)
    cases.close_at(phases, closes_at)
    connection.close()
    closes = closes_at.timestamp()
    instants = Instants(closes, phases[0].hard_closes_at.timestamp(), closes - rush.seconds)

    async def everything() -> None:
        breaking = asyncio.to_thread(break_things, stack, rush.kills(instants), rush.chance, faults)
        await asyncio.gather(send_all(rush.sendings(instants), stack.port, instants), breaking)

    asyncio.run(everything())
    return instants, faults
