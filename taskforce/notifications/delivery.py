"""Sends what the outbox holds: the only place of the portal that speaks SMTP.

One mail goes: claim (committed) → check anew → render → send → mark. What a broken connection means depends on how
far the exchange was: before the body nothing was sent, after it nobody knows. The mark of one mail and the claim of
the next are one commit; that, and a connection that is kept, is what makes a long queue short.
"""

import contextlib
import ipaddress
import logging
import smtplib
import ssl
import threading
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings

from taskforce.core.clock import app_now, real_now, stopwatch
from taskforce.notifications import composing, kinds, queries, replies, services
from taskforce.notifications.composing import Envelope
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import Context, Renew
from taskforce.notifications.mailboxes import UnusableMailbox
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.rendering import Renderings
from taskforce.notifications.replies import Outcome

logger = logging.getLogger(__name__)
# A pass ends well before the worker's own time limit would end it in the middle of a mail, and soon enough for the
# sweep to get its turn; as long as there is work the next one follows at once.
PASS_SECONDS = 20.0
MAIL_BUDGET = timedelta(seconds=settings.EMAIL_TIMEOUT)
# A pass waits this long for a receiving domain's turn; whoever waits longer is for a later pass.
_LONGEST_PAUSE = 1.0
# A connection that was used a moment ago is believed to live; what it costs if not is one more connection.
_IDLE_SECONDS = 5.0
_START_OF_BODY = 354
# What was read so lately is not read again.
_MOMENT = timedelta(seconds=1)


def deliver_due(limit: int = 10_000) -> int:
    """Send up to `limit` due mails, as long as a pass may take; returns how many were handled, whatever came of them.

    Sends only what staff released while mail is on hold, and leaves everything as it is while the mail server does not
    answer. Any number of passes may run at once, in any number of processes.
    """
    services.release_dead()
    services.end_releases()
    if not queries.anything_due():
        return 0
    services.forget_domains(real_now())
    with Post() as post:
        return _Pass(post, limit).run()


class _Pass:
    """One pass over the queue, with what it keeps from mail to mail."""

    def __init__(self, post: "Post", limit: int) -> None:
        self._post = post
        self._left = limit
        self._end = stopwatch() + PASS_SECONDS
        self._renderings = Renderings()
        self._mailings: dict[int, Mailing] = {}
        self._truths: dict[int, tuple[float, bool]] = {}
        self._renewed: dict[tuple[int, str], tuple[float, Context | None]] = {}

    def run(self) -> int:
        """Until nothing is due, the time is over, or the server is gone; returns how many mails were handled."""
        handled = 0
        message: OutboxMessage | None = None
        while message is not None or self._may_go_on():
            if message is None:
                message = services.claim()
            if message is None:
                if not self._pause():
                    break
                continue
            handled += 1
            self._left -= 1
            message = self._settle(message, self._handle(message))
        return handled

    def _may_go_on(self) -> bool:
        return self._left > 0 and stopwatch() < self._end and self._post.ready()

    def _pause(self) -> bool:
        """Wait for a domain's turn if one comes soon; whether it is worth going on."""
        now = real_now()
        then = queries.next_due(now)
        if then is None or (then - now).total_seconds() > _LONGEST_PAUSE:
            return False
        threading.Event().wait((then - now).total_seconds())
        return True

    def _settle(self, message: OutboxMessage, outcome: Outcome) -> OutboxMessage | None:
        """Mark one mail, and in the same commit take the next where the connection stands ready for it."""
        following = None
        if outcome.is_the_mailbox:
            services.suppress(message, at=app_now(), error=outcome.detail)
        if self._left > 0 and stopwatch() < self._end and self._post.is_open:
            settled, following = services.settle_and_claim(message, outcome.action, error=outcome.detail)
        else:
            settled = services.settle(message, outcome.action, error=outcome.detail)
        if not settled:
            logger.warning("a mail was settled by another pass meanwhile", extra={"kind": message.kind})
        return following

    def _handle(self, message: OutboxMessage) -> Outcome:
        """Look at the mail once more, and send it."""
        if (against := self._against(message)) is not None:
            return against
        try:
            if not self._freshen(message):
                return Outcome("drop", "nothing of what it says holds any more")
            envelope = self._envelope(message)
        except UnusableMailbox:
            return Outcome("refuse", "the mailbox is not one plain address", is_the_mailbox=True)
        except Exception as error:
            logger.exception("mail cannot be rendered", extra={"kind": message.kind})
            return Outcome("defer", f"cannot be rendered: {type(error).__name__}")
        if message.lease_until is None or real_now() + MAIL_BUDGET > message.lease_until:
            # Stopped for so long (a suspended machine) that another pass may take it over before this one is done.
            return Outcome("defer", "the sender was stopped before sending")
        # Claimed a moment ago, its mailing stood then; after a pause (a long text, a stopped machine) it is asked anew.
        if real_now() + services.LEASE - message.lease_until > _MOMENT and (why := queries.taken_back(message)):
            return Outcome("drop", why)
        return self._post.send(envelope)

    def _against(self, message: OutboxMessage) -> Outcome | None:
        """Why a claimed mail does not go after all: what was true when it was written may have ended since."""
        message.mailing = self._mailing(message.mailing_id)
        if getattr(message, "is_over", False):
            return Outcome("expire")
        if why := queries.TAKEN_BACK.get(getattr(message, "mailing_state", "")):
            return Outcome("drop", why)
        if not self._is_wanted(message):
            return Outcome("drop", "the recipient has left")
        if message.mail_class == MailClass.ANNOUNCEMENT and getattr(message, "is_suppressed", False):
            return Outcome("drop", "the mailbox refuses mail")
        if message.mailing is not None and not self._still_true(message.mailing):
            return Outcome("expire", "what it says is no longer true")
        return None

    @staticmethod
    def _is_wanted(message: OutboxMessage) -> bool:
        """Whether the mailbox still follows the topic of a mail that was with a sender before.

        Leaving takes back what waits, and does not reach what a sender holds: that may come back to the queue.
        """
        if message.attempts <= 1 or not message.topic:
            return True
        try:
            follows = kinds.get(message.kind).follows
        except kinds.UnknownKind:
            return True  # it cannot be rendered, which says more
        return follows is None or follows(message.task_force_id, message.topic, message.mailbox)

    def _mailing(self, mailing_id: int | None) -> Mailing | None:
        """The mailing of a mail: what does not change of it is read once a pass."""
        if mailing_id is None:
            return None
        if mailing_id not in self._mailings:
            self._mailings[mailing_id] = Mailing.objects.select_related("corrects").get(pk=mailing_id)
        return self._mailings[mailing_id]

    def _still_true(self, mailing: Mailing) -> bool:
        """What the kind says of the mailing, asked at most once a second for each."""
        asked_at, answer = self._truths.get(mailing.pk, (-_LONGEST_PAUSE, True))
        if stopwatch() - asked_at >= _LONGEST_PAUSE:
            try:
                still_true = kinds.get(mailing.kind).still_true
            except kinds.UnknownKind:
                return True  # it cannot be rendered, which says more
            answer = still_true is None or still_true(mailing.params)
            self._truths[mailing.pk] = (stopwatch(), answer)
        return answer

    def _freshen(self, message: OutboxMessage) -> bool:
        """Let the mail say what is true now; False where that is nothing."""
        kind = kinds.get(message.kind)
        context: Context | None = message.context
        if message.mailing is not None and kind.renewed is not None:
            context = self._as_it_is_now(message.mailing, kind.renewed, message.language)
        elif kind.freshened is not None:
            context = kind.freshened(message.context, message.mailbox, at=app_now(), is_true=self._still_true)
        if context is not None and context != message.context:
            services.rewrite(message, context)
        return context is not None

    def _as_it_is_now(self, mailing: Mailing, renewed: Renew, language: str) -> Context | None:
        """What a mailing says to readers of a language, made at most once a second."""
        key = (mailing.pk, language)
        made_at, context = self._renewed.get(key, (-_LONGEST_PAUSE, None))
        if stopwatch() - made_at >= _LONGEST_PAUSE:
            made_at = stopwatch()
            context = renewed(mailing.params, language, at=app_now())
            self._renewed[key] = (made_at, context)
        return context

    def _envelope(self, message: OutboxMessage) -> Envelope:
        ways = composing.ways_of(message)
        kind, reader = kinds.get(message.kind), (message.language, message.zone)
        rendered = self._renderings.of(kind, message.context, reader, message.topic, ways)
        return composing.compose(message, rendered, ways, earlier=queries.earlier_message_id(message))


class _Phased(smtplib.SMTP):
    """An SMTP connection that knows whether the body has begun, and gives each exchange one time budget."""

    body_began = False

    def __init__(self, seconds: float, **options: Any) -> None:
        self.begin(seconds)
        super().__init__(
            settings.EMAIL_HOST, settings.EMAIL_PORT, local_hostname=_own_name(), timeout=max(seconds, 0.05), **options
        )

    def begin(self, seconds: float) -> None:
        """Start an exchange that may take so many seconds in all."""
        self.body_began = False
        self._deadline = stopwatch() + max(seconds, 0.05)

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
        self._used_at = 0.0

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

    @property
    def is_open(self) -> bool:
        """Whether a connection stands that was not seen broken."""
        return self._smtp is not None

    def ready(self) -> bool:
        """Whether the server listens; asked before a row is claimed, so that an outage costs no row an attempt."""
        if self._smtp is not None and stopwatch() - self._used_at > _IDLE_SECONDS and not _alive(self._smtp):
            self._drop()
        return self._smtp is not None or self._open(settings.EMAIL_TIMEOUT)

    def send(self, envelope: Envelope) -> Outcome:
        """Hand one mail over; whatever the server answers, or does not, becomes what it means for the row.

        A server may close a kept connection between two mails: then nothing of this one was said, and it goes over a
        new connection. All together takes no longer than one mail may.
        """
        end = stopwatch() + settings.EMAIL_TIMEOUT
        for is_kept in (True, False):
            if self._smtp is None and not self._open(end - stopwatch()):
                break
            assert self._smtp is not None  # noqa: S101 - just opened
            self._smtp.begin(end - stopwatch())
            outcome = self._exchange(self._smtp, envelope, is_kept=is_kept)
            if outcome is not None:
                return outcome
        return Outcome("defer", "no connection")

    def _exchange(self, smtp: _Phased, envelope: Envelope, *, is_kept: bool) -> Outcome | None:
        """None where a kept connection was found closed before it took anything of this mail."""
        stage = _Stage()
        try:
            code, words = _say(smtp, envelope, stage)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            if is_kept and stage.name == replies.SENDER and isinstance(error, smtplib.SMTPServerDisconnected | OSError):
                return None
            return Outcome("lose" if smtp.body_began else "defer", f"connection lost: {type(error).__name__}")
        self._used_at = stopwatch()
        if code // 100 == 2 and not smtp.body_began:
            # A yes to DATA itself: the server is out of step, and nothing of the mail was said.
            self._drop()
            return Outcome("defer", f"the server answered {code} before the body")
        if code // 100 == 2:
            return Outcome("accept")
        self._start_afresh(smtp, code)
        if is_kept and stage.name == replies.SENDER and code == _GOOD_BYE:
            return None
        return replies.meaning(code, words.decode("utf-8", "replace"), stage.name, body_began=smtp.body_began)

    def _open(self, seconds: float) -> bool:
        try:
            self._smtp = _connect(seconds)
        except (OSError, smtplib.SMTPException) as error:
            logger.warning("mail server not usable: %s", type(error).__name__)
            return False
        self._used_at = stopwatch()
        return True

    def _start_afresh(self, smtp: _Phased, code: int) -> None:
        """After a refusal the connection is used on, unless the server said good-bye (421) or nothing readable."""
        try:
            usable = code // 100 in (4, 5) and code != _GOOD_BYE and smtp.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            usable = False
        if not usable:
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


_GOOD_BYE = 421


class _Stage:
    """How far an exchange is."""

    name = replies.SENDER


def _say(smtp: _Phased, envelope: Envelope, stage: _Stage) -> tuple[int, bytes]:
    """The reply that decides: the first refusal, or the one to the body; `stage` says which."""
    code, words = smtp.mail(envelope.sender)
    if code // 100 == 2:
        stage.name = replies.RECIPIENT
        code, words = smtp.rcpt(envelope.recipient)
    if code // 100 != 2:
        return code, words
    stage.name = replies.BODY
    try:
        return smtp.data(envelope.content)
    except smtplib.SMTPDataError as refusal:
        reply = refusal.smtp_error
        return refusal.smtp_code, reply if isinstance(reply, bytes) else reply.encode()


def _connect(seconds: float) -> _Phased:
    """A connection that is ready for mail, encrypted and signed in as the settings say, within so many seconds."""
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
