"""Mails about what was decided."""

from datetime import datetime

from recruitment.enums import Outcome
from recruitment.models import Application, Call, Decision
from recruitment.notices import letters

ACCEPTED = "decision-accepted"
DECLINED = "decision-declined"
_BY_OUTCOME = {Outcome.ACCEPT: ACCEPTED, Outcome.DECLINE: DECLINED}


def decision_key(application: Application) -> str:
    """The key under which the outcome of an application stands in the outbox; it does not tell the outcome."""
    return f"decision:{application.pk}"


def decided(decision: Decision, call: Call, *, at: datetime) -> None:
    """To the applicant: the released outcome. The key is one per application, whatever the outcome."""
    application = decision.application
    applicant = application.applicant
    context = letters.context(application, applicant, call)
    kind = _BY_OUTCOME[Outcome(decision.outcome)]
    letters.send(kind, decision_key(application), application, applicant, call, context, at)


def register() -> None:
    """Tell the outbox about these mails."""
    for name in (ACCEPTED, DECLINED):
        letters.register(name)
