"""Members, with their consent, and announcements."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from taskforce.announcements.enums import AnnouncementState
from taskforce.timeline.models import TaskForce


class Member(models.Model):
    """A member of a task force. Without `consented_at` a member is counted, never named."""

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    name = models.CharField(max_length=120, blank=True)
    consented_at = models.DateTimeField(null=True)
    since = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["task_force", "user"], name="one_membership")]

    def __str__(self) -> str:
        return f"member {self.pk}"


# What readers and followers were told stays as they were told it: a mistake is put right by a correction.
_PUBLISHED_STAYS = """
IF NEW IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'what was published is not changed any more' USING ERRCODE = '23514';
END IF;
RETURN NEW;
"""


class Announcement(models.Model):
    """A text to all: title and body are translated; `members_count` is computed when it is published.

    `corrects` is the earlier one that it puts right.
    Is published by a second person: not the author and none of `editors`, who ever saved the text (plain ids);
    `editor_id` saved it as it is; null where nobody knows them. `version` rises with each save; `tested_version` is
    the one that somebody has sent to themselves. What is published does not change any more and is not deleted.
    """

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="announcements")
    slug = models.SlugField()
    title = models.CharField(max_length=300)
    body = models.TextField()
    state = models.CharField(max_length=12, choices=AnnouncementState, default=AnnouncementState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    tested_version = models.PositiveIntegerField(null=True)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    author_id = models.BigIntegerField(null=True)
    editor_id = models.BigIntegerField(null=True)
    editors = ArrayField(models.BigIntegerField(), default=list)
    publisher_id = models.BigIntegerField(null=True)
    members_count = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [
            models.UniqueConstraint(fields=["task_force", "slug"], name="one_news_slug"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False, members_count__isnull=False),
                name="published_when_and_with_how_many",
            ),
            models.CheckConstraint(
                condition=Q(publisher_id__isnull=True)
                | ~(Q(publisher_id=F("author_id")) | Q(publisher_id=F("editor_id"))),
                name="who_publishes_is_another",
            ),
            models.CheckConstraint(
                condition=Q(publisher_id__isnull=True) | ~Q(editors__contains=[F("publisher_id")]),
                name="who_publishes_never_saved_it",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state=AnnouncementState.PUBLISHED),
                func=_PUBLISHED_STAYS,
            ),
            pgtrigger.Protect(
                name="published_is_not_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state=AnnouncementState.PUBLISHED),
            ),
        ]

    def __str__(self) -> str:
        return self.slug
