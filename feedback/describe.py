"""What is left of a feedback window."""

from datetime import datetime, timedelta

_SOON = timedelta(hours=24)


def closes_soon(closes_at: datetime, at: datetime) -> bool:
    """Whether something, but less than a day is left, so that the page has to say so before anything else."""
    return timedelta() < closes_at - at < _SOON
