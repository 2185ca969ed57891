"""PostgreSQL and Valkey from the wheels: as root and not, long paths, closed folders, kills."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from deploy import embedded, places
from deploy.errors import StackError
from deploy.places import Account, database_account, passable
from tests.stack.programs import (
    CLEAN_ENV,
    ROOT,
    STACK,
    alive,
    all_gone,
    descendants,
    kill,
    program,
    ready,
    soon,
    stand_in,
)

pytestmark = pytest.mark.long

AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="only root changes accounts")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can walk to, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="tf-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def query(env: dict[str, str], text: str) -> str:
    """What the database behind DATABASE_URL answers, as psql prints it. Raises CalledProcessError."""
    host = env["DATABASE_URL"].partition("host=")[2]
    psql = str(embedded.postgres_programs(places.me()) / "psql")
    command = [psql, "-X", "-q", "-t", "-A", "-h", host, "-U", "postgres", "-c", text, "portal"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def answers(env: dict[str, str]) -> bool:
    """Whether both servers work."""
    try:
        return query(env, "select 1") == "1" and bool(redis.Redis.from_url(env["REDIS_URL"]).ping())
    except (subprocess.CalledProcessError, redis.RedisError):
        return False


def stack(*words: str, env: dict[str, str] = CLEAN_ENV) -> subprocess.CompletedProcess[str]:
    """Run stack.py to its end."""
    return subprocess.run([sys.executable, STACK, *words], env=env, capture_output=True, text=True)


def test_with_servers_gives_servers_and_takes_them_away(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = f"import os; open({str(seen)!r}, 'w').write(os.environ['DATABASE_URL']); raise SystemExit(7)"
    done = stack("with-servers", "--", sys.executable, "-c", code)
    assert done.returncode == 7
    folder = Path(seen.read_text().partition("host=")[2])
    assert not folder.parent.exists()


def test_with_servers_leaves_given_servers_alone() -> None:
    given = {**CLEAN_ENV, "DATABASE_URL": "postgres://elsewhere/x", "REDIS_URL": "redis://elsewhere"}
    done = stack("with-servers", "--", "sh", "-c", "echo $DATABASE_URL $REDIS_URL $CACHE_URL", env=given)
    assert done.stdout == "postgres://elsewhere/x redis://elsewhere\n"


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_with_servers_ends_with_its_command_on_a_signal(signum: int) -> None:
    command = [sys.executable, STACK, "with-servers", "--", "sh", "-c", "echo up $DATABASE_URL; exec sleep 1000"]
    with program(command) as started:
        folder = Path(started.line("up ").partition("host=")[2]).parent
        below = descendants(started.process.pid)
        assert below
        started.send(signum)
        assert all_gone(below)
        started.process.wait(15)
        if signum != signal.SIGKILL:
            assert started.process.returncode == 128 + signum
            assert not folder.exists()
    if signum == signal.SIGKILL:
        # Nobody could tidy up; the next run does.
        assert stack("with-servers", "--", "true").returncode == 0
        assert not folder.exists()


@only_root
def test_with_servers_as_an_ordinary_user() -> None:
    nobody = database_account()
    pythons = [Path(name) for name in (sys.executable, "/usr/bin/python3") if Path(name).exists()]
    usable = [path for path in pythons if _runs_as(path, nobody)]
    if not usable or not passable(ROOT, nobody):
        pytest.skip("an ordinary user reaches no Python or not this project")
    env = {"PATH": CLEAN_ENV["PATH"], "PYTHONPATH": os.pathsep.join(path for path in sys.path if "site-" in path)}
    command = [str(usable[0]), STACK, "with-servers", "--", "sh", "-c", "echo $DATABASE_URL"]
    done = subprocess.run(
        command, env=env, user=nobody.uid, group=nobody.gid, extra_groups=[], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("postgres://postgres@/portal?host=")


def _runs_as(path: Path, account: Account) -> bool:
    asked = [str(path), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.run(asked, user=account.uid, group=account.gid, extra_groups=[]).returncode == 0
    except OSError:
        return False


def test_kills_are_survived_and_the_data_stay(open_folder: Path) -> None:
    with stand_in("servers", open_folder / "data") as started:
        said = ready(started)
        env = said["env"]
        query(env, "create table kept (word text)")
        query(env, "insert into kept values ('still here')")
        for name in ("postgres", "valkey"):
            kill(said["pids"][name])
            started.line(f"{name} ended")
        assert soon(lambda: answers(env))
        below = descendants(started.process.pid)
        kill(started.process.pid)
        with stand_in("servers", open_folder / "data") as again:
            env = ready(again)["env"]
            assert all_gone(below, 0.0)
            assert query(env, "select word from kept") == "still here"


def test_the_servers_listen_on_no_port_and_belong_to_no_root(open_folder: Path) -> None:
    with stand_in("servers", open_folder / "data") as started:
        said = ready(started)
        assert query(said["env"], "show listen_addresses") == ""
        assert redis.Redis.from_url(said["env"]["REDIS_URL"]).config_get("port") == {"port": "0"}
        owner = Path(f"/proc/{said['pids']['postgres']}").stat().st_uid
        assert owner == database_account().uid != 0
        data = Path(query(said["env"], "show data_directory"))
        assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_a_path_too_long_for_a_socket(open_folder: Path) -> None:
    folder = open_folder / ("long-" * 12) / ("path-" * 12)
    with stand_in("servers", folder) as started:
        env = ready(started)["env"]
        assert answers(env)
        sockets = Path(env["DATABASE_URL"].partition("host=")[2])
        assert folder not in sockets.parents
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        started.send(signal.SIGTERM)
        started.rest()
    assert stack("reset", "--data", str(folder)).returncode == 0
    assert not sockets.exists()
    assert not folder.exists()


@only_root
def test_a_closed_parent_stays_closed(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    with stand_in("servers", closed / "data") as started:
        env = ready(started)["env"]
        assert answers(env)
        data = Path(query(env, "show data_directory"))
        assert closed not in data.parents
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        started.send(signal.SIGTERM)
        started.rest()
    assert stack("reset", "--data", str(closed / "data")).returncode == 0
    assert not data.exists()


@only_root
def test_programs_in_a_closed_project_are_copied_with_their_libraries(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = embedded._wheel(embedded.DATABASE_WHEEL)
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(real / embedded.DATABASE_INSTALL, closed / real.name / embedded.DATABASE_INSTALL, symlinks=True)
    libraries = f"{real.name}.libs"
    if real.with_name(libraries).is_dir():
        shutil.copytree(real.with_name(libraries), closed / libraries, symlinks=True)
    monkeypatch.setattr(embedded, "_wheel", lambda _name: closed / real.name)
    monkeypatch.setattr(embedded, "shelter", lambda: places.own_folder(open_folder / "s", places.me(), mode=0o755))
    nobody = database_account()
    programs = embedded.postgres_programs(nobody)
    assert closed not in programs.parents
    done = subprocess.run(
        [programs / "initdb", "--version"], user=nobody.uid, group=nobody.gid, extra_groups=[], capture_output=True
    )
    assert done.returncode == 0
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "trap").symlink_to(tmp_path / "real")
    with pytest.raises(StackError, match="is not ours"):
        places.own_folder(tmp_path / "trap", places.me())


def test_a_stale_pid_file_with_a_living_process_s_id_is_no_obstacle(open_folder: Path) -> None:
    with stand_in("servers", open_folder / "data") as started:
        env = ready(started)["env"]
        data = Path(query(env, "show data_directory"))
        started.send(signal.SIGTERM)
        started.rest()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n\n\n\n")
    with stand_in("servers", open_folder / "data") as again:
        assert answers(ready(again)["env"])
        assert alive(os.getpid())
