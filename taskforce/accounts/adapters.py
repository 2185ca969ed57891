"""How allauth speaks to the portal: its mails become outbox rows."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils.translation import get_language

from taskforce.accounts import notices
from taskforce.accounts.models import User
from taskforce.core.clock import app_now


def shown_name(user: User) -> str:
    """How the sign-in pages call a person on their own pages: by name, or by the address they signed up with."""
    return user.name or user.email


class AccountAdapter(DefaultAccountAdapter):
    """Enqueues plain values; delivery sends."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Called by allauth for every mail; the language is that of the page on which the person asked."""
        notices.allauth_mail(
            template_prefix, email, context, language=get_language() or settings.LANGUAGE_CODE, at=app_now()
        )
