"""The named moments of the model case (CONTRACT: Scenarios) and the people in it, as links for the bar."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Moment(NamedTuple):
    """A scenario's name, the instant at which its clock stands (UTC), and what people see there."""

    scenario: str
    at: datetime
    label: object


def _utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2022, month, day, hour, minute, tzinfo=UTC)


MOMENTS = (
    Moment("proposal-published", _utc(1, 25, 12), _("The proposal is published")),
    Moment("feedback-open", _utc(2, 15, 12), _("Feedback is open")),
    Moment("feedback-last-hour", _utc(3, 1, 11, 15), _("The last hour of feedback")),
    Moment("feedback-closed", _utc(3, 2, 12), _("Feedback has closed")),
    Moment("feedback-answered", _utc(3, 11, 12), _("What was said is answered")),
    Moment("recruitment-open", _utc(3, 21, 12), _("Applications are open")),
    Moment("recruitment-last-hour", _utc(4, 11, 11, 15), _("The last hour of applications")),
    Moment("announced", _utc(5, 16, 18), _("The task force is announced")),
)
# Scenarios of the contract that later parts of the plan build; until then their loading names the part.
LATER = {
    "review": (7, "Review and decision, in Django admin"),
    "decided": (7, "Review and decision, in Django admin"),
    "working": (8, "The announcement, and the life after it"),
    "large": (8, "The announcement, and the life after it"),
}
