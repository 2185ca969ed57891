"""A mail server in a process of its own, whose log on the disk is the witness of what was delivered.

`python -m tests.chaos.mailserver PORT LOG PLAN`: PLAN is a JSON file with `faults` (mailbox → names of faults, in
turn, as in `tests/notifications/sink.py`), `delay` and `greeting` (seconds before each answer, and more before the
first). A line of JSON is in the log before the sender gets its answer: `{"id": Message-ID, "to": mailbox, "subject": …,
"at": seconds, "answered": bool}`, `{"connection": n}` and `{"fault": name, "to": mailbox}`.
"""

import asyncio
import json
import os
import signal
import sys
import time
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
BEFORE = ("451", "550", "drop-before-body", "silent")
DURING = ("drop-in-body",)
AFTER = ("452-after-body", "drop-after-body", "silent-after-body")
SILENCE = 60.0


class Server:
    """aiosmtpd's handler: counts connections, plays the planned faults, writes the log."""

    def __init__(self, log: Path, plan: dict[str, Any]) -> None:
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.faults: dict[str, list[str]] = plan.get("faults", {})
        self.delay: float = plan.get("delay", 0.0)
        self.greeting: float = plan.get("greeting", 0.0)
        self.connections = 0

    def note(self, **line: Any) -> None:
        """One line, in one write: it is whole even if we are killed after it."""
        os.write(self.log, json.dumps(line).encode() + b"\n")

    def fault(self, mailbox: str, *names: str) -> str:
        """The next fault for a mailbox, if it is one of these."""
        waiting = self.faults.get(mailbox, [])
        if not waiting or waiting[0] not in names:
            return ""
        self.note(fault=waiting[0], to=mailbox)
        return waiting.pop(0)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count connections that speak."""
        self.connections += 1
        self.note(connection=self.connections)
        await asyncio.sleep(self.greeting + self.delay)
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender's address."""
        await asyncio.sleep(self.delay)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Faults before the body, and the one that breaks the line within it."""
        await asyncio.sleep(self.delay)
        fault = self.fault(address, *BEFORE)
        if fault == "drop-before-body":
            abort(server)
        if fault == "silent":
            await asyncio.sleep(SILENCE)
        if fault in ("451", "550"):
            return f"{fault} said the mail server"
        if self.fault(address, *DURING):
            server.breaks_in_body = True  # type: ignore[attr-defined]  # it is a Line
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Faults after the body; what is logged here has been delivered, whether the sender learns it or not."""
        await asyncio.sleep(self.delay)
        mailbox = envelope.rcpt_tos[0]
        fault = self.fault(mailbox, *AFTER)
        if fault == "452-after-body":
            return "452 said the mail server"
        # Only the headers, and as they came: a witness that is busy would slow down what it watches.
        message = BytesHeaderParser().parsebytes(bytes(envelope.original_content or b""))
        about = {"id": str(message["Message-ID"]), "to": mailbox, "subject": str(message["Subject"])}
        self.note(**about, at=time.time(), answered=not fault)
        if fault == "drop-after-body":
            abort(server)
        if fault == "silent-after-body":
            await asyncio.sleep(SILENCE)
        return "250 OK"


def abort(server: Any) -> None:
    """Break the connection without a word."""
    server.transport.abort()
    raise asyncio.CancelledError


class Line(SMTP):
    """A connection that can break once it has asked for a body, and is as far away as the plan says."""

    breaks_in_body = False

    async def push(self, status: Any) -> None:
        """Send one answer; 354 asks for the body."""
        asks = str(status).startswith("354")
        if asks:
            await asyncio.sleep(self.event_handler.delay)
        await super().push(status)
        if asks and self.breaks_in_body:
            abort(self)


async def serve(port: int, server: Server) -> None:
    """Listen until we are told to stop."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    listening = await loop.create_server(lambda: Line(server, hostname="sink.example", loop=loop), HOST, port)
    async with listening:
        await over.wait()
    os._exit(0)  # senders may still wait for a silent server


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Server(Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text()))))
