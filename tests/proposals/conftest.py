"""A text to work on."""

import pytest

from proposals.models import Proposal
from proposals.services import import_page
from tests.conftest import Clock, Written, utc
from tests.proposals.pages import page
from tests.rows import Rows

T = "sample"


@pytest.fixture(scope="session")
def written_text(written: Written) -> Rows:
    """What the import of the sample page writes."""
    return written(lambda: import_page(page(), task_force=T, at=utc(2022, 2, 4, 9)))


@pytest.fixture
def text(clock: Clock, written_text: Rows) -> Proposal:
    """The sample page, imported on 4 February 2022: r1 in `zh-hant` and `en`."""
    written_text.write()
    return Proposal.objects.get(pk=written_text.ids("proposals_proposal")[0])
