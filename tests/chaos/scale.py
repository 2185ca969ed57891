"""How big and how long each scenario is, from the environment: CHAOS_SCALE, CHAOS_SEED, CHAOS_SLACK."""

import os
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """The figures of one run. Seconds are seconds; `slack` stretches every limit of time, and is printed with it.

    A shared machine may be slow without the portal being so: the short form, which every change runs, allows for
    that; figures that count are measured by the long form on a quiet machine.
    """

    name: str
    posts: int
    rush_seconds: float
    kill_every: float
    applications: int
    grace: int
    writers: int
    submits: int
    broker_posts: int
    mails: int
    mail_kills: int
    races: int
    race_kills: int
    slack: float


FAST = Scale(
    name="fast", posts=60, rush_seconds=12, kill_every=1.5, applications=30, grace=10, writers=24, submits=50,
    broker_posts=40, mails=400, mail_kills=4, races=6, race_kills=6, slack=5,
)  # fmt: skip
NORMAL = Scale(
    name="normal", posts=600, rush_seconds=15, kill_every=0.5, applications=150, grace=8, writers=24, submits=50,
    broker_posts=150, mails=5000, mail_kills=20, races=20, race_kills=20, slack=1,
)  # fmt: skip
FULL = Scale(
    name="full", posts=2000, rush_seconds=15, kill_every=0.5, applications=500, grace=10, writers=24, submits=50,
    broker_posts=400, mails=5000, mail_kills=20, races=20, race_kills=20, slack=1,
)  # fmt: skip
_BY_NAME = {scale.name: scale for scale in (FAST, NORMAL, FULL)}

SCALE = _BY_NAME[os.environ.get("CHAOS_SCALE") or "normal"]
SEED = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
SLACK = float(os.environ.get("CHAOS_SLACK") or SCALE.slack)


def dice(name: str) -> random.Random:
    """A source of chance for one scenario: the same seed gives it the same instants, whatever ran before."""
    return random.Random(f"{SEED}:{name}")


def allowed(seconds: float) -> float:
    """A limit of time with the allowance of this run."""
    return seconds * SLACK


def within(seconds: float) -> str:
    """The limit in words, the allowance with it where there is one."""
    return f"≤ {seconds:g} s" + (f" × {SLACK:g} allowed here" if SLACK != 1 else "")
