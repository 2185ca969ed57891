"""What the tests of accounts share; with those of the timeline, threads with a connection of their own."""

import pytest

from tests.accounts.entering import forget_limits
from tests.timeline.conftest import aside as aside


@pytest.fixture
def no_limits(db: None) -> None:
    """Nothing is counted from other tests."""
    forget_limits()
