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


# What is no message at all: no JSON, no text, JSON that is something else, a body in no encoding, a half message.
RUBBISH: tuple[bytes | str, ...] = (
    b"not json",
    b"\xff\xfe",
    b"",
    "5",
    "{}",
    '{"properties": {}}',
    '{"body": "\u00e9", "properties": {"delivery_tag": "1", "delivery_info": {}, "body_encoding": "base64"}}',
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


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """A database of the broker that nobody else uses; its address goes to the worker."""
    url = re.sub(r"(/|db=)\d+$", r"\g<1>9", os.environ["REDIS_URL"])
    assert url.endswith("9")
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        os.environ["REDIS_OF_TEST"] = url
        yield client
        client.flushdb()
        del os.environ["REDIS_OF_TEST"]


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
    command = [sys.executable, "-m", "celery", "-A", "taskforce.celery", "--quiet", "worker", "--pool", "solo"]
    options = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR"]
    settings.EMAIL_PORT = 9
    environment = due_work.environment(settings, REDIS_URL=os.environ["REDIS_OF_TEST"])
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen([*command, *options], env=environment, stderr=log, stdout=log)
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
