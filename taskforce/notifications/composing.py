"""From a row and its rendered content to the bytes of one mail to one mailbox; the same row gives the same headers."""

from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import NamedTuple

from django.conf import settings

from taskforce.core import languages
from taskforce.notifications.mailboxes import wire_address
from taskforce.notifications.models import OutboxMessage
from taskforce.notifications.rendering import Rendered

# Lines of seven bits only, so that every server on the way can take them as they are.
_POLICY = SMTP.clone(cte_type="7bit", utf8=False)


class Envelope(NamedTuple):
    """What SMTP needs: the sender's address, the one recipient's, the mail itself."""

    sender: str
    recipient: str
    content: bytes


def compose(message: OutboxMessage, rendered: Rendered) -> Envelope:
    """The mail as it goes over the wire. Raises `UnusableMailbox`."""
    recipient = wire_address(message.mailbox)
    name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(name, addr_spec=wire_address(sender, local=True))
    mail["To"] = Address(addr_spec=recipient)
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(rendered.text)
    mail.add_alternative(rendered.html, subtype="html")
    # Last: headers of this family that stand before the parts are moved into the first of them.
    mail["Content-Language"] = languages.html_lang(message.language)
    return Envelope(sender, recipient, subject_line(rendered.subject) + mail.as_bytes())


def subject_line(subject: str) -> bytes:
    """The Subject header as it goes over the wire.

    Folded by `Header`: the folding of `EmailMessage` loses a space between two encoded words (Python 3.11).
    """
    one_line = " ".join(subject.split())
    charset = "us-ascii" if one_line.isascii() else "utf-8"
    encoded = Header(one_line, charset, header_name="Subject", maxlinelen=76).encode(linesep="\r\n")
    return f"Subject: {encoded}\r\n".encode("ascii")
