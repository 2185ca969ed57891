"""Keeps a set of children alive in the foreground until it is told to stop.

On Linux nothing outlives the supervisor, even when it is killed: the kernel tells every child. Elsewhere a
`kill -9` of it leaves the children running.
"""

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from deploy import processes
from deploy.children import Child, Spec, last_lines, open_log, stop_all
from deploy.errors import StackError

TICK = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(Exception):
    """The supervisor was told to stop while it was doing something else."""


def say(line: str) -> None:
    """One line for the person at the shell, who may have gone."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


class Supervisor:
    """Starts children and one-time commands, watches the children, stops everything."""

    def __init__(self, folder: Path, cwd: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.cwd = cwd
        self.env = dict(env)
        self.children: list[Child] = []
        self._stopping = False

    @property
    def logs(self) -> Path:
        """Where the children's output goes."""
        return self.folder / "log"

    @contextlib.contextmanager
    def until_stopped(self) -> Iterator[None]:
        """Run the body with stop signals heeded; afterwards, whatever happened, everything is stopped."""
        for signum in STOP_SIGNALS:
            signal.signal(signum, self._on_signal)
        try:
            yield
        except StopAsked:
            say("Stopping …")
        finally:
            self._stopping = True
            stop_all(self.children)

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        # A terminal's Ctrl-C may come twice, from the keyboard and from make: the first one counts.
        self._stopping = True

    def _heed(self) -> None:
        if self._stopping:
            raise StopAsked

    def add(self, specs: Sequence[Spec]) -> None:
        """Start more children, in this order."""
        for spec in specs:
            self._heed()
            child = Child(spec, self.env, self.cwd, self.logs)
            self.children.append(child)
            child.start()

    def tick(self) -> None:
        """One look at every child. Raises StopAsked, or StackError when an essential child must be given up."""
        self._heed()
        for child in self.children:
            try:
                news = child.keep_alive()
            except StackError:
                self._show(child.log)
                raise
            if news:
                if child.is_resting:
                    self._show(child.log)
                say(news)
        time.sleep(TICK)

    def watch(self) -> None:
        """Look after the children until somebody asks to stop."""
        while True:
            self.tick()

    def wait_for(self, what: str, ready: Callable[[], bool], seconds: float) -> None:
        """Look after the children until `ready()` says yes. Raises StackError after `seconds`."""
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end:
                raise StackError(f"{what} not ready after {seconds:.0f} s; see {self.logs}")
            self.tick()

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run a command to its end while the children are looked after. Raises StackError if it fails."""
        log = self.logs / f"{name}.log"
        with open_log(self.logs, name) as output:
            once = processes.start(command, env=self.env, log=output, cwd=self.cwd)
            try:
                while not processes.ended(once):
                    self.tick()
            finally:
                processes.stop(once, signal.SIGTERM, 5.0)
        if once.returncode != 0:
            lines = self._show(log)
            reason = lines[-1].strip() if lines else f"exit code {once.returncode}"
            raise StackError(f"{name} failed: {reason}")

    def output_of(self, name: str, command: Sequence[str]) -> str:
        """Like `run`, and returns what the command wrote."""
        self.run(name, command)
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def _show(self, log: Path) -> list[str]:
        lines = last_lines(log)
        for line in lines[:-1]:
            print(f"  {line}", file=sys.stderr)
        return lines
