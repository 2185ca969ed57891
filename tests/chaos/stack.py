"""The stack of a chaos run as its tests see it: databases, processes to start and to kill, servers to freeze."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2

from deploy import embedded, processes
from deploy.places import ROOT

HOST = "127.0.0.1"
# Behind a proxy that speaks TLS, as in production.
DOMAIN = "portal.example.org"
FIRST_PORT = int(os.environ.get("CHAOS_PORT") or 8170)
WEB_WORKERS = 4
# How nice worker and beat are to the web: as with CPUWeight=10, which operation.md names for a machine that they share.
BEHIND = 10
TEMPLATE = "portal"
SERVERS = ("postgres", "valkey")
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "taskforce.settings",
    # Every mailbox of a run is at one domain, whose rate would be all that is measured.
    "MAIL_DOMAIN_RATE": "0",
    "SECRET_KEY": "0123456789-only-for-the-faults-that-we-make-ourselves",
    "SITE_URL": f"https://{DOMAIN}",
    "ALLOWED_HOSTS": f"{DOMAIN},{HOST}",
    "DEFAULT_FROM_EMAIL": f"portal@{DOMAIN}",
    "TRUSTED_PROXIES": "1",
}
_FOREIGN = ("DEMO", "DEMO_ADDRESS", "DATABASE_URL", "REDIS_URL", "CACHE_URL", "EMAIL_URL", "MAIL_HOLD", *SETTINGS)
CELERY = "taskforce.celery"


def celery(app: str) -> list[str]:
    """The program with an app."""
    return [sys.executable, "-m", "celery", "-A", app, "--quiet"]


def free_port(wanted: int) -> int:
    """The first free port of the loopback address from this one on."""
    for port in range(wanted, wanted + 100):
        with contextlib.suppress(OSError), socket.socket() as line:
            line.bind((HOST, port))
            return port
    raise RuntimeError(f"no free port from {wanted} on")


def soon(true: Callable[[], Any], what: str, seconds: float, *, pause: float = 0.05) -> float:
    """Wait until this becomes true; returns how long it took. Fails with `what` after so many seconds."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, f"{what}: not within {seconds:.0f} s"
        time.sleep(pause)
    return time.monotonic() - begun


class Stack:
    """Servers of one run. `env` is what a process of the portal needs to join; `port` that of the web."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="taskforce-chaos-"))
        self.folder.chmod(0o711)
        self.port, self.mail_port = free_port(FIRST_PORT), free_port(FIRST_PORT + 10)
        self.mail_log = self.folder / "mail.jsonl"
        clean = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        self.env = {**clean, **SETTINGS, "EMAIL_URL": f"smtp://{HOST}:{self.mail_port}"}
        self._log = (self.folder / "keeper.log").open("wb")
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.keeper", str(self.folder)],
            env=self.env,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
            preexec_fn=processes.die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - no thread yet
        )
        self.env |= self._answer()
        self.urls = {"REDIS_URL": self.env["REDIS_URL"], "CACHE_URL": self.env["CACHE_URL"]}
        self._runs = 0

    def _answer(self) -> Any:
        assert self._keeper.stdout is not None
        line = self._keeper.stdout.readline()
        if not line:
            raise RuntimeError(f"the keeper has ended: {(self.folder / 'keeper.log').read_text()[-2000:]}")
        return json.loads(line)

    def ask(self, do: str, **more: Any) -> Any:
        """Tell the keeper to do something; returns its answer."""
        assert self._keeper.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._keeper.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")
            self._keeper.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End everything; the folder with the logs stays where CHAOS_KEEP is set."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        try:
            self._keeper.wait(60)
        finally:
            processes.kill_group(self._keeper)
            self._log.close()
        if not os.environ.get("CHAOS_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- processes -------------------------------------------------------------------------------------------------

    def start(self, name: str, command: list[str], env: Mapping[str, str] | None = None, **spec: Any) -> None:
        """A process of the portal, in this run's database, that is started again whenever it dies."""
        joined = {**self.env, **(env or {})}
        self.ask("start", spec={"name": name, "command": command, "env": joined, **spec})

    def end(self, *names: str, at_once: bool = False) -> None:
        """End processes for good, asked to or `at_once` by kill -9; those that do not run are passed over."""
        running = self.pids()
        self.ask("end", names=[name for name in names if name in running], at_once=at_once)

    def pids(self) -> dict[str, int | None]:
        """The processes by name; None for one that is dead and about to be started again."""
        return dict(self.ask("pids"))

    def kill(self, name: str) -> bool:
        """kill -9 of a process with all of its group; False where it was dead already."""
        return kill(self.pids().get(name), os.killpg)

    def kill_alone(self, name: str) -> bool:
        """kill -9 of a process itself: what it has started notices by itself."""
        return kill(self.pids().get(name))

    def children(self, name: str) -> list[int]:
        """The living processes right below one: web workers, a worker's pool."""
        return children_of(self.pids().get(name))

    def freeze(self, name: str, *, thaw: bool = False) -> None:
        """Stop a process where it stands (SIGSTOP), or let it go on."""
        pid = self.pids()[name]
        assert pid is not None
        os.kill(pid, signal.SIGCONT if thaw else signal.SIGSTOP)
        soon(lambda: (condition(pid) == "T") is not thaw, f"{name} {'thawed' if thaw else 'frozen'}", 30, pause=0.002)

    def broker_answers(self) -> bool:
        """Whether Valkey answers a question within a second."""
        return embedded.valkey_answers(Path(unquote(urlsplit(self.urls["REDIS_URL"]).path)).parent)

    def web(self, application: str = "taskforce.wsgi", *, wait: bool = True) -> None:
        """Gunicorn with preloaded workers of two threads each; ready when this returns, unless it is not to wait.

        A worker accepts no more than it works on: what it has accepted dies with it, what waits at the door does not.
        """
        options = "--preload --worker-class gthread --threads 2 --worker-connections 2"
        options += " --timeout 60 --graceful-timeout 2 --no-control-socket"
        command = [sys.executable, "-m", "gunicorn", application, *options.split()]
        command += ["--workers", str(WEB_WORKERS), "--bind", f"{HOST}:{self.port}"]
        self.start("web", command)
        if wait:
            soon(self.serves, "the web", 120)

    def serves(self, port: int | None = None) -> bool:
        """Whether a page of the portal is answered, at its own port or another one."""
        line = http.client.HTTPConnection(HOST, port or self.port, timeout=5)
        try:
            line.request("GET", "/readyz")
            return line.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def worker(self, concurrency: int = 2, app: str = CELERY) -> None:
        """A Celery worker as the portal runs it."""
        options = "--pool prefork --loglevel WARNING --without-gossip --without-mingle --without-heartbeat"
        command = [*celery(app), "worker", *options.split(), "--concurrency", str(concurrency)]
        self.start("worker", command, patience=3.0, death_signal=signal.SIGKILL, nice=BEHIND)

    def beat(self, name: str = "beat") -> None:
        """A beat as the portal runs it."""
        schedule = self.folder / f"{name}-schedule"
        command = [*celery(CELERY), "beat", "--loglevel", "WARNING", "--pidfile", "", "--schedule", str(schedule)]
        self.start(name, command, patience=3.0, nice=BEHIND)

    def mail(self, plan: Mapping[str, Any] | None = None) -> None:
        """The mail server, with a plan of its faults and a fresh log."""
        self.end("mail")
        self.mail_log.unlink(missing_ok=True)
        planned = self.folder / "mail-plan.json"
        planned.write_text(json.dumps(plan or {}))
        words = ["-m", "tests.chaos.mailserver", str(self.mail_port), str(self.mail_log), str(planned)]
        self.start("mail", [sys.executable, *words], patience=2.0)
        soon(lambda: _listens(self.mail_port), "the mail server", 30)

    def quiet(self) -> None:
        """End everything but the servers; nobody needs any of it any more."""
        self.end(*(name for name in self.pids() if name not in SERVERS), at_once=True)

    # --- databases -------------------------------------------------------------------------------------------------

    def database(self) -> str:
        """A fresh database with the portal's tables; the processes started from now on use it. Returns its name.

        The one before goes: after a crash PostgreSQL has every file of the cluster brought to the disk, and a portal's
        server holds one portal.
        """
        self.sql(f"DROP DATABASE IF EXISTS run{self._runs} WITH (FORCE)", database="postgres")
        self._runs += 1
        name = f"run{self._runs}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}", database="postgres")
        self.env["DATABASE_URL"] = urlsplit(self.env["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        return name

    def sql(self, statement: str, *values: Any, database: str = "") -> list[tuple[Any, ...]]:
        """Ask the database itself, on a connection of our own."""
        parts = urlsplit(self.env["DATABASE_URL"])
        socket_folder = parts.query.partition("host=")[2]
        line = psycopg2.connect(host=socket_folder, user="postgres", dbname=database or parts.path.strip("/"))
        try:
            line.autocommit = True
            with line.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            line.close()


def condition(pid: int | None) -> str:
    """The kernel's letter for what a process does (R, S, T, Z, …); empty where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def lives(pid: int | None) -> bool:
    """Whether a process is there and not only waits to be buried."""
    return condition(pid) not in ("", "Z", "X")


def children_of(pid: int | None) -> list[int]:
    """The living processes right below one, as the kernel has them."""
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [child for child in map(int, words) if lives(child)]


def kill(pid: int | None, by: Callable[[int, int], None] = os.kill) -> bool:
    """kill -9, and wait for the death: True where a living process has died of it, so that a kill that counts was one.

    `by` is `os.killpg` for a process with all of its group.
    """
    if pid is None or not lives(pid):
        return False
    try:
        by(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    soon(lambda: not lives(pid), "the death of what was killed", 30, pause=0.002)
    return True


def kill_one_of(pids: list[int], chosen: Callable[[list[int]], int]) -> bool:
    """kill -9 of one of these; False where there is none."""
    return bool(pids) and kill(chosen(pids))


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
