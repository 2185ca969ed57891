"""What stands in files beside the code: dependencies with their why, pages that name everything there is."""

import re
from collections.abc import Iterator

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


# Rooms by a name that says what is in them, wherever they are.
ROOMS = {
    "admin",
    "commands",
    "forms",
    "management",
    "migrations",
    "notices",
    "queries",
    "services",
    "templatetags",
    "views",
}
TOPS = ("taskforce", "proposals", "feedback", "recruitment", "deploy", "bench", "tests")
APPS = {"proposals", "feedback", "recruitment"} | {each.parent.name for each in ROOT.glob("taskforce/*/apps.py")}


def _page(*names: str) -> str:
    return "".join((ROOT / name).read_text("utf-8") for name in names)


def _packages() -> Iterator[str]:
    for top in TOPS:
        for path in sorted(ROOT.glob(f"{top}/**/__init__.py")):
            parts = path.relative_to(ROOT).parent.parts
            if not ROOMS & {*parts} and parts not in {("taskforce",), ("tests",)}:
                yield ".".join(parts)


@pytest.mark.parametrize("package", _packages())
def test_the_house_names_every_package(package: str) -> None:
    above, _dot, name = package.rpartition(".")
    if above == "tests" and name in APPS:
        return
    page = _page("docs/house.md")
    assert f"`{package}`" in page or f"`{name}`" in page


def test_every_command_stands_in_the_readme() -> None:
    """Those of `make` that `make help` lists, and those of `manage.py` that people type."""
    readme = _page("README.md")
    targets = re.findall(r"^([a-z-]+):.*## ", _page("Makefile"), re.M)
    found = {path.stem for top in TOPS for path in ROOT.glob(f"{top}/**/commands/*.py")} - {"__init__"}
    assert [name for name in targets if name != "help" and f"`make {name}`" not in readme] == []
    # What only `make run` calls.
    assert {name for name in found if not re.search(rf"`{name}\b", readme)} == {"demo_mailbox", "demo_setup"}


def test_every_setting_stands_in_the_page_for_operators() -> None:
    source = _page("taskforce/settings.py")
    names = set(re.findall(r"""(?:read\("\w+", |read\(\s*"\w+", |switch\()"([A-Z_]+)\"""", source))
    assert {"SECRET_KEY", "MAIL_HOLD", "TRUSTED_PROXIES"} <= names
    operation = _page("docs/operation.md")
    # Where the demonstration itself stands: `make run` sets it.
    assert {name for name in names if f"| `{name}` |" not in operation} == {"DEMO_ADDRESS"}


# How many rows the catalogue of faults and attacks has under each letter.
ATTACKS = {"R": 11, "S": 27, "E": 9}
_ROW = re.compile(r"^\| ([RSE]\d+) \| [^|]+ \| ([^|]+) \|$", re.M)
_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(?:Test\w+::)?(test_\w+))?`")


def unproven(page: str) -> list[str]:
    """Rows of the page on security that are missing or twice, or name neither a test that there is nor a reason."""
    rows = _ROW.findall(page)
    wanted = [f"{letter}{number}" for letter, most in ATTACKS.items() for number in range(1, most + 1)]
    found = [f"{name}: {count} rows" for name in wanted if (count := [row for row, _ in rows].count(name)) != 1]
    for row, proof in rows:
        named = _NAMED.findall(proof)
        found += [f"{row}: there is no {path}::{test}" for path, test in named if not _is_there(path, test)]
        found += [] if named or proof.startswith("*does not apply:*") else [f"{row}: neither test nor reason"]
    return found


def _is_there(path: str, test: str) -> bool:
    file = ROOT / path
    return file.exists() and (not test or bool(re.search(rf"^\s*def {test}\(", file.read_text("utf-8"), re.M)))


def test_every_attack_of_the_catalogue_has_its_test() -> None:
    assert unproven(_page("docs/security.md")) == []


@pytest.mark.parametrize(
    "line",
    [
        "",
        "| R1 | a | b |",
        "| R1 | a | `tests/nothing.py::test_a` |",
        "| R1 | a | `tests/architecture/test_documents.py::test_nothing` |",
        "| R1 | a | `tests/architecture/test_documents.py::TestA::test_nothing` |",
        "| R1 | a | *does not apply:* b |\n| R1 | a | *does not apply:* b |",
    ],
)
def test_a_row_without_proof_is_found(line: str) -> None:
    assert any(problem.startswith("R1:") for problem in unproven(line))
