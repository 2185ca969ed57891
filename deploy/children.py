"""What the supervisor keeps alive: one child each for a server or a process of the portal."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from deploy import processes
from deploy.errors import StackError
from deploy.places import Account

# A child that ends by itself this soon, this often in a row, will not come to life by starting it again.
YOUNG_SECONDS = 30.0
MOST_FAILURES = 5
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
PAUSE_AFTER_KILL = 0.3
# What the rest can do without is then tried so seldom, for its reason may pass.
REST_SECONDS = 60.0
LAST_LINES = 8


@dataclass(frozen=True)
class Spec:
    """How one child is started, asked to stop, and killed when the supervisor itself is killed.

    `stage` orders the end: higher stages stop first, all of one stage at once, each within `patience`
    seconds. `before` runs ahead of every start. What is `essential` ends everything when it does not stay up; of the
    others one is told, and the rest goes on. Who waits for nobody's page is `nice` to those that do.
    """

    name: str
    command: Sequence[str]
    stage: int = 2
    patience: float = 8.0
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGTERM
    account: Account | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] | None = None
    essential: bool = True
    nice: int = 0


def open_log(folder: Path, name: str) -> IO[bytes]:
    """A fresh log; the one of the start before is kept beside it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{name}.log"
    with contextlib.suppress(FileNotFoundError):
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def last_lines(path: Path, count: int = LAST_LINES) -> list[str]:
    """The last lines that say something."""
    try:
        content = path.read_bytes()[-20_000:].decode(errors="replace")
    except OSError:
        return []
    return [line for line in content.splitlines() if line.strip()][-count:]


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    return f"exit code {code}" if code >= 0 else f"signal {-code}"


class Child:
    """One process, started again whenever it ends."""

    def __init__(self, spec: Spec, env: Mapping[str, str], cwd: Path, logs: Path) -> None:
        self.spec = spec
        self.env = {**env, **spec.env}
        self.cwd = cwd
        self.log = logs / f"{spec.name}.log"
        self._output = open_log(logs, spec.name)
        self.process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._next_start = 0.0
        self._failures = 0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self.process.pid if self.process is not None else None

    def start(self) -> None:
        """Start it now. Raises StackError if its program cannot be run."""
        if self.spec.before is not None:
            self.spec.before()
        self._started = time.monotonic()
        try:
            self.process = processes.start(
                self.spec.command,
                env=self.env,
                log=self._output,
                death=self.spec.death_signal,
                account=self.spec.account,
                cwd=self.cwd,
                nice=self.spec.nice,
            )
        except OSError as error:
            raise StackError(f"{self.spec.name} cannot be started: {error}") from None

    @property
    def is_resting(self) -> bool:
        """Whether it failed so often in a row that it is tried only now and then."""
        return self._failures >= MOST_FAILURES

    def keep_alive(self) -> str | None:
        """Notice an end and start again after a pause; returns a line to say, if there is one.

        Raises StackError when what is essential failed too often. Being killed is no fault of its own and does not
        count.
        """
        now = time.monotonic()
        if self.process is None:
            if now >= self._next_start:
                self.start()
            return None
        if not processes.ended(self.process):
            return None
        code = self.process.returncode
        self.process = None
        if code == -signal.SIGKILL:
            self._next_start = now + PAUSE_AFTER_KILL
        else:
            self._failures = self._failures + 1 if now - self._started < YOUNG_SECONDS else 1
            self._next_start = now + PAUSES[min(self._failures, len(PAUSES)) - 1]
        if self.is_resting:
            return self._give_up(code, now)
        return f"{self.spec.name} ended ({how_it_ended(code)}); starting it again."

    def _give_up(self, code: int, now: float) -> str | None:
        """Said once; then it is tried quietly."""
        failure = f"{self.spec.name} does not stay up ({how_it_ended(code)}); its log: {self.log}"
        if self.spec.essential:
            raise StackError(failure)
        self._next_start = now + REST_SECONDS
        if self._failures > MOST_FAILURES:
            return None
        return f"{failure}. The rest goes on without it; it is tried again every {REST_SECONDS:.0f} s."

    def ask_to_stop(self) -> None:
        """Send its stop signal and return at once."""
        if self.process is not None:
            processes.ask(self.process, self.spec.stop_signal)

    def await_stop(self, until: float) -> None:
        """Wait until the monotonic instant `until`, then kill it with all that it started."""
        if self.process is not None:
            processes.await_end(self.process, until)
        self._output.close()


def stop_all(children: Sequence[Child]) -> None:
    """Stop every child, stage by stage, the last stage first."""
    for stage in sorted({child.spec.stage for child in children}, reverse=True):
        group = [child for child in children if child.spec.stage == stage]
        begun = time.monotonic()
        for child in group:
            child.ask_to_stop()
        for child in group:
            child.await_stop(begun + child.spec.patience)
