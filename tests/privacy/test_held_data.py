"""What is decided and not told yet is in nobody's file."""

from datetime import UTC, datetime

import pytest

from recruitment.models import Decision
from taskforce.accounts.models import User
from taskforce.accounts.services import own_parts
from taskforce.portal.scenarios import builder

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("outcome", ["accept", "decline", None])
def test_held_is_invisible(db: None, outcome: str | None) -> None:
    """Before the release the files of the accepted, of the declined and of the undecided differ in nothing."""
    builder._live_until(datetime(2022, 5, 14, tzinfo=UTC))
    user = User.objects.get(email="applicant@demo.example")
    before = own_parts(user)
    decisions = Decision.objects.filter(application__applicant=user)
    assert decisions.exists()
    if outcome is None:
        decisions.delete()
    else:
        decisions.update(outcome=outcome, reason="a reason that is held")
    assert own_parts(user) == before
    assert dict(before)["outcomes"] == []
