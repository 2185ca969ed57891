"""A text to work on."""

import pytest

from proposals.models import Proposal
from tests.conftest import Clock
from tests.rows import Rows

T = "sample"


@pytest.fixture
def text(clock: Clock, pieces: dict[str, Rows]) -> Proposal:
    """The sample page, imported on 4 February 2022: r1 in `zh-hant` and `en`."""
    pieces["imported page"].write()
    return Proposal.objects.get(pk=pieces["imported page"].ids("proposals_proposal")[0])
