"""What signing in leaves behind, and nobody needs any more."""

from django.contrib.sessions.models import Session
from django.db import connection

from taskforce.core.clock import real_now


def forget_sign_ins() -> int:
    """Drop sessions that have expired, and counts of signing in that no longer count; returns how many.

    These lie in the cache's table, which throws nothing away by itself until it is full.
    """
    now = real_now()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache_default WHERE expires < %s", [now])
        counts: int = cursor.rowcount
    return counts + Session.objects.filter(expire_date__lt=now).delete()[0]
