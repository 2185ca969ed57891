"""Sends what the outbox holds: the only place of the portal that speaks SMTP.

One mail goes: claim (committed) → check anew → render → send → mark. What a broken connection means depends on how
far the exchange was: before the body nothing was sent, after it nobody knows.
"""

import contextlib
import ipaddress
import logging
import smtplib
import ssl
from datetime import timedelta
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from django.conf import settings

from taskforce.core.clock import app_now, real_now, stopwatch
from taskforce.notifications import composing, kinds, queries, rendering, services
from taskforce.notifications.composing import Envelope
from taskforce.notifications.mailboxes import UnusableMailbox
from taskforce.notifications.models import OutboxMessage

logger = logging.getLogger(__name__)
# A pass ends well before the worker's own time limit would end it in the middle of a mail.
PASS_SECONDS = 45.0
MAIL_BUDGET = timedelta(seconds=settings.EMAIL_TIMEOUT)
_START_OF_BODY = 354


def deliver_due(limit: int = 50) -> int:
    """Send up to `limit` due mails; returns how many were handled, whatever came of them.

    Does nothing while `MAIL_HOLD` is set, and leaves everything as it is while the mail server does not answer.
    Any number of passes may run at once, in any number of processes.
    """
    if settings.MAIL_HOLD:
        return 0
    services.release_dead()
    if not queries.anything_due():
        return 0
    handled = 0
    end = stopwatch() + PASS_SECONDS
    with Post() as post:
        while handled < limit and stopwatch() < end and post.ready():
            message = services.claim()
            if message is None:
                break
            handled += 1
            _handle(post, message)
    return handled


def _handle(post: "Post", message: OutboxMessage) -> None:
    at = app_now()
    if message.valid_until is not None and message.valid_until <= at:
        services.settle(message, "expire", at=at)
        return
    try:
        rendered = rendering.render(kinds.get(message.kind), message.context, message.language, message.zone)
        envelope = composing.compose(message, rendered)
    except UnusableMailbox:
        services.settle(message, "refuse", at=at, error="the mailbox is not one plain address")
        return
    except Exception as error:
        logger.exception("mail cannot be rendered", extra={"kind": message.kind})
        services.settle(message, "defer", at=at, error=f"cannot be rendered: {type(error).__name__}")
        return
    if message.lease_until is None or real_now() + MAIL_BUDGET > message.lease_until:
        # Stopped for so long (a suspended machine) that another pass may take the row over before this one is done.
        services.settle(message, "defer", at=at, error="the sender was stopped before sending")
        return
    outcome = post.send(envelope)
    if not services.settle(message, outcome.action, at=app_now(), error=outcome.detail):
        logger.warning("a mail was settled by another pass meanwhile", extra={"kind": message.kind})


class Outcome(NamedTuple):
    """What the row goes through (an action of the transition table), and the server's words."""

    action: str
    detail: str = ""


class _Phased(smtplib.SMTP):
    """An SMTP connection that knows whether the body has begun, and gives each exchange one time budget."""

    body_began = False

    def __init__(self, seconds: float, **options: Any) -> None:
        self.begin(seconds)
        super().__init__(
            settings.EMAIL_HOST, settings.EMAIL_PORT, local_hostname=_own_name(), timeout=seconds, **options
        )

    def begin(self, seconds: float) -> None:
        """Start an exchange that may take so many seconds in all."""
        self.body_began = False
        self._deadline = stopwatch() + seconds

    def getreply(self) -> tuple[int, bytes]:
        """The server's reply; 354 is its word to send the body."""
        self._tighten()
        code, words = super().getreply()
        self.body_began = self.body_began or code == _START_OF_BODY
        return code, words

    def send(self, s: Any) -> None:
        """Send within the budget."""
        self._tighten()
        super().send(s)

    def _tighten(self) -> None:
        if self.sock is not None:
            self.sock.settimeout(max(0.05, self._deadline - stopwatch()))


class _PhasedTls(_Phased, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


class Post:
    """A kept connection to the mail server for one pass; opened when first needed, renewed when broken."""

    def __init__(self) -> None:
        self._smtp: _Phased | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.begin(1.0)
                self._smtp.quit()
        self._drop()

    def ready(self) -> bool:
        """Whether the server listens; asked before a row is claimed, so that an outage costs no row an attempt."""
        if self._smtp is not None and not _alive(self._smtp):
            self._drop()
        if self._smtp is None:
            try:
                self._smtp = _connect()
            except (OSError, smtplib.SMTPException) as error:
                logger.warning("mail server not usable: %s", type(error).__name__)
                return False
        return True

    def send(self, envelope: Envelope) -> Outcome:
        """Hand one mail over; whatever the server answers, or does not, becomes what it means for the row."""
        smtp = self._smtp
        if smtp is None:
            return Outcome("defer", "no connection")
        smtp.begin(settings.EMAIL_TIMEOUT)
        try:
            code, words = _exchange(smtp, envelope)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome("lose" if smtp.body_began else "defer", f"connection lost: {type(error).__name__}")
        if code // 100 == 2:
            return Outcome("accept")
        action = {4: "defer", 5: "refuse"}.get(code // 100, "lose" if smtp.body_began else "defer")
        self._start_afresh(smtp, code)
        return Outcome(action, f"{code} {words.decode('utf-8', 'replace')}")

    def _start_afresh(self, smtp: _Phased, code: int) -> None:
        """After a refusal the connection is used on, unless the server said good-bye (421) or nothing readable."""
        try:
            usable = code // 100 in (4, 5) and code != 421 and smtp.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            usable = False
        if not usable:
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _exchange(smtp: _Phased, envelope: Envelope) -> tuple[int, bytes]:
    """The reply that decides: the first refusal, or the one to the body."""
    code, words = smtp.mail(envelope.sender)
    if code // 100 == 2:
        code, words = smtp.rcpt(envelope.recipient)
    if code // 100 != 2:
        return code, words
    try:
        return smtp.data(envelope.content)
    except smtplib.SMTPDataError as refusal:
        reply = refusal.smtp_error
        return refusal.smtp_code, reply if isinstance(reply, bytes) else reply.encode()


def _connect() -> _Phased:
    """A connection that is ready for mail, encrypted and signed in as the settings say."""
    seconds = settings.EMAIL_TIMEOUT
    if settings.EMAIL_USE_SSL:
        smtp: _Phased = _PhasedTls(seconds, context=ssl.create_default_context())
    else:
        smtp = _Phased(seconds)
    try:
        if settings.EMAIL_USE_TLS:
            smtp.starttls(context=ssl.create_default_context())
        if settings.EMAIL_HOST_USER:
            smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        smtp.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException):
        smtp.close()
        raise
    return smtp


def _alive(smtp: _Phased) -> bool:
    try:
        smtp.begin(settings.EMAIL_TIMEOUT)
        return smtp.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _own_name() -> str:
    """The name for EHLO: the portal's host, without asking the name service for it."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
