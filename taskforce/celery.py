"""The Celery app: legs that wake sweeps, never a memory. What is due stands in PostgreSQL.

Imports nothing of the project; tasks are found by name in each installed app's `tasks.py`.
"""

import logging
import os
from queue import Empty
from typing import Any

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES, redis

logger = logging.getLogger(__name__)


class _Channel(redis.Channel):
    """Throws away what is no message at all, for which kombu knows no error handler: it would end the worker."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]  # kombu has no types
        except ValueError:  # no JSON, no text, a body that is no base64
            logger.exception("what lies in the broker is no message; it is thrown away")
            raise Empty from None


class BrokerTransport(redis.Transport):
    """Redis as kombu speaks it, save that no single piece of rubbish in a list ends a worker."""

    Channel = _Channel

    def _deliver(self, message: Any, queue: str) -> None:
        properties = message.get("properties") if isinstance(message, dict) else None
        if not isinstance(properties, dict) or not {"delivery_tag", "delivery_info"} <= set(properties):
            raise ValueError("JSON, and no message")
        super()._deliver(message, queue)  # type: ignore[no-untyped-call]  # kombu has no types


TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), "taskforce.celery:BrokerTransport")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taskforce.settings")

app = Celery("taskforce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # JSON and nothing else: a pickle in the broker would be code.
    task_serializer="json",
    result_serializer="json",
    event_serializer="json",
    accept_content=["json"],
    result_accept_content=["json"],
    # No results, no events, no remote control: nobody reads them, and each is one more thing to lose in the broker.
    result_backend=None,
    task_ignore_result=True,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    # A message is gone only when its task has ended; every task may run twice, and at once.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_prefetch_multiplier=1,
    # Far below the visibility timeout, so that no message comes back while its task still runs.
    task_time_limit=120,
    task_soft_time_limit=100,
    broker_transport_options={
        "visibility_timeout": 3600,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 25,
    },
    # A broker that is away is waited for, however long; the sweep as a command works meanwhile.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # When told to end at once, a running task still gets so many seconds: longer than one mail takes.
    worker_soft_shutdown_timeout=15.0,
    worker_hijack_root_logger=False,
    timezone="UTC",
    # Each beat wakes a one-line task; `expires` keeps a queue from filling while no worker runs.
    beat_schedule={
        "sweep": {"task": "portal.sweep", "schedule": 2.0, "options": {"expires": 10}},
        "deliver": {"task": "notifications.deliver", "schedule": 2.0, "options": {"expires": 10}},
    },
)
app.autodiscover_tasks()
