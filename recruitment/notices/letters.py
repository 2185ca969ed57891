"""What all mails to applicants have."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from recruitment import links
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.core import labels, languages
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass
from taskforce.notifications.services import enqueue
from taskforce.timeline import describe
from taskforce.timeline.enums import ANYWHERE_ON_EARTH

_CALL = {"ar": "دعوة للانضمام إلى فرقة العمل", "en": "Call for members", "zh-hant": "招募成員"}


def send(
    kind: str, key: str, application: Application, applicant: User, call: Call, context: dict[str, Any], at: datetime
) -> None:
    """In the language of the applicant."""
    enqueue(
        kind,
        key=key,
        mailbox=applicant.email,
        language=language_of(applicant, application),
        zone=applicant.zone,
        context=context,
        at=at,
        task_force_id=call.phase.task_force_id,
    )


def language_of(applicant: User, application: Application) -> str:
    """In which language mails about an application come: that of the account, which its person has chosen; where the
    portal does not have it (any more), the one in which the application is written."""
    return applicant.language if languages.is_offered(applicant.language) else application.language


def context(application: Application, applicant: User, call: Call) -> dict[str, Any]:
    task_force, language = call.phase.task_force, language_of(applicant, application)
    with translation.override(language):
        # By the name of the call: the mail is read when another one may be under way.
        path = links.application(call, is_only=False)
    return {
        "task_force": labels.label(task_force, "name", language)._asdict(),
        "call": labels.label(call, "title", language)._asdict(),
        "reference": application.reference,
        "url": f"{settings.SITE_URL}{path}",
    }


def receipt_url(snapshot: Snapshot, applicant: User, call: Call) -> str:
    """Where the receipt of a version stands."""
    with translation.override(language_of(applicant, snapshot.application)):
        return f"{settings.SITE_URL}{links.receipt(snapshot, call, is_only=False)}"


def sample() -> dict[str, Any]:
    place = f"{translation.get_language() or 'en'}/tf/leadership-development/join/application/?call=recruitment"
    return {
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "call": kinds.example(_CALL),
        "reference": "A-2345-BCDF",
        "url": f"{settings.SITE_URL}/{place}",
        "receipt_url": f"{settings.SITE_URL}/{place.replace('?', 'receipt/1/?')}&application=A-2345-BCDF",
        "number": 1,
        "sha256": "9f2c41d07ab3e85810f6d2947c3be1a05d8876e4b2f19c30a7d5e6218b4fc093",
        "received_at": "2022-04-01T12:00:00+00:00",
        "in_grace": False,
        "moment": "2022-04-01T12:00:00+00:00",
        "is_open": True,
        "was_submitted": True,
        "closes_at": "2022-04-11T12:00:00+00:00",
        "closes_rule": describe.rule(date(2022, 4, 10), None, ANYWHERE_ON_EARTH, end=True),
    }


def register(name: str) -> None:
    """A mail to one applicant, about their own application."""
    kinds.register(
        kinds.MailKind(name=name, mail_class=MailClass.TRANSACTIONAL, context=None, audience=None, sample=sample)
    )
