"""What following and running a process keeps about people."""

from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from taskforce.accounts.enums import Role
from taskforce.core import personal
from taskforce.core.personal import ANYBODY, NOBODY, ONESELF, Erasure, Mailboxes, Place, Purpose, Row
from taskforce.timeline.models import DigestMark, Subscription

FOLLOWING = Purpose(
    "following",
    _("Following a task force"),
    _("So that you get the mails that you asked for, and none once you have left."),
)
ACTS = Purpose(
    "public-acts",
    _("Changed dates and names, and mails to followers"),
    _("So that everybody knows who changed a published date or a name, and who wrote to all followers."),
)
_KEEPERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})
_TEAM = _KEEPERS | {Role.OBSERVER}
_OWN = frozenset({Place.OWN, Place.OWN_MAIL})


def register() -> None:
    """Fill the map."""
    personal.register(*_following(), *_acts())
    personal.impersonal(
        "timeline.TaskForce", "id", "slug", "name", "purpose", "state", "created_at", "ended_at", "unanswered", "turns",
        "turned_at",
    )  # fmt: skip
    personal.impersonal(
        "timeline.Phase", "id", "task_force", "slug", "title", "text", "capabilities", "opens_on", "opens_time",
        "closes_on", "closes_time", "zone", "opens_at", "closes_at", "grace_seconds", "cap", "ends_version",
        "published_at", "cancelled_at",
    )  # fmt: skip
    personal.impersonal(
        "timeline.Extension", "id", "phase", "act", "old_closes_on", "old_closes_time", "old_closes_at",
        "new_closes_on", "new_closes_time", "new_closes_at", "ends_version", "reason_language", "at",
    )  # fmt: skip
    personal.impersonal(
        "timeline.Verdict", "id", "phase", "number", "text_id", "titles", "is_main", "outcome", "unanswered", "at"
    )
    personal.impersonal("timeline.OldWord", "id", "task_force", "language", "word", "at")
    personal.impersonal("timeline.StaysAsItIs", "id", "task_force", "place", "language", "digest", "at")
    personal.impersonal(
        "timeline.Rename", "id", "task_force", "old_slug", "new_slug", "old_names", "new_names", "reason_language", "at"
    )
    personal.impersonal(
        "timeline.PhaseEvent", "id", "phase", "kind", "ends_version", "due_at", "noticed_at", "outcome", "count"
    )
    personal.impersonal("timeline.Subscription", "id", "task_force")
    personal.impersonal("timeline.Departure", "id", "task_force_id", "topic", "left_at")
    personal.impersonal("timeline.DigestMark", "id", "through", "since")
    personal.impersonal(
        "timeline.Bulletin", "id", "task_force", "topic", "subject", "body", "state", "version", "corrects",
        "mailing_id", "tested_version", "followers_at_once", "followers_daily", "created_at", "offered_at", "sent_at",
        "stopped_at",
    )  # fmt: skip
    personal.give(personal.Collection("following", _("What you follow"), own_subscriptions))
    personal.give(personal.Collection("daily-mails", _("Your daily mails"), own_daily_mails))


def _following() -> tuple[Row, ...]:
    until_left = _("until you leave, by one click in any mail")
    return (
        Row(
            FOLLOWING, "timeline.Subscription", ("mailbox", "user_id"), _("the address that follows"),
            until_left, _KEEPERS | {ONESELF}, _OWN | {Place.STAFF}, Erasure.DELETE, is_watched=True,
        ),
        Row(
            FOLLOWING, "timeline.Subscription",
            ("topic", "frequency", "language", "zone", "source", "asked_at", "confirmed_at"),
            _("what you follow, how often, in which language and time zone, since when and by which form"),
            until_left, _TEAM | {ONESELF}, _OWN | {Place.STAFF}, Erasure.DELETE, is_watched=True,
        ),
        Row(
            FOLLOWING, "timeline.DigestMark", ("mailbox",), _("up to when your daily mail has told you everything"),
            until_left, NOBODY, frozenset(), Erasure.DELETE,
        ),
        Row(
            FOLLOWING, "timeline.Departure", ("mailbox_key",),
            _("that you have left, under a code that cannot be turned back into your address"),
            _("for good, so that no list of staff brings you back; your own confirmation ends it"),
            NOBODY, frozenset(), Erasure.KEEP,
        ),
    )  # fmt: skip


def _acts() -> tuple[Row, ...]:
    public = frozenset({Place.PUBLIC, Place.STAFF, Place.OWN, Place.OWN_MAIL, Place.OTHER_MAIL})
    for_good = _("for good, as a part of how the process was run")
    return (
        Row(
            ACTS, "timeline.Extension", ("actor_id", "actor_name", "reason"),
            _("who of the staff changed a date, and why"),
            for_good, frozenset({ANYBODY}), public, Erasure.KEEP,
        ),
        Row(
            ACTS, "timeline.Rename", ("actor_id", "actor_name", "reason"),
            _("who of the staff gave a task force another name, and why"),
            for_good, frozenset({ANYBODY}), public, Erasure.KEEP,
        ),
        Row(
            ACTS, "timeline.Verdict", ("actor_id", "actor_name", "reasons"),
            _("who of the staff decided after feedback, and why"),
            for_good, frozenset({ANYBODY}), public, Erasure.KEEP,
        ),
        Row(
            ACTS, "timeline.StaysAsItIs", ("actor_id", "actor_name", "reason"),
            _("who of the staff let a text say the former name of a task force, and why"),
            for_good, _TEAM | {Role.DATA_OFFICER}, frozenset({Place.STAFF}), Erasure.KEEP,
        ),
        Row(
            ACTS, "timeline.Bulletin",
            ("author_id", "author_name", "editor_id", "editor_name", "editors", "second_id", "second_name", "testers"),
            _("who of the staff wrote, tested and sent a mail to all followers"),
            for_good, _TEAM, frozenset({Place.STAFF}), Erasure.RENAME,
        ),
    )  # fmt: skip


def own_subscriptions(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What the account and its confirmed mailboxes follow, whether asked for with the account or without.

    Of what a mailbox followed before it was the person's they learn what comes to it now, and nothing of how and when
    somebody asked for it: that may have been another. Language and zone of its mails are theirs since they have it.
    """
    since = {mailbox.lower(): at for mailbox, at in mailboxes.items()}
    mine = Q(user_id=user.pk) | Q(user_id=None, lower__in=since)
    found = Subscription.objects.annotate(lower=Lower("mailbox")).filter(mine).order_by("id")
    now, then = ("mailbox", "topic", "frequency", "language", "zone"), ("source", "asked_at", "confirmed_at")
    return [
        {"task_force__slug": row.task_force.slug}
        | {name: getattr(row, name) for name in now}
        | {name: getattr(row, name) if _is_ones_own(row, since) else None for name in then}
        for row in found.select_related("task_force")
    ]


def _is_ones_own(row: Subscription, since: Mailboxes) -> bool:
    """Whether it was asked for with the account, or by a mailbox that was the person's by then."""
    begun = row.asked_at or row.confirmed_at
    return row.user_id is not None or (begun is not None and begun >= since[row.mailbox.lower()])


def own_daily_mails(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """Up to when each confirmed mailbox has been told since it is the person's."""
    theirs = Q(pk__in=[])
    for mailbox, since in mailboxes.items():
        theirs |= Q(lower=mailbox.lower(), through__gte=since)
    found = DigestMark.objects.annotate(lower=Lower("mailbox")).filter(theirs).order_by("id")
    return personal.plain(found.values("mailbox", "through"))
