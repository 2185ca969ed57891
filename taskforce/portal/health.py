"""Alive and ready. Ready means that pages can be served; a broker that is gone is named, but stops nothing."""

import logging

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from taskforce.core.clock import real_now
from taskforce.portal import sweep

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nothing of any other."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """A JSON body that names what is not ready; 503 where pages could not be served (database, migrations).

    The broker and the age of the last sweep are reported too but do not count: every page and every POST works without
    them (DESIGN 2.5).
    """
    parts = {"database": _database(), "broker": _broker()}
    has_database = parts["database"] == "ok"
    parts["migrations"] = _migrations() if has_database else "unknown: no database"
    parts["sweep"] = _sweep() if has_database else "unknown: no database"
    serving = parts["database"] == parts["migrations"] == "ok"
    return JsonResponse({"ready": serving, **parts}, status=200 if serving else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app_now()")
    except DatabaseError:
        logger.warning("database not reachable")
        return "not reachable"
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(pending)} not applied" if pending else "ok"


def _sweep() -> str:
    try:
        last = sweep.last_pass()
    except DatabaseError:
        return "unknown"
    return "none yet" if last is None else f"{max(0, round((real_now() - last).total_seconds()))} s ago"


def _broker() -> str:
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
        with client:
            client.ping()
    except (redis.RedisError, OSError):
        return "not reachable: mails wait, pages work"
    return "ok"
