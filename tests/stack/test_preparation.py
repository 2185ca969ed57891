"""The steps before the first start: clear refusals, and nothing done twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy import browser, preparation
from deploy.errors import StackError
from tests.stack.programs import CLEAN_ENV, ROOT

PREPARE = ROOT / "deploy" / "prepare.py"


def refusal(code: str, **env: str) -> str:
    """What prepare.py says when it refuses to start."""
    done = subprocess.run([sys.executable, "-c", code], env={**CLEAN_ENV, **env}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


def test_an_old_python_is_refused_in_one_line() -> None:
    pretend = f"import sys; sys.version_info = (3, 9, 2); exec(open({str(PREPARE)!r}).read())"
    assert refusal(pretend) == (
        "Python 3.11 or newer is needed, this is 3.9.2. Another one: make … PYTHON=python3.12\n"
    )


def test_a_python_without_environments_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "ensurepip.py").write_text("raise ImportError")
    said = refusal(f"exec(open({str(PREPARE)!r}).read())", PYTHONPATH=str(tmp_path))
    assert said.count("\n") == 1
    assert "python3-venv" in said


def test_a_failing_step_shows_what_it_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StackError, match=r"Fetching failed \(exit code 4\)"):
        preparation._run("Fetching", ["sh", "-c", "echo no route to the registry; exit 4"])
    assert "no route to the registry" in capsys.readouterr().err


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of files only, where steps note what they would run."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / "node_modules").mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).write_text(name)
    for name, path in {
        "ROOT": tmp_path,
        "STAMPS": tmp_path / ".venv" / "prepared.json",
        "NODE_MODULES": tmp_path / "node_modules",
    }.items():
        monkeypatch.setattr(preparation, name, path)
    monkeypatch.setattr(preparation, "_npm", lambda: ["npm"])
    return tmp_path


def test_a_step_is_done_again_only_when_its_source_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(preparation, "_run", lambda what, _command: ran.append(what))

    def start() -> None:
        preparation._front_end(preparation.Progress(), preparation.Stamps())

    start()
    start()
    assert len(ran) == 1
    (project / "package-lock.json").write_text("another version")
    start()
    assert len(ran) == 2


def test_a_failed_step_is_not_taken_for_done(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_what: str, _command: list[str]) -> None:
        raise StackError("no network")

    monkeypatch.setattr(preparation, "_run", fail)
    with pytest.raises(StackError):
        preparation._front_end(preparation.Progress(), preparation.Stamps())
    assert preparation.Stamps().known == {}


def test_network_time_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    progress = preparation.Progress()
    progress.work, progress.network = 20.04, 12.5
    progress.summary()
    assert capsys.readouterr().out.splitlines() == [
        "Prepared in 20.0 s.",
        "Downloads (pip, npm, apt) took another 12.5 s.",
    ]


def test_lock_files_hold_hashes_and_no_address() -> None:
    names = ("requirements.lock", "requirements-dev.lock", "deploy/node.lock", "package-lock.json", ".npmrc")
    for name in names:
        assert "://" not in (ROOT / name).read_text(), name
    for name in names[:3]:
        pinned = [part for part in (ROOT / name).read_text().split("\n") if "==" in part]
        assert pinned
        assert all(line.endswith("\\") for line in pinned), name


def test_without_chromium_one_line_tells_how_to_get_it() -> None:
    said = browser.advice(["chromium", "fonts-noto-cjk"], "not root, or no apt here")
    assert said.count("\n") == 0
    assert said.endswith("apt install chromium fonts-noto-cjk")
