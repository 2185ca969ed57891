"""Throw-away PostgreSQL and Valkey around one command: `stack.py with-servers -- COMMAND`."""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from deploy import embedded, processes
from deploy.errors import StackError
from deploy.places import PREFIX, Account, database_account, fits_a_socket, me, own_folder, passable

START_SECONDS = 60.0
STOP_SECONDS = 10.0


def _base(account: Account) -> Path:
    """A temporary folder that the database's account reaches and whose paths leave room for a socket."""
    for base in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/tmp")):  # noqa: S108 - fresh folder
        name = base / f"{PREFIX}-test-00000000" / "valkey"
        if base.is_dir() and passable(base, account) and fits_a_socket(name) and os.access(base, os.W_OK):
            return base
    raise StackError("No temporary folder fits; set TMPDIR to a short path that everybody can enter.")


def _sweep(base: Path) -> None:
    """Remove what a killed run left behind; a run that lives holds the lock in its folder."""
    for folder in base.glob(f"{PREFIX}-test-*"):
        with contextlib.suppress(OSError):
            info = folder.lstat()
            if info.st_uid != os.geteuid() or not stat.S_ISDIR(info.st_mode):
                continue
            with (folder / "lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not embedded.occupants(folder / "cluster" / "data"):
                    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _folder(account: Account) -> Iterator[Path]:
    base = _base(account)
    _sweep(base)
    fresh = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-new-", dir=base))
    with (fresh / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if account.switch:
            fresh.chmod(0o711)
        # Only now under the name that a sweep looks for: from here on the lock is held.
        folder = fresh.rename(base / f"{PREFIX}-test-{secrets.token_hex(4)}")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(
    name: str, command: Sequence[str], folder: Path, death: int, account: Account | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        child = processes.start(
            command,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            log=output,
            death=death,
            account=account,
            cwd=Path("/"),
        )
    try:
        yield child
        if child.poll() is not None:
            print(f"{name} ended by itself: {last_line(log)}", file=sys.stderr)
    finally:
        processes.stop(child, death, STOP_SECONDS)


def last_line(log: Path) -> str:
    """The last line that says something, or a word that there is none."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def await_ready(name: str, child: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    """Wait until `ready()` says yes; a server that ends instead is an error with its last words."""
    if not processes.wait_until(lambda: child.poll() is not None or ready(), START_SECONDS):
        raise StackError(f"{name} did not answer within {START_SECONDS:.0f} s: {last_line(log)}")
    if child.poll() is not None:
        raise StackError(f"{name} did not start: {last_line(log)}")


@contextlib.contextmanager
def _postgres(folder: Path, account: Account) -> Iterator[dict[str, str]]:
    server = embedded.Postgres(
        programs=embedded.postgres_programs(account),
        data=folder / "cluster" / "data",
        sockets=own_folder(folder / "postgres", account),
        account=account,
    )
    own_folder(server.data.parent, account)
    embedded.create_cluster(server, sync=False)
    with _running("PostgreSQL", server.command(throw_away=True), folder, signal.SIGINT, account) as child:
        await_ready("PostgreSQL", child, lambda: server.ready(child.pid), folder / "PostgreSQL.log")
        yield {"DATABASE_URL": server.url}


@contextlib.contextmanager
def _valkey(folder: Path) -> Iterator[dict[str, str]]:
    sockets = own_folder(folder / "valkey", me())
    with _running("Valkey", embedded.valkey_command(sockets, sockets), folder, signal.SIGTERM) as child:
        await_ready("Valkey", child, lambda: embedded.valkey_answers(sockets), folder / "Valkey.log")
        yield embedded.valkey_urls(sockets)


@contextlib.contextmanager
def throw_away(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Servers for what `environ` does not name; yields the variables to add. All is gone afterwards."""
    account = database_account()
    with contextlib.ExitStack() as held:
        added: dict[str, str] = {}
        if not (environ.get("DATABASE_URL") and environ.get("REDIS_URL")):
            folder = held.enter_context(_folder(account))
        if not environ.get("DATABASE_URL"):
            added |= held.enter_context(_postgres(folder, account))
        if not environ.get("REDIS_URL"):
            added |= held.enter_context(_valkey(folder))
        yield {name: value for name, value in added.items() if not environ.get(name)}


class _Command:
    """The command between the servers; signals to us become signals to it."""

    def __init__(self) -> None:
        self.child: subprocess.Popen[bytes] | None = None
        self.over = False

    def on_signal(self, signum: int, _frame: FrameType | None) -> None:
        if self.over:
            return
        if self.child is None:
            raise SystemExit(128 + signum)
        typed = signum == signal.SIGINT and _at_the_terminal()
        if not typed and self.child.returncode is None:
            self.child.send_signal(signum)

    def run(self, command: Sequence[str], env: Mapping[str, str]) -> int:
        try:
            self.child = processes.start(command, env=env, log=None, own_session=False)
        except OSError as error:
            raise StackError(f"Cannot run {command[0]}: {error.strerror}") from None
        code = self.child.wait()
        self.over = True
        return code if code >= 0 else 128 - code


def _at_the_terminal() -> bool:
    """Whether a Ctrl-C reaches the command by itself, being in the terminal's foreground with us."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


def with_servers(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run `command` with servers of its own and return its exit code (128 + signal if one ended it)."""
    inner = _Command()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, inner.on_signal)
    with throw_away(environ) as added:
        return inner.run(command, {**environ, **added})
