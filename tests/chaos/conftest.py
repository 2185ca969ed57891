"""Servers for the whole run, a fresh database for each scenario, and a place for its figures."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from tests.chaos.prepared import fresh_database, prepared
from tests.chaos.scale import SCALE, SEED, SLACK
from tests.chaos.stack import Stack

_STACK = pytest.StashKey[Stack]()
_FIGURES: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """The scenarios import the portal, so its settings, and with them its servers, must be there before."""
    config.stash[_STACK] = prepared()
    config.add_cleanup(config.stash[_STACK].close)


def pytest_report_header() -> str:
    """What is needed to run the same again."""
    return f"chaos: CHAOS_SCALE={SCALE.name} CHAOS_SEED={SEED} CHAOS_SLACK={SLACK:g}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures once more, all together."""
    terminalreporter.section(f"figures (CHAOS_SCALE={SCALE.name} CHAOS_SEED={SEED})")
    for line in _FIGURES:
        terminalreporter.write_line(line)


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The servers, with a database that nobody has used; this process's Django uses it too."""
    found = request.config.stash[_STACK]
    fresh_database(found)
    yield found
    connection.close()
    found.quiet()


Figures = Callable[[str], None]


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Print a line of figures now and at the end."""

    def say(line: str) -> None:
        _FIGURES.append(f"{request.node.name}: {line}")
        print(f"\n  {_FIGURES[-1]}", flush=True)  # noqa: T201 - figures are for people

    return say
