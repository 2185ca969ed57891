"""One-line tasks."""

from celery import shared_task

from taskforce.portal import sweep


@shared_task(name="portal.sweep")
def sweep_task(**_ignored: object) -> None:
    """Wake the sweep; unknown arguments of older messages are ignored."""
    sweep.run()
