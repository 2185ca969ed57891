"""How a window is moderated, in numbers for everybody, without small groups.

The total is the one of the page of the process: what was received and nobody withdrew. How much of it everybody may
read stands above the list of what was said; so the difference, all the rest together, anybody can know. The rest is
told apart by `core/small_groups.py`, so that no kind of it, no rule and no outcome of an appeal is a small group.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count

from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackWindow
from taskforce.core import small_groups
from taskforce.core.small_groups import Told

# What stands for the people who run the process alone; an appeal that nobody has decided about.
FOR_STAFF, UNDECIDED = "staff", ""


@dataclass(frozen=True)
class Moderated:
    """`received`: all that nobody withdrew; `public`: what everybody may read. `others` are what staff alone may read,
    what is held and what is hidden; `rules` those for which things are hidden; None: too few to be told."""

    received: int
    public: int
    others: Told
    rules: Told | None
    withdrawn: int | None
    appeals: Told | None
    least: int


def of(window: FeedbackWindow) -> Moderated:
    """As it stands now; two queries."""
    least = settings.SMALL_GROUP
    rows = FeedbackItem.objects.filter(window=window).order_by().values_list("state", "visibility", "rule")
    public, withdrawn = 0, 0
    others: dict[str, int] = {}
    rules: dict[str, int] = {}
    for state, visibility, rule, count in rows.annotate(Count("pk")):
        if state == ItemState.WITHDRAWN:
            withdrawn += count
        elif state == ItemState.PUBLISHED and visibility in FOR_EVERYBODY:
            public += count
        else:
            kind = FOR_STAFF if state == ItemState.PUBLISHED else state
            others[kind] = others.get(kind, 0) + count
            if rule:
                rules[rule] = rules.get(rule, 0) + count
    told = small_groups.told(others, least)
    is_hidden_told = any(kind == ItemState.HIDDEN for kind, _count in told.groups)
    return Moderated(
        public + sum(others.values()),
        public,
        told,
        small_groups.told(rules, least) if is_hidden_told else None,
        withdrawn if withdrawn >= least else None,
        _appeals(window, least),
        least,
    )


def _appeals(window: FeedbackWindow, least: int) -> Told | None:
    """What came of appeals, by outcome; None where they are too few to say how many."""
    rows = FeedbackAppeal.objects.filter(item__window=window).order_by().values_list("outcome")
    found: Mapping[str, int] = dict(rows.annotate(Count("pk")))
    return small_groups.told(found, least) if sum(found.values()) >= least else None
