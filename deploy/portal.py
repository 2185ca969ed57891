"""`stack.py run` and `stack.py reset`: the whole portal on one machine, with its data in one folder."""

import contextlib
import http
import http.client
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy import embedded, runfile
from deploy.children import Spec
from deploy.errors import StackError
from deploy.places import (
    ROOT,
    Account,
    database_account,
    digest,
    forget_sockets,
    me,
    own_folder,
    passable,
    shelter,
    socket_folder,
)
from deploy.supervisor import Supervisor, say

HOST = "127.0.0.1"
READY_SECONDS = 60.0
FORMER_SERVER_SECONDS = 20.0
# How nice worker and beat are to the web, which people wait for.
BEHIND = 5
POSTGRES_SOCKETS = "postgres"
VALKEY_SOCKETS = "valkey"
# What `run` makes in its folder, and `reset` removes.
MADE = ("cluster", POSTGRES_SOCKETS, VALKEY_SOCKETS, "log", "beat-schedule*", f"{runfile.NOTE}*", runfile.LOCK)


@dataclass(frozen=True)
class Home:
    """Where one portal's data lie: `folder`, and for PostgreSQL as `nobody` perhaps another place."""

    folder: Path
    account: Account

    @property
    def cluster_home(self) -> Path:
        """The folder above the cluster; outside the project if the database's account cannot get in."""
        if passable(self.folder, self.account):
            return self.folder
        return own_folder(shelter() / f"data-{digest(self.folder)}", me(), mode=0o711)


def open_home(folder: Path) -> Home:
    """The data's folder, made if it is not there: closed, but for a database that runs as another account."""
    account = database_account()
    if not folder.exists():
        try:
            folder.mkdir(parents=True)
            folder.chmod(0o711 if account.switch else 0o700)
        except OSError as error:
            raise StackError(f"{folder} cannot be made: {error.strerror}") from None
    return Home(folder.resolve(), account)


def port_is_free(port: int) -> bool:
    """Whether a server can listen on this port of the loopback address right now."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((HOST, port))
            line.listen(1)
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as line:
        line.bind((HOST, 0))
        return int(line.getsockname()[1])


def is_demo(env: Mapping[str, str]) -> bool:
    """Whether the settings will take this environment for a demo."""
    return env.get("DEMO", "").lower() in ("1", "true", "yes", "on")


def base_env(environ: Mapping[str, str], port: int) -> dict[str, str]:
    """The environment of every process of the portal, before the servers' addresses are added."""
    env = {**environ, "DJANGO_SETTINGS_MODULE": "taskforce.settings"}
    if not env.get("SECRET_KEY"):
        env.setdefault("DEMO", "1")
    if is_demo(env):
        env["DEMO_ADDRESS"] = f"http://{HOST}:{port}"
    return env


def _python(*words: str) -> list[str]:
    return [sys.executable, *words]


def _manage(*words: str) -> list[str]:
    return _python("manage.py", *words)


# One gunicorn per account would share a control socket in its home; nobody uses it here.
WEB = (
    "-m gunicorn taskforce.wsgi --preload --workers 2 --threads 8 --timeout 60 --graceful-timeout 5 --no-control-socket"
)
CELERY = "-m celery -A taskforce.celery --quiet"
WORKER = (
    f"{CELERY} worker --pool prefork --concurrency 2 --loglevel WARNING "
    "--without-gossip --without-mingle --without-heartbeat"
)
BEAT = f"{CELERY} beat --loglevel WARNING"


def portal_specs(port: int, folder: Path) -> list[Spec]:
    """Web, worker and beat. People read and write without the latter two; only mails and what is due then wait."""
    beat = _python(*BEAT.split(), "--pidfile", "", "--schedule", str(folder / "beat-schedule"))
    return [
        Spec("web", _python(*WEB.split(), "--bind", f"{HOST}:{port}")),
        # Celery only notes a signal and heeds it where its start or its work lets it. Killed, it is gone: its pool
        # reads the end of its pipes and goes too, and what ran runs again, as after every other kill.
        Spec("worker", _python(*WORKER.split()), death_signal=signal.SIGKILL, essential=False, nice=BEHIND),
        Spec("beat", beat, essential=False, nice=BEHIND),
    ]


def postgres_spec(server: embedded.Postgres) -> Spec:
    """The database; its end by SIGINT is quick and loses nothing."""
    return Spec(
        "postgres",
        server.command(),
        stage=0,
        patience=6.0,
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        account=server.account,
        before=lambda: embedded.make_room(server.data, 5.0),
    )


def valkey_spec(sockets: Path) -> Spec:
    """The broker and the cache of pages."""
    return Spec("valkey", embedded.valkey_command(sockets, sockets), stage=1, patience=3.0)


class Portal:
    """One start of the portal: servers, tables, model case, processes."""

    def __init__(self, home: Home, port: int, environ: Mapping[str, str]) -> None:
        self.home = home
        self.port = port
        self.runner = Supervisor(home.folder, ROOT, base_env(environ, port))
        self.demo = is_demo(self.runner.env)

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        say(f"  {name:<32}{time.monotonic() - begun:6.1f} s")

    def _start_postgres(self) -> None:
        account, base = self.home.account, self.home.cluster_home
        server = embedded.Postgres(
            programs=embedded.postgres_programs(account),
            data=own_folder(base / "cluster", account) / "data",
            sockets=socket_folder(base / POSTGRES_SOCKETS, account),
            account=account,
        )
        embedded.create_cluster(server)
        embedded.make_room(server.data, FORMER_SERVER_SECONDS)
        self.runner.add([postgres_spec(server)])
        child = self.runner.children[-1]
        self.runner.wait_for("PostgreSQL", lambda: child.pid is not None and server.ready(child.pid), READY_SECONDS)
        self.runner.env["DATABASE_URL"] = server.url

    def _start_valkey(self) -> None:
        sockets = socket_folder(self.home.folder / VALKEY_SOCKETS, me())
        self.runner.add([valkey_spec(sockets)])
        self.runner.wait_for("Valkey", lambda: embedded.valkey_answers(sockets), READY_SECONDS)
        for name, url in embedded.valkey_urls(sockets).items():
            self.runner.env.setdefault(name, url)

    def _start_mailbox(self) -> None:
        port = _free_port()
        self.runner.env["EMAIL_URL"] = f"smtp://{HOST}:{port}"
        command = _manage("demo_mailbox", "--port", str(port))
        self.runner.add([Spec("mailbox", command, stage=1, patience=3.0, essential=False)])

    def start_servers(self) -> None:
        """PostgreSQL and Valkey, unless the environment names others; their addresses join our environment."""
        if not self.runner.env.get("DATABASE_URL"):
            self._start_postgres()
        if not self.runner.env.get("REDIS_URL"):
            self._start_valkey()

    def _answers(self) -> bool:
        line = http.client.HTTPConnection(HOST, self.port, timeout=2.0)
        try:
            line.request("GET", "/readyz")
            return line.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def start(self) -> None:
        """Bring everything up, with a line per step; the address and the accounts come last."""
        begun = time.monotonic()
        with self._step("Servers"):
            self.start_servers()
        runfile.write(self.home.folder, self.runner.env)
        with self._step("Database tables"):
            self.runner.run("migrate", _manage("migrate", "--noinput"))
        if self.demo:
            if not self.runner.env.get("EMAIL_URL"):
                self._start_mailbox()
                runfile.write(self.home.folder, self.runner.env)
            with self._step("Model case"):
                self.runner.run("demo_setup", _manage("demo_setup"))
        accounts = ""
        with self._step("Web, worker, beat"):
            self.runner.add(portal_specs(self.port, self.home.folder))
            if self.demo:
                accounts = self.runner.output_of("demo_accounts", _manage("demo_accounts")).rstrip()
            self.runner.wait_for("The portal", self._answers, READY_SECONDS)
        say(f"Ready in {time.monotonic() - begun:.1f} s. Logs: {self.runner.logs}. Ctrl-C stops everything.")
        say(f"\nhttp://{HOST}:{self.port}/")
        if accounts:
            say(accounts)


def run(port: int, folder: Path, environ: Mapping[str, str]) -> int:
    """Run the portal until it is told to stop; 0 then. Raises StackError with one line."""
    if not 0 < port < 65536:
        raise StackError(f"PORT={port} is no port; choose one between 1 and 65535.")
    home = open_home(folder)
    with runfile.only_one(home.folder):
        if not port_is_free(port):
            raise StackError(f"Port {port} is taken. Choose another: make run PORT={port % 65535 + 1}")
        portal = Portal(home, port, environ)
        try:
            with portal.runner.until_stopped():
                portal.start()
                portal.runner.watch()
        finally:
            runfile.remove(home.folder)
    say("Stopped.")
    return 0


def _remove(folder: Path, patterns: Sequence[str]) -> None:
    for pattern in patterns:
        for path in folder.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def reset(folder: Path) -> int:
    """Throw the data in `folder` away, and only what `run` made there. Refuses while a portal runs on it."""
    if not folder.exists():
        say("There is nothing to throw away.")
        return 0
    home = open_home(folder)
    with runfile.only_one(home.folder):
        base = home.cluster_home
        embedded.make_room(base / "cluster" / "data", FORMER_SERVER_SECONDS)
        forget_sockets(base / POSTGRES_SOCKETS, home.account)
        forget_sockets(home.folder / VALKEY_SOCKETS, me())
        _remove(base, MADE)
        _remove(home.folder, MADE)
    for left in (home.folder, base, *([base.parent] if base != home.folder else [])):
        with contextlib.suppress(OSError):  # somebody else's things are still in it
            left.rmdir()
    say("The demo data are gone.")
    return 0
