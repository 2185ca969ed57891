"""A rush before a close: visitors by the second, faults by the dice, and what the witnesses say afterwards."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from django.db import connection

from taskforce.core import tokens
from taskforce.timeline.models import Phase
from tests.chaos import case as cases
from tests.chaos.browsers import Visit, load_all, percentile, send
from tests.chaos.scale import SCALE, allowed
from tests.chaos.stack import Stack, kill_one_of

LOST_ANSWERS = 0.03
AFTER_THE_CRASH = 10.0
# A request that passed the gate in time is committed a moment later.
UNDER_WAY = 1.0


@dataclass(frozen=True)
class Instants:
    """Close and hard close, and from when on people send. Seconds since 1970."""

    closes: float
    hard_closes: float
    begins: float


@dataclass
class Faults:
    """What was done to the stack, and when the database was killed (0: never)."""

    kills: Counter[str] = field(default_factory=Counter)
    crashed_at: float = 0.0


@dataclass(frozen=True)
class Row:
    """One stored item, as the database itself tells of it; instants as seconds since 1970."""

    token_hash: str
    words: str
    committed: float
    in_grace: bool
    form_key: str


def plan(visits: list[Visit], instants: Instants, chance: random.Random, stragglers: int) -> list[tuple[float, Visit]]:
    """When each visitor sends: evenly up to the close, the last ones around the close and the hard close."""
    timed = [(chance.uniform(instants.begins, instants.closes - 0.2), visit) for visit in visits[stragglers:]]
    late = (instants.closes - 0.5, instants.hard_closes + 1.5)
    return sorted([*timed, *((chance.uniform(*late), visit) for visit in visits[:stragglers])], key=lambda one: one[0])


async def send_all(
    planned: list[tuple[float, Visit]], port: int, instants: Instants, chance: random.Random, lost: float
) -> None:
    """Everybody sends at their moment, and tries again until there is an answer."""
    until = instants.hard_closes + allowed(10)

    async def one(moment: float, visit: Visit, lose: int) -> None:
        await asyncio.sleep(max(0.0, moment - time.time()))
        await send(visit, port, until=until, lose_answers=lose)

    await asyncio.gather(*(one(moment, visit, int(chance.random() < lost)) for moment, visit in planned))


async def break_things(stack: Stack, instants: Instants, chance: random.Random, faults: Faults) -> None:
    """Web workers one by one, and once each the worker, Valkey and PostgreSQL, until the close."""
    length = instants.closes - instants.begins
    once = {
        "worker": instants.begins + length * chance.uniform(0.1, 0.4),
        "valkey": instants.begins + length * chance.uniform(0.2, 0.8),
        "postgres": instants.begins + length * chance.uniform(0.4, 0.6),
    }
    await asyncio.sleep(max(0.0, instants.begins - time.time()))
    while time.time() < instants.closes:
        faults.kills["web"] += kill_one_of(stack.children("web"), chance.choice)
        for name in [name for name, moment in once.items() if moment < time.time()]:
            del once[name]
            killed = stack.kill_alone(name) if name == "postgres" else stack.kill(name)
            faults.kills[name] += killed
            faults.crashed_at = time.time() if name == "postgres" else faults.crashed_at
        await asyncio.sleep(SCALE.kill_every)


@dataclass(frozen=True)
class Rush:
    """What a rush is made of: its length in seconds, the share of answers that get lost, whether things are killed."""

    seconds: float
    lost: float
    breaks: bool
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
    planned = plan(visits, instants, rush.chance, stragglers=len(visits) // 11)

    async def everything() -> None:
        jobs = [send_all(planned, stack.port, instants, rush.chance, rush.lost)]
        if rush.breaks:
            jobs.append(break_things(stack, instants, rush.chance, faults))
        await asyncio.gather(*jobs)

    asyncio.run(everything())
    return instants, faults


_ROWS = """
SELECT item.token_hash, answer.text, extract(epoch FROM pg_xact_commit_timestamp(item.xmin))::float8, item.in_grace,
    item.form_key
FROM feedback_feedbackitem AS item JOIN feedback_feedbackanswer AS answer ON answer.item_id = item.id
"""


def stored(stack: Stack) -> list[Row]:
    """Every item that the database holds."""
    return [Row(*row) for row in stack.sql(_ROWS)]


def _token(visit: Visit) -> str:
    return tokens.hashed(visit.location.rstrip("/").rpartition("/")[2])


@dataclass(frozen=True)
class Verdict:
    """What the witnesses say of a rush; in order where there is nothing in `wrong`."""

    accepted: int
    refused: int
    rows: int
    in_grace: int
    wrong: dict[str, int]

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.wrong.values())

    def __str__(self) -> str:
        said = ", ".join(f"{name} {count}" for name, count in self.wrong.items())
        return (
            f"accepted {self.accepted} ({self.in_grace} in the grace), refused {self.refused}, rows {self.rows}; {said}"
        )


def judge(visits: list[Visit], rows: list[Row], instants: Instants, final: int | None) -> Verdict:
    """Compare the visitors' log with the rows and their commit timestamps; `final` is the count taken at the close."""
    accepted = [visit for visit in visits if visit.accepted]
    known = {row.token_hash for row in rows}
    by_words = {visit.words: visit for visit in visits}
    times = Counter(row.words for row in rows)
    committed_late = [row for row in rows if row.committed >= instants.hard_closes]
    wrong = {
        "acknowledged but lost": sum(_token(visit) not in known for visit in accepted),
        "sent after the hard close and stored": sum(
            by_words[row.words].first_sent >= instants.hard_closes for row in rows if row.words in by_words
        ),
        "committed long after it": sum(row.committed >= instants.hard_closes + UNDER_WAY for row in committed_late),
        "late and not marked": sum(row.committed >= instants.closes + UNDER_WAY and not row.in_grace for row in rows),
        "marked though in time": sum(row.committed < instants.closes and row.in_grace for row in rows),
        "form of after the close stored": sum(
            by_words[row.words].form_at >= instants.closes for row in rows if row.words in by_words
        ),
        "duplicates": sum(count - 1 for count in times.values()),
        "final count off by": abs(final - len(rows)) if final is not None else 0,
        "left without an answer": sum(visit.status == 0 for visit in visits),
        "odd answers": sum(visit.status not in (0, 303, 403) for visit in visits),
    }
    in_grace = sum(row.in_grace for row in rows)
    return Verdict(len(accepted), sum(visit.status == 403 for visit in visits), len(rows), in_grace, wrong)


def undisturbed(visits: list[Visit], faults: Faults) -> list[float]:
    """How long answers took that met no kill and lie outside the seconds after the database's crash."""
    crash = (faults.crashed_at, faults.crashed_at + AFTER_THE_CRASH)
    return [
        visit.seconds
        for visit in visits
        if visit.accepted and visit.tries == 1 and not (crash[0] - visit.seconds <= visit.last_sent <= crash[1])
    ]


def back_after(visits: list[Visit], crashed_at: float) -> float:
    """Seconds from the crash to the first answer that needs the database, to a request that was sent after it."""
    received = [visit.answered for visit in visits if visit.status and visit.last_sent > crashed_at]
    return min(received, default=float("inf")) - crashed_at


def p99(values: list[float]) -> float:
    """The time that all but one of a hundred kept."""
    return percentile(values, 0.99)
