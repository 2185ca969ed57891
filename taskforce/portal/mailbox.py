"""The demo's mailbox for reading: what arrived over SMTP, beside what the outbox knows of it."""

from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from taskforce.core import languages
from taskforce.notifications import previews, queries
from taskforce.notifications.models import OutboxMessage
from taskforce.portal.models import DemoMail

_BY_TAG = {languages.html_lang(code): code for code in languages.CODES}


class Letter(NamedTuple):
    """One mail as it arrived; `key` and `state` are the outbox's (empty where it does not know the mail)."""

    row: DemoMail
    key: str
    state: str
    state_label: str
    language: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]

    @property
    def html_lang(self) -> str:
        """The BCP 47 tag of the mail's language."""
        return languages.html_lang(self.language)

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`."""
        return languages.direction(self.language)

    @property
    def safe_html(self) -> SafeString:
        """The body of the HTML part, through an allow-list, to be shown inside a page."""
        return previews.body_of(self.html)

    def as_json(self) -> dict[str, Any]:
        """As `/demo/mail.json` shows it (CONTRACT: Addresses, Demo)."""
        return {
            "key": self.key,
            "to": self.row.recipient,
            "language": self.language,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "headers": self.headers,
            "state": self.state,
            "arrivals": self.row.arrivals,
            "at": self.row.received_at.isoformat().replace("+00:00", "Z"),
        }


def arrived(recipient: str = "") -> QuerySet[DemoMail]:
    """The mails, newest first, of one recipient if given."""
    mails = DemoMail.objects.order_by("-id")
    return mails.filter(recipient__iexact=recipient) if recipient else mails


def letters(mails: Iterable[DemoMail]) -> list[Letter]:
    """The mails read, with one query for what the outbox knows."""
    mails = list(mails)
    known = queries.by_message_id(mail.message_id for mail in mails)
    return [_letter(mail, known.get(mail.message_id)) for mail in mails]


def _letter(mail: DemoMail, row: OutboxMessage | None) -> Letter:
    parsed = message_from_bytes(bytes(mail.raw), policy=policy.default)
    headers = {name: str(value) for name, value in parsed.items()}
    tag = headers.get("Content-Language", "")
    language = row.language if row else _BY_TAG.get(tag, "en")
    return Letter(
        row=mail,
        key=row.key if row else "",
        state=row.state if row else "",
        state_label=row.get_state_display() if row else "",
        language=language,
        subject=headers.get("Subject", ""),
        text=_part(parsed, "plain"),
        html=_part(parsed, "html"),
        headers=headers,
    )


def _part(parsed: EmailMessage, kind: str) -> str:
    """The text of a part; anything can arrive over SMTP, so what cannot be read is empty."""
    part = parsed.get_body((kind,))
    try:
        return str(part.get_content()) if part is not None else ""
    except (LookupError, ValueError):
        return ""
