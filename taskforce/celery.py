"""The Celery app: legs that wake sweeps, never a memory. What is due stands in PostgreSQL.

Imports nothing of the project; tasks are found by name in each installed app's `tasks.py`.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty
from typing import Any

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES, redis

logger = logging.getLogger(__name__)


class _Channel(redis.Channel):
    """Throws away what no worker can read, for which kombu and Celery know no error handler: it would end the worker.

    And would end the next one too, since what a worker dies of goes back into the list.
    """

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]  # kombu has no types
        except ValueError:  # no JSON, no text, a body that is no base64, no message
            logger.exception("what lies in the broker is no message; it is thrown away")
            raise Empty from None

    def basic_consume(
        self, queue: str, no_ack: bool, callback: Callable[[Any], Any], *args: Any, **options: Any
    ) -> Any:
        """As kombu, save that a message of which the worker's own code raises is rejected for good."""

        def guarded(message: Any) -> Any:
            try:
                return callback(message)
            except self.connection_errors:  # of the broker, not of the message: the worker connects anew
                raise
            except Exception:
                logger.exception("a message that nobody understands is thrown away")
                if not message.acknowledged:
                    message.reject()

        return super().basic_consume(queue, no_ack, guarded, *args, **options)  # type: ignore[no-untyped-call]

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """As kombu, save that the poller hears of it where the broker was away."""
        with self._heard():
            super().basic_ack(delivery_tag, multiple)  # type: ignore[no-untyped-call]

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """As kombu, save that the poller hears of it where the broker was away."""
        with self._heard():
            super().basic_reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]

    @contextmanager
    def _heard(self) -> Iterator[None]:
        try:
            yield
        except self.connection_errors as lost:
            self.connection.cycle.lost = lost
            raise


class _Poller(redis.MultiChannelPoller):
    """Lets the worker connect anew when it could not tell the broker what became of a task.

    A worker whose processes are all busy stops reading from the broker. Dies the broker meanwhile, nothing notices but
    the word that a task is done, or its process dead, whose errors Celery only logs: the task keeps its place for ever,
    and the worker lives on without reading again (kombu 5.7).
    """

    lost: Exception | None = None

    def on_poll_start(self) -> None:
        """Runs ahead of every look at the broker; what it raises makes Celery connect anew."""
        if self.lost is not None:
            lost, self.lost = self.lost, None
            raise lost
        super().on_poll_start()  # type: ignore[no-untyped-call]


class BrokerTransport(redis.Transport):
    """Redis as kombu speaks it, save that neither rubbish in a list nor a broker that dies ends a worker's reading."""

    Channel = _Channel

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        self.cycle = _Poller()  # type: ignore[no-untyped-call,assignment]  # kombu does the same

    def _deliver(self, message: Any, queue: str) -> None:
        if not _has_shape(message):
            raise ValueError("JSON, and no message")
        super()._deliver(message, queue)  # type: ignore[no-untyped-call]  # kombu has no types


def _has_shape(message: Any) -> bool:
    """Whether it is built as a message for a worker is: what kombu and Celery take for granted of it."""
    match message:
        case {
            "headers": {"task": str(task), "id": str(number)},
            "properties": {"delivery_tag": str(tag), "delivery_info": dict()} as properties,
            "body": str(),
        }:
            return bool(task and number and tag) and properties.get("body_encoding") in _ENCODINGS
    return False


# How a body may be wrapped; `None` and UTF-8 are not at all.
_ENCODINGS = (None, "utf-8", *redis.Channel.codecs)

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
