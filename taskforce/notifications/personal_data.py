"""What sending mails keeps about people."""

from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from taskforce.core import personal
from taskforce.core.personal import ONESELF, Erasure, Mailboxes, Place, Purpose, Row
from taskforce.notifications.models import OutboxMessage

KEEPERS = frozenset({"coordinator", "deputy", "administrator"})
PURPOSE = Purpose(
    "mails",
    _("Mails to you"),
    _("So that each mail reaches you once, in your language, and one that got lost is noticed."),
)
HOLD = Purpose(
    "mail-brake",
    _("Stopping all mail"),
    _("So that everybody who sends mail knows who has stopped it, and why."),
)
_UNTIL_ASKED = _("until you ask us to delete it")


def register() -> None:
    """Fill the map."""
    staff, mail = frozenset({Place.STAFF}), frozenset({Place.OWN_MAIL})
    personal.register(
        Row(
            PURPOSE, "notifications.OutboxMessage", ("mailbox", "domain", "language", "zone"),
            _("the address, language and time zone that a mail goes to"),
            _UNTIL_ASKED, KEEPERS | {ONESELF}, staff | mail | {Place.OWN}, Erasure.DELETE, is_watched=True,
        ),
        Row(
            PURPOSE, "notifications.OutboxMessage", ("context",),
            _("what a mail is about; codes, links to sign in and other addresses are wiped once it is sent"),
            _UNTIL_ASKED, frozenset({ONESELF}), mail, Erasure.EMPTY,
        ),
        Row(
            PURPOSE, "notifications.OutboxMessage", ("error", "key", "message_id"),
            _("whether a mail arrived, and what your mail server said"),
            _UNTIL_ASKED, KEEPERS | {ONESELF}, staff, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "notifications.Suppression", ("mailbox", "words"),
            _("that your mailbox refused mail, and in which words"),
            _("until it takes mail again and you ask us to delete it"),
            KEEPERS, staff, Erasure.DELETE, is_watched=True,
        ),
        Row(
            PURPOSE, "notifications.RecipientDomain", ("domain",),
            _("the part of your address behind the @, to pace what a mail server gets"),
            _("for good, without a link to you"), personal.NOBODY, frozenset(), Erasure.KEEP,
        ),
        Row(
            HOLD, "notifications.Hold", ("actor_id", "actor_name", "lifted_by_id", "reason"),
            _("which member of staff stopped the mail or let it go, and why"),
            _("for good, as a part of how the process was run"), KEEPERS, staff, Erasure.RENAME,
        ),
    )  # fmt: skip
    personal.impersonal(
        "notifications.OutboxMessage", "id", "mailing", "kind", "mail_class", "task_force_id", "topic", "state",
        "attempts", "not_before", "lease_until", "valid_until", "created_at", "sent_at", "released_at",
    )  # fmt: skip
    # A mailing is about everybody: who gets it is worked out later, row by row. Its parameters are ids and dates.
    personal.impersonal(
        "notifications.Mailing", "id", "key", "kind", "task_force_id", "topic", "params", "state", "failures",
        "not_before", "created_at", "valid_until", "stopped_at", "corrects", "error",
    )  # fmt: skip
    personal.impersonal("notifications.Suppression", "id", "at", "lifted_at")
    personal.impersonal("notifications.RecipientDomain", "id", "next_at")
    personal.impersonal("notifications.Hold", "id", "at", "lifted_at")
    personal.give(personal.Collection("mails", _("Mails to you"), own_mails))


def own_mails(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The mails to a person: what kind, when, whether it went; no text, no code.

    What was written to their account, and what went to a mailbox since they confirmed it: before, it may have been
    somebody else's.
    """
    theirs = Q(context__account=user.pk)
    for mailbox, since in mailboxes.items():
        theirs |= Q(lower=mailbox.lower(), created_at__gte=since)
    found = OutboxMessage.objects.annotate(lower=Lower("mailbox")).filter(theirs).order_by("id")
    return personal.plain(found.values("kind", "mailbox", "language", "zone", "state", "created_at", "sent_at"))
