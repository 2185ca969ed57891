"""The supervisor keeps its promises over small programs."""

import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from deploy import processes
from deploy.portal import BEHIND, portal_specs, valkey_spec
from tests.stack.programs import alive, all_gone, kill, ready, session_of, soon, stand_in

pytestmark = pytest.mark.long

SLEEP = ["sleep", "1000"]


def spec(name: str, command: list[str] = SLEEP, **more: Any) -> dict[str, Any]:
    """One child for the stand-in."""
    return {"name": name, "command": command, **more}


def python(code: str) -> list[str]:
    """A child that runs some Python."""
    return [sys.executable, "-c", code]


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    with stand_in("children", tmp_path, [spec("one"), spec("two")]) as started:
        pids = set(ready(started)["pids"].values())
        kill(started.process.pid)
        assert all_gone(pids)


WORKER = next(spec for spec in portal_specs(8000, Path()) if spec.name == "worker")


@pytest.mark.skipif(not processes.ON_LINUX, reason="only there the kernel tells the children")
@pytest.mark.parametrize(("death", "goes"), [(WORKER.death_signal, True), (signal.SIGQUIT, False)])
def test_a_worker_that_heeds_no_signal_yet_goes_with_its_supervisor(tmp_path: Path, death: int, goes: bool) -> None:
    """As Celery while it starts up: it notes the signal, and looks at the note once it works."""
    deaf = python(
        "import signal, time; signal.signal(signal.SIGQUIT, lambda *_: None); print(1, flush=True); "
        "[time.sleep(1) for _ in range(999)]"
    )
    with stand_in("children", tmp_path, [spec("deaf", deaf, death_signal=int(death))]) as started:
        pid = ready(started)["pids"]["deaf"]
        assert soon(lambda: (tmp_path / "log" / "deaf.log").read_text() == "1\n")
        kill(started.process.pid)
        assert all_gone({pid}, 5.0 if goes else 2.0) is goes
        if not goes:
            kill(pid)


# Every server away, as in the moment after the supervisor was killed.
NOBODY = {
    "DATABASE_URL": "postgres://none@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CACHE_URL": "redis://127.0.0.1:1/1",
}


@pytest.mark.skipif(not processes.ON_LINUX, reason="only there the kernel tells the children")
@pytest.mark.parametrize("moment", ["handlers", "pool"])
def test_a_worker_goes_with_its_supervisor_in_the_middle_of_its_start(tmp_path: Path, moment: str) -> None:
    """Once Celery has put its own handlers of signals in place, and once the first process of its pool is there."""
    worker = spec("worker", list(WORKER.command), env=NOBODY, death_signal=int(WORKER.death_signal))
    with stand_in("children", tmp_path, [worker]) as started:
        pid = ready(started)["pids"]["worker"]
        reached = {"handlers": lambda: _catches(pid, signal.SIGQUIT), "pool": lambda: len(session_of(pid)) > 1}
        assert soon(reached[moment], 60.0)
        kill(started.process.pid)
        assert soon(lambda: not session_of(pid), 5.0)


def _catches(pid: int, signum: int) -> bool:
    """Whether a process has a handler of its own for a signal."""
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) >> (signum - 1) & 1)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_with_exit_code_0(tmp_path: Path, signum: int) -> None:
    with stand_in("children", tmp_path, [spec("one"), spec("two")]) as started:
        pids = set(ready(started)["pids"].values())
        started.send(signum)
        started.rest()
        assert started.process.returncode == 0
        assert not any(alive(pid) for pid in pids)


def test_the_whole_group_getting_the_signal_twice_changes_nothing(tmp_path: Path) -> None:
    slow = python("import signal, time; signal.signal(15, lambda *_: (time.sleep(1), exit(0))); time.sleep(99)")
    with stand_in("children", tmp_path, [spec("slow", slow)]) as started:
        pid = ready(started)["pids"]["slow"]
        time.sleep(0.5)
        os.killpg(started.process.pid, signal.SIGINT)
        time.sleep(0.2)
        os.killpg(started.process.pid, signal.SIGINT)
        started.rest()
        assert started.process.returncode == 0
        assert not alive(pid)


def test_children_stop_stage_by_stage_and_a_deaf_one_is_killed(tmp_path: Path) -> None:
    note = f"open({str(tmp_path / 'order')!r}, 'a').write"
    last = python(f"import signal; signal.signal(15, lambda *_: ({note}('last '), exit(0))); signal.pause()")
    first = python(f"import signal; signal.signal(15, lambda *_: ({note}('first '), exit(0))); signal.pause()")
    deaf = python("import signal; signal.signal(15, signal.SIG_IGN); signal.pause(); signal.pause()")
    specs = [spec("last", last, stage=0), spec("first", first), spec("deaf", deaf, patience=1.0)]
    with stand_in("children", tmp_path / "data", specs) as started:
        pids = ready(started)["pids"]
        time.sleep(1.0)
        started.send(signal.SIGTERM)
        started.rest()
        assert started.process.returncode == 0
        assert (tmp_path / "order").read_text() == "first last "
        assert not alive(pids["deaf"])


def test_a_killed_child_is_started_again_however_often(tmp_path: Path) -> None:
    marker = tmp_path / "pids"
    child = ["sh", "-c", f"echo $$ >> {marker}; exec sleep 1000"]
    with stand_in("children", tmp_path / "data", [spec("child", child)]) as started:
        ready(started)
        for round_number in range(1, 8):
            assert _comes(marker, round_number)
            kill(int(_lines(marker)[-1]))
            assert "signal 9" in started.line("child ended")


def _comes(marker: Path, lines: int) -> bool:
    return soon(lambda: len(_lines(marker)) == lines)


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def test_what_a_killed_child_left_behind_is_gone_before_it_starts_again(tmp_path: Path) -> None:
    marker = tmp_path / "grandchild"
    child = ["sh", "-c", f"sleep 1000 & echo $! >> {marker}; wait"]
    with stand_in("children", tmp_path / "data", [spec("child", child)]) as started:
        pid = ready(started)["pids"]["child"]
        assert _comes(marker, 1)
        kill(pid)
        assert _comes(marker, 2)
        assert not alive(int(_lines(marker)[0]))


def test_a_child_that_never_stays_up_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    failing = ["sh", "-c", "echo the setting X is missing >&2; exit 3"]
    with stand_in("children", tmp_path, [spec("good"), spec("bad", failing)]) as started:
        good = ready(started)["pids"]["good"]
        lines = started.rest()
        assert started.process.returncode == 1
        assert any("the setting X is missing" in line for line in lines)
        assert lines[-1].startswith("bad does not stay up (exit code 3)")
        assert not alive(good)


def test_what_the_rest_can_do_without_is_given_up_alone(tmp_path: Path) -> None:
    """Said once with its last words; the same child as an essential one ends everything, see the test above."""
    failing = ["sh", "-c", "echo the queue holds poison >&2; exit 3"]
    with stand_in("children", tmp_path, [spec("good"), spec("bad", failing, essential=False)]) as started:
        good = ready(started)["pids"]["good"]
        assert "The rest goes on without it" in started.line("bad does not stay up (exit code 3)")
        time.sleep(0.5)
        assert started.process.poll() is None
        assert alive(good)
        started.send(signal.SIGTERM)
        lines = started.rest()
        assert started.process.returncode == 0
        assert any("the queue holds poison" in line for line in lines)
        assert sum(line.startswith("bad does not stay up") for line in lines) == 1


def test_web_and_servers_are_essential_and_nothing_else(tmp_path: Path) -> None:
    assert {spec.name: spec.essential for spec in portal_specs(8000, tmp_path)} == {
        "web": True,
        "worker": False,
        "beat": False,
    }
    assert valkey_spec(tmp_path).essential


BUSY = """
import os, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
while time.time() < float(sys.argv[2]):
    pass
print(time.process_time())
"""


@pytest.mark.skipif(not processes.ON_LINUX, reason="only there is a program tied to one processor")
@pytest.mark.parametrize(("behind", "steps_back"), [(BEHIND, True), (0, False)])
def test_worker_and_beat_leave_the_processor_to_the_web(tmp_path: Path, behind: int, steps_back: bool) -> None:
    assert {spec.name: spec.nice for spec in portal_specs(8000, tmp_path)} == {
        "web": 0,
        "worker": BEHIND,
        "beat": BEHIND,
    }
    paths = {name: tmp_path / name for name in ("web", "worker")}
    command = [*python(BUSY), str(min(os.sched_getaffinity(0))), str(time.time() + 2)]
    running = [
        processes.start(command, env=os.environ, log=path.open("wb"), nice=behind if name == "worker" else 0)
        for name, path in paths.items()
    ]
    assert [child.wait(30) for child in running] == [0, 0]
    web, worker = (float(path.read_text()) for path in paths.values())
    assert (worker < web * 0.6) is steps_back


def test_a_second_supervisor_is_refused_in_one_line(tmp_path: Path) -> None:
    with stand_in("children", tmp_path, [spec("one")]) as first:
        pid = ready(first)["pids"]["one"]
        with stand_in("children", tmp_path, [spec("one")]) as second:
            lines = second.rest()
            assert second.process.returncode == 1
        assert len(lines) == 1
        assert "already runs" in lines[0]
        assert alive(pid)
