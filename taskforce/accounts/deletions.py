"""The mails about a request for deletion: its receipt, and its answer."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from taskforce.accounts.enums import DeletionState
from taskforce.accounts.models import DeletionRequest, User
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import Context, MailKind


def _sample() -> Context:
    return {"url": _address(translation.get_language() or "en"), "asked_at": "2022-02-15T12:00:00+00:00"}


def _sample_answer() -> Context:
    with translation.override("en"):
        answer = "Everything is deleted but the history of the texts, which stays public."
    return {**_sample(), "is_done": True, "answer": answer}


ASKED = MailKind("deletion-asked", MailClass.TRANSACTIONAL, sample=_sample)
ANSWERED = MailKind("deletion-answered", MailClass.TRANSACTIONAL, sample=_sample_answer, secrets=("answer",))


def register() -> None:
    """Make the kinds known to the outbox."""
    for kind in (ASKED, ANSWERED):
        kinds.register(kind)


def asked(request: DeletionRequest, user: User, *, at: datetime) -> None:
    """To the person: the request has arrived. None of their words is in it."""
    _send(ASKED, request, user, {}, at)


def answered(request: DeletionRequest, user: User | None, *, at: datetime) -> None:
    """To the person: what became of it, with the officer's words, which are blanked once the mail has gone.

    In English where the account is gone and nobody knows their language any more.
    """
    told = {"is_done": request.state == DeletionState.DONE, "answer": request.answer}
    _send(ANSWERED, request, user, told, at)


def _send(kind: MailKind, request: DeletionRequest, user: User | None, told: Context, at: datetime) -> None:
    language = user.language if user is not None else settings.LANGUAGE_CODE
    services.enqueue(
        kind.name,
        key=f"{kind.name}:{request.pk}",
        mailbox=request.mailbox,
        language=language,
        zone=user.zone if user is not None else "UTC",
        context={"url": _address(language), "asked_at": request.asked_at.isoformat(), **told},
        at=at,
    )


def _address(language: str) -> str:
    with translation.override(language):
        return f"{settings.SITE_URL}{reverse('account_deletion')}"
