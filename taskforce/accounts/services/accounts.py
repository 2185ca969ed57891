"""Accounts and what a person sets about their own."""

from collections.abc import Callable
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from taskforce.accounts import notices, queries, speaking
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import languages, zones
from taskforce.core.errors import Invalid
from taskforce.core.text import clean_name


@transaction.atomic
def create_account(
    email: str, *, at: datetime, name: str = "", language: str = "en", zone: str = "UTC", password: str | None = None
) -> User:
    """An account with a confirmed address, as the scenarios need it; without password sign-in is by code only."""
    user = User.objects.create_user(email, password, name=clean_name(name), language=language, zone=zone)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    log.record("account.created", user, at=at, actor_id=None)
    return user


@transaction.atomic
def set_language(user_id: int, language: str, *, at: datetime) -> User:
    """The language in which a person's mails come from now on; the same one again changes nothing.

    Raises Invalid for a language that the portal does not have.
    """
    if not languages.is_offered(language):
        raise Invalid(_("The portal does not have this language. Go back and choose one from the list."))
    return _set(user_id, "language", language, at=at)


@transaction.atomic
def set_zone(user_id: int, zone: str, *, at: datetime) -> User:
    """The IANA zone in which a person is told times from now on; the same one again changes nothing.

    Raises Invalid for what is no zone.
    """
    if zone not in zones.known():
        raise Invalid(_("This is not a time zone. Go back and choose one from the list."))
    return _set(user_id, "zone", zone, at=at)


def _set(user_id: int, name: str, value: str, *, at: datetime) -> User:
    user = User.objects.select_for_update().get(pk=user_id)
    before = getattr(user, name)
    if value != before:
        setattr(user, name, value)
        user.save(update_fields=[name])
        log.record(f"account.{name}", user, at=at, actor_id=user.pk, before=before, after=value)
    _speak(user)
    return user


def _speak(user: User) -> None:
    speaking.tell(queries.mailboxes_of(user.pk), user.language, user.zone)


@transaction.atomic
def speak_as_account(mailbox: str) -> None:
    """What comes to an address that has just been confirmed speaks as its account does, also what came there before."""
    owner = queries.account_of(mailbox)
    if owner is not None:
        _speak(User.objects.select_for_update().get(pk=owner.pk))


@transaction.atomic
def set_name(user_id: int, name: str, *, at: datetime) -> User:
    """The name shown of a person, cleaned of what cannot be seen; empty: none. Raises Invalid for one that is too long.

    The record says that it changed and not what it was: names belong to people, the log to nobody.
    """
    name = clean_name(name)
    if len(name) > User.LONGEST_NAME:
        raise Invalid(_("This name is too long: at most %(most)d characters.") % {"most": User.LONGEST_NAME})
    user = User.objects.select_for_update().get(pk=user_id)
    if name != user.name:
        user.name = name
        user.save(update_fields=["name"])
        log.record("account.name", user, at=at, actor_id=user.pk)
    return user


@transaction.atomic
def set_profile(user_id: int, name: str, language: str, zone: str, *, at: datetime) -> User:
    """All that a person says about themselves on their own page, or none of it. Raises Invalid."""
    set_name(user_id, name, at=at)
    set_language(user_id, language, at=at)
    return set_zone(user_id, zone, at=at)


class AddressTaken(Exception):
    """An account with this address has just been made by somebody else."""


@transaction.atomic
def save_sign_up(save: Callable[[], User], *, at: datetime) -> User:
    """Let `save` (allauth's way of it) make the account of somebody who signs up by the form; it is on record."""
    user = save()
    log.record("account.created", user, at=at, actor_id=None)
    return user


@transaction.atomic
def sign_up(email: str, *, language: str, zone: str, at: datetime) -> User:
    """An account without password whose address still has to be confirmed. Raises AddressTaken."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, None, language=language, zone=zone)
    except IntegrityError:
        raise AddressTaken from None
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    log.record("account.created", user, at=at, actor_id=None)
    return user


@transaction.atomic
def find_account(user_id: int, *, at: datetime) -> User:
    """A sign-in code has just confirmed the address with which somebody, maybe another, had signed up.

    A password that may be somebody else's opens nothing any more; a code by mail does, and sets a new one.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    number = EmailAddress.objects.filter(user=user, email=user.email).values_list("pk", flat=True).first()
    log.record("account.address-confirmed", user, at=at, actor_id=user.pk, address=number)
    if user.has_usable_password():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        log.record("account.password-forgotten", user, at=at, actor_id=user.pk)
    return user


@transaction.atomic
def set_password(user: User, password: str, *, by_link: bool, at: datetime) -> None:
    """A password of the person's own choice, in `user` too, which the caller's session goes on with.

    Every session that began before ends. `by_link`: it was forgotten, and a mail led to the page.
    """
    before = User.objects.select_for_update().get(pk=user.pk)
    act = "reset" if by_link else "changed" if before.has_usable_password() else "set"
    user.set_password(password)
    user.save(update_fields=["password"])
    log.record(f"account.password-{act}", user, at=at, actor_id=user.pk)
    notices.password_changed(user, at=at)


@transaction.atomic
def end_other_sessions(user_id: int, *, at: datetime) -> User:
    """Make every session of a person invalid; the caller renews the one that is to go on."""
    user = User.objects.select_for_update().get(pk=user_id)
    user.sign_outs += 1
    user.save(update_fields=["sign_outs"])
    log.record("account.sessions-ended", user, at=at, actor_id=user.pk)
    return user
