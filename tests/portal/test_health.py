"""Alive, ready, and what the logs say."""

import json
import logging
from datetime import timedelta

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from taskforce.core.clock import real_now
from taskforce.core.logs import JsonFormatter, TextFormatter
from taskforce.portal import health, sweep
from tests.clients import Client


def test_alive_without_a_database(client: Client) -> None:
    """`/healthz` asks nobody; this test has no database access."""
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_ready(client: Client) -> None:
    """All four parts are named."""
    cache.clear()
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (
        200,
        {"ready": True, "database": "ok", "broker": "ok", "migrations": "ok", "sweep": "none yet"},
    )


@pytest.mark.django_db
def test_the_age_of_the_last_sweep_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """However old: it stops no page."""
    cache.clear()
    sweep.run()
    assert client.get("/readyz").json()["sweep"] in ("0 s ago", "1 s ago")
    monkeypatch.setattr(health, "real_now", lambda: real_now() + timedelta(hours=2))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["sweep"].startswith("720")


@pytest.mark.django_db
def test_a_broker_that_is_gone_is_named_and_stops_nothing(client: Client, settings: Settings) -> None:
    """Pages work without the broker, so the portal stays ready."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 200
    assert "not reachable" in response.json()["broker"]


@pytest.mark.django_db
def test_missing_migrations_are_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 where pages could not be served."""
    monkeypatch.setattr(health, "_migrations", lambda: "2 not applied")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["migrations"]) == (503, "2 not applied")


def _record(message: str, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("portal", logging.INFO, "x.py", 1, message, None, None)
    record.__dict__.update(extra)
    return record


def test_one_event_is_one_line() -> None:
    """Line ends in a message cannot forge a second event, in either format."""
    hostile = "first\r\nERROR forged \x1b[31m"
    assert "\n" not in TextFormatter().format(_record(hostile))
    line = JsonFormatter().format(_record(hostile, status=200))
    assert "\n" not in line
    assert json.loads(line)["status"] == 200


@pytest.mark.django_db
def test_request_lines_hold_no_path(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A path may hold a token; the log has the route."""
    with caplog.at_level(logging.INFO, "portal.request"):
        client.get("/en/tf/no-such-group/feedback/w/mine/SECRETTOKEN/?q=PRIVATE")
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert lines
    assert not [line for line in lines if "SECRETTOKEN" in line or "PRIVATE" in line]
