"""`celery -A bench.tasks`: the portal's worker, which also knows the way that is measured against it."""

from taskforce.celery import app

__all__ = ["app"]


@app.task(name="bench.one_mail")
def one_mail() -> None:
    """One task, one mail: claim it, open a connection, send, mark, close. Of what a pass does besides, nothing."""
    from taskforce.notifications import delivery  # noqa: PLC0415 - Celery sets Django up only after this module

    with delivery.Post() as post:
        delivery._Pass(post, 1).run()
