"""`gunicorn tests.chaos.naive.broker`: what is to be done after a submission is handed to the broker in the request."""

from typing import Any

from taskforce.wsgi import application as application  # the portal's apps must be there before what is changed in them

from feedback import services
from taskforce.celery import app
from taskforce.notifications.tasks import deliver

_submit = services.submit


def _submit_and_call(window_id: int, **fields: Any) -> services.Receipt:
    receipt = _submit(window_id, **fields)
    deliver.delay()
    return receipt


app.set_default()  # for every thread: the web by itself knows no broker
services.submit = _submit_and_call
