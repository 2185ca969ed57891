"""Accounts of the wiki with which a person signs in to their own here."""

import enum
from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.accounts import notices, queries
from taskforce.accounts.models import User
from taskforce.accounts.services.accounts import set_name
from taskforce.accounts.wikimedia import PROVIDER
from taskforce.audit import log
from taskforce.core.errors import Refused


class Connected(enum.Enum):
    """What came of joining an account of the wiki to one of the portal."""

    NOW = enum.auto()
    BEFORE = enum.auto()
    ELSEWHERE = enum.auto()


@transaction.atomic
def connect_wikimedia(user_id: int, uid: str, username: str, *, at: datetime, tell: bool = False) -> Connected:
    """Let a person sign in with the wiki's account `uid`; whoever has no name yet is shown by the one there.

    `tell`: by mail too, in case it was somebody else at their browser. An account of the wiki belongs to one account
    of the portal at most.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    known = {"user": user, "extra_data": {"username": username}}
    account, made = SocialAccount.objects.get_or_create(provider=PROVIDER, uid=uid, defaults=known)
    if account.user_id != user.pk:
        return Connected.ELSEWHERE
    if not made:
        return Connected.BEFORE
    log.record("account.connected", user, at=at, actor_id=user.pk, provider=PROVIDER)
    if not user.name:
        set_name(user.pk, username, at=at)
    if tell:
        notices.wikimedia_connected(user, at=at)
    return Connected.NOW


@transaction.atomic
def disconnect_wikimedia(user_id: int, account_id: int, *, at: datetime) -> bool:
    """End signing in with an account of the wiki; False where the person has no such one (any more).

    Raises Refused where nothing else would let them in: a code by mail needs a confirmed address.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    account = SocialAccount.objects.filter(user=user, pk=account_id).first()
    if account is None:
        return False
    if not queries.confirmed_mailboxes(user):
        raise Refused(_("Confirm an e-mail address first: without one you could not sign in any more."))
    account.delete()
    log.record("account.disconnected", user, at=at, actor_id=user.pk, provider=PROVIDER)
    notices.wikimedia_disconnected(user, at=at)
    return True
