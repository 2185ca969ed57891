"""A text to work on."""

import pytest

from proposals.models import Proposal
from proposals.services import import_page
from tests.conftest import Clock, utc
from tests.proposals.pages import page

T = "sample"


@pytest.fixture
def text(clock: Clock) -> Proposal:
    """The sample page, imported on 4 February 2022: r1 in `zh-hant` and `en`."""
    return import_page(page(), task_force=T, at=utc(2022, 2, 4, 9)).proposal
