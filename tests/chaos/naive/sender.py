"""`python -m tests.chaos.naive.sender`: sends a pass of mails in one transaction and marks them at its end."""

import smtplib
import time

import django

django.setup()

from django.conf import settings
from django.db import transaction

from taskforce.notifications import expansion
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage

PASS = 20


def one_pass() -> int:
    """Send what is queued, then say so."""
    with transaction.atomic(), smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as line:
        found = OutboxMessage.objects.select_for_update(skip_locked=True).filter(state=MessageState.QUEUED)
        messages = list(found.order_by("id")[:PASS])
        for message in messages:
            content = f"Message-ID: {message.message_id}\r\nSubject: News\r\n\r\nNews.\r\n"
            line.sendmail(settings.DEFAULT_FROM_EMAIL, message.mailbox, content)
        ids = [message.pk for message in messages]
        OutboxMessage.objects.filter(pk__in=ids).update(state=MessageState.SENT)
    return len(messages)


if __name__ == "__main__":
    while True:
        expansion.expand_due()
        if not one_pass():
            time.sleep(0.2)
