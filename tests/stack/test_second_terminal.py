"""`manage.py` without settings finds the portal that runs here, or says that none does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import runfile
from tests.stack.programs import CLEAN_ENV, ROOT

pytestmark = pytest.mark.long


def manage(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as in a fresh terminal."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env={**CLEAN_ENV, **env}, capture_output=True, text=True)


def test_without_a_portal_it_says_so_in_one_line(tmp_path: Path) -> None:
    done = manage("showmigrations", DEMO_DATA=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("No portal is running here. Start one with: make run")
    assert done.stderr.count("\n") == 1
    for place in ("README.md", "docs/operation.md"):
        assert place in done.stderr
        assert (ROOT / place).exists()


@pytest.mark.parametrize("command", [["sweep"], ["send_outbox"], ["demo_clock"], ["migrate", "--check"]])
def test_without_a_database_a_command_says_what_to_do_in_one_line(command: list[str]) -> None:
    # Nobody listens at the lowest port.
    nowhere = {"DEMO": "1", "DATABASE_URL": "postgres://who:secret@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = manage(*command, **nowhere)
    assert done.returncode == 1
    assert done.stderr.startswith("The database cannot be reached: ")
    assert done.stderr.count("\n") == 1
    assert "DATABASE_URL" in done.stderr
    assert "secret" not in done.stderr


def test_a_contradiction_is_named_also_without_a_portal(tmp_path: Path) -> None:
    done = manage("check", DEMO_DATA=str(tmp_path), SITE_URL="https://portal.example.org")
    assert done.returncode == 1
    assert "SECRET_KEY is missing" in done.stderr
    done = manage("check", DEMO_DATA=str(tmp_path), SITE_URL="https://portal.example.org", DEMO="1")
    assert "SITE_URL is set beside DEMO" in done.stderr


def test_the_note_of_a_dead_portal_counts_for_nothing(tmp_path: Path) -> None:
    (tmp_path / runfile.LOCK).touch()
    runfile.write(tmp_path, {"DATABASE_URL": "postgres://gone/portal"})
    assert runfile.running_env(tmp_path) is None
    assert manage("showmigrations", DEMO_DATA=str(tmp_path)).returncode == 1


def test_the_settings_of_the_running_portal_are_taken(tmp_path: Path) -> None:
    env = {"DEMO": "1", "DATABASE_URL": "postgres://none/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    shown = "from django.conf import settings; print(settings.DATABASES['default']['HOST'], settings.SITE_URL)"
    with runfile.only_one(tmp_path):
        runfile.write(tmp_path, {**env, "DEMO_ADDRESS": "http://127.0.0.1:8123"})
        done = manage("shell", "--no-imports", "-c", shown, DEMO_DATA=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["none", "http://127.0.0.1:8123"]


def test_what_stands_in_the_environment_is_stronger(tmp_path: Path) -> None:
    own = {"DEMO": "1", "DATABASE_URL": "postgres://own/own", "REDIS_URL": "redis://127.0.0.1:1/0"}
    shown = "from django.conf import settings; print(settings.DATABASES['default']['HOST'])"
    done = manage("shell", "--no-imports", "-c", shown, DEMO_DATA=str(tmp_path), **own)
    assert done.stdout.split() == ["own"]


def test_the_note_is_private_and_holds_no_secret(tmp_path: Path) -> None:
    runfile.write(tmp_path, {"DEMO": "1", "SECRET_KEY": "hidden", "MEDIAWIKI_SECRET": "hidden"})
    note = tmp_path / runfile.NOTE
    assert json.loads(note.read_text()) == {"pid": os.getpid(), "env": {"DEMO": "1"}}
    assert note.stat().st_mode & 0o077 == 0
