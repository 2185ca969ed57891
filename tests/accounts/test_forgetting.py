"""Ended sessions and counts go; what still holds stays."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection

from taskforce.accounts.models import User
from taskforce.accounts.services import forget_sign_ins
from taskforce.core.clock import real_now
from tests.clients import Client

pytestmark = pytest.mark.django_db


def _rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache_default")
        return int(cursor.fetchone()[0])


def test_what_has_ended_goes_and_the_rest_stays(people: dict[str, User]) -> None:
    cache.clear()
    ended, going_on = Client(), Client()
    for client in (ended, going_on):
        client.force_login(people["member"])
    Session.objects.filter(pk=ended.session.session_key).update(expire_date=real_now() - timedelta(seconds=1))
    cache.set("a-count-that-holds", 1, timeout=60)
    cache.set("a-flag-for-ever", 1, timeout=None)
    cache.set("a-count-of-yesterday", 1, timeout=60)
    with connection.cursor() as cursor:
        named = [cache.make_key("a-count-of-yesterday")]
        cursor.execute("UPDATE cache_default SET expires = expires - interval '1 day' WHERE cache_key = %s", named)
    assert forget_sign_ins() == 2
    assert [client.get("/en/accounts/email/").status_code for client in (ended, going_on)] == [302, 200]
    assert (_rows(), forget_sign_ins()) == (2, 0)
