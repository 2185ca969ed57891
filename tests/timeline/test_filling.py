"""Phases that close when enough have come in: the cap and the grace as they are published."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from taskforce.core.errors import Invalid
from taskforce.timeline import services
from taskforce.timeline.enums import GRACE
from taskforce.timeline.models import Phase, TaskForce

AT = datetime(2022, 1, 20, 9, tzinfo=UTC)


def publish(tf: TaskForce, **numbers: Any) -> Phase:
    """A second feedback phase with these numbers, as the database has it."""
    made = services.publish_phase(
        tf,
        slug="second",
        titles={"en": "Second round"},
        capabilities=["feedback"],
        opens_on=date(2022, 9, 15),
        closes_on=date(2022, 10, 6),
        at=AT,
        **numbers,
    )
    return Phase.objects.get(pk=made.pk)


def test_a_phase_is_published_with_its_cap_and_its_grace(tf: TaskForce) -> None:
    made = publish(tf, cap=10, grace_seconds=30)
    assert made.cap == 10
    assert made.hard_closes_at - made.closes_at == timedelta(seconds=30)


def test_a_phase_has_no_cap_and_the_usual_grace_unless_somebody_says_so(tf: TaskForce) -> None:
    made = publish(tf)
    assert (made.cap, made.grace_seconds) == (None, GRACE)


@pytest.mark.parametrize(
    "numbers", [{"cap": 0}, {"cap": -1}, {"cap": 10**12}, {"grace_seconds": -1}, {"grace_seconds": 601}]
)
def test_a_cap_or_a_grace_that_makes_no_sense_is_refused(tf: TaskForce, numbers: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        publish(tf, **numbers)
    assert not Phase.objects.filter(slug="second").exists()
