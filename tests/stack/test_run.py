"""The whole portal as `make run` starts it: one start, lived through in order, then a second one.

Nothing of the tests' own servers is used: everything comes up under `stack.py run`, in a folder of its own.
"""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.programs import (
    CLEAN_ENV,
    ROOT,
    STACK,
    Program,
    alive,
    all_gone,
    descendants,
    kill,
    program,
    soon,
)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240), pytest.mark.long]

START_SECONDS = 120.0
CHILDREN = ("postgres", "valkey", "demo_mailbox", "gunicorn", "celery -A taskforce.celery --quiet worker", "beat")

COUNT_KEPT = "from taskforce.accounts.models import User; print(User.objects.filter(name='Kept').count())"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that every account can walk to."""
    made = Path(tempfile.mkdtemp(prefix="tf-"))
    made.chmod(0o711)
    yield made / "data"
    shutil.rmtree(made)


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def command(folder: Path, port: int) -> list[str]:
    """What `make run` runs, on other data."""
    return [sys.executable, STACK, "run", "--port", str(port), "--data", str(folder)]


def get(port: int, path: str) -> tuple[int, str]:
    """Status and body of one page; status 0 while nothing answers."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        line.close()


def serves(port: int) -> bool:
    """Whether the portal and its broker are up."""
    status, body = get(port, "/readyz")
    return status == 200 and json.loads(body)["broker"] == "ok"


def manage(folder: Path, code: str) -> str:
    """What some Python says in a second terminal."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", code],
        env={**CLEAN_ENV, "DEMO_DATA": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def child(supervisor: int, words: str) -> int | None:
    """The supervisor's own child whose command holds these words."""
    for pid in descendants(supervisor):
        stat = Path(f"/proc/{pid}/stat")
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            line = stat.with_name("cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if parent == supervisor and words in line and alive(pid):
            return pid
    return None


def address(started: Program, port: int) -> None:
    """Wait until it says that it runs."""
    started.line(f"http://127.0.0.1:{port}/", START_SECONDS)


def test_the_whole_life_of_one_portal(folder: Path) -> None:
    port = free_port()
    with program(command(folder, port)) as started:
        address(started, port)
        _says_address_and_accounts_last(started)
        _serves_the_model_case(port)
        _second_terminal_reaches_the_same_data(folder, port)
        _a_second_start_is_refused(folder, port)
        _kills_are_survived(started.process.pid, port)
        _nothing_outlives_a_killed_supervisor(started.process.pid)
    with program(command(folder, port)) as again:
        address(again, port)
        assert manage(folder, COUNT_KEPT) == "1"
        below = descendants(again.process.pid)
        again.send(signal.SIGTERM)
        again.rest(20.0)
        assert again.process.returncode == 0
        assert not any(alive(pid) for pid in below)
    assert not (folder / "run.json").exists()


def _says_address_and_accounts_last(started: Program) -> None:
    started.line("  coordinator@demo.example")
    started.line("  applicant@demo.example")
    assert not [line for line in started.lines if "again" in line]


def _serves_the_model_case(port: int) -> None:
    assert get(port, "/healthz")[0] == 200
    assert serves(port)
    status, page = get(port, "/zh-hant/tf/leadership-development/")
    assert status == 200
    assert 'lang="zh-Hant"' in page


def _second_terminal_reaches_the_same_data(folder: Path, port: int) -> None:
    code = (
        "from taskforce.accounts.models import User; from django.conf import settings; "
        "User.objects.filter(email='member@demo.example').update(name='Kept'); print(settings.SITE_URL)"
    )
    assert manage(folder, code) == f"http://127.0.0.1:{port}"


def _a_second_start_is_refused(folder: Path, port: int) -> None:
    for data, reason in ((folder, "already runs"), (folder.with_name("other"), f"Port {port} is taken")):
        done = subprocess.run(command(data, port), env=CLEAN_ENV, capture_output=True, text=True)
        assert done.returncode == 1
        assert done.stdout == ""
        assert reason in done.stderr
        assert done.stderr.count("\n") == 1
    done = subprocess.run(
        [sys.executable, STACK, "reset", "--data", str(folder)], env=CLEAN_ENV, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "already runs" in done.stderr


def _kills_are_survived(supervisor: int, port: int) -> None:
    for words in CHILDREN:
        pid = child(supervisor, words)
        assert pid is not None, words
        kill(pid)
        assert _comes_back(supervisor, words, pid), words
    assert soon(lambda: serves(port), 30.0)


def _comes_back(supervisor: int, words: str, killed: int) -> bool:
    return soon(lambda: child(supervisor, words) not in (None, killed))


def _nothing_outlives_a_killed_supervisor(supervisor: int) -> None:
    below = descendants(supervisor)
    assert len(below) > len(CHILDREN)
    kill(supervisor)
    assert all_gone(below, 20.0)


def test_a_missing_setting_is_one_clear_line(folder: Path) -> None:
    env = {**CLEAN_ENV, "SITE_URL": "https://portal.example.org"}
    done = subprocess.run(command(folder, free_port()), env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "SITE_URL is set beside DEMO" in done.stderr.splitlines()[-1]
