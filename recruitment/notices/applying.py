"""Mails about what was submitted. No answer ever stands in a mail."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import translation

from recruitment.models import Application, Call, Snapshot
from recruitment.notices import letters
from taskforce.accounts.models import User
from taskforce.timeline import describe, windows

RECEIPT = "application-receipt"
WITHDRAWN = "application-withdrawn"
TAKEN_BACK = "application-taken-back"
# The mails about what is not submitted (`notices.reminding`).
OF_A_DRAFT = ("draft-reminder",)


def receipt_key(snapshot: Snapshot) -> str:
    """The key under which the receipt of a snapshot stands in the outbox."""
    return f"{RECEIPT}:{snapshot.pk}"


def keys(application: Application, snapshots: Iterable[Snapshot]) -> tuple[list[str], list[str]]:
    """Under which keys the mails about an application stand: whole ones, and how those begin of which there are many.

    What was decided is not among them.
    """
    begin = [f"{kind}:{application.pk}:" for kind in (WITHDRAWN, TAKEN_BACK, *OF_A_DRAFT)]
    return [receipt_key(one) for one in snapshots], begin


def receipt(snapshot: Snapshot, call: Call, applicant: User, *, at: datetime) -> None:
    """To the applicant: what was submitted has arrived, under which reference, number and hash."""
    context = letters.context(snapshot.application, applicant, call)
    with translation.override(letters.language_of(applicant, snapshot.application)):
        rule = describe.closes_rule(call.phase)
    context |= {
        "number": snapshot.number,
        "receipt_url": letters.receipt_url(snapshot, applicant, call),
        "sha256": snapshot.sha256,
        "received_at": snapshot.submitted_at.isoformat(),
        "in_grace": snapshot.in_grace,
        "closes_at": call.phase.closes_at.isoformat(),
        "closes_rule": rule,
    }
    letters.send(RECEIPT, receipt_key(snapshot), snapshot.application, applicant, call, context, at)


def withdrawn(application: Application, call: Call, applicant: User, *, at: datetime) -> None:
    """To the applicant: the application is withdrawn; until when that can be taken back, where it can."""
    _of_withdrawal(WITHDRAWN, application, call, applicant, at)


def taken_back(application: Application, call: Call, applicant: User, *, at: datetime) -> None:
    """To the applicant: the withdrawal is taken back, and what counts again, if anything was submitted."""
    _of_withdrawal(TAKEN_BACK, application, call, applicant, at)


def _of_withdrawal(kind: str, application: Application, call: Call, applicant: User, at: datetime) -> None:
    """Each act has a mail of its own, since both can be done again."""
    with translation.override(letters.language_of(applicant, application)):
        rule = describe.closes_rule(call.phase)
    context = letters.context(application, applicant, call) | {
        "moment": at.isoformat(),
        "is_open": windows.is_open(call.phase, at),
        "was_submitted": application.submitted_at is not None,
        "closes_at": call.phase.closes_at.isoformat(),
        "closes_rule": rule,
    }
    letters.send(kind, f"{kind}:{application.pk}:{at.isoformat()}", application, applicant, call, context, at)


def register() -> None:
    """Tell the outbox about these mails."""
    for name in (RECEIPT, WITHDRAWN, TAKEN_BACK):
        letters.register(name)
