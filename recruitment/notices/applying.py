"""Mails about what was submitted. No answer ever stands in a mail."""

from datetime import datetime

from django.utils import translation

from recruitment.models import Call, Snapshot
from recruitment.notices import letters
from taskforce.accounts.models import User
from taskforce.timeline import describe

RECEIPT = "application-receipt"


def receipt_key(snapshot: Snapshot) -> str:
    """The key under which the receipt of a snapshot stands in the outbox."""
    return f"{RECEIPT}:{snapshot.pk}"


def receipt(snapshot: Snapshot, call: Call, applicant: User, *, at: datetime) -> None:
    """To the applicant: what was submitted has arrived, under which reference, number and hash."""
    context = letters.context(snapshot.application, call)
    with translation.override(snapshot.application.language):
        rule = describe.closes_rule(call.phase)
    context |= {
        "number": snapshot.number,
        "sha256": snapshot.sha256,
        "received_at": snapshot.submitted_at.isoformat(),
        "in_grace": snapshot.in_grace,
        "closes_at": call.phase.closes_at.isoformat(),
        "closes_rule": rule,
    }
    letters.send(RECEIPT, receipt_key(snapshot), snapshot.application, applicant, call, context, at)


def register() -> None:
    """Tell the outbox about these mails."""
    letters.register(RECEIPT)
