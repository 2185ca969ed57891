"""Subscriptions: who follows what."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.audit import log
from taskforce.core import languages
from taskforce.core.errors import Invalid
from taskforce.timeline import windows
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import Subscription, TaskForce


@transaction.atomic
def follow(
    task_force: TaskForce,
    *,
    mailbox: str,
    topics: list[str],
    language: str,
    zone: str = "UTC",
    user_id: int | None = None,
    at: datetime,
) -> None:
    """Make a mailbox follow topics, confirmed at once: only for one that is known to be the person's own."""
    if unknown := set(topics) - set(Topic.values):
        raise Invalid(_("“%(name)s” is nothing that can be followed.") % {"name": sorted(unknown)[0]})
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    windows.zone_of(zone)
    for topic in topics:
        subscription, _made = Subscription.objects.update_or_create(
            task_force=task_force,
            mailbox=mailbox.strip().lower(),
            topic=topic,
            defaults={"language": language, "zone": zone, "user_id": user_id, "asked_at": at, "confirmed_at": at},
        )
        log.record("subscription.confirmed", subscription, at=at, actor_id=user_id, task_force_id=task_force.pk)
