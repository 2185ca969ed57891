"""What was hidden after everybody could read it, as data for programs and spreadsheets: what stands in its place on its
page, and nothing of what it said."""

import json
from datetime import UTC
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet

from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.models import FeedbackItem, FeedbackReply
from taskforce.core import tables
from taskforce.timeline.models import TaskForce

Row = dict[str, Any]
_COLUMNS = ("window", "reference", "state", "rule", "on")
_OF = ("window__slug", "reference", "state", "rule", "state_at")


def rows(task_force: TaskForce) -> list[Row]:
    """Texts and replies of all published windows that break a rule, withdrawn afterwards or not; window by window by
    the references, which are random. Two queries.

    Of what nobody could ever read nothing stands anywhere: it is a part of the counts alone (`moderated`).
    """
    stands_in_its_place = ~Q(rule="") & Q(was_public=True, state__in=(ItemState.HIDDEN, ItemState.WITHDRAWN))
    items = FeedbackItem.objects.filter(
        stands_in_its_place, _public_in(task_force), visibility__in=sorted(FOR_EVERYBODY)
    )
    # Below what is gone nobody reads replies any more.
    replies = FeedbackReply.objects.filter(
        stands_in_its_place,
        _public_in(task_force, "item__"),
        item__state=ItemState.PUBLISHED,
        item__visibility__in=sorted(FOR_EVERYBODY),
    )
    found = [*_read(items, ""), *_read(replies, "item__")]
    return sorted(found, key=itemgetter("window", "reference"))


def as_json(found: list[Row]) -> bytes:
    """They as a JSON list in UTF-8."""
    return json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n"


def as_csv(found: list[Row]) -> bytes:
    """One line for each."""
    return tables.csv_bytes(_COLUMNS, [[row[name] for name in _COLUMNS] for row in found])


def _public_in(task_force: TaskForce, way: str = "") -> Q:
    return Q(
        **{
            f"{way}window__phase__task_force": task_force,
            f"{way}window__published_at__isnull": False,
            f"{way}window__phase__published_at__isnull": False,
        }
    )


def _read(found: "QuerySet[Any]", way: str) -> list[Row]:
    columns = (f"{way}{_OF[0]}", *_OF[1:])
    return [
        dict(zip(_COLUMNS, (*row[:4], row[4].astimezone(UTC).date().isoformat() if row[4] else None), strict=True))
        for row in found.order_by().values_list(*columns)
    ]
