"""What being a member, and announcing, keeps about people."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from taskforce.accounts.enums import Role
from taskforce.announcements.models import Member
from taskforce.core import personal
from taskforce.core.personal import ANYBODY, NOBODY, ONESELF, Erasure, Mailboxes, Place, Purpose, Row

MEMBERS = Purpose(
    "members",
    _("Members of a task force"),
    _("So that the community knows who works for it: by name only those who have agreed."),
)
WRITERS = Purpose(
    "announcements",
    _("Announcements"),
    _("So that nothing is published that two people of the staff have not read."),
)
_TEAM = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR, Role.OBSERVER})


def register() -> None:
    """Fill the map."""
    everywhere = frozenset({Place.PUBLIC, Place.STAFF, Place.OWN, Place.OWN_MAIL, Place.OTHER_MAIL})
    personal.register(
        # Before the one for what is public: tests take the last row of a field for what may be met of it.
        Row(
            MEMBERS, "announcements.Member", ("name",),
            _("your name as a new member, before it is announced"),
            _("until it is announced, if you agreed to that"),
            _TEAM, frozenset({Place.STAFF}), Erasure.EMPTY, is_watched=True,
        ),
        Row(
            MEMBERS, "announcements.Member", ("name", "consented_at"),
            _("your name as a member, if you agreed that it is published"),
            _("as long as the page of the members stands, or until you take your consent back"),
            frozenset({ANYBODY}), everywhere, Erasure.EMPTY,
        ),
        Row(
            MEMBERS, "announcements.Member", ("user", "since", "published_at"),
            _("that you are a member, and since when"),
            _("for good; without your consent you are counted, never named"),
            frozenset({ONESELF}) | _TEAM, frozenset({Place.OWN, Place.STAFF}), Erasure.RENAME,
        ),
        Row(
            WRITERS, "announcements.Announcement", ("author_id", "editor_id", "editors", "publisher_id"),
            _("which members of staff wrote and published an announcement"),
            _("for good, as a part of how the process was run"), NOBODY, frozenset(), Erasure.RENAME,
        ),
    )  # fmt: skip
    personal.impersonal("announcements.Member", "id", "task_force")
    personal.impersonal(
        "announcements.Announcement", "id", "task_force", "slug", "title", "body", "state", "version",
        "tested_version", "corrects", "members_count", "created_at", "published_at",
    )  # fmt: skip
    personal.give(personal.Collection("memberships", _("Where you are a member"), own_memberships))


def own_memberships(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The memberships that have been announced: before that, nobody knows of them."""
    found = Member.objects.filter(user=user, published_at__isnull=False).order_by("id")
    return personal.plain(found.values("task_force__slug", "name", "consented_at", "since", "published_at"))
