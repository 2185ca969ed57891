"""Which folders the stack uses, and whether they may be trusted."""

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import StackError

ROOT = Path(__file__).resolve().parent.parent
DEMO_DATA = ROOT / ".demo"
PREFIX = "taskforce-portal"

# A unix socket's address holds 107 bytes; PostgreSQL's own file name takes 17 of them.
SOCKET_PATH_LIMIT = 107
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432"


@dataclass(frozen=True)
class Account:
    """The account that a server runs as; `switch` says whether it differs from ours."""

    uid: int
    gid: int
    switch: bool


def database_account() -> Account:
    """PostgreSQL refuses to run as root: then it is `nobody`, otherwise whoever we are."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise StackError("Root needs the account `nobody` to run PostgreSQL, and there is none.") from None
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def passable(path: Path, account: Account) -> bool:
    """Whether `account` may walk down to `path` (which exists) and enter it; no right is ever changed."""
    resolved = path.resolve()
    return all(_may_enter(folder.stat(), account) for folder in [resolved, *resolved.parents])


def _may_enter(info: os.stat_result, account: Account) -> bool:
    if info.st_uid == account.uid:
        return bool(info.st_mode & stat.S_IXUSR)
    if info.st_gid == account.gid:
        return bool(info.st_mode & stat.S_IXGRP)
    return bool(info.st_mode & stat.S_IXOTH)


def own_folder(path: Path, account: Account, mode: int = 0o700) -> Path:
    """Make `path` (its parent exists), or take it over if it already is the account's own real folder.

    Refuses a link and a folder of somebody else: shared temporary folders let anybody put one there.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        if account.switch:
            os.chown(path, account.uid, account.gid)
    info = path.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != account.uid:
        raise StackError(f"{path} is not ours; remove it, or set TMPDIR to another folder.")
    if stat.S_IMODE(info.st_mode) != mode:
        path.chmod(mode)
    return path


def me() -> Account:
    """The account that runs this program."""
    return Account(os.geteuid(), os.getegid(), switch=False)


def digest(path: Path) -> str:
    """A short name for a path, the same at every start."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def fits_a_socket(folder: Path) -> bool:
    """Whether a socket in `folder` still has an address that the system takes."""
    return len(os.fsencode(folder)) + len(LONGEST_SOCKET_NAME) + len(".lock") <= SOCKET_PATH_LIMIT


def _short_places(wanted: Path, account: Account) -> list[Path]:
    name = f"{PREFIX}-{account.uid}-{digest(wanted)}"
    return [base / name for base in (Path(tempfile.gettempdir()), Path("/tmp"))]  # noqa: S108 - owner checked


def socket_folder(wanted: Path, account: Account) -> Path:
    """`wanted`, or a folder of the same owner under the system's temporary folder if `wanted` is too long."""
    if fits_a_socket(wanted):
        return own_folder(wanted, account)
    for place in _short_places(wanted, account):
        if fits_a_socket(place) and passable(place.parent, account):
            return own_folder(place, account)
    raise StackError("No folder has a path short enough for a socket; set TMPDIR to a short one.")


def forget_sockets(wanted: Path, account: Account) -> None:
    """Remove what `socket_folder` may have made elsewhere for `wanted`."""
    for place in _short_places(wanted, account):
        if place.is_dir() and place.lstat().st_uid == account.uid:
            shutil.rmtree(place)


def shelter() -> Path:
    """This project's folder under /var/tmp, for root whose project `nobody` cannot reach."""
    # `own_folder` makes sure that it is ours, which is what the rule is about.
    return own_folder(Path("/var/tmp") / f"{PREFIX}-{digest(ROOT)}", me(), mode=0o755)  # noqa: S108
