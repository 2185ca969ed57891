"""One worker runs all browser tests, since each worker that runs one starts a whole portal of its own.

So it is with the page walk, whose world takes as long to make as a role takes to walk through it, with what looks
through all of the sources, with the tests of privacy, which share one person's life and one walk, and with the
fuzz; a whole run shares these out by files, of the fuzz by kinds of what is sent.

xdist's own groups (`--dist loadgroup`) rest on an attribute that pytest no longer has, and do nothing.
"""

import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist has no types

from tests.sampling import WHOLE

TOGETHER = (
    "tests/browser/",
    "tests/architecture/test_page_walk.py",
    "tests/architecture/test_access_matrix.py",
    "tests/fuzz/",
    "tests/privacy/",
)
# They read all of the sources, which is remembered.
OF_THE_SOURCES = (
    "tests/architecture/test_rules.py",
    "tests/architecture/test_every_rule_can_fail.py",
    "tests/accounts/test_purposes.py::test_each_",
    "tests/audit/test_words.py",
)


class OneWorkerForBrowsers(LoadScopeScheduling):  # type: ignore[misc]  # nor has its class
    """This folder's tests together, those of the page walk together, every other test by itself."""

    def _split_scope(self, nodeid: str) -> str:
        if WHOLE and nodeid.startswith("tests/fuzz/"):
            return re.sub(r"\d+\]$", "", nodeid)
        if WHOLE and nodeid.startswith("tests/privacy/"):
            return nodeid.partition("::")[0]
        if nodeid.startswith(OF_THE_SOURCES):
            return "sources"
        return next((start for start in TOGETHER if nodeid.startswith(start)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneWorkerForBrowsers:
    """Used by `tests/conftest.py`."""
    return OneWorkerForBrowsers(config, log)
