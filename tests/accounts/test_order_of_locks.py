"""Whoever locks an account waits for whoever changes roles before they hold its row: one order, or nobody gets on."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from taskforce.accounts import services
from taskforce.accounts.models import User
from taskforce.accounts.services.roles import alone
from taskforce.core.clock import app_now
from tests.accounts.entering import somebody
from tests.meeting import somebody_waits, until


def lock(user_id: int) -> bool:
    try:
        return services.lock_account(user_id, "Shared with a stranger", at=app_now())
    finally:
        connection.close()


def test_the_roles_before_the_account(transactional_db: None) -> None:
    ann = somebody()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            alone()
            locked = pool.submit(lock, ann.pk)
            until(locked.done)
            assert somebody_waits()
            # Who changes roles takes the account's row next; if the other had it, this would be an error at once.
            assert User.objects.select_for_update(nowait=True).get(pk=ann.pk).is_active
        assert locked.result(30)
