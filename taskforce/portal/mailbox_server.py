"""The SMTP server behind the demo's mailbox: what it acknowledges is stored, what it cannot store it asks again for."""

import asyncio
import logging
import signal
from email.parser import BytesHeaderParser

from aiosmtpd.smtp import SMTP, Envelope, Session
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from taskforce.core import text
from taskforce.core.clock import app_now
from taskforce.portal.models import DemoMail

logger = logging.getLogger(__name__)
HOST = "127.0.0.1"
_LARGEST_BYTES = 5_000_000


class Mailbox:
    """aiosmtpd's handler."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """250 once the mail is committed, a temporary refusal where the database is away."""
        try:
            await sync_to_async(store)(envelope.original_content or b"", list(envelope.rcpt_tos))
        except DatabaseError:
            logger.warning("mailbox: the database is away, the sender is asked to come again")
            return "451 4.3.0 The mailbox cannot be written now"
        return "250 2.0.0 Stored"


def store(raw: bytes, recipients: list[str]) -> None:
    """One row per recipient, all or none; raises DatabaseError.

    Each mail has a connection of its own, so that a restarted database leaves no broken one behind.
    """
    message_id = str(BytesHeaderParser().parsebytes(raw).get("Message-ID", ""))
    try:
        with transaction.atomic():
            for recipient in recipients:
                _put(raw, text.clean_name(recipient)[:254], text.clean_name(message_id)[:200])
    finally:
        connection.close()


def _put(raw: bytes, recipient: str, message_id: str) -> None:
    """A new row, or one arrival more of the mail that is there."""
    values = {"raw": raw, "received_at": app_now()}
    if not message_id:
        DemoMail.objects.create(recipient=recipient, message_id="", **values)
        return
    row, made = DemoMail.objects.get_or_create(recipient=recipient, message_id=message_id, defaults=values)
    if not made:
        DemoMail.objects.filter(pk=row.pk).update(arrivals=F("arrivals") + 1)


async def receive(port: int, ended: asyncio.Event) -> None:
    """Receive on loopback until `ended`. Raises OSError where the port is taken."""

    def protocol() -> SMTP:
        return SMTP(Mailbox(), hostname="mailbox", ident="mailbox", data_size_limit=_LARGEST_BYTES)

    server = await asyncio.get_running_loop().create_server(protocol, HOST, port)
    async with server:
        await ended.wait()


def serve(port: int) -> None:
    """Receive until SIGTERM or SIGINT. Raises OSError where the port is taken."""

    async def until_told() -> None:
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        await receive(port, ended)

    asyncio.run(until_told())
