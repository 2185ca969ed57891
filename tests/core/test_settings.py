"""A missing or contradictory setting stops the start with one line that names it."""

import atexit
import json
import os
import subprocess
import sys
from functools import cache

import pytest

from tests.architecture.rules import ROOT

COMPLETE = {
    "SECRET_KEY": "a-key-for-the-tests-" * 3,
    "SITE_URL": "https://portal.example.org",
    "ALLOWED_HOSTS": "portal.example.org",
    "DATABASE_URL": "postgres://db/portal",
    "REDIS_URL": "redis://broker/0",
    "EMAIL_URL": "smtp://mail.example.org:25",
    "DEFAULT_FROM_EMAIL": "portal@example.org",
}
SHOW = "from taskforce import settings; print(settings.CELERY_BROKER_URL, settings.SITE_URL, settings.SECURE)"


@cache
def _starter() -> "subprocess.Popen[str]":
    made = subprocess.Popen(
        [sys.executable, "-m", "tests.core.starter"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(made.communicate)
    return made


def _start(settings: dict[str, str], code: str = SHOW) -> "subprocess.CompletedProcess[str]":
    """A program that does `code`, with these settings and no other in its environment."""
    starter = _starter()
    assert starter.stdin
    assert starter.stdout
    starter.stdin.write(json.dumps({"code": code, "environment": {"PATH": os.environ["PATH"], **settings}}) + "\n")
    starter.stdin.flush()
    return subprocess.CompletedProcess(code, **json.loads(starter.stdout.readline()))


def test_complete_settings_start() -> None:
    """The twin of the refusals below: with everything there, settings load."""
    started = _start(COMPLETE)
    assert (started.returncode, started.stderr) == (0, "")
    assert started.stdout.split() == ["redis://broker/0", "https://portal.example.org", "True"]


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_a_missing_one_is_named(name: str) -> None:
    """One line on standard error, with the name in it, and a failing status."""
    started = _start({key: value for key, value in COMPLETE.items() if key != name})
    assert started.returncode == 1
    assert started.stderr.count("\n") == 1
    assert name in started.stderr


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"DEMO": "1"}, "SECRET_KEY"),
        ({"DEMO": "1", "SECRET_KEY": ""}, "SITE_URL"),
        ({"DEMO": "perhaps"}, "DEMO"),
        ({"SITE_URL": "portal.example.org"}, "SITE_URL"),
        ({"SITE_URL": "https://portal.example.org/sub/"}, "SITE_URL"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"DATABASE_URL": "sqlite:///x.db"}, "DATABASE_URL"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"EMAIL_URL": "nonsense"}, "EMAIL_URL"),
        ({"SMALL_GROUP": "1"}, "SMALL_GROUP"),
        ({"SMALL_GROUP": "many"}, "SMALL_GROUP"),
        ({"MAIL_DOMAIN_RATE": "-1"}, "MAIL_DOMAIN_RATE"),
        ({"MAIL_DOMAIN_RATE": "nan"}, "MAIL_DOMAIN_RATE"),
        ({"MAIL_DOMAIN_RATE": "fast"}, "MAIL_DOMAIN_RATE"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
        ({"MAIL_HOLD": "maybe"}, "MAIL_HOLD"),
        ({"ALLOWED_HOSTS": "other.example.org"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ","}, "ALLOWED_HOSTS"),
        ({"DEFAULT_FROM_EMAIL": "nobody"}, "DEFAULT_FROM_EMAIL"),
        ({"REDIS_URL": "redis://broker:port/0"}, "REDIS_URL"),
        ({"CACHE_URL": "memcached://cache"}, "CACHE_URL"),
        ({"SECRET_KEY": "k"}, "SECRET_KEY"),
        ({"SECRET_KEY": "abcdefghi" * 5 + "abcd"}, "SECRET_KEY"),
        ({"SECRET_KEY": "abcd" * 20}, "SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + "abcdefghi" * 9}, "SECRET_KEY"),
        ({"SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY_FALLBACKS"),
        ({"SECRET_KEY_FALLBACKS": "abcde" * 10 + "," + "abcd" * 20}, "SECRET_KEY_FALLBACKS"),
        ({"SECRET_KEY_FALLBACKS": COMPLETE["SECRET_KEY"]}, "SECRET_KEY_FALLBACKS"),
        ({"SITE_URL": "https://portal.example.org:99999"}, "SITE_URL"),
        ({"SITE_URL": "https://portal.example.org:0"}, "SITE_URL"),
        ({"SITE_URL": "https://portal.example.org:"}, "SITE_URL"),
        ({"SITE_URL": "https://portal.example.org:https"}, "SITE_URL"),
        ({"SITE_URL": "https://me:secret@portal.example.org"}, "SITE_URL"),
        ({"SITE_URL": "https://me@portal.example.org"}, "SITE_URL"),
        ({"SITE_URL": "https://portal.example.org#top"}, "SITE_URL"),
        ({"SITE_URL": "https://portal.example.org?x=1"}, "SITE_URL"),
        ({"SITE_URL": "https://portal.example.org/#"}, "SITE_URL"),
        ({"SITE_URL": "https://portal.example.org\\x"}, "SITE_URL"),
        ({"CACHE_URL": "redis://broker/0"}, "CACHE_URL"),
        ({"CACHE_URL": "redis://BROKER:6379"}, "CACHE_URL"),
        ({"CACHE_URL": "rediss://user:secret@broker.:6379/?db=0"}, "CACHE_URL"),
        ({"REDIS_URL": "redis://localhost/3", "CACHE_URL": "redis://127.0.0.1/1?db=3"}, "CACHE_URL"),
        ({"REDIS_URL": "unix:///run/v.sock?db=1", "CACHE_URL": "unix:///run/v%2Esock?db=1"}, "CACHE_URL"),
        ({"CACHE_URL": "redis://cache/0?db=x"}, "CACHE_URL"),
        ({"REDIS_URL": "nonsense"}, "REDIS_URL"),
        *[
            ({"SENTRY_DSN": dsn}, "SENTRY_DSN")
            for dsn in (
                "nonsense",
                "https://tracker.example.org/1",
                "https://key@tracker.example.org/",
                "https://key@tracker.example.org/project",
                "https://key@tracker.example.org:0/1",
                "https://key@/1",
                "https://key@tracker.example.org/1?x=1",
                "ftp://key@tracker.example.org/1",
            )
        ],
        ({"MEDIAWIKI_KEY": "k"}, "MEDIAWIKI_SECRET"),
        ({"MEDIAWIKI_SECRET": "s"}, "MEDIAWIKI_KEY"),
        ({"MEDIAWIKI_URL": "https://meta.wikimedia.org/w"}, "MEDIAWIKI_KEY"),
        *[
            ({"MEDIAWIKI_KEY": "k", "MEDIAWIKI_SECRET": "s", "MEDIAWIKI_URL": url}, "MEDIAWIKI_URL")
            for url in (
                "meta.wikimedia.org/w",
                "https://meta.wikimedia.org/w/rest.php",
                "https://meta.wikimedia.org/w/?title=x",
                "https://meta.wikimedia.org/w#x",
                "https://me:secret@meta.wikimedia.org/w",
                "https://meta.wikimedia.org:0/w",
                "https://meta.wikimedia.org//w",
                "http://meta.wikimedia.org/w",
                "http://127.0.0.1.evil.test/w",
                "ftp://127.0.0.1/w",
            )
        ],
    ],
)
def test_a_contradictory_one_is_named(changed: dict[str, str], named: str) -> None:
    """Also a value that cannot be right is refused in one line."""
    started = _start({**COMPLETE, **changed})
    assert started.returncode == 1
    assert started.stderr.count("\n") == 1, started.stderr
    assert named in started.stderr


@pytest.mark.parametrize("value", ["fast", "-1", "2 0", "20/s"])
@pytest.mark.parametrize(
    ("name", "allowed"),
    [("MAIL_DOMAIN_RATE", "0 (no limit) to 10000"), ("SMALL_GROUP", "2 or more"), ("TRUSTED_PROXIES", "0 or more")],
)
def test_a_number_that_cannot_stand_is_told_what_may(name: str, allowed: str, value: str) -> None:
    started = _start({**COMPLETE, name: value})
    assert allowed in started.stderr
    assert started.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"SECRET_KEY": "abcde" * 10},
        {"SECRET_KEY_FALLBACKS": "abcde" * 10},
        {"SECRET_KEY_FALLBACKS": f"{'abcde' * 10},{'fghij' * 10}"},
        {"SECRET_KEY_FALLBACKS": ""},
        {"SITE_URL": "https://portal.example.org:8443"},
        {"SITE_URL": "https://portal.example.org:65535/"},
        {"CACHE_URL": "redis://broker/1"},
        {"CACHE_URL": "redis://broker:6380/0"},
        {"CACHE_URL": "redis://cache/0"},
        {"REDIS_URL": "unix:///run/v.sock?db=0", "CACHE_URL": "unix:///run/v.sock?db=1"},
        {"CACHE_URL": ""},
        {"SENTRY_DSN": ""},
        {"SENTRY_DSN": "https://0123abc@o1.tracker.example.org/42"},
        {"SENTRY_DSN": "http://key:secret@[::1]:9000/errors/of/1"},
        {"MEDIAWIKI_KEY": "k", "MEDIAWIKI_SECRET": "s"},
        *[
            {"MEDIAWIKI_KEY": "k", "MEDIAWIKI_SECRET": "s", "MEDIAWIKI_URL": url}
            for url in (
                "https://meta.wikimedia.org/w/",
                "https://wiki.example.org:8443",
                "http://127.0.0.1:9000/w",
                "http://[::1]:9000",
                "http://localhost/wiki/w",
            )
        ],
    ],
)
def test_what_is_just_right_starts(changed: dict[str, str]) -> None:
    """The other side of each border above."""
    started = _start({**COMPLETE, **changed})
    assert (started.returncode, started.stderr) == (0, "")


def test_the_demo_may_keep_everything_in_one_redis() -> None:
    """Also its own short key is no concern: it listens on loopback only."""
    servers = {name: COMPLETE[name] for name in ("DATABASE_URL", "REDIS_URL")}
    started = _start({**servers, "CACHE_URL": servers["REDIS_URL"], "DEMO": "1"})
    assert (started.returncode, started.stderr) == (0, "")


def test_the_demo_may_stand_with_the_other_settings() -> None:
    """DEMO beside every setting but the three of production."""
    production = {"SECRET_KEY", "SITE_URL", "ALLOWED_HOSTS"}
    started = _start({**{k: v for k, v in COMPLETE.items() if k not in production}, "DEMO": "1"})
    assert (started.returncode, started.stderr) == (0, "")


def test_a_unix_socket_becomes_celerys_form() -> None:
    """The same broker address in both libraries' spelling."""
    started = _start({**COMPLETE, "REDIS_URL": "unix:///run/valkey.sock?db=2"})
    assert started.stdout.split()[0] == "redis+socket:///run/valkey.sock?virtual_host=2"


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "gunicorn", "taskforce.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"],
        pytest.param(["-m", "celery", "-A", "taskforce.celery", "worker"], marks=pytest.mark.long),
        pytest.param(["-m", "celery", "-A", "taskforce.celery", "beat"], marks=pytest.mark.long),
        ["manage.py", "check"],
    ],
    ids=["web", "worker", "beat", "manage.py"],
)
def test_every_process_stops_with_the_line(command: list[str]) -> None:
    """A process that would start its workers again and again never tells anybody what is wrong."""
    environment = {"PATH": os.environ["PATH"], **{k: v for k, v in COMPLETE.items() if k != "EMAIL_URL"}}
    ended = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30
    )
    assert ended.returncode == 1
    assert [line for line in ended.stderr.splitlines() if "EMAIL_URL" in line] == ended.stderr.splitlines()
