"""All settings: those of the environment (CONTRACT: Settings), and with them those that are `fixed`.

A missing or contradictory setting stops the start with one line that names it, so that nobody has to read a
traceback to learn which variable is wrong.
"""

import logging
import re
import sys
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ
from django.http.request import validate_host
from redis.connection import parse_url

from taskforce.fixed import *  # noqa: F403 - all of them

env = environ.Env()


def stop(line: str) -> NoReturn:
    """End the process with one line on standard error."""
    sys.exit(f"settings: {line}")


def switch(name: str) -> bool:
    """A yes-or-no variable, false where it is not set; anything that is neither stops the start."""
    word = env.str(name, default="").lower()
    if word not in ("", "0", "1", "false", "true", "no", "yes", "off", "on"):
        stop(f"{name} must be 0 or 1")
    return word in ("1", "true", "yes", "on")


def read(kind: str, name: str, *, allowed: str = "", **options: Any) -> Any:
    """Read a variable with django-environ's reader `kind`; an unreadable value stops the start by name.

    `allowed` is the line that says what may stand there instead.
    """
    # The reader of floats passes over every sign that it does not know: 20/s would be 20, and 1e3 would be 13.
    if kind == "float" and not re.fullmatch(r"-?\d+(\.\d+)?|", env.str(name, default="").strip()):
        stop(allowed or f"{name} must be a number")
    try:
        return getattr(env, kind)(name, **options)
    except (ValueError, KeyError, environ.ImproperlyConfigured) as error:
        stop(allowed or f"{name} cannot be read: {error}".splitlines()[0])


def is_origin(url: str) -> bool:
    """Whether it is scheme, host and maybe a port from 1 to 65535, and nothing else: every link begins with it."""
    found = re.fullmatch(r"https?://(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?P<port>[1-9][0-9]*))?", url)
    return found is not None and int(found["port"] or 1) <= 65535


# --- demo or not --------------------------------------------------------------------------------------------------

DEMO: bool = switch("DEMO")
for _name in ("SECRET_KEY", "SITE_URL", "ALLOWED_HOSTS"):
    if DEMO and env.str(_name, default=""):
        stop(f"{_name} is set beside DEMO: the demo must not run as a production portal; unset one of the two")
    if not DEMO and not env.str(_name, default=""):
        stop(f"{_name} is missing (or set DEMO=1 for the demo)")
for _name in ("DATABASE_URL", "REDIS_URL"):
    if not env.str(_name, default=""):
        stop(f"{_name} is missing ('make run' starts its own servers and sets it)")
if not DEMO and not env.str("EMAIL_URL", default=""):
    stop("EMAIL_URL is missing: without it no mail can leave")

# The demo listens on loopback only and lets everybody be anybody, so its key protects nothing.
SECRET_KEY: str = "demo" * 16 if DEMO else read("str", "SECRET_KEY")
# Django's own rule (security.W009): a shorter or plainer key can be guessed, and with it every signed thing forged.
if not DEMO and (len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure-")):
    stop("SECRET_KEY must be random: 50 characters or more, at least 5 different ones, not 'django-insecure-…'")
# Keys that were SECRET_KEY before: what they signed or sealed is still read, and nothing new is made with them.
SECRET_KEY_FALLBACKS: list[str] = [] if DEMO else read("list", "SECRET_KEY_FALLBACKS", default=[])
if any(len(_key) < 50 or len(set(_key)) < 5 or _key == SECRET_KEY for _key in SECRET_KEY_FALLBACKS):
    stop("SECRET_KEY_FALLBACKS are former values of SECRET_KEY, with commas between, each under the same rule")
SITE_URL: str = (
    read("str", "DEMO_ADDRESS", default="http://127.0.0.1:8000") if DEMO else read("str", "SITE_URL")
).rstrip("/")
if not is_origin(SITE_URL):
    stop("SITE_URL must be an origin such as https://portal.example.org:8443, with nothing before or behind it")
ALLOWED_HOSTS: list[str] = ["127.0.0.1", "localhost", "[::1]"] if DEMO else read("list", "ALLOWED_HOSTS")
if not DEMO and "*" in ALLOWED_HOSTS:
    stop("ALLOWED_HOSTS must name hosts; '*' would let any host into links")
if not DEMO and not validate_host(urlsplit(SITE_URL).hostname or "", ALLOWED_HOSTS):
    stop("ALLOWED_HOSTS does not hold the host of SITE_URL: every link in a mail would be refused")
MAIL_HOLD: bool = switch("MAIL_HOLD")
_allowed = "MAIL_DOMAIN_RATE is a number of mails per second to one receiving domain: 0 (no limit) to 10000, 20 or 0.5"
MAIL_DOMAIN_RATE: float = read("float", "MAIL_DOMAIN_RATE", default=20.0, allowed=_allowed)
if not 0 <= MAIL_DOMAIN_RATE <= 10_000:
    stop(_allowed)
_allowed = "SMALL_GROUP is a whole number, 2 or more: a group of one is a person"
SMALL_GROUP: int = read("int", "SMALL_GROUP", default=5, allowed=_allowed)
if SMALL_GROUP < 2:
    stop(_allowed)
_allowed = "TRUSTED_PROXIES is a number of proxies: 0 or more"
TRUSTED_PROXIES: int = read("int", "TRUSTED_PROXIES", default=0, allowed=_allowed)
if TRUSTED_PROXIES < 0:
    stop(_allowed)
LOG_FORMAT: str = read("str", "LOG_FORMAT", default="text")
if LOG_FORMAT not in ("text", "json"):
    stop("LOG_FORMAT must be 'text' or 'json'")
SECURE = not DEMO and SITE_URL.startswith("https://")

# --- signing in with the account of a wiki ------------------------------------------------------------------------

MEDIAWIKI_KEY: str = read("str", "MEDIAWIKI_KEY", default="")
MEDIAWIKI_SECRET: str = read("str", "MEDIAWIKI_SECRET", default="")
for _name, _value in (("MEDIAWIKI_SECRET", MEDIAWIKI_SECRET), ("MEDIAWIKI_URL", env.str("MEDIAWIKI_URL", default=""))):
    if _value and not MEDIAWIKI_KEY:
        stop(f"MEDIAWIKI_KEY is missing beside {_name}: without it nobody can sign in with an account of the wiki")
if MEDIAWIKI_KEY and not MEDIAWIKI_SECRET:
    stop("MEDIAWIKI_SECRET is missing beside MEDIAWIKI_KEY: the wiki gives out both together")
# Where the wiki's rest.php lies.
MEDIAWIKI_URL: str = (read("str", "MEDIAWIKI_URL", default="") or "https://meta.wikimedia.org/w").rstrip("/")
_found = re.fullmatch(r"(https?://[^/]+)(?:/[\w.~-]+)*", MEDIAWIKI_URL)
if not _found or not is_origin(_found[1]) or MEDIAWIKI_URL.endswith(".php"):
    stop("MEDIAWIKI_URL must be what stands before /rest.php in the wiki's addresses: https://meta.wikimedia.org/w")
if not _found[1].startswith("https:") and urlsplit(_found[1]).hostname not in ("127.0.0.1", "::1", "localhost"):
    stop("MEDIAWIKI_URL must begin with https:// : the secret and who signs in pass over it")

# --- database, broker, caches -------------------------------------------------------------------------------------


# Milliseconds. A process that hangs in the middle of a change loses its connection, and with it its locks, before the
# next one that waits for them gives up; so nobody who is stuck delays the closing of a phase by more than 5 seconds.
PATIENCE = {"idle_in_transaction_session_timeout": 4_000, "lock_timeout": 8_000, "statement_timeout": 10_000}
# A command (an import, a scenario) has all the time it needs, except those that cron runs beside the portal: they do
# what a worker does. A migration waits for nobody who uses its tables.
PATIENCE_OF_COMMANDS: dict[str, int] = {}
PATIENCE_OF_MIGRATIONS = {"lock_timeout": 3_000}
_LIKE_A_WORKER = frozenset({"sweep", "send_outbox"})


def patience(arguments: list[str]) -> dict[str, int]:
    """The database's time limits for a process with this command line; 0 or absent is no limit."""
    if Path(arguments[0]).name != "manage.py" or _LIKE_A_WORKER.intersection(arguments[1:2]):
        return PATIENCE
    return PATIENCE_OF_MIGRATIONS if "migrate" in arguments[1:2] else PATIENCE_OF_COMMANDS


def database() -> dict[str, Any]:
    """The one PostgreSQL database of all apps; connections live a minute, every one speaks UTC."""
    if not re.match(r"(postgres|postgresql|psql|pgsql)://.", env.str("DATABASE_URL")):
        stop("DATABASE_URL must begin with postgres:// : the portal runs on PostgreSQL only")
    config: dict[str, Any] = dict(read("db", "DATABASE_URL"))
    config["CONN_MAX_AGE"] = 60
    config["CONN_HEALTH_CHECKS"] = True
    config["ATOMIC_REQUESTS"] = False  # services open the transaction, so that rendering never holds a lock
    options = config.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 5)
    limits = [f"-c {name}={most}" for name, most in patience(sys.argv or [""]).items()]
    # What the address itself sets comes last, and so holds.
    options["options"] = " ".join([*limits, options.get("options", "")]).strip()
    return config


def _has_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def redis_place(name: str, url: str) -> tuple[object, ...]:
    """Where a Redis address leads: server and number of the database, however the address is spelled."""
    try:
        parts = parse_url(url)  # type: ignore[no-untyped-call]  # redis-py leaves it without types
    except ValueError as error:
        stop(f"{name} cannot be read: {error}".splitlines()[0])
    host = parts.get("host", "localhost").rstrip(".")
    server = parts.get("path") or ("localhost" if host in ("127.0.0.1", "::1") else host, parts.get("port", 6379))
    return server, parts.get("db", 0)


def celery_url(url: str) -> str:
    """The broker's address as Celery wants it: kombu has another form for unix sockets than redis-py."""
    found = re.fullmatch(r"unix://(?P<path>[^?]+)(?:\?db=(?P<db>\d+))?", url)
    return f"redis+socket://{found['path']}?virtual_host={found['db'] or 0}" if found else url


DATABASES = {"default": database()}
REDIS_URL: str = read("str", "REDIS_URL")
# Without it the demo shares the broker's; in production a full cache must never push out what the broker holds.
CACHE_URL: str = read("str", "CACHE_URL", default=REDIS_URL if DEMO else "")
for _name, _url in (("REDIS_URL", REDIS_URL), ("CACHE_URL", CACHE_URL or REDIS_URL)):
    if not re.match(r"((redis|rediss)://[^/?]*[^/?:]+|unix://.)", _url) or not _has_port(_url):
        stop(f"{_name} must be like redis://host:6379/0, rediss://… or unix:///path")
if CACHE_URL and redis_place("CACHE_URL", CACHE_URL) == redis_place("REDIS_URL", REDIS_URL) and not DEMO:
    stop("CACHE_URL is the Redis of REDIS_URL: name another server or another database number")
CACHES: dict[str, dict[str, Any]] = {
    # allauth's limits and small flags: shared by all processes, and never in Redis, so that no POST touches it.
    # Beyond so many rows some are thrown away, and with them counts of wrong passwords, which hold for a day. With
    # Django's own 300 a stranger could push them out in some minutes.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_default",
        "KEY_FUNCTION": "taskforce.core.cachekeys.keyed",
        "OPTIONS": {"MAX_ENTRIES": 500_000, "CULL_FREQUENCY": 10},
    },
}
# Public pages that are kept (core/pagecache.py). Who waits for it waits for a page that could be drawn meanwhile.
CACHES["pages"] = (
    {
        "BACKEND": "taskforce.core.pagecache.Pages",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "pages",
        "OPTIONS": {
            "serializer": "taskforce.core.pagecache.AsBytes",
            "socket_connect_timeout": 0.2,
            "socket_timeout": 0.2,
        },
    }
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
)
CELERY_BROKER_URL = celery_url(REDIS_URL)

# --- accounts -----------------------------------------------------------------------------------------------------

if DEMO:
    # Everybody knows the demo's password; hashing it slowly would only make a scenario slow to load.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.split(":", 1)[0]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
KNOWN_BROWSER_COOKIE_NAME: str = "__Host-known" if SECURE else "known"
MESSAGES_COOKIE_NAME = "__Host-messages" if SECURE else "messages"

# --- mail ---------------------------------------------------------------------------------------------------------

_mail = read("email_url", "EMAIL_URL", default="smtp://127.0.0.1:25")
if not _mail.get("EMAIL_HOST"):
    stop("EMAIL_URL must name a server, such as smtp://mail.example.org:25")
EMAIL_HOST: str = _mail["EMAIL_HOST"]
EMAIL_PORT: int = _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER: str = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD: str = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS: bool = bool(_mail.get("EMAIL_USE_TLS", False))
EMAIL_USE_SSL: bool = bool(_mail.get("EMAIL_USE_SSL", False))
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL: str = read(
    "str", "DEFAULT_FROM_EMAIL", default="Task force portal <portal@demo.example>" if DEMO else ""
)
if not DEFAULT_FROM_EMAIL:
    stop("DEFAULT_FROM_EMAIL is missing: mails need a sender")
if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", parseaddr(DEFAULT_FROM_EMAIL)[1]):
    stop("DEFAULT_FROM_EMAIL must be an address such as portal@example.org")

# --- security -----------------------------------------------------------------------------------------------------

SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- logs and reports of faults -----------------------------------------------------------------------------------

SENTRY_DSN: str = read("str", "SENTRY_DSN", default="")
_found = re.fullmatch(r"(https?://)[\w-]+(?::[\w-]+)?@([^/@]+)(?:/[\w.~-]+)*/[0-9]+", SENTRY_DSN)
if SENTRY_DSN and not (_found and is_origin(_found[1] + _found[2])):
    stop("SENTRY_DSN must be as the tracker shows it: https://KEY@tracker.example.org/NUMBER")
logging.captureWarnings(capture=True)  # a library's warning is a log line like any other
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "taskforce.core.logs.TextFormatter"},
        "json": {"()": "taskforce.core.logs.JsonFormatter"},
    },
    "filters": {
        "without_address": {"()": "taskforce.core.logs.WithoutAddress"},
        # For gunicorn's own lines; named here they would lose the handler that `gunicorn.conf.py` gives them.
        "without_request": {"()": "taskforce.core.logs.WithoutRequest"},
        "without_cause": {"()": "taskforce.core.logs.WithoutCause"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own lines repeat addresses, and an address may hold a token; ours (core.middleware) do not.
        "django.request": {"level": "ERROR", "filters": ["without_address"]},
        "django.security": {"level": "CRITICAL"},
        # Celery's line of a task that failed repeats what the error says.
        "celery.app.trace": {"filters": ["without_cause"]},
        "aiosmtpd": {"level": "WARNING"},
        "mail.log": {"level": "WARNING"},
    },
}
