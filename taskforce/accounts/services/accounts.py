"""Accounts and what a person sets about their own."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import languages
from taskforce.core.errors import Invalid


@transaction.atomic
def create_account(
    email: str, *, at: datetime, name: str = "", language: str = "en", zone: str = "UTC", password: str | None = None
) -> User:
    """An account with a confirmed address, as the scenarios need it; without password sign-in is by code only."""
    user = User.objects.create_user(email, password, name=name, language=language, zone=zone)
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
    user = User.objects.select_for_update().get(pk=user_id)
    before = user.language
    if language != before:
        user.language = language
        user.save(update_fields=["language"])
        log.record("account.language", user, at=at, actor_id=user.pk, before=before, after=language)
    return user
