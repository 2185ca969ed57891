"""The Celery app: legs that wake sweeps, never a memory. What is due stands in PostgreSQL.

Imports nothing of the project; tasks are found by name in each installed app's `tasks.py`.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taskforce.settings")

app = Celery("taskforce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=120,
    task_soft_time_limit=100,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 3600, "socket_timeout": 10, "socket_connect_timeout": 3},
    worker_hijack_root_logger=False,
    timezone="UTC",
    # Each beat wakes a one-line task; `expires` keeps a queue from filling while no worker runs.
    beat_schedule={
        "sweep": {"task": "portal.sweep", "schedule": 2.0, "options": {"expires": 10}},
        "deliver": {"task": "notifications.deliver", "schedule": 2.0, "options": {"expires": 10}},
    },
)
app.autodiscover_tasks()
