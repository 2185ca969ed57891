"""The kinds of mail about accounts: everything that django-allauth sends under the portal's settings."""

from django.conf import settings
from django.utils.translation import get_language

from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import Context, MailKind


def _sample_code() -> Context:
    return {"code": "ABCD-2345", "minutes": 3}


def _sample_link() -> Context:
    return {"url": f"{settings.SITE_URL}/{get_language() or 'en'}/accounts/"}


LOGIN_CODE = MailKind("account-login-code", MailClass.TRANSACTIONAL, sample=_sample_code, secrets=("code",))
CONFIRM_CODE = MailKind("account-confirm-code", MailClass.TRANSACTIONAL, sample=_sample_code, secrets=("code",))
PASSWORD_RESET = MailKind("account-password-reset", MailClass.TRANSACTIONAL, sample=_sample_link, secrets=("url",))
EXISTS = MailKind("account-exists", MailClass.TRANSACTIONAL, sample=_sample_link)
UNKNOWN = MailKind("account-unknown", MailClass.TRANSACTIONAL, sample=_sample_link)


def register() -> None:
    """Make the kinds known to the outbox."""
    for kind in (LOGIN_CODE, CONFIRM_CODE, PASSWORD_RESET, EXISTS, UNKNOWN):
        kinds.register(kind)
