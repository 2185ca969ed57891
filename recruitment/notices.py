"""The mails of recruitment: one function per mail. No answer ever stands in a mail."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from recruitment import links
from recruitment.enums import Outcome
from recruitment.models import Application, Call, Decision, Snapshot
from taskforce.accounts.models import User
from taskforce.core import labels
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass
from taskforce.notifications.services import enqueue
from taskforce.timeline import describe
from taskforce.timeline.enums import ANYWHERE_ON_EARTH

RECEIPT = "application-receipt"
ACCEPTED = "decision-accepted"
DECLINED = "decision-declined"
_CALL = {"ar": "دعوة للانضمام إلى فرقة العمل", "en": "Call for members", "zh-hant": "招募成員"}
_BY_OUTCOME = {Outcome.ACCEPT: ACCEPTED, Outcome.DECLINE: DECLINED}


def register() -> None:
    """Tell the outbox about the mails of this app; called once, when the apps are ready."""
    for name in (RECEIPT, ACCEPTED, DECLINED):
        kinds.register(
            kinds.MailKind(name=name, mail_class=MailClass.TRANSACTIONAL, context=None, audience=None, sample=_sample)
        )


def receipt_key(snapshot: Snapshot) -> str:
    """The key under which the receipt of a snapshot stands in the outbox."""
    return f"{RECEIPT}:{snapshot.pk}"


def decision_key(application: Application) -> str:
    """The key under which the outcome of an application stands in the outbox; it does not tell the outcome."""
    return f"decision:{application.pk}"


def receipt(snapshot: Snapshot, call: Call, applicant: User, *, at: datetime) -> None:
    """To the applicant: what was submitted has arrived, under which reference, number and hash."""
    context = _context(snapshot.application, call)
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
    _send(RECEIPT, receipt_key(snapshot), snapshot.application, applicant, call, context, at)


def decided(decision: Decision, call: Call, *, at: datetime) -> None:
    """To the applicant: the released outcome. The key is one per application, whatever the outcome."""
    application = decision.application
    applicant = application.applicant
    context = _context(application, call)
    kind = _BY_OUTCOME[Outcome(decision.outcome)]
    _send(kind, decision_key(application), application, applicant, call, context, at)


def _send(
    kind: str, key: str, application: Application, applicant: User, call: Call, context: dict[str, Any], at: datetime
) -> None:
    """In the language of the application: the one in which the applicant wrote and read."""
    enqueue(
        kind,
        key=key,
        mailbox=applicant.email,
        language=application.language,
        zone=applicant.zone,
        context=context,
        at=at,
        task_force_id=call.phase.task_force_id,
    )


def _context(application: Application, call: Call) -> dict[str, Any]:
    task_force, language = call.phase.task_force, application.language
    with translation.override(language):
        # By the name of the call: the mail is read when another one may be under way.
        path = links.application(call, is_only=False)
    return {
        "task_force": labels.label(task_force, "name", language)._asdict(),
        "call": labels.label(call, "title", language)._asdict(),
        "reference": application.reference,
        "url": f"{settings.SITE_URL}{path}",
    }


def _sample() -> dict[str, Any]:
    place = f"{translation.get_language() or 'en'}/tf/leadership-development/join/application/?call=recruitment"
    return {
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "call": kinds.example(_CALL),
        "reference": "A-2345-BCDF",
        "url": f"{settings.SITE_URL}/{place}",
        "number": 1,
        "sha256": "9f2c41d07ab3e85810f6d2947c3be1a05d8876e4b2f19c30a7d5e6218b4fc093",
        "received_at": "2022-04-01T12:00:00+00:00",
        "in_grace": False,
        "closes_at": "2022-04-11T12:00:00+00:00",
        "closes_rule": describe.rule(date(2022, 4, 10), None, ANYWHERE_ON_EARTH, end=True),
    }
