"""How a window is moderated, in numbers for everybody, of which nobody can be made out by subtracting.

What everybody may read is counted exactly, as above the list of what was said. All else is a group of its own (held;
for staff alone; hidden for one rule; withdrawn; appeals, or reports, with one outcome) and told in steps of
`SMALL_GROUP`, each rounded down for itself, and every sum is one of such steps. So a number says nothing of another
group, and of a group that is smaller than a step no more than that: whatever somebody knows besides, and subtracts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q

from feedback import reporting
from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackReply, FeedbackWindow
from taskforce.core import small_groups

# What stands for the people who run the process alone; an appeal that nobody has decided about.
FOR_STAFF, UNDECIDED = "staff", ""


@dataclass(frozen=True)
class Moderated:
    """`public`: what everybody may read. Of all else "at least so many", without the groups of which there is no step:
    `others` by what became of it, `rules` what is hidden by the rule that was broken, `appeals` and
    `reports` by outcome. `replies`: those that everybody may read; `other_replies` as `others`."""

    public: int
    others: Mapping[str, int]
    rules: Mapping[str, int]
    withdrawn: int
    appeals: Mapping[str, int]
    reports: Mapping[str, int]
    least: int
    replies: int
    other_replies: Mapping[str, int]

    @property
    def received(self) -> int:
        """What is told of what nobody withdrew: so many, or at least so many."""
        return self.public + sum(self.others.values())


def of(window: FeedbackWindow) -> Moderated:
    """As it stands now; three queries."""
    rows = FeedbackItem.objects.filter(window=window).order_by().values_list("state", "visibility", "rule")
    public, withdrawn, staff, held = 0, 0, 0, 0
    rules: dict[str, int] = {}
    for state, visibility, rule, count in rows.annotate(Count("pk")):
        if state == ItemState.WITHDRAWN:
            withdrawn += count
        elif state == ItemState.HIDDEN:
            rules[rule] = rules.get(rule, 0) + count
        elif state == ItemState.HELD:
            held += count
        elif visibility in FOR_EVERYBODY:
            public += count
        else:
            staff += count
    of_window = Q(item__window=window) | Q(reply__item__window=window)
    appeals = FeedbackAppeal.objects.filter(of_window).order_by().values_list("outcome")
    others = {FOR_STAFF: staff, ItemState.HELD: held}
    came = dict(appeals.annotate(Count("pk")))
    return told(public, others, rules, withdrawn, came, reporting.counted(window.pk), _replies(window))


def _replies(window: FeedbackWindow) -> dict[str, int]:
    """How many replies there are in each state; one query."""
    rows = FeedbackReply.objects.filter(item__window=window).order_by().values_list("state")
    return dict(rows.annotate(Count("pk")))


def told(
    public: int,
    others: Mapping[str, int],
    rules: Mapping[str, int],
    withdrawn: int,
    appeals: Mapping[str, int],
    reports: Mapping[str, int],
    replies: Mapping[str, int] | None = None,
) -> Moderated:
    """What is printed of these numbers; what is hidden is the sum of what is told of each rule. `replies`: by state."""
    least, replied = settings.SMALL_GROUP, dict(replies or {})
    replied.pop(ItemState.WITHDRAWN, None)
    standing = replied.pop(ItemState.PUBLISHED, 0)
    hidden = small_groups.stepped(rules, least)
    told_of = {**small_groups.stepped(others, least), ItemState.HIDDEN.value: sum(hidden.values())}
    return Moderated(
        public,
        {kind: count for kind, count in told_of.items() if count},
        hidden,
        small_groups.step(withdrawn, least),
        small_groups.stepped(appeals, least),
        small_groups.stepped(reports, least),
        least,
        standing,
        small_groups.stepped(replied, least),
    )
