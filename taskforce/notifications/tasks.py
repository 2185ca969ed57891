"""One-line tasks."""

from celery import shared_task

from taskforce.notifications import delivery


@shared_task(name="notifications.deliver")
def deliver(**_ignored: object) -> None:
    """Wake delivery; unknown arguments of older messages are ignored."""
    delivery.deliver_due()
