"""The e-mail addresses of a person: each change is on record, and told to every address that was theirs before."""

from collections.abc import Callable
from datetime import datetime

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.manage_email import can_mark_as_primary
from allauth.account.models import EmailAddress
from django.db import transaction

from taskforce.accounts import notices, queries
from taskforce.accounts.models import User
from taskforce.accounts.sign_ups import SignUp
from taskforce.audit import log


@transaction.atomic
def confirm_address(
    address: EmailAddress, confirm: Callable[[], bool], *, chosen: SignUp | None = None, at: datetime
) -> bool:
    """Let `confirm` (allauth's way of it) make the address one that its person has shown to be theirs.

    One that is not stored yet is added by this. `chosen`: what was typed by whoever confirms, where somebody, maybe
    another, had signed up before them: that holds, and nothing of the other's, unless somebody has entered the account
    or set its password meanwhile. False, and nothing done, where `confirm` says so.
    """
    user = User.objects.select_for_update().get(pk=address.user_id)
    is_new, before = address.pk is None, queries.confirmed_mailboxes(user)
    is_entered = bool(before) or user.last_login is not None
    if not confirm():
        return False
    number = EmailAddress.objects.filter(user=user, email=address.email).values_list("pk", flat=True).first()
    action = "account.address-added" if is_new else "account.address-confirmed"
    log.record(action, user, at=at, actor_id=user.pk, address=number)
    if chosen is not None and not is_entered and user.password == chosen.instead_of:
        _take(user, chosen, at)
    if before:
        notices.address_added(user, before, added=address.email, at=at)
    return True


def _take(user: User, chosen: SignUp, at: datetime) -> None:
    had_password = user.has_usable_password()
    user.password, user.language, user.zone = chosen.password, chosen.language, chosen.zone
    user.save(update_fields=["password", "language", "zone"])
    if user.has_usable_password():
        log.record("account.password-set", user, at=at, actor_id=user.pk)
    elif had_password:
        log.record("account.password-forgotten", user, at=at, actor_id=user.pk)


@transaction.atomic
def make_primary(user_id: int, email: str, *, at: datetime) -> bool:
    """Make one of a person's addresses their main one; False, and nothing done, where it has to be confirmed first."""
    address = _locked(user_id, email)
    if address is None or not can_mark_as_primary(address):
        return False
    if not address.primary:
        user, before = address.user, EmailAddress.objects.filter(user_id=user_id, primary=True).first()
        address.set_as_primary()
        log.record("account.address-primary", user, at=at, actor_id=user.pk)
        if before:
            notices.address_changed(user, before=before.email, after=address.email, at=at)
    return True


@transaction.atomic
def remove_address(user_id: int, email: str, *, at: datetime) -> bool:
    """Take an address away from a person; False, and nothing done, where it is the main one.

    One that was theirs gets the word of it too; one that nobody has confirmed may be a stranger's, and gets none.
    """
    address = _locked(user_id, email)
    if address is None or not get_adapter().can_delete_email(address):
        return False
    user, was_theirs = address.user, [address.email] if address.verified else []
    address.remove()
    log.record("account.address-removed", user, at=at, actor_id=user.pk)
    notices.address_removed(user, was_theirs, removed=address.email, at=at)
    return True


def _locked(user_id: int, email: str) -> EmailAddress | None:
    """The person's address, with nobody else at their account; None where they have no such one."""
    user = User.objects.select_for_update().get(pk=user_id)
    found = EmailAddress.objects.filter(user=user, email=email.lower()).first()
    if found is not None:
        found.user = user
    return found
