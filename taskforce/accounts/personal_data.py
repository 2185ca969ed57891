"""What accounts keep about people; also what the packages beneath them keep."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from taskforce.accounts.enums import InvitationState, Role
from taskforce.accounts.models import DeletionRequest, Invitation, RoleGrant, User
from taskforce.audit.models import Entry
from taskforce.core import personal
from taskforce.core.personal import NOBODY, ONESELF, Cookie, Erasure, Mailboxes, Place, Purpose, Row

ACCOUNT = Purpose(
    "account",
    _("Your account"),
    _("So that you can sign in, come back to what you wrote, and get mails in your language and time zone."),
)
SIGN_IN = Purpose(
    "sign-in",
    _("Signing in"),
    _("So that only you can use your account."),
)
ROLES = Purpose(
    "roles",
    _("Roles of staff"),
    _("So that it is known who may do what, and nobody else can."),
)
DELETION = Purpose(
    "deletion",
    _("Your request for deletion"),
    _("So that it is answered, and you can prove that you asked."),
)
_WITH_ACCOUNT = _("as long as you have the account; seven days where nobody confirms its address and signs in")
_OWN = frozenset({Place.OWN, Place.OWN_MAIL})
_OWN_AND_STAFF = _OWN | {Place.STAFF}
# Who meets a person's address: where an applicant has given no name, and where mail to them is looked after.
_BY_ADDRESS = frozenset({ONESELF, Role.COORDINATOR, Role.DEPUTY, Role.DATA_OFFICER, Role.ADMINISTRATOR})
_BY_NAME = frozenset({ONESELF, *Role})
_COOKIES = (
    Cookie(
        lambda: settings.SESSION_COOKIE_NAME,
        _("that this browser is signed in, or has begun to sign in; read by the portal alone"),
        _("two weeks, or until you sign out"),
    ),
    Cookie(
        lambda: settings.CSRF_COOKIE_NAME,
        _("a random number that shows that a form was sent from the portal’s own page"),
        _("a year"),
    ),
    Cookie(
        lambda: settings.KNOWN_BROWSER_COOKIE_NAME,
        _(
            "that somebody has signed in to your account here before, so that no stranger who asks for codes in your "
            "name locks you out; only the portal can read whose account it is"
        ),
        _("a year; it says nothing any more once you change your password or sign out everywhere else"),
    ),
    Cookie(
        lambda: settings.MESSAGES_COOKIE_NAME,
        _("a message such as “saved”, until the next page has shown it; only the portal can read it"),
        _("until the next page"),
    ),
)


def register() -> None:
    """Fill the map."""
    personal.register(*_account(), *_sign_in(), *_roles(), *_deletions())
    personal.impersonal("accounts.DeletionRequest", "id")
    # Who may enter and do what comes with the roles.
    personal.impersonal(
        "accounts.User", "id", "is_active", "is_staff", "is_superuser", "groups", "user_permissions", "sign_outs"
    )
    personal.impersonal("accounts.RoleGrant", "id")
    personal.impersonal("accounts.Invitation", "id", "made_at", "told_at", "expires_at")
    personal.impersonal("account.EmailAddress", "id", "verified", "primary")
    personal.impersonal("mfa.Authenticator", "id", "type", "created_at")
    personal.impersonal("socialaccount.SocialAccount", "id", "provider")
    personal.impersonal("contenttypes.ContentType", "id", "app_label", "model")
    personal.impersonal("auth.Permission", "id", "name", "content_type", "codename")
    personal.unused(
        "admin.LogEntry", "auth.Group", "auth.Group_permissions", "accounts.User_groups",
        "accounts.User_user_permissions", "account.EmailConfirmation",
        "socialaccount.SocialApp", "socialaccount.SocialToken",
    )  # fmt: skip
    personal.sets(*_COOKIES)
    personal.give(personal.Collection("account", _("Your account"), own_account))
    personal.give(personal.Collection("addresses", _("Your e-mail addresses"), own_addresses))
    personal.give(personal.Collection("second-factor", _("Your second factor"), own_factors))
    personal.give(personal.Collection("wikimedia", _("Your Wikimedia accounts"), own_wikimedia))
    personal.give(personal.Collection("roles", _("Your roles"), own_roles))
    personal.give(personal.Collection("invitations", _("Invitations to roles"), own_invitations))
    personal.give(personal.Collection("deletion-requests", _("Your requests for deletion"), own_deletion_requests))


def _account() -> tuple[Row, ...]:
    return (
        Row(
            ACCOUNT, "accounts.User", ("email",), _("your e-mail address"),
            _WITH_ACCOUNT, _BY_ADDRESS, _OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            ACCOUNT, "accounts.User", ("name",), _("the name you want to be called by"),
            _WITH_ACCOUNT, _BY_NAME, _OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            ACCOUNT, "accounts.User", ("language", "zone", "date_joined"),
            _("your language, your time zone, and since when you have the account"),
            # Staff: where a request for deletion is answered.
            _WITH_ACCOUNT, frozenset({ONESELF, Role.DATA_OFFICER}), _OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            ACCOUNT, "account.EmailAddress", ("email", "user"), _("further e-mail addresses of yours"),
            _("until you remove them, or as long as you have the account"),
            _BY_ADDRESS, _OWN_AND_STAFF, Erasure.DELETE, is_watched=True,
        ),
    )  # fmt: skip


def _sign_in() -> tuple[Row, ...]:
    return (
        Row(
            SIGN_IN, "accounts.User", ("password", "last_login"),
            _("your password, in a form from which it cannot be read, and when you signed in last"),
            _WITH_ACCOUNT, NOBODY, frozenset(), Erasure.EMPTY,
        ),
        Row(
            SIGN_IN, "mfa.Authenticator", ("user", "data", "last_used_at"),
            _("your second factor: the secret of your app, and the recovery codes"),
            _("until you switch it off, or as long as you have the account"),
            frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.DELETE,
        ),
        Row(
            SIGN_IN, "socialaccount.SocialAccount", ("user", "uid", "extra_data", "date_joined", "last_login"),
            _("the Wikimedia account with which you sign in: its number and name, since when and when last"),
            _("until you disconnect it, or as long as you have the account"),
            frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.DELETE,
        ),
        Row(
            SIGN_IN, "sessions.Session", ("session_key", "session_data", "expire_date"),
            _("that this browser is signed in, how and when you did that; until then the address that you typed, the "
              "code that was sent there, and a form that waits for you; sealed, so that only the portal can read it"),
            # Whose it is stands sealed inside; without the account it opens nothing.
            _("until you sign out, at most two weeks"), NOBODY, frozenset(), Erasure.EXPIRE,
        ),
        Row(
            SIGN_IN, "cache_default", ("cache_key", "value", "expires"),
            _("how often somebody tried to sign in, from your network address and with your address or account, under "
              "codes that cannot be turned back into any of them"),
            _("minutes, at most a day"), NOBODY, frozenset(), Erasure.EXPIRE,
        ),
    )  # fmt: skip


def _roles() -> tuple[Row, ...]:
    return (
        Row(
            ROLES, "accounts.RoleGrant", ("user", "role", "task_force_id", "language", "granted_by_id", "granted_at"),
            _("which role you have, for which task force and language, since when and from whom"),
            _("until the role ends"),
            _BY_NAME, _OWN_AND_STAFF, Erasure.DELETE, is_watched=True,
        ),
        Row(
            ROLES, "accounts.Invitation",
            ("mailbox", "role", "task_force_id", "language", "mail_language", "inviter_id", "state", "answered_at"),
            _("the address that was invited to a role, by whom, and the answer"),
            _("30 days after it has ended"),
            _BY_ADDRESS, _OWN_AND_STAFF, Erasure.DELETE, is_watched=True,
        ),
    )  # fmt: skip


def own_invitations(user: User, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The invitations to roles that one has answered, and those to one's addresses: that came since they are one's
    own, or that nobody has answered yet, since whoever is invited may sign up afterwards.

    Who has answered stands in the log: the address may have become another person's.
    """
    answered = Entry.objects.filter(
        actor_id=user.pk,
        action__in=("invitation.accepted", "invitation.declined"),
        target_type=Invitation._meta.label_lower,
    )
    theirs = Q(pk__in=answered.values("target_id"))
    for mailbox, since in mailboxes.items():
        theirs |= Q(mailbox=mailbox.lower()) & (Q(told_at__gte=since) | Q(state=InvitationState.OPEN))
    found = Invitation.objects.filter(theirs).order_by("pk")
    return personal.plain(
        found.values("mailbox", "role", "task_force_id", "language", "mail_language", "made_at", "state", "answered_at")
    )


def _deletions() -> tuple[Row, ...]:
    readers = frozenset({ONESELF, Role.DATA_OFFICER})
    return (
        Row(
            DELETION, "accounts.DeletionRequest", ("mailbox",), _("the address to which the answer goes"),
            _("until the request is answered or taken back"),
            readers, _OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            DELETION, "accounts.DeletionRequest", ("language", "zone"),
            _("your language and time zone, for the answer, which may come when your account is gone"),
            _("until the request is answered or taken back"),
            readers, frozenset({Place.OWN, Place.STAFF}), Erasure.EMPTY, is_watched=True,
        ),
        Row(
            DELETION, "accounts.DeletionRequest", ("receipts",),
            _("the references of feedback that you named, by which alone it is found"),
            _("until the request is answered or taken back"),
            readers, frozenset({Place.OWN, Place.STAFF}), Erasure.EMPTY, is_watched=True,
        ),
        Row(
            DELETION, "accounts.DeletionRequest", ("user", "state", "reason", "asked_at", "ended_at", "answer"),
            _("that you asked, when and why, and the answer"),
            _("for good, as proof that it was answered; without you once your account is gone"),
            readers, _OWN_AND_STAFF, Erasure.RENAME, is_watched=True,
        ),
        Row(
            DELETION, "accounts.DeletionRequest", ("officer_id",), _("which data officer answered"),
            _("for good, as a part of how the portal was run"),
            frozenset({Role.DATA_OFFICER}), frozenset({Place.STAFF}), Erasure.RENAME,
        ),
    )  # fmt: skip


def own_account(user: User, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What the account itself says."""
    names = ("email", "name", "language", "zone", "date_joined", "last_login")
    return personal.plain(User.objects.filter(pk=user.pk).values(*names))


def own_addresses(user: User, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """All addresses of the account, confirmed or not."""
    return personal.plain(EmailAddress.objects.filter(user=user).order_by("pk").values("email", "verified", "primary"))


def own_factors(user: User, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """That there is a second factor, of which kind; not its secret, which would be in one file with all the rest."""
    found = Authenticator.objects.filter(user=user).order_by("pk")
    return personal.plain(found.values("type", "created_at", "last_used_at"))


def own_wikimedia(user: User, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The Wikimedia accounts with which one signs in."""
    found = SocialAccount.objects.filter(user=user).order_by("pk")
    return personal.plain(found.values("uid", "extra_data", "date_joined", "last_login"))


def own_roles(user: User, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The roles that one holds."""
    return personal.plain(
        RoleGrant.objects.filter(user=user).order_by("pk").values("role", "task_force_id", "language", "granted_at")
    )


def own_deletion_requests(user: User, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What one has asked, and the answers."""
    found = DeletionRequest.objects.filter(user=user).order_by("pk")
    return personal.plain(
        found.values("state", "reason", "receipts", "language", "zone", "asked_at", "ended_at", "answer")
    )
