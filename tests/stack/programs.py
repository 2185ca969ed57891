"""Starting, watching and ending real programs in tests."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
STACK = str(ROOT / "deploy" / "stack.py")
STAND_IN = str(Path(__file__).with_name("stand_in.py"))
# The tests' own servers and settings must not leak into a portal that starts its own.
CLEAN_ENV = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}


class Program:
    """A running program whose lines can be awaited."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], given: str = "") -> None:
        self.process = subprocess.Popen(
            list(command),
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(given)
        self.process.stdin.close()
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def line(self, start: str, seconds: float = 60.0) -> str:
        """Wait for a line that begins like this. Fails when the program ends or takes too long."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line {start!r} within {seconds} s: {self.lines}") from None
            if line is None:
                raise AssertionError(f"ended without a line {start!r}: {self.lines}")
            self.lines.append(line)
            if line.startswith(start):
                return line

    def rest(self, seconds: float = 30.0) -> list[str]:
        """Wait for its end and return all of its lines."""
        self.process.wait(seconds)
        while (line := self._queue.get(timeout=seconds)) is not None:
            self.lines.append(line)
        return self.lines

    def send(self, signum: int) -> None:
        """Send it a signal."""
        self.process.send_signal(signum)


@contextlib.contextmanager
def program(command: Sequence[str], env: Mapping[str, str] = CLEAN_ENV, given: str = "") -> Iterator[Program]:
    """A program that is gone after the block, with all that it started."""
    started = Program(command, env, given)
    try:
        yield started
    finally:
        below = descendants(started.process.pid)
        started.process.terminate()
        try:
            started.process.wait(30)
        finally:
            started.process.kill()
            assert all_gone(below)


@contextlib.contextmanager
def stand_in(what: str, folder: Path, specs: Sequence[Mapping[str, Any]] = ()) -> Iterator[Program]:
    """A supervisor over the real servers (`servers`) or over small programs (`children`)."""
    with program([sys.executable, STAND_IN, what, str(folder)], given=json.dumps(list(specs))) as started:
        yield started


def ready(started: Program) -> dict[str, Any]:
    """What a stand-in says once its children run: their process ids, its environment."""
    return dict(json.loads(started.line("ready ").removeprefix("ready ")))


def alive(pid: int) -> bool:
    """Whether a process runs; a dead one that nobody has collected does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] not in ("Z", "X")


def descendants(pid: int) -> set[int]:
    """All processes below this one, at this moment."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def session_of(leader: int) -> set[int]:
    """The processes that run in the session that this one leads or led, however their parents have gone."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            if int(words[3]) == leader and words[0] not in ("Z", "X"):
                found.add(int(entry.name))
    return found


def soon(true: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Whether this becomes true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def all_gone(pids: set[int], seconds: float = 15.0) -> bool:
    """Whether all of these processes end in time."""
    return soon(lambda: not any(alive(pid) for pid in pids), seconds)


def kill(pid: int) -> None:
    """kill -9."""
    os.kill(pid, signal.SIGKILL)
