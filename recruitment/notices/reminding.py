"""The mail that reminds of an unfinished application. No answer ever stands in it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from recruitment import links, queries, reminders
from recruitment.enums import ApplicationState
from recruitment.models import Call
from recruitment.notices import letters
from recruitment.queries import ToRemind, Unfinished
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.models import Mailing
from taskforce.timeline import describe, windows

REMINDER = "draft-reminder"


def remind(due: ToRemind, found: Iterable[Unfinished], *, at: datetime) -> None:
    """To each applicant, in their language: what is not submitted, and until when it can be."""
    call = due.call
    services.enqueue_all(
        REMINDER,
        [
            services.Single(
                f"{REMINDER}:{one.application.pk}:{due.ends_version}:{due.kind}",
                (one.application.applicant.email, _language(one), one.application.applicant.zone),
                _context(call, one),
            )
            for one in found
        ],
        at=at,
        valid_until=reminders.useful_until(call.phase, due.kind),
        task_force_id=call.phase.task_force_id,
    )


def stop_url(call: Call, applicant_id: int, language: str) -> str:
    """The page on which somebody says whether they want reminders; whole, in a portal language."""
    with translation.override(language):
        return f"{settings.SITE_URL}{links.reminders(call, applicant_id)}"


def _language(found: Unfinished) -> str:
    return letters.language_of(found.application.applicant, found.application)


def _context(call: Call, found: Unfinished) -> dict[str, Any]:
    application, language = found.application, _language(found)
    with translation.override(language):
        rule = describe.closes_rule(call.phase)
    return {
        **letters.context(application, application.applicant, call),
        "application": application.pk,
        "ends_version": call.phase.ends_version,
        "is_submitted": application.state == ApplicationState.SUBMITTED,
        "missing": found.missing,
        "closes_at": call.phase.closes_at.isoformat(),
        "closes_rule": rule,
        kinds.STOP: stop_url(call, application.applicant_id, language),
    }


def _freshened(
    context: kinds.Context, mailbox: str, *, at: datetime, is_true: Callable[[Mailing], bool]
) -> kinds.Context | None:
    """What it says when it goes; nothing where all is submitted or withdrawn by then, or the end is another one.

    Nor anything to a mailbox that is no longer the one of the account: it would get the way to stop the reminders.
    """
    found = queries.still_unfinished(context["application"])
    if found is None or found.application.applicant.email.lower() != mailbox.lower():
        return None
    phase = found.application.call.phase
    if phase.ends_version != context["ends_version"] or not windows.is_open(phase, at):
        return None
    return _context(found.application.call, found)


def _sample() -> dict[str, Any]:
    made = letters.sample()
    here = made["url"].partition("?")[0]
    more = {"application": 1, "ends_version": 1, "is_submitted": False, "missing": 2}
    return {**made, **more, kinds.STOP: f"{here}reminders/pYh3/"}


def register() -> None:
    """Tell the outbox about it. Nobody waits for a reminder: where its outcome is unknown it goes no second time."""
    kinds.register(kinds.MailKind(REMINDER, MailClass.ANNOUNCEMENT, sample=_sample, freshened=_freshened))
