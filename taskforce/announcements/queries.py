"""What there is to read of members and announcements."""

import re
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import Http404

from taskforce.accounts.queries import task_force_ids
from taskforce.announcements.enums import AnnouncementState
from taskforce.announcements.models import Announcement, Member
from taskforce.announcements.rules import WHO
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import TaskForce
from taskforce.timeline.queries import followers_count

# So much of an address leaves room for what is added to it.
_STEM = 30


@dataclass(frozen=True)
class Membership:
    """Who stands on the members page: names with consent, and how many without."""

    names: list[str]
    unnamed: int

    @property
    def total(self) -> int:
        """All members, named or not."""
        return len(self.names) + self.unnamed


def published_members(task_force: TaskForce) -> Membership:
    """The members that were announced; nobody is named without consent."""
    return _membership(Member.objects.filter(task_force=task_force, published_at__isnull=False).order_by("id"))


def _membership(rows: QuerySet[Member]) -> Membership:
    listed = list(rows.values_list("name", "consented_at"))
    names = [name for name, consented_at in listed if consented_at and name]
    return Membership(names, len(listed) - len(names))


def members_published(task_force: TaskForce) -> int:
    """How many members were announced."""
    return Member.objects.filter(task_force=task_force, published_at__isnull=False).count()


def members_to_publish(task_force_id: int) -> Membership:
    """The members that publishing now would make public: by name with consent, the others counted."""
    rows = Member.objects.filter(task_force_id=task_force_id, published_at__isnull=True).order_by("id")
    return _membership(rows)


def followers(task_force_id: int) -> int:
    """How many mailboxes follow the announcements, in every language and at whatever pace."""
    return followers_count(task_force_id, Topic.ANNOUNCEMENTS)


def news(task_force: TaskForce) -> QuerySet[Announcement]:
    """The published announcements, newest first."""
    return Announcement.objects.filter(task_force=task_force, state=AnnouncementState.PUBLISHED).order_by(
        "-published_at", "-id"
    )


def item_or_404(task_force: TaskForce, slug: str) -> Announcement:
    """One published announcement; a draft is not there."""
    found = news(task_force).select_related("corrects").filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def corrections(announcement: Announcement) -> QuerySet[Announcement]:
    """The published announcements that put this one right."""
    return news(announcement.task_force).filter(corrects=announcement)


def free_slug(earlier: Announcement) -> str:
    """The address of a correction: the earlier one's, and that it is one."""
    stem = re.sub(r"-correction(-[0-9]+)?$", "", earlier.slug)[:_STEM]
    taken = set(Announcement.objects.filter(task_force_id=earlier.task_force_id).values_list("slug", flat=True))
    names = (f"{stem}-correction{f'-{number}' if number > 1 else ''}" for number in count(1))
    return next(name for name in names if name not in taken)


def visible_to(user: Any) -> QuerySet[Announcement]:
    """The announcements, drafts included, that a staff member works with."""
    everywhere, ids = task_force_ids(user, WHO["announcement.read"])
    found = Announcement.objects.select_related("task_force", "corrects")
    return found if everywhere else found.filter(task_force_id__in=ids)


def to_publish(user: Any) -> QuerySet[Announcement]:
    """What waits for this user as the second person: tested drafts of their task forces with no sentence of theirs."""
    everywhere, ids = task_force_ids(user, WHO["announcement.publish"])
    tested = Announcement.objects.filter(state=AnnouncementState.DRAFT, tested_version=F("version"))
    own = Q(author_id=user.pk) | Q(editor_id=user.pk) | Q(editors__contains=[user.pk])
    found = tested.exclude(own)
    return found if everywhere else found.filter(task_force_id__in=ids)


def announceable(user: Any) -> QuerySet[TaskForce]:
    """The task forces for which a staff member may write an announcement."""
    everywhere, ids = task_force_ids(user, WHO["announcement.edit"])
    return TaskForce.objects.all() if everywhere else TaskForce.objects.filter(pk__in=ids)
