"""What stands in files beside the code: dependencies with their why, complete catalogues."""

import re

import pytest

from tests.architecture.rules import ROOT


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_dependency_says_why(name: str) -> None:
    """Each line is pinned and has its reason behind a #."""
    lines = [line for line in (ROOT / name).read_text("utf-8").splitlines() if line.strip()]
    wanted = re.compile(r"^(#|-r )|^[\w.-]+(\[[\w,-]+\])?==\S+\s+# \S+")
    assert [line for line in lines if not wanted.match(line)] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_lock_holds_every_dependency(name: str) -> None:
    """What the list names stands in the lock at the same version, with a hash, and no address of any registry."""
    lock = (ROOT / f"{name}.lock").read_text("utf-8").lower()
    for project, version in re.findall(r"^([\w.-]+)(?:\[.*?\])?==(\S+)", (ROOT / f"{name}.txt").read_text(), re.M):
        spelled = re.sub(r"[-_.]+", "[-_.]", project.lower())
        assert re.search(rf"^{spelled}(\[.*?\])?=={re.escape(version)} \\\n\s+--hash=sha256:", lock, re.M), project
    assert "://" not in re.sub(r"#.*", "", lock)
