"""What a portal manages against another, or one way to ask it against another: in short turns of each, by turns."""

import os
import threading
import time
from collections.abc import Callable, Mapping

# A round has so many short turns of each way, so that what else the machine does meets all of them.
TURNS = int(os.environ.get("BENCH_TURNS") or 8)
SECONDS = float(os.environ.get("BENCH_SECONDS") or 0.5)
ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 5)
WORKERS, THREADS = 2, 2
AT_ONCE = WORKERS * THREADS
Rates = dict[str, list[float]]
Turn = Callable[[], tuple[int, float]]


class Asker(threading.Thread):
    """Somebody who asks again and again until the time is over: how often, and what went wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.fault = ""


def turn(what: str, asker: Callable[[float], Asker]) -> tuple[int, float]:
    """How often was asked, by as many as the server has threads, and in which time; each `asker` is told its end."""
    begun = time.monotonic()
    askers = [asker(begun + SECONDS) for _ in range(AT_ONCE)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    took = time.monotonic() - begun
    if faults := [one.fault for one in askers if one.fault]:
        raise RuntimeError(f"{what}: {faults[0]}")
    return sum(one.asked for one in askers), took


def rounds(turns: Mapping[str, Turn]) -> Rates:
    """The rates of all ways, per second, round by round, the first of which is not counted."""
    _round(turns)
    found = [_round(turns) for _ in range(ROUNDS)]
    return {name: [each[name] for each in found] for name in turns}


def _round(turns: Mapping[str, Turn]) -> dict[str, float]:
    taken: dict[str, list[tuple[int, float]]] = {name: [] for name in turns}
    for _ in range(TURNS):
        for name, take in turns.items():
            taken[name].append(take())
    return {name: sum(asked for asked, _ in done) / sum(took for _, took in done) for name, done in taken.items()}
