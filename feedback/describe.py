"""What is left of a feedback window, and when something was said."""

from datetime import UTC, datetime, timedelta

from django.utils.html import format_html

from feedback.models import FeedbackItem
from taskforce.core import dates
from taskforce.core.templatetags.portal import local_time, to_the_minute

_SOON = timedelta(hours=24)


def closes_soon(closes_at: datetime, at: datetime) -> bool:
    """Whether something, but less than a day is left, so that the page has to say so before anything else."""
    return timedelta() < closes_at - at < _SOON


def when(item: FeedbackItem) -> str:
    """When something was said, as everybody reads it: to the minute beside a name, without one the day (UTC) alone, for
    the minute may tell who it was."""
    if item.shown_name:
        return local_time(to_the_minute(item.received_at))
    day = item.received_at.astimezone(UTC).date()
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), dates.day_text(day))
