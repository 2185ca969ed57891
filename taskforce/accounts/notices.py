"""Which mail about an account goes out on which occasion, with what, and until when it makes sense."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.core import context as allauth_context
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from taskforce.accounts import links, mails, places, queries, rights, rules
from taskforce.accounts.enums import Role
from taskforce.accounts.models import Invitation, RoleGrant, User
from taskforce.accounts.rights import Grant
from taskforce.core import languages
from taskforce.core.errors import TooOften
from taskforce.limits import mailboxes, table
from taskforce.limits import services as limits
from taskforce.notifications import services
from taskforce.notifications.kinds import Context, MailKind
from taskforce.notifications.mailboxes import LONGEST
from taskforce.notifications.models import OutboxMessage


class _Occasion(NamedTuple):
    """The kind of mail, and from allauth's context to (ours, how long the mail is of use)."""

    kind: MailKind
    translate: Callable[[dict[str, Any]], tuple[Context, timedelta]]


def _login_code(context: dict[str, Any]) -> tuple[Context, timedelta]:
    return _code(context, app_settings.LOGIN_BY_CODE_TIMEOUT)


def _confirm_code(context: dict[str, Any]) -> tuple[Context, timedelta]:
    return _code(context, app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT)


def _reset_link(context: dict[str, Any]) -> tuple[Context, timedelta]:
    seconds = settings.PASSWORD_RESET_TIMEOUT
    values, of_use = _link(context["password_reset_url"], seconds)
    return {**values, "hours": seconds // 3600}, of_use


def _exists(context: dict[str, Any]) -> tuple[Context, timedelta]:
    return _link(context["password_reset_url"])


def _unknown(context: dict[str, Any]) -> tuple[Context, timedelta]:
    return _link(context["signup_url"])


def _code(context: dict[str, Any], seconds: int) -> tuple[Context, timedelta]:
    return {"code": str(context["code"]), "minutes": seconds // 60}, timedelta(seconds=seconds)


def _link(url: str, seconds: int = 86_400) -> tuple[Context, timedelta]:
    """The address under the portal's own origin, whatever host the request named."""
    parts = urlsplit(str(url))
    own = f"{settings.SITE_URL}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    return {"url": own}, timedelta(seconds=seconds)


# allauth's name of the occasion → what the portal sends.
OCCASIONS = {
    "account/email/login_code": _Occasion(mails.LOGIN_CODE, _login_code),
    "account/email/email_confirmation": _Occasion(mails.CONFIRM_CODE, _confirm_code),
    "account/email/email_confirmation_signup": _Occasion(mails.CONFIRM_CODE, _confirm_code),
    "account/email/password_reset_key": _Occasion(mails.PASSWORD_RESET, _reset_link),
    "account/email/account_already_exists": _Occasion(mails.EXISTS, _exists),
    "account/email/unknown_account": _Occasion(mails.UNKNOWN, _unknown),
}

# Who signs up with a wiki's account, and an address that has an account of the portal already, joins the two there.
_CONNECTING = _Occasion(mails.CONNECT, lambda _context: _link(reverse("account_email")))


# Those by which somebody gets into an account that nobody has confirmed.
_WITH_CODE = (mails.LOGIN_CODE, mails.CONFIRM_CODE)

# Whatever somebody tries with the address of an account that is locked: the same word of it.
_OF_LOCKED = _Occasion(mails.LOCKED, lambda _context: ({}, timedelta(days=1)))
_WITHOUT_A_WAY_IN = frozenset({"account/email/account_already_exists", "account/email/unknown_account"})


def _occasion(occasion: str, mailbox: str) -> _Occasion:
    is_locked = queries.is_confirmed(mailbox) and queries.account_of(mailbox) is None
    if is_locked and occasion in _WITHOUT_A_WAY_IN:
        return _OF_LOCKED
    return _CONNECTING if _comes_from_the_wiki(occasion) else OCCASIONS[occasion]


def _comes_from_the_wiki(occasion: str) -> bool:
    # allauth hands no request to this occasion, but keeps the one that it works on.
    match = getattr(allauth_context.request, "resolver_match", None)
    is_sign_up = match is not None and match.url_name == "socialaccount_signup"
    return is_sign_up and occasion == "account/email/account_already_exists"


@transaction.atomic
def allauth_mail(
    occasion: str,
    mailbox: str,
    context: dict[str, Any],
    *,
    sender: str | None,
    by_code: bool = False,
    browser: str | None = None,
    language: str,
    at: datetime,
) -> OutboxMessage | None:
    """Enqueue the mail for one of allauth's occasions; each call is an act of its own, under a key of its own.

    Nothing that a person typed goes in: the mailbox may be a stranger's. Each gets few mails over all forms of the
    portal, the fewest where no account has confirmed it: then None, and the page says what it always says. `sender` is
    the address that the request came from (None: not counted), `browser` what it is known as to the mailbox's account,
    `by_code` whether it is the form of signing in by code that was sent.
    Raises `TooOften` where the sender causes many, KeyError for an occasion that the portal's settings do not produce.
    """
    kind, translate = _occasion(occasion, mailbox)
    if len(mailbox) > LONGEST or not _may_ask(kind, mailbox, sender, browser, by_code=by_code):
        return None  # no mailbox is that long, and a form of allauth's takes any
    values, of_use = translate(context)
    return services.enqueue(
        kind.name,
        key=f"{kind.name}:{secrets.token_hex(16)}",
        mailbox=mailbox,
        language=language,
        context=values,
        at=at,
        valid_until=at + of_use,
    )


def _may_ask(kind: MailKind, mailbox: str, sender: str | None, browser: str | None, *, by_code: bool) -> bool:
    """Codes and links are counted apart, so that neither uses up the other: by the form, not by what comes of it, or
    counting would tell who has an account. What a mailbox without one gets is counted without a word.
    """
    if browser is not None and _may_known(browser, by_code=by_code):
        return True
    asked = table.CODES_FROM if by_code else table.LINKS_FROM
    to_account = table.CODES_TO_ACCOUNT if by_code else table.LINKS_TO_ACCOUNT
    to = to_account if queries.is_confirmed(mailbox) else table.MAILS_TO_UNCONFIRMED
    return mailboxes.may_ask(mailbox, sender=sender, to=to, has_code=kind in _WITH_CODE, asked=asked)


def _may_known(browser: str, *, by_code: bool) -> bool:
    """Whether one of the account's browsers has room of its own; else it is like anybody else's."""
    try:
        with transaction.atomic():
            limits.hit(table.CODES_TO_KNOWN if by_code else table.LINKS_TO_KNOWN, browser)
            limits.hit(table.CODES_TO_KNOWN_A_DAY if by_code else table.LINKS_TO_KNOWN_A_DAY, browser)
    except TooOften:
        return False
    return True


# --- word of what changed how one gets in ----------------------------------------------------------------------------

# allauth's names of changes of which it would send mails of its own. The services that make a change tell of it, in the
# same transaction.
TOLD_BY_SERVICES = frozenset(
    f"account/email/{change}"
    for change in ("password_changed", "password_set", "password_reset", "email_changed", "email_deleted")
)
_NEWS_FOR = timedelta(days=7)


def password_changed(user: User, *, at: datetime) -> None:
    """There is a password, or another one."""
    _tell(mails.PASSWORD_CHANGED, user, at)


def address_added(user: User, mailboxes: list[str], *, added: str, at: datetime) -> None:
    """To those that were theirs before: another address opens the account too from now on."""
    _tell(mails.ADDRESS_ADDED, user, at, mailboxes, added=added)


def address_changed(user: User, *, before: str, after: str, at: datetime) -> None:
    """Another of their addresses is the main one."""
    _tell(mails.ADDRESS_CHANGED, user, at, before=before, after=after)


def address_removed(user: User, gone: list[str], *, removed: str, at: datetime) -> None:
    """An address is theirs no more; to the others, and to `gone`."""
    _tell(mails.ADDRESS_REMOVED, user, at, [*queries.confirmed_mailboxes(user), *gone], removed=removed)


def factor_on(user: User, *, at: datetime) -> None:
    """Signing in asks for a second step from now on."""
    _tell(mails.FACTOR_ON, user, at)


def factor_off(user: User, *, at: datetime) -> None:
    """Signing in asks for no second step any more."""
    _tell(mails.FACTOR_OFF, user, at)


def recovery_codes_made(user: User, *, at: datetime) -> None:
    """New recovery codes are there, and the older ones work no more."""
    _tell(mails.RECOVERY_CODES, user, at)


def recovery_code_used(user: User, *, left: int, at: datetime) -> None:
    """Somebody got in by a recovery code."""
    _tell(mails.RECOVERY_CODE_USED, user, at, left=left)


def wikimedia_connected(user: User, *, at: datetime) -> None:
    """Somebody can sign in with a wiki's account from now on."""
    _tell(mails.CONNECTED, user, at)


def wikimedia_disconnected(user: User, *, at: datetime) -> None:
    """A wiki's account is no way in any more."""
    _tell(mails.DISCONNECTED, user, at)


def lock_on(user: User, *, at: datetime) -> None:
    """Nobody gets in with the account any more; why is for whoever asks."""
    _tell(mails.LOCK_ON, user, at)


def lock_off(user: User, *, at: datetime) -> None:
    """The account opens again."""
    _tell(mails.LOCK_OFF, user, at)


def _tell(kind: MailKind, user: User, at: datetime, mailboxes: Iterable[str] = (), **more: Any) -> None:
    """To every address that is theirs, unless `mailboxes` says otherwise: whoever made the change may sit at one."""
    account = f"{settings.SITE_URL}/{user.language}/accounts/"
    urls = {"steps_url": f"{account}2fa/", "reset_url": f"{account}password/reset/"}
    for mailbox in list(mailboxes) or _every(user):
        _news(kind, user, {**urls, **more}, at=at, mailbox=mailbox)


def _every(user: User) -> list[str]:
    return list(queries.confirmed_mailboxes(user)) or [user.email]


def _news(
    kind: MailKind,
    user: User,
    context: Context,
    *,
    at: datetime,
    mailbox: str = "",
    key: str = "",
    task_force_id: int | None = None,
) -> None:
    """In the language of the person's mails: whoever made the change may be somebody else."""
    services.enqueue(
        kind.name,
        key=key or f"{kind.name}:{secrets.token_hex(16)}",
        mailbox=mailbox or next(iter(queries.confirmed_mailboxes(user)), user.email),
        language=user.language,
        zone=user.zone,
        # Whose mail it is: it is found by this when its address is theirs no more.
        context={"moment": at.isoformat(), "account": user.pk, **context},
        at=at,
        valid_until=at + _NEWS_FOR,
        task_force_id=task_force_id,
    )


def proof_code(mailbox: str, code: str, seconds: int, *, language: str, at: datetime) -> None:
    """The code by which somebody who is signed in proves that the mailbox is still theirs; it works for `seconds`."""
    services.enqueue(
        mails.PROOF_CODE.name,
        key=f"{mails.PROOF_CODE.name}:{secrets.token_hex(16)}",
        mailbox=mailbox,
        language=language,
        context={"code": code, "minutes": seconds // 60},
        at=at,
        valid_until=at + timedelta(seconds=seconds),
    )


# --- roles -----------------------------------------------------------------------------------------------------------


def role_given(grant: RoleGrant, *, at: datetime) -> None:
    """Tell somebody, at every address that is theirs, that they have a role, what it allows and where its work begins.

    By whose decision is said by office, as in an invitation: mails hold no other person's name.
    """
    user, given = grant.user, Grant(grant.role, grant.task_force_id, grant.language)
    is_staff = given.role in rules.WHO["staff.enter"].roles
    with translation.override(user.language):
        context = {
            **_role(given, grant.granted_by_id),
            "may": [words for _app, words in rights.in_words(given)],
            "is_staff": is_staff,
            "url": settings.SITE_URL + (reverse("admin:index") if is_staff else f"{reverse('account_email')}#roles"),
        }
    key = f"{role_key(grant.pk)}{at.isoformat()}"
    for number, mailbox in enumerate(_every(user)):
        one = f"{key}:{number}"
        _news(mails.ROLE_GIVEN, user, context, at=at, mailbox=mailbox, key=one, task_force_id=grant.task_force_id)


def role_taken(user: User, gone: Grant, *, at: datetime, actor_id: int | None) -> None:
    """Tell somebody, at every address that is theirs, that a role of theirs has ended, and whom to ask: by the office
    of who took it."""
    with translation.override(user.language):
        context = _role(gone, actor_id)
    for mailbox in _every(user):
        _news(mails.ROLE_TAKEN, user, context, at=at, mailbox=mailbox, task_force_id=gone.task_force_id)


def role_key(grant_id: int) -> str:
    """How the key of the mail about a role begins."""
    return f"{mails.ROLE_GIVEN.name}:{grant_id}:"


def _role(wanted: Grant, actor_id: int | None) -> Context:
    """Which role, for whom, in which language and by whose office, in the active language.

    None acted on the server: then whose office it is goes by the role.
    """
    held = None if actor_id is None else queries.grants_of(User.objects.get(pk=actor_id))
    return {
        "role": str(Role(wanted.role).label),
        "spoken": languages.OWN_NAMES.get(wanted.language, ""),
        "task_force": places.name(wanted.task_force_id)._asdict(),
        "is_everywhere": wanted.task_force_id is None,
        "by_administrators": not rules.gives_as_coordinator(held, wanted),
    }


# --- invitations -----------------------------------------------------------------------------------------------------


def invite(invitation: Invitation, *, at: datetime) -> OutboxMessage:
    """Enqueue the mail of an invitation, until its end. Nothing that a person typed about themselves goes in."""
    language = invitation.mail_language
    with translation.override(language):
        context = {
            **_role(invitation.wanted, invitation.inviter_id),
            "days": (invitation.expires_at - at).days,
            "url": links.address(invitation.pk, invitation.mailbox, language),
        }
    return services.enqueue(
        mails.ROLE_INVITATION.name,
        key=f"{invitation_key(invitation)}{at.isoformat()}",
        mailbox=invitation.mailbox,
        language=language,
        context=context,
        at=at,
        valid_until=invitation.expires_at,
        task_force_id=invitation.task_force_id,
    )


def invitation_key(invitation: Invitation) -> str:
    """How the keys of an invitation's mails begin."""
    return f"{mails.ROLE_INVITATION.name}:{invitation.pk}:"
