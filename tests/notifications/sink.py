"""A mail server for tests that can fail in every phase, and remembers what it took: the witness beside the outbox."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Arrival:
    """One mail whose body reached the server; `answered` where the sender was also told so."""

    recipients: list[str]
    raw: bytes
    answered: bool
    # Seconds on the clock that only runs forward.
    at: float = field(default_factory=time.monotonic)
    # Of the envelope.
    sender: str = ""

    @property
    def mail(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def message_id(self) -> str:
        """Its Message-ID."""
        return str(self.mail["Message-ID"])


@dataclass
class Sink:
    """aiosmtpd's handler. `faults`: mailbox → what goes wrong for it, by name, as often as the name stands there."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    # Mailbox → what the server always answers to RCPT; answers to MAIL, one after the other.
    refusals: dict[str, str] = field(default_factory=dict)
    sender_refusals: list[str] = field(default_factory=list)
    delay: float = 0.0
    connections: int = 0
    # Set when a body is in and the sender waits for the answer.
    holding: threading.Event = field(default_factory=threading.Event)

    def message_ids(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        return Counter(arrival.message_id for arrival in self.arrivals)

    def to(self, mailbox: str) -> list[Arrival]:
        """What arrived for one mailbox."""
        return [arrival for arrival in self.arrivals if arrival.recipients == [mailbox]]

    def _fault(self, mailbox: str, *names: str) -> str:
        waiting = self.faults.get(mailbox, [])
        return waiting.pop(0) if waiting and waiting[0] in names else ""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count connections that speak."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refusals of the sender, in the words of `sender_refusals`; the server takes them from the front."""
        if self.sender_refusals:
            words = self.sender_refusals.pop(0)
            if words == "close":
                _abort(server)
            return words
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Faults before the body."""
        fault = self._fault(address, "451", "550", "421", "silent", "drop-before-body")
        if words := self.refusals.get(address):
            return words
        if fault == "drop-before-body":
            _abort(server)
        if fault == "silent":
            await asyncio.sleep(20)
        if fault in ("451", "550", "421"):
            return f"{fault} said the sink"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Faults after the body; refusals here are definite too, a broken connection is not."""
        fault = self._fault(
            envelope.rcpt_tos[0], "452-after-body", "554-after-body", "drop-after-body", "silent-after-body"
        )
        if fault in ("452-after-body", "554-after-body"):
            return f"{fault[:3]} said the sink"
        arrival = Arrival(
            list(envelope.rcpt_tos),
            bytes(envelope.original_content or b""),
            answered=not fault,
            sender=str(envelope.mail_from),
        )
        self.arrivals.append(arrival)
        self.holding.set()
        if fault == "drop-after-body":
            _abort(server)
        if fault == "silent-after-body":
            await asyncio.sleep(20)
        await asyncio.sleep(self.delay)
        return "250 OK"


def _abort(server: Any) -> None:
    server.transport.abort()
    raise asyncio.CancelledError


class _AnyPort(Controller):
    """Binds port 0 and keeps the number that the system gave."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # the library's


@contextmanager
def running(handler: Any, **options: Any) -> Iterator[int]:
    """The handler behind an SMTP server in a thread (`options` are aiosmtpd's); yields its port on 127.0.0.1."""
    controller = _AnyPort(handler, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
