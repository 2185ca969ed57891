"""By what those who post are told apart, and who of them cannot post in a task force for a while.

Where a window asks for an account it is that; where it asks for a mail address, a keyed code of the mailbox; else one
of the network, as limits know it. A code is of one task force, so that none says what was posted in another; it stands
with an item for a few days and then nowhere but in a block.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.enums import BlockKind, Participation
from feedback.models import FeedbackBlock, FeedbackItem, FeedbackReply
from feedback.rules import WHO
from taskforce.accounts.queries import task_force_ids
from taskforce.core import keyed
from taskforce.core.errors import Refused
from taskforce.core.templatetags.portal import contact
from taskforce.limits.mailboxes import folded

# How long a code stands with an item, and so how long whoever sent it can be blocked by it.
KEPT = {BlockKind.NETWORK: timedelta(days=7), BlockKind.MAILBOX: timedelta(days=90)}
# The longest that a network is blocked: it is many people's, and soon others'.
LONGEST_OF_A_NETWORK = timedelta(days=7)
# How long a block keeps by what it was made, after its end.
KEPT_AFTER = timedelta(days=90)
# For how many days somebody is blocked; 0: until the block is lifted.
DAYS = (1, 3, 7, 30, 90, 365)
NO_END = 0


@dataclass(frozen=True)
class Poster:
    """Whoever posts, by all that is known of them now; nothing of it is kept but what `code_of` says."""

    user_id: int | None = None
    codes: tuple[str, ...] = ()


def network(address: str | None, task_force_id: int) -> str:
    """The code of a network (as `limits.clients` gives it) in a task force; "" without one."""
    return _code("network", address or "", task_force_id)


def mailbox(address: str, task_force_id: int) -> str:
    """The same of a mailbox, without case, tag and dots."""
    return _code("mailbox", folded(address) if address else "", task_force_id)


def _code(kind: str, subject: str, task_force_id: int) -> str:
    if not subject:
        return ""
    return keyed.hexdigest("feedback.blocks", f"{task_force_id} {kind} {subject}")


def poster(user_id: int | None, *codes: str) -> Poster:
    """Whoever posts, by these codes as far as there are any."""
    return Poster(user_id, tuple(code for code in codes if code))


# The same as `active`, as a part of the statement that stores an item: places are the task force, the moment, the codes
# and the account.
NOT_BLOCKED = f"""
NOT EXISTS (
    SELECT FROM {FeedbackBlock._meta.db_table}
    WHERE task_force_id = %s AND lifted_at IS NULL AND (until IS NULL OR until > %s)
        AND (code <> '' AND code = ANY(%s::text[]) OR user_id = %s)
)
"""


def places(task_force_id: int, who: Poster, at: datetime) -> list[Any]:
    """What stands in the places of `NOT_BLOCKED`."""
    return [task_force_id, at, list(who.codes), who.user_id]


def active(at: datetime) -> Q:
    """What holds at a moment."""
    return Q(lifted_at=None) & (Q(until=None) | Q(until__gt=at))


def of(task_force_id: int, who: Poster, at: datetime) -> FeedbackBlock | None:
    """The block that keeps somebody from posting the longest; None where none does. No query for nobody."""
    known = Q()
    if who.codes:
        known |= Q(code__in=who.codes)
    if who.user_id is not None:
        known |= Q(user=who.user_id)
    if not known:
        return None
    found = list(FeedbackBlock.objects.filter(active(at), known, task_force=task_force_id).order_by("id"))
    return max(found, key=lambda one: (one.until is None, one.until or one.made_at), default=None)


def kind_of(item: FeedbackItem, reply: FeedbackReply | None) -> BlockKind | None:
    """By what whoever posted it can be blocked; None where nothing of that is known, or not any more."""
    if reply is not None:
        return None if reply.is_answer else BlockKind.ACCOUNT
    if item.author_id is not None:
        return BlockKind.ACCOUNT
    if not item.poster:
        return None
    return BlockKind.MAILBOX if item.window.participation == Participation.MAIL else BlockKind.NETWORK


def visible_to(user: Any) -> QuerySet[FeedbackBlock]:
    """The blocks that a moderator sees: those of their task forces."""
    everywhere, ids = task_force_ids(user, WHO["feedback.block"])
    found = FeedbackBlock.objects.select_related("task_force", "item", "reply", "made_by", "lifted_by")
    return found if everywhere else found.filter(task_force__in=ids)


class Blocked(Refused):
    """Whoever posts is blocked: says by what, for which rule, why, until when, and to whom they can object."""

    title = gettext_lazy("You cannot post here now")

    def __init__(self, block: FeedbackBlock) -> None:
        said = {
            BlockKind.ACCOUNT: _("The moderators of this task force have blocked your account from posting here."),
            BlockKind.MAILBOX: _("The moderators of this task force have blocked your mail address from posting here."),
            BlockKind.NETWORK: _(
                "The moderators of this task force have blocked posting from your network. Others may share it with "
                "you: perhaps it is not you who is meant. You can post once the block has ended."
            ),
        }
        rest = _("What you have posted before stays yours: by its link you can read it and withdraw it.")
        facts: list[tuple[Any, datetime | str]] = [
            (_("Rule that was broken"), str(block.get_rule_display())),
            (_("Reason"), block.reason),
            (_("Until"), block.until or _("the moderators lift it")),
            (_("If you object, write to"), format_html('<a href="mailto:{0}" dir="ltr">{0}</a>', contact())),
        ]
        super().__init__(f"{said[BlockKind(block.kind)]} {rest}", facts=facts)
        self.block = block
