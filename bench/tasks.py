"""`celery -A bench.tasks`: the portal's worker, which also knows the way that is measured against it."""

from taskforce.celery import app
from taskforce.notifications import delivery

__all__ = ["app"]


@app.task(name="bench.one_mail")
def one_mail() -> None:
    """One task, one mail: claim it, open a connection, send, mark, close."""
    delivery.deliver_due(limit=1)
