"""The real portal, started as a newcomer starts it: `deploy/stack.py run`, on a port and in a folder of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from deploy import processes
from deploy.places import ROOT

# Nothing of the test run's own settings may reach the portal: it finds or makes everything itself.
KEPT_ENV = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "TZ")
# However busy the machine: how fast it starts on a quiet one is a test of its own.
READY_SECONDS = 270.0
STOP_SECONDS = 45.0
PAUSE = 0.1
# A word of the command line by which each child of the supervisor is known.
MARKS = {
    "web": "gunicorn",
    "worker": "worker",
    "beat": "beat",
    "mailbox": "demo_mailbox",
    "postgres": "postgres",
    "valkey": "valkey-server",
}

Found = TypeVar("Found")


def until(what: str, ask: Callable[[], Found | None], seconds: float = 90.0) -> Found:
    """Ask again and again until the answer is true; it is returned. Fails with `what` after `seconds`: longer than what
    a script waits before it tries once more."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(PAUSE)
    return answer


def free_port() -> int:
    """A port of the loopback address on which nobody listens right now."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def _family() -> dict[int, tuple[int, str]]:
    """{process id: (parent's id, state)} of everything that runs."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # The name in parentheses may hold anything; the rest has no parenthesis.
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        found[int(entry.name)] = (int(parent), state)
    return found


def _lives(pid: int) -> bool:
    return _family().get(pid, (0, "Z"))[1] not in "ZX"


class Portal:
    """One running portal: its address, its commands, its mails, its processes, and where its clock stands."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="portal-"))
        # The database may run as another account than ours and has to get in.
        self.folder.chmod(0o711)
        self.data = self.folder / "data"
        self.env = {name: os.environ[name] for name in KEPT_ENV if name in os.environ}
        self.process: subprocess.Popen[bytes] | None = None
        self.loads = 0
        self._stage = ("feedback-open", "")

    # --- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it and wait until it is ready; fails with its last lines."""
        with (self.folder / "said").open("wb") as said:
            # Even a killed test run leaves no portal behind.
            self.process = processes.start(
                [sys.executable, "deploy/stack.py", "run", "--port", str(self.port), "--data", self.data],
                env=self.env,
                log=said,
                cwd=ROOT,
            )
        try:
            until("the portal is ready", self._is_ready, READY_SECONDS)
        except AssertionError as error:
            self.stop()
            raise AssertionError(f"{error}\n{self._said()}") from None

    def _is_ready(self) -> bool:
        assert self.process is not None
        code = self.process.poll()
        assert code is None, f"deploy/stack.py run ended with {code}"
        # Its own last words: before them the model case may still be loading.
        return f"{self.address}/" in self._said() and self.status("/readyz") == 200

    def _said(self) -> str:
        return (self.folder / "said").read_text(errors="replace")[-4000:]

    def stop(self) -> int:
        """Ask it to end; returns the exit code. Nothing that it started lives on."""
        assert self.process is not None
        children = self._children()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        left = [pid for pid in children if _lives(pid)]
        assert not left, f"still there after the end: {left}"
        return code

    def throw_away(self) -> None:
        """Remove its folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what one can ask it ---------------------------------------------------------------------------------------

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """(status, headers in lower case, body) of an address, redirects followed."""
        asked = urllib.request.Request(self.address + path, headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                said = {name.lower(): value for name, value in answer.headers.items()}
                return answer.status, said, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()

    def status(self, path: str) -> int:
        """The status of an address; 0 where nobody answers."""
        try:
            return self.get(path)[0]
        except OSError:
            return 0

    def mails(self, kind: str = "", to: str = "") -> list[dict[str, Any]]:
        """What has arrived in the demo's mailbox, of one kind and for one recipient if given."""
        found: list[dict[str, Any]] = json.loads(self.get("/demo/mail.json")[2])
        return [mail for mail in found if mail["key"].startswith(kind) and to in ("", mail["to"])]

    def manage(self, *words: str) -> str:
        """Run `manage.py` as in a second terminal; returns what it printed, fails if it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**self.env, "DEMO_DATA": str(self.data)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"manage.py {' '.join(words)}: {done.stderr or done.stdout}"
        return done.stdout

    def at(self, scenario: str, instant: str = "") -> None:
        """Have this scenario loaded, with the clock set forward to `instant` (ISO 8601); does only what differs."""
        if self._stage == (scenario, instant):
            return
        if self._stage != (scenario, ""):
            self.moved()
            self.manage("load_scenario", scenario, "--reset")
            self.loads += 1
        if instant:
            self.manage("demo_clock", instant)
        self._stage = (scenario, instant)

    def moved(self) -> None:
        """Say that the portal no longer stands where `at` left it."""
        self._stage = ("", "")

    # --- its processes ---------------------------------------------------------------------------------------------

    def _children(self) -> list[int]:
        assert self.process is not None
        return [pid for pid, (parent, _state) in _family().items() if parent == self.process.pid]

    def find(self, name: str) -> int | None:
        """The process id of one of the supervisor's children (see MARKS), or None while it does not run."""
        for pid in self._children():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if any(Path(word).name == MARKS[name] for word in words) and _lives(pid):
                return pid
        return None

    def pid_of(self, name: str) -> int:
        """The process id of one of the supervisor's children; waits while it is being started."""
        return until(f"{name} runs", lambda: self.find(name))

    def freeze(self, name: str) -> int:
        """Stop a child with all that it started, so that it does nothing until it is killed."""
        pid = self.pid_of(name)
        os.killpg(pid, signal.SIGSTOP)
        return pid

    def kill(self, name: str) -> None:
        """`kill -9` a child and every process that it started; waits until another one has taken its place."""
        pid = self.pid_of(name)
        tree = _tree(pid)
        os.killpg(pid, signal.SIGKILL)
        until(f"{name} is dead", lambda: not any(_lives(one) for one in tree))
        until(f"{name} runs again", lambda: self.find(name) not in (None, pid))


def _tree(pid: int) -> set[int]:
    """A process and all its descendants."""
    family, tree = _family(), {pid}
    while more := {one for one, (parent, _state) in family.items() if parent in tree} - tree:
        tree |= more
    return tree
