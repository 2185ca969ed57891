"""Who follows a task force, up to when a mailbox has been told, and the mails that staff write to followers."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from taskforce.timeline.enums import BulletinState, Frequency, Topic
from taskforce.timeline.models.process import TaskForce


class Subscription(models.Model):
    """Someone who follows a topic of a task force: mailbox, how soon, in which language and zone.

    `confirmed_at` null: asked for by a form, not confirmed from the mailbox yet; nothing is sent to it but the
    question. `source` says by which door it came (a form, an account, a list of staff), in a word of the code.
    """

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="subscriptions")
    mailbox = models.CharField(max_length=254)
    user_id = models.BigIntegerField(null=True)
    topic = models.CharField(max_length=16, choices=Topic)
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.IMMEDIATE)
    language = models.CharField(max_length=10)
    zone = models.CharField(max_length=64, default="UTC")
    source = models.CharField(max_length=12, default="form")
    asked_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [models.UniqueConstraint(fields=["task_force", "mailbox", "topic"], name="one_subscription")]
        indexes = [
            models.Index(fields=["mailbox"], name="subscription_mailbox"),
            models.Index(fields=["asked_at"], condition=Q(confirmed_at__isnull=True), name="subscription_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.task_force_id}"


class Departure(models.Model):
    """Somebody has left: a list of staff does not bring them back, nor asks them; their own confirmation ends it.

    `mailbox_key` is a keyed hash: of who has gone no address is kept. `task_force_id` null: all of them; `topic` "":
    everything.
    """

    mailbox_key = models.CharField(max_length=64)
    task_force_id = models.BigIntegerField(null=True)
    topic = models.CharField(max_length=16, blank=True, choices=Topic)
    left_at = models.DateTimeField()

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox_key", "task_force_id", "topic"], nulls_distinct=False, name="one_departure"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.task_force_id}"


class DigestMark(models.Model):
    """Up to which instant a mailbox has had its daily mail; half-open, so that nothing is told twice or never.

    `since`, if not null, lies before `through`: from there on something may not have been told yet.
    """

    mailbox = models.CharField(max_length=254, unique=True)
    through = models.DateTimeField()
    since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("daily mail")
        verbose_name_plural = _("daily mails")

    def __str__(self) -> str:
        return f"{self.through:%Y-%m-%d %H:%M}"


# The mails are made from the row while the mailing is worked out: after the sending nothing of it changes but that it
# was stopped.
_SENT_STAYS = """
IF to_jsonb(NEW) - ARRAY['state', 'stopped_at'] IS DISTINCT FROM to_jsonb(OLD) - ARRAY['state', 'stopped_at'] THEN
    RAISE EXCEPTION 'what was sent to the followers is not changed any more' USING ERRCODE = '23514';
END IF;
RETURN NEW;
"""


class Bulletin(models.Model):
    """A mail that staff write to the followers of a topic; `subject` and `body` (Markdown) are translated.

    Goes out only by the act of a second person: not the author and none of `editors`, who ever saved the text (plain
    ids); `editor_id` saved it as it is. `testers` have read the version `tested_version` in a mail to themselves.
    `mailing_id` is the mailing that this made (a plain id), `corrects` the earlier one that it puts right. `version`
    rises with each save. `followers_at_once` and `followers_daily`: how many the second person was shown. What has
    been sent does not change any more: its mails are made from this row.
    """

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="bulletins")
    topic = models.CharField(max_length=16, choices=Topic)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=BulletinState, default=BulletinState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    author_id = models.BigIntegerField()
    author_name = models.CharField(max_length=120)
    editor_id = models.BigIntegerField()
    editor_name = models.CharField(max_length=120)
    editors = ArrayField(models.BigIntegerField(), default=list)
    second_id = models.BigIntegerField(null=True)
    second_name = models.CharField(max_length=120, blank=True)
    mailing_id = models.BigIntegerField(null=True)
    tested_version = models.PositiveIntegerField(null=True)
    testers = ArrayField(models.BigIntegerField(), default=list)
    followers_at_once = models.PositiveIntegerField(null=True)
    followers_daily = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("mail to followers")
        verbose_name_plural = _("mails to followers")
        constraints = [
            models.CheckConstraint(
                condition=Q(second_id__isnull=True) | ~(Q(second_id=F("author_id")) | Q(second_id=F("editor_id"))),
                name="the_second_is_another",
            ),
            models.CheckConstraint(
                condition=Q(second_id__isnull=True) | ~Q(editors__contains=[F("second_id")]),
                name="the_second_never_saved_it",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[BulletinState.SENT, BulletinState.STOPPED]) | Q(second_id__isnull=False),
                name="nothing_goes_without_a_second",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="sent_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=[BulletinState.SENT, BulletinState.STOPPED]),
                func=_SENT_STAYS,
            ),
            pgtrigger.Protect(name="nothing_is_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"bulletin {self.pk}"
