"""What the tests of accounts share: a wiki; with those of the timeline, threads with a connection of their own."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.accounts import oauth_server
from tests.accounts.entering import forget_limits
from tests.accounts.oauth_server import KEY, SECRET, Wiki
from tests.accounts.wikimedia import registered
from tests.timeline.conftest import aside as aside


@pytest.fixture
def no_limits(db: None) -> None:
    """Nothing is counted from other tests."""
    forget_limits()


@pytest.fixture
def wiki(settings: Settings) -> Iterator[Wiki]:
    """A wiki that the portal is registered with."""
    with oauth_server.running() as one:
        yield registered(one, settings, KEY, SECRET)
