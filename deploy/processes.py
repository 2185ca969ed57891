"""Child processes that never outlive their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from deploy.places import Account

PR_SET_PDEATHSIG = 1
ON_LINUX = sys.platform.startswith("linux")
_libc = ctypes.CDLL(None, use_errno=True) if ON_LINUX else None


def die_with_parent(signum: int) -> Callable[[], None]:
    """What a child runs between fork and exec: the kernel sends it `signum` when its parent is gone.

    The kernel ties this to the *thread* that forked, so children are started from the main thread only,
    and forgets it when the user id changes, so it is set after that. A parent that died between the fork
    and the call is noticed by the changed parent id.
    """
    parent = os.getpid()

    def set_it() -> None:
        if _libc is None:
            return
        _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return set_it


def step_back(by: int) -> None:
    """Let the processor go to others first: by so much nicer than them, and so the session that this process leads.

    Linux may weigh whole sessions against each other (sched(7), autogroup); then the nice value of a process says
    nothing to those of other sessions, but that of its session does.
    """
    os.nice(by)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(by))


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: IO[bytes] | None,
    death: int = signal.SIGTERM,
    account: Account | None = None,
    own_session: bool = True,
    cwd: Path | None = None,
    nice: int = 0,
) -> subprocess.Popen[bytes]:
    """Start `command` so that it gets `death` when we die, even by kill -9; its output goes to `log`.

    In a session of its own, so that Ctrl-C reaches only us and we stop the children in their order. `nice` as in
    nice(1), 0 to 19.
    """
    die = die_with_parent(death)

    def prepare() -> None:
        die()
        if nice:
            step_back(nice)

    switch = account if account is not None and account.switch else None
    return subprocess.Popen(
        [os.fspath(part) for part in command],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL if own_session else None,
        stdout=log,
        stderr=subprocess.STDOUT if log is not None else None,
        start_new_session=own_session,
        user=switch.uid if switch else None,
        group=switch.gid if switch else None,
        extra_groups=[] if switch else None,
        preexec_fn=prepare,  # noqa: PLW1509 - this program has one thread
    )


def stop(child: subprocess.Popen[bytes], signum: int, seconds: float) -> None:
    """Ask `child` to end by `signum`; after `seconds` it is killed. Nothing of its session is left."""
    ask(child, signum)
    await_end(child, time.monotonic() + seconds)


def ask(child: subprocess.Popen[bytes], signum: int) -> None:
    """Send a signal to a child that may have ended."""
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(signum)


def await_end(child: subprocess.Popen[bytes], until: float) -> None:
    """Wait for `child` until the monotonic instant `until`, then kill it with all that it started."""
    if not wait_until(lambda: ended(child), until - time.monotonic()):
        kill_group(child)
        child.wait()


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill a child that leads its own session, and whatever of that session is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether `child` has ended; what it left in its session is killed while its id still is its own."""
    if child.returncode is not None:
        return True
    found = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if found is None:
        return False
    kill_group(child)
    child.wait()
    return True


def wait_until(ready: Callable[[], bool], seconds: float, pause: float = 0.02) -> bool:
    """Ask `ready` until it says yes or `seconds` have passed."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
