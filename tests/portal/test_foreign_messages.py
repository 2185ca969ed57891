"""What does not belong into the broker is dropped: a real worker on the real broker executes none of it (C17)."""

import base64
import json
import os
import pickle
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from pytest_django import Settings

from taskforce.timeline.models import PhaseEvent
from tests.portal import due_work
from tests.timeline.conftest import committed_clock as committed_clock

QUEUE = "celery"


def misshapen(headers: object, body: object = "W10=", **properties: object) -> str:
    """A message with one thing about it that is wrong; its body is an empty list unless another one is given."""
    number = str(uuid.uuid4())
    info = {"delivery_tag": number, "delivery_info": {"exchange": "", "routing_key": QUEUE}, "body_encoding": "base64"}
    kind = {"content-type": "application/json", "content-encoding": "utf-8"}
    return json.dumps({**kind, "headers": headers, "body": body, "properties": info | properties})


SWEEP = {"task": "portal.sweep", "id": "1"}
# What ends a worker that does not look at it first, each by itself; the last two go back into the list as it dies.
POISON = {
    "headers that are none": misshapen(5),
    "a body that is a number": misshapen(SWEEP, 5),
    "a body wrapped nobody knows how": misshapen(SWEEP, body_encoding="rot13"),
    "a task that is no name": misshapen({"task": {}, "id": "1"}),
    "an unknown task without number": misshapen({"task": "os.system"}),
}
# What is no message at all: no JSON, no text, JSON that is something else, a body in no encoding, a half message.
RUBBISH: tuple[bytes | str, ...] = (
    b"not json",
    b"\xff\xfe",
    b"",
    "5",
    "{}",
    '{"properties": {}}',
    '{"body": "\u00e9", "properties": {"delivery_tag": "1", "delivery_info": {}, "body_encoding": "base64"}}',
    *POISON.values(),
    misshapen({"task": "portal.sweep"}),
    misshapen({"task": "", "id": "1"}),
    misshapen(SWEEP, delivery_tag=[1]),
    misshapen(SWEEP, delivery_info="x"),
    # Built like a message, and what is in it is for no task: twice as much as one worker holds at a time.
    *(misshapen(SWEEP) for _ in range(4)),
    *(misshapen(SWEEP, base64.b64encode(b"5").decode()) for _ in range(4)),
    misshapen(SWEEP | {"eta": {}}),
    misshapen(SWEEP | {"timelimit": 5}),
)


class Trap:
    """Makes a file when a pickle of it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.path,))


def message(task: str, body: bytes, content_type: str, encoding: str) -> str:
    """A message as it lies in the broker's list."""
    number = str(uuid.uuid4())
    return json.dumps(
        {
            "body": base64.b64encode(body).decode(),
            "content-encoding": encoding,
            "content-type": content_type,
            "headers": {
                "lang": "py",
                "task": task,
                "id": number,
                "root_id": number,
                "argsrepr": "()",
                "kwargsrepr": "{}",
            },
            "properties": {
                "correlation_id": number,
                "delivery_mode": 2,
                "delivery_info": {"exchange": "", "routing_key": QUEUE},
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": number,
            },
        }
    )


def plain(task: str) -> str:
    return message(task, json.dumps([[], {}, {}]).encode(), "application/json", "utf-8")


MAIN = "from celery.__main__ import main; main()"
PLAIN = (
    "import taskforce.celery, kombu.transport as t; t.TRANSPORT_ALIASES['redis'] = 'kombu.transport.redis:Transport'"
)
NAIVE = f"{PLAIN}; {MAIN}"


def start_worker(settings: Settings, folder: Path, program: str = MAIN) -> subprocess.Popen[bytes]:
    """A worker on the broker of the test; what it says goes to `log` in the folder."""
    settings.EMAIL_PORT = 9
    environment = due_work.environment(settings, REDIS_URL=os.environ["REDIS_OF_TEST"])
    command = [sys.executable, "-c", program, "-A", "taskforce.celery", "--quiet", "worker", "--pool", "solo"]
    options = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen([*command, *options], env=environment, stderr=log, stdout=log)


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """A database of the broker that nobody else uses; its address goes to the worker."""
    # One for each process of the tests: all of them use the same server.
    number = 9 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 6
    url = re.sub(r"(/|db=)\d+$", rf"\g<1>{number}", os.environ["REDIS_URL"])
    assert url.endswith(str(number))
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        os.environ["REDIS_OF_TEST"] = url
        yield client
        client.flushdb()
        del os.environ["REDIS_OF_TEST"]


@pytest.mark.long
def test_neither_a_pickle_nor_rubbish_is_executed_or_ends_the_worker(
    committed_clock: object, settings: Settings, broker: redis.Redis, tmp_path: Path
) -> None:
    """After them the worker goes on: the sweep that waits behind them is done."""
    due_work.make()
    before = PhaseEvent.objects.count()
    trap = pickle.dumps(([Trap(tmp_path / "executed")], {}, {}))
    for raw in (
        message("portal.sweep", trap, "application/x-python-serialize", "binary"),
        message("portal.sweep", trap, "application/json", "utf-8"),
        *RUBBISH,
        plain("os.system"),
        plain("portal.sweep"),
    ):
        broker.lpush(QUEUE, raw)
    worker = start_worker(settings, tmp_path)
    try:
        end = time.monotonic() + 90
        while PhaseEvent.objects.count() == before and time.monotonic() < end and worker.poll() is None:
            time.sleep(0.2)
    finally:
        worker.terminate()
        worker.wait(30)
    assert PhaseEvent.objects.count() == before + due_work.PHASES, (tmp_path / "log").read_text()[-2000:]
    assert not (tmp_path / "executed").exists()
    assert broker.llen(QUEUE) == 0
    assert broker.hlen("unacked") == 0


@pytest.mark.long
@pytest.mark.parametrize("name", POISON)
def test_a_worker_that_does_not_look_at_it_first_ends(
    settings: Settings, broker: redis.Redis, tmp_path: Path, name: str
) -> None:
    """The failing twin: kombu's own transport, over the same pieces."""
    broker.lpush(QUEUE, POISON[name])
    worker = start_worker(settings, tmp_path, NAIVE)
    try:
        assert worker.wait(60) != 0, (tmp_path / "log").read_text()[-2000:]
    finally:
        worker.kill()
    assert broker.llen(QUEUE) == (name in list(POISON)[-2:])
