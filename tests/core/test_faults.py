"""Every process reports its faults where SENTRY_DSN says so, once each, and ends when it is told to."""

import contextlib
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from taskforce.celery import app
from tests.architecture.rules import ROOT
from tests.core.test_settings import COMPLETE
from tests.core.tracker import Tracker, tracking

SECRET = "secretwordx"
BEGIN = """
    import logging, os, sys
    from taskforce.core import faults
    faults.begin(sys.argv[1], "test")
"""


def run(code: str, dsn: str, *words: str, before: str = "") -> "subprocess.CompletedProcess[str]":
    """A program of its own, which begins to report before it does `code`."""
    return subprocess.run(
        [sys.executable, "-c", "\n".join([before, textwrap.dedent(BEGIN), textwrap.dedent(code)]), dsn, *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SENTRY_SPOTLIGHT": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def kinds(tracker: Tracker) -> list[str]:
    """Of each report the kind of the error, or what the line says."""
    said = []
    for report in tracker.reports():
        errors: list[dict[str, Any]] = report.get("exception", {}).get("values", [])
        said.append(errors[-1]["type"] if errors else report["logentry"]["message"])
    return sorted(said)


def test_without_a_tracker_nothing_is_loaded() -> None:
    ended = run("print('sentry_sdk' in sys.modules, sys.excepthook is sys.__excepthook__)", "")
    assert (ended.stdout, ended.stderr) == ("False True\n", "")


@pytest.mark.long
def test_what_ends_a_process_is_reported_without_a_word_of_it_and_holds_it_up_no_longer() -> None:
    """As a command ends of which an argument is an address, while the tracker takes the report and never answers.

    Little more than a second is what such a process gives to what waits, and it says nothing about that. The thread
    that sends would wait for half a minute.
    """
    with tracking(answers=False) as tracker:
        ended = run("import time; print(time.time()); raise ValueError(sys.argv[2])", tracker.dsn, SECRET)
        taken = time.time() - float(ended.stdout)
    assert 0.5 < taken < 15
    assert (ended.returncode, SECRET in ended.stderr, "Sentry" in ended.stderr) == (1, True, False)
    assert kinds(tracker) == ["ValueError"]
    (report,) = tracker.reports()
    assert not report["exception"]["values"][0]["mechanism"]["handled"]
    assert [word for word in (SECRET, socket.gethostname()) if word in tracker.came[0]] == []


@pytest.mark.long
def test_what_is_ended_by_hand_is_no_fault() -> None:
    with tracking() as tracker:
        ended = run("raise KeyboardInterrupt", tracker.dsn)
    assert (ended.returncode != 0, tracker.came) == (True, [])


@pytest.mark.long
@pytest.mark.parametrize(
    ("before", "again"), [("", 1), ("import os; os.register_at_fork = lambda **_: None", 2)], ids=["real", "naive"]
)
def test_a_fork_sends_its_own_reports_only(before: str, again: int, tmp_path: Path) -> None:
    """What waited in its parent goes once; as the library comes it goes twice."""
    forking = """
        import pathlib, time
        line = logging.getLogger("portal")
        for name in ("first", "second", "third"):
            line.error(name)
        folder = pathlib.Path(sys.argv[2])
        while not (folder / "came").exists():  # the first is on its way then, and the others wait
            time.sleep(0.02)
        child = os.fork()
        name = "parent" if child else "child"
        line.error(name)
        (folder / name).touch()
        if child:
            os.waitpid(child, 0)
    """
    with tracking(answers=False) as tracker:
        threading.Thread(target=_let_soon, args=(tracker, tmp_path), daemon=True).start()
        ended = run(forking, tracker.dsn, str(tmp_path), before=before)
    assert ended.returncode == 0
    assert Counter(kinds(tracker)) == {"first": 1, "second": again, "third": again, "parent": 1, "child": 1}


def _let_soon(tracker: Tracker, folder: Path) -> None:
    """Answer when the second process has also said something."""
    while not tracker.came:
        time.sleep(0.02)
    (folder / "came").touch()
    while not all((folder / name).exists() for name in ("parent", "child")):
        time.sleep(0.02)
    tracker.is_let.set()


ASKING = """
    import os, sys
    import django
    django.setup()
    if len(sys.argv) > 2:
        import sentry_sdk
        sentry_sdk.init(sys.argv[2])
    from django.test import Client
    word = sys.argv[1]
    path = f"/en/tf/x/feedback/y/mine/{word}path/withdraw/?q={word}query"
    headers = {"Host": "portal.example.org"}
    answer = Client(raise_request_exception=False).post(path, {"name": f"{word}body"}, headers=headers, secure=True)
    print(answer.status_code)
"""


@pytest.mark.long
@pytest.mark.parametrize("is_naive", [False, True], ids=["real", "naive"])
def test_nothing_that_was_asked_is_reported(is_naive: bool) -> None:
    """A page that fails for want of a table; the library as it comes tells all that it was asked with."""
    with tracking() as tracker:
        env = {
            **COMPLETE,
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "taskforce.settings",
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "SENTRY_DSN": "" if is_naive else tracker.dsn,
        }
        line = [sys.executable, "-c", textwrap.dedent(ASKING), SECRET, *([tracker.dsn] if is_naive else [])]
        ended = subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert ended.stdout == "500\n", ended.stderr
    sent = "".join(tracker.came)
    assert "ProgrammingError" in sent
    told = {place for place in ("path", "query", "body") if SECRET + place in sent}
    assert told == ({"path", "query", "body"} if is_naive else set())


GUNICORN = "-m gunicorn taskforce.wsgi --preload --threads 2 --no-control-socket --bind 127.0.0.1:{port}"
WORKER = "-m celery -A taskforce.celery worker --concurrency 1 --without-gossip --without-mingle -Q faults"
BEAT = "-m celery -A taskforce.celery beat --schedule {folder}/beat"
# How each process is started, and a word of what it reports where there are no tables and beat finds no broker.
PROCESSES = {
    "web": (GUNICORN, ("unhandled error", "UndefinedFunction", "UndefinedTable")),
    "worker": (WORKER, ("a step of the sweep failed", "a task raised unexpected")),
    "beat": (BEAT, ("beat: Connection error: %s. Trying again in %s seconds...",)),
    "command": ("manage.py sweep", ("a step of the sweep failed", "UndefinedTable")),
}


@pytest.mark.long
@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_reports(process: str, tmp_path: Path) -> None:
    """As production starts it, over a database without a table."""
    command, words = PROCESSES[process]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tracking() as tracker:
        env = {
            **COMPLETE,
            "PATH": os.environ["PATH"],
            "SITE_URL": f"http://127.0.0.1:{port}",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "REDIS_URL": "redis://127.0.0.1:1/0" if process == "beat" else os.environ["REDIS_URL"],
            "SENTRY_DSN": tracker.dsn,
        }
        line = [sys.executable, *command.format(port=port, folder=tmp_path).split()]
        with subprocess.Popen(line, cwd=ROOT, env=env, stderr=subprocess.DEVNULL) as started:
            try:
                _until_reported(tracker, process, port)
            finally:
                started.terminate()
    (came, *_others) = tracker.reports()
    assert came["environment"] == "production"
    assert [word for word in words if word in "".join(tracker.came)] != []


def _until_reported(tracker: Tracker, process: str, port: int) -> None:
    """Give it something to do, again and again."""
    end = time.monotonic() + 60
    while not tracker.reports():
        assert time.monotonic() < end, "nothing was reported"
        if process == "worker":
            app.send_task("portal.sweep", queue="faults", expires=30)
        if process == "web":
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/en/", timeout=10):
                pass
        time.sleep(0.5)
