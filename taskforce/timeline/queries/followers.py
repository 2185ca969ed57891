"""Who follows what."""

from collections.abc import Iterator

from django.db.models import Count

from taskforce.timeline.models import Subscription

BATCH = 500


def subscribers(task_force_id: int, topic: str) -> Iterator[list[tuple[str, str, str]]]:
    """Everybody who follows the topic and has confirmed it: batches of (mailbox, language, zone) by id."""
    followers = Subscription.objects.filter(
        task_force_id=task_force_id, topic=topic, confirmed_at__isnull=False
    ).order_by("id")
    last = 0
    while batch := list(followers.filter(id__gt=last).values_list("id", "mailbox", "language", "zone")[:BATCH]):
        yield [(mailbox, language, zone) for _, mailbox, language, zone in batch]
        last = batch[-1][0]


def followers_count(task_force_id: int, topic: str) -> int:
    """How many mailboxes a mailing on this topic would reach."""
    return Subscription.objects.filter(task_force_id=task_force_id, topic=topic, confirmed_at__isnull=False).count()


def counts_by_language(task_force_id: int, topic: str) -> dict[str, int]:
    """How many mailboxes follow the topic and have confirmed it, by portal language; without the empty ones."""
    followers = Subscription.objects.filter(task_force_id=task_force_id, topic=topic, confirmed_at__isnull=False)
    return dict(followers.order_by("language").values_list("language").annotate(Count("id")))
