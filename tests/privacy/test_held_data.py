"""What is decided and not told yet is in nobody's file."""

from datetime import UTC, datetime

import pytest

from recruitment.enums import DecisionState
from recruitment.models import Decision
from taskforce.accounts.models import User
from taskforce.accounts.services import own_parts
from taskforce.portal.scenarios import builder
from tests.architecture.walk import World
from tests.sampling import WHOLE

pytestmark = pytest.mark.django_db


def _before_the_release() -> None:
    """The moment before everybody is told: lived through in a whole run, else the world with its release taken back."""
    if WHOLE:
        builder._wipe()
        builder._live_until(datetime(2022, 5, 14, tzinfo=UTC))
    else:
        Decision.objects.update(state=DecisionState.HELD, released_at=None)


def test_held_is_invisible(world: World) -> None:
    """Before the release the files of the accepted, of the declined and of the undecided differ in nothing."""
    _before_the_release()
    user = User.objects.get(email="applicant@demo.example")
    before = own_parts(user)
    decisions = Decision.objects.filter(application__applicant=user)
    for outcome in ("accept", "decline"):
        assert decisions.update(outcome=outcome, reason="a reason that is held")
        assert own_parts(user) == before
    decisions.delete()
    assert own_parts(user) == before
    assert dict(before)["outcomes"] == []
