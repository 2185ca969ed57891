"""How a second terminal finds the portal that runs here: a lock that lives with it, and a note beside it."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.errors import StackError

NOTE = "run.json"
LOCK = "lock"

# What decides where data lie and how commands behave. Keys and passwords of other services stay in memory.
SHARED = (
    "DEMO", "DEMO_ADDRESS", "DATABASE_URL", "REDIS_URL", "CACHE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL",
    "MAIL_HOLD", "MAIL_DOMAIN_RATE", "SMALL_GROUP", "LOG_FORMAT", "SITE_URL", "ALLOWED_HOSTS", "TRUSTED_PROXIES",
)  # fmt: skip


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold `folder` for this process; the kernel lets go of it when we end, however we end.

    Raises StackError with the other one's process id if there is one.
    """
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StackError(f"{folder} cannot be used by this account: {error.strerror}") from None
    try:
        # Somebody who merely asks whether it is held holds it for an instant.
        for _attempt in range(10):
            if _try_lock(handle):
                break
            time.sleep(0.05)
        else:
            raise StackError(f"A portal already runs on {folder}{_who(folder)}; stop it first.")
        yield
    finally:
        os.close(handle)


def is_held(folder: Path) -> bool:
    """Whether a supervisor lives that holds `folder`."""
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _try_lock(handle)
    finally:
        os.close(handle)


def _read(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / NOTE).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _who(folder: Path) -> str:
    pid = _read(folder).get("pid")
    return f" (process {pid})" if pid else ""


def write(folder: Path, env: Mapping[str, str]) -> None:
    """Note our process id and what `manage.py` needs to reach the same data; whole or not at all."""
    shared = {name: env[name] for name in SHARED if env.get(name)}
    part = folder / f"{NOTE}.new"
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as output:
        json.dump({"pid": os.getpid(), "env": shared}, output, indent=1)
    part.replace(folder / NOTE)


def remove(folder: Path) -> None:
    """Take the note away."""
    (folder / NOTE).unlink(missing_ok=True)


def running_env(folder: Path) -> dict[str, str] | None:
    """The settings of the portal that runs on `folder` right now, or None if none does."""
    if not is_held(folder):
        return None
    env = _read(folder).get("env")
    return {str(name): str(value) for name, value in env.items()} if isinstance(env, dict) else None
