"""Locking an account, and unlocking it: for the operator's commands only, which nobody's rights are asked for."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.accounts import notices
from taskforce.accounts.models import User
from taskforce.accounts.services.invitations import withdraw_all_of
from taskforce.accounts.services.roles import alone
from taskforce.audit import log
from taskforce.core.errors import Invalid
from taskforce.core.text import clean_text


@transaction.atomic
def lock_account(user_id: int, reason: str, *, at: datetime) -> bool:
    """From now on nobody gets in with the account, and whoever is in is out with their next page; its roles rest.

    What it has invited others to is withdrawn, for the roles come back with the account, and whoever locks it cannot
    tell who invited. Its owner is told by mail; `reason` stands in the log only. False where it is locked already.
    Raises Invalid without a reason.
    """
    if not (reason := clean_text(reason)):
        raise Invalid(_("Say why: the log keeps it."))
    alone()  # before the account's row: whoever changes roles takes them in this order
    user = User.objects.select_for_update().get(pk=user_id)
    if not user.is_active:
        return False
    user.is_active = False
    # Else the sessions that it had would go on once it is unlocked.
    user.sign_outs += 1
    user.save(update_fields=["is_active", "sign_outs"])
    log.record("lock.set", user, at=at, actor_id=None, reason=reason)
    withdraw_all_of(user.pk, at=at)
    notices.lock_on(user, at=at)
    return True


@transaction.atomic
def unlock_account(user_id: int, *, at: datetime) -> bool:
    """The account opens again as it did, with its roles; its owner signs in anew. False where it is not locked.

    What it had offered to others before stays withdrawn.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    if user.is_active:
        return False
    user.is_active = True
    user.save(update_fields=["is_active"])
    log.record("lock.lifted", user, at=at, actor_id=None)
    notices.lock_off(user, at=at)
    return True
