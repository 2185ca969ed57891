"""A writer that hangs inside the gate does not keep the phase from being closed: the database ends it first."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError, connection, transaction

from taskforce import settings as portal
from taskforce.timeline import gates, services
from tests.architecture.rules import ROOT
from tests.conftest import Clock

AT = datetime(2022, 1, 20, 9, tzinfo=UTC)
OPEN = datetime(2022, 2, 15, 12, tzinfo=UTC)
# A process of its own with the portal's own settings: its command line, in which phase it stands, and how it hangs.
WRITER = """
import os, signal, sys
sys.argv = {command_line!r}
import django
django.setup()
from django.db import connection, transaction
from taskforce.timeline import gates
with transaction.atomic():
    gates.enter({phase}, {capability!r})
    print("inside", flush=True)
    {hang}
"""
STOPPED = "os.kill(os.getpid(), signal.SIGSTOP)"
SLOW = "connection.cursor().execute('SELECT pg_sleep(30)')"
CASES = {
    "feedback": (["gunicorn", "taskforce.wsgi"], STOPPED, True),
    "apply": (["gunicorn", "taskforce.wsgi"], SLOW, True),
    "review": (["manage.py", "sweep"], STOPPED, True),
    # The twin: a process without limits holds everybody up.
    "work": (["manage.py", "anything"], STOPPED, False),
}


def stuck(phase_id: int, capability: str, command_line: list[str], hang: str) -> "subprocess.Popen[str]":
    """A writer that has passed the gate and hangs."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    code = WRITER.format(command_line=command_line, phase=phase_id, capability=capability, hang=hang)
    made = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "taskforce.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert made.stdout
    assert made.stdout.readline() == "inside\n"
    return made


def closes_within_five_seconds(phase_id: int) -> bool:
    """Whether the one who closes has the phase for themselves in that time."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '5s'")
            gates.enter_exclusively(phase_id)
    except OperationalError:
        return False
    finally:
        connection.close()
    return True


@pytest.mark.long
def test_a_stuck_writer_holds_the_closer_up_for_five_seconds_at_most(committed_clock: Clock) -> None:
    committed_clock.set(OPEN)
    tf = services.create_task_force("tf", {"en": "Task force"}, at=AT)
    options: dict[str, Any] = {"opens_on": date(2022, 2, 1), "closes_on": date(2022, 2, 28), "at": AT}
    phases = {
        name: services.publish_phase(tf, slug=name, titles={"en": name}, capabilities=[name], **options).pk
        for name in CASES
    }

    def one(name: str) -> bool:
        command_line, hang, _holds = CASES[name]
        writer = stuck(phases[name], name, command_line, hang)
        try:
            return closes_within_five_seconds(phases[name])
        finally:
            writer.kill()
            writer.communicate()

    with ThreadPoolExecutor(len(CASES)) as pool:
        found = dict(zip(CASES, pool.map(one, CASES), strict=True))
    assert found == {name: holds for name, (_command_line, _hang, holds) in CASES.items()}


@pytest.mark.parametrize(
    ("command_line", "limits"),
    [
        (["/x/gunicorn", "taskforce.wsgi"], portal.PATIENCE),
        (["/x/celery", "worker"], portal.PATIENCE),
        # What cron runs beside the portal does a worker's work.
        (["manage.py", "sweep"], portal.PATIENCE),
        (["./manage.py", "send_outbox"], portal.PATIENCE),
        (["manage.py", "import_wiki", "sweep"], portal.PATIENCE_OF_COMMANDS),
        (["./manage.py", "migrate"], portal.PATIENCE_OF_MIGRATIONS),
    ],
)
def test_each_kind_of_process_has_its_patience(command_line: list[str], limits: dict[str, int]) -> None:
    assert portal.patience(command_line) == limits


def test_who_waits_at_the_gate_has_more_patience_than_who_hangs_inside() -> None:
    assert portal.PATIENCE["idle_in_transaction_session_timeout"] < 5000 < portal.PATIENCE["lock_timeout"]
    assert gates.LONGEST_STATEMENT < 5000 < portal.PATIENCE["statement_timeout"]
