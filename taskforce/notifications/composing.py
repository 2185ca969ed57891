"""From a row and its rendered content to the bytes of one mail to one mailbox; the same row gives the same headers."""

from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from taskforce.core import languages
from taskforce.notifications import kinds, leaving, mime, preferences
from taskforce.notifications.leaving import Leave
from taskforce.notifications.mailboxes import wire_address
from taskforce.notifications.models import OutboxMessage
from taskforce.notifications.rendering import Rendered, Ways


class Envelope(NamedTuple):
    """What SMTP needs: the sender's address, the one recipient's, the mail itself."""

    sender: str
    recipient: str
    content: bytes


def ways_of(message: OutboxMessage) -> Ways:
    """The recipient's own ways out of the mail's topic and to what they follow."""
    mailbox = message.mailbox.lower()
    leave = leaving.address(Leave(mailbox, message.task_force_id, message.topic))
    return Ways(leave, preferences.address(mailbox, message.language))


def compose(message: OutboxMessage, rendered: Rendered, ways: Ways, *, earlier: str = "") -> Envelope:
    """The mail as it goes over the wire; `earlier` is the Message-ID of the recipient's mail that it corrects.

    Raises `UnusableMailbox`.
    """
    recipient = wire_address(message.mailbox)
    sender, shown = _sender(settings.DEFAULT_FROM_EMAIL)
    headers = {
        "From": shown,
        "To": recipient,
        "Date": format_datetime(message.created_at),
        "Message-ID": message.message_id,
        # RFC 3834: nobody's absence note answers this. `Precedence`, which RFC 2076 discourages, would add nothing.
        "Auto-Submitted": "auto-generated",
        "Content-Language": languages.html_lang(message.language),
    }
    if earlier:
        headers |= {"In-Reply-To": earlier, "References": earlier}
    if message.topic:
        # RFC 8058; and RFC 2919 for readers that sort by list, the same for ever, whatever the task force is called.
        headers |= {
            "List-Unsubscribe": f"<{ways.leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": list_id(message),
        }
    elif stop := message.context.get(kinds.STOP):
        # RFC 2369 alone: it opens a page with a button.
        headers["List-Unsubscribe"] = f"<{stop}>"
    lines = b"".join(_header_line(name, value) for name, value in headers.items())
    body = mime.alternative(rendered.text, rendered.html)
    return Envelope(sender, recipient, subject_line(rendered.subject) + lines + body)


def _header_line(name: str, value: str) -> bytes:
    """A header that is plain already: nothing that people wrote stands in one.

    Written as it is, since reading each anew as `EmailMessage` does would cost most of what a mail costs. Raises
    ValueError for a value that could end its line.
    """
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"{name} is not plain")
    return f"{name}: {value}\r\n".encode("ascii")


@cache
def _sender(configured: str) -> tuple[str, str]:
    """The portal's address, and how From shows it."""
    name, sender = parseaddr(configured)
    mail = EmailMessage(policy=SMTP.clone(max_line_length=0))
    mail["From"] = Address(name, addr_spec=wire_address(sender, local=True))
    return wire_address(sender, local=True), mail.as_string().removeprefix("From:").strip()


def list_id(message: OutboxMessage) -> str:
    """The name of the list that a topic of a task force is: `<updates.7.portal.example.org>`."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    labels = [message.topic, str(message.task_force_id or ""), host]
    return f"<{'.'.join(filter(None, labels))}>"


def subject_line(subject: str) -> bytes:
    """The Subject header as it goes over the wire.

    Folded by `Header`: the folding of `EmailMessage` loses a space between two encoded words (Python 3.11).
    """
    one_line = " ".join(subject.split())
    # What looks encoded already would be decoded by whoever reads it.
    charset = "us-ascii" if one_line.isascii() and "=?" not in one_line else "utf-8"
    encoded = Header(one_line, charset, header_name="Subject", maxlinelen=76).encode(linesep="\r\n")
    return f"Subject: {encoded}\r\n".encode("ascii")
