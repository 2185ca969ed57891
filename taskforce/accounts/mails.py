"""The kinds of mail about accounts: codes and links that people ask for, and word of what changed how one gets in."""

from collections.abc import Callable

from django.conf import settings
from django.utils.translation import get_language

from taskforce.accounts import rights
from taskforce.accounts.enums import Role
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import Context, MailKind


def _sample_code() -> Context:
    return {"code": "ABCD-2345", "minutes": 3}


def _sample_change() -> Context:
    account = f"{settings.SITE_URL}/{get_language() or 'en'}/accounts/"
    urls = {"steps_url": f"{account}2fa/", "reset_url": f"{account}password/reset/"}
    return {"moment": "2022-02-15T12:00:00+00:00", **urls}


def _sample_address() -> Context:
    return {**_sample_change(), "before": "before@example.org", "after": "after@example.org"}


def _sample_added() -> Context:
    return {**_sample_change(), "added": "added@example.org"}


def _sample_removed() -> Context:
    return {**_sample_change(), "removed": "removed@example.org"}


def _sample_left() -> Context:
    return {**_sample_change(), "left": 9}


def _sample_link() -> Context:
    return {"url": f"{settings.SITE_URL}/{get_language() or 'en'}/accounts/"}


def _sample_reset() -> Context:
    return {**_sample_link(), "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}


def _sample_invitation() -> Context:
    return {
        "role": str(Role("reviewer").label),
        "spoken": "",
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "is_everywhere": False,
        "by_administrators": False,
        "days": 14,
        "url": f"{settings.SITE_URL}/{get_language() or 'en'}/accounts/",
    }


def _sample_role() -> Context:
    return {
        "role": str(Role("reviewer").label),
        "spoken": "",
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "is_everywhere": False,
        "by_administrators": False,
        "moment": "2022-02-15T12:00:00+00:00",
    }


def _sample_role_given() -> Context:
    return {
        **_sample_role(),
        "may": [words for _app, words in rights.in_words(rights.Grant("reviewer", None, ""))],
        "is_staff": True,
        "url": f"{settings.SITE_URL}/{get_language() or 'en'}/admin/",
    }


def _asked(name: str, sample: Callable[[], Context], *secrets: str) -> MailKind:
    """What somebody has just asked for to get in, or to show that an address is theirs: no hold of staff keeps it."""
    return MailKind(name, MailClass.TRANSACTIONAL, sample=sample, secrets=secrets, passes_hold=True)


LOGIN_CODE = _asked("account-login-code", _sample_code, "code")
CONFIRM_CODE = _asked("account-confirm-code", _sample_code, "code")
PASSWORD_RESET = _asked("account-password-reset", _sample_reset, "url")
PROOF_CODE = _asked("account-proof-code", _sample_code, "code")
EXISTS = _asked("account-exists", _sample_link)
CONNECT = _asked("account-connect", _sample_link)
UNKNOWN = _asked("account-unknown", _sample_link)
LOCKED = _asked("account-locked", dict)
ROLE_INVITATION = MailKind("role-invitation", MailClass.TRANSACTIONAL, sample=_sample_invitation, secrets=("url",))
# What somebody may do has changed: at once too, and nobody can leave it.
ROLE_GIVEN = MailKind("role-given", MailClass.TRANSACTIONAL, sample=_sample_role_given)
ROLE_TAKEN = MailKind("role-taken", MailClass.TRANSACTIONAL, sample=_sample_role)

# Security notices: to the person at once, whatever else they have left; who did it and from where stays out of them.
# An address that one names is blanked once it has gone, as codes are: it may be somebody else's later.
FACTOR_ON = MailKind("account-factor-on", MailClass.TRANSACTIONAL, sample=_sample_change)
FACTOR_OFF = MailKind("account-factor-off", MailClass.TRANSACTIONAL, sample=_sample_change)
RECOVERY_CODES = MailKind("account-recovery-codes", MailClass.TRANSACTIONAL, sample=_sample_change)
RECOVERY_CODE_USED = MailKind("account-recovery-code-used", MailClass.TRANSACTIONAL, sample=_sample_left)
PASSWORD_CHANGED = MailKind("account-password-changed", MailClass.TRANSACTIONAL, sample=_sample_change)
ADDRESS_ADDED = MailKind("account-address-added", MailClass.TRANSACTIONAL, sample=_sample_added, secrets=("added",))
ADDRESS_CHANGED = MailKind(
    "account-address-changed", MailClass.TRANSACTIONAL, sample=_sample_address, secrets=("before", "after")
)
ADDRESS_REMOVED = MailKind(
    "account-address-removed", MailClass.TRANSACTIONAL, sample=_sample_removed, secrets=("removed",)
)
CONNECTED = MailKind("account-connected", MailClass.TRANSACTIONAL, sample=_sample_change)
DISCONNECTED = MailKind("account-disconnected", MailClass.TRANSACTIONAL, sample=_sample_change)
LOCK_ON = MailKind("account-lock-on", MailClass.TRANSACTIONAL, sample=_sample_change)
LOCK_OFF = MailKind("account-lock-off", MailClass.TRANSACTIONAL, sample=_sample_change)
SECURITY = (
    FACTOR_ON,
    FACTOR_OFF,
    RECOVERY_CODES,
    RECOVERY_CODE_USED,
    PASSWORD_CHANGED,
    ADDRESS_ADDED,
    ADDRESS_CHANGED,
    ADDRESS_REMOVED,
    CONNECTED,
    DISCONNECTED,
    LOCK_ON,
    LOCK_OFF,
)


def register() -> None:
    """Make the kinds known to the outbox."""
    asked = (LOGIN_CODE, CONFIRM_CODE, PASSWORD_RESET, PROOF_CODE, EXISTS, CONNECT, UNKNOWN, LOCKED, ROLE_INVITATION)
    for kind in (*asked, ROLE_GIVEN, ROLE_TAKEN, *SECURITY):
        kinds.register(kind)
