"""What a new row holds, and the few words that several writers share."""

import uuid
from datetime import datetime
from email.utils import parseaddr
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings

from taskforce.core import languages, text
from taskforce.core.clock import real_now
from taskforce.notifications.kinds import Context, MailKind, Recipient
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.queries import mail_key


class Terms(NamedTuple):
    """What a mail shares with its mailing: when it was caused, how long it is of use, what it belongs to."""

    created_at: datetime
    valid_until: datetime | None
    task_force_id: int | None
    topic: str


def new(kind: MailKind, key: str, recipient: Recipient, context: Context, terms: Terms) -> OutboxMessage:
    """The row of one mail, not saved yet."""
    mailbox, language, zone = recipient
    mailbox = mailbox.strip()
    return OutboxMessage(
        key=key,
        kind=kind.name,
        mail_class=kind.mail_class,
        mailbox=mailbox,
        domain=domain_of(mailbox),
        language=offered(language),
        zone=_known_zone(zone),
        context=context,
        message_id=f"<{uuid.uuid4().hex}@{_own_domain()}>",
        not_before=real_now(),
        **terms._asdict(),
    )


def of_mailing(kind: MailKind, mailing: Mailing, recipient: Recipient, context: Context, at: datetime) -> OutboxMessage:
    """The row of one mail of a mailing; its key is the mailing's and a fingerprint of the mailbox."""
    terms = Terms(at, mailing.valid_until, mailing.task_force_id, mailing.topic)
    row = new(kind, mail_key(mailing.key, recipient[0]), recipient, context, terms)
    row.mailing = mailing
    return row


def domain_of(mailbox: str) -> str:
    """The receiving domain in lower case; "" for what has none."""
    return mailbox.rpartition("@")[2].strip().lower()[:254] if "@" in mailbox else ""


def offered(language: str) -> str:
    """The language if the portal offers it, else the portal's own."""
    return language if languages.is_offered(language) else settings.LANGUAGE_CODE


def one_line(error: str) -> str:
    """A server's or a machine's words, as the column holds them."""
    return text.clean_name(error)[:300]


def _known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError):  # unknown, or no name but a path
        return "UTC"
    return zone


def _own_domain() -> str:
    """The right side of Message-IDs: the sender's domain, else the portal's host."""
    return _right_side(settings.DEFAULT_FROM_EMAIL, settings.SITE_URL)


@lru_cache(maxsize=8)
def _right_side(sender: str, site_url: str) -> str:
    domain = parseaddr(sender)[1].rpartition("@")[2] or urlsplit(site_url).hostname
    return (domain or "localhost").encode("idna").decode("ascii")
