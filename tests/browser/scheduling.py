"""One worker runs all browser tests, since each worker that runs one starts a whole portal of its own.

xdist's own groups (`--dist loadgroup`) rest on an attribute that pytest no longer has, and do nothing.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist has no types

FOLDER = "tests/browser/"


class OneWorkerForBrowsers(LoadScopeScheduling):  # type: ignore[misc]  # nor has its class
    """This folder's tests together, every other test by itself."""

    def _split_scope(self, nodeid: str) -> str:
        return FOLDER if nodeid.startswith(FOLDER) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneWorkerForBrowsers:
    """Used by `tests/conftest.py`."""
    return OneWorkerForBrowsers(config, log)
