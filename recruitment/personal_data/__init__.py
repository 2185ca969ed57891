"""What applying, reviewing and deciding keeps about people."""

from recruitment.personal_data import applying, calling, of_nobody, own, reviewing
from recruitment.personal_data.own import (
    own_applications,
    own_no_reminders,
    own_outcomes,
    own_reviews,
    own_snapshots,
)
from taskforce.core import personal

__all__ = ["own_applications", "own_no_reminders", "own_outcomes", "own_reviews", "own_snapshots", "register"]


def register() -> None:
    """Fill the map, in the order in which the privacy page tells it."""
    personal.register(*applying.draft(), *applying.submitted(), *applying.standing(), *applying.beside())
    personal.register(*reviewing.reviews(), *calling.changes())
    of_nobody.columns()
    own.given()
