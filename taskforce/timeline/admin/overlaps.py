"""The phases that would run at the same time, as previews warn of them."""

from collections.abc import Iterable
from typing import Any

from taskforce.core import labels
from taskforce.timeline import describe
from taskforce.timeline.models import Phase


def shown(phases: Iterable[Phase]) -> list[dict[str, Any]]:
    """Each with its title and both ends, as rule and instant."""
    return [
        {
            "title": labels.label(one, "title").text,
            "opens_rule": describe.opens_rule(one),
            "opens_at": one.opens_at,
            "closes_rule": describe.closes_rule(one),
            "closes_at": one.closes_at,
        }
        for one in phases
    ]


def named(phases: Iterable[Phase]) -> str:
    """Which phases a page has warned of and until when they run, to send back with a confirmation."""
    return " ".join(f"{one.pk}.{one.ends_version}" for one in phases)
