"""The mails about a summary: that it is there, to those who follow, and that it is due, to those who may write it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import translation

from feedback import queries
from feedback.models import FeedbackWindow, Summary
from feedback.rules import WHO
from taskforce.accounts.queries import confirmed_mailboxes, has, holders
from taskforce.core import labels
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.timeline import queries as timeline
from taskforce.timeline.enums import Topic
from taskforce.timeline.notices import samples
from taskforce.timeline.notices.links import absolute

PUBLISHED = "summary-published"
DUE = "summary-due"


def published(summary: Summary, *, at: datetime) -> None:
    """Tell everybody who follows the deadlines, once."""
    task_force_id = summary.window.phase.task_force_id
    services.publish_mailing(
        PUBLISHED,
        key=f"{PUBLISHED}:{summary.window_id}",
        params={"window": summary.window_id, "task_force": task_force_id},
        at=at,
        task_force_id=task_force_id,
        topic=Topic.DEADLINES,
    )


def due(window: FeedbackWindow, *, at: datetime) -> None:
    """Remind everybody who may write it, each in their own language."""
    task_force_id = window.phase.task_force_id
    for reader in holders(WHO["summary.write"]):
        if not has(reader, WHO["summary.write"], task_force_id):
            continue
        services.enqueue(
            DUE,
            key=f"{DUE}:{window.pk}:{window.phase.ends_version}:{reader.pk}",
            mailbox=next(iter(confirmed_mailboxes(reader)), reader.email),
            language=reader.language,
            zone=reader.zone,
            context=_due(window, reader.language),
            at=at,
            task_force_id=task_force_id,
        )


def mail_context(window: FeedbackWindow, language: str) -> dict[str, Any]:
    """What the mail about a summary says to a reader of `language`; plain JSON."""
    task_force = window.phase.task_force
    with translation.override(language):
        return {
            "task_force": labels.label(task_force, "name")._asdict(),
            "window": labels.label(window, "title")._asdict(),
            "url": absolute("feedback:summary", language, task_force=task_force.slug, window=window.slug),
        }


def _due(window: FeedbackWindow, language: str) -> dict[str, Any]:
    with translation.override(language):
        url = absolute("admin:feedback_feedbackwindow_summary", language, window_id=window.pk)
    return {**mail_context(window, language), "url": url}


def _audience(params: dict[str, Any]) -> Iterator[list[tuple[str, str, str]]]:
    return timeline.subscribers(params["task_force"], Topic.DEADLINES)


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    return mail_context(queries.window_numbered(params["window"]), language)


def sample() -> dict[str, Any]:
    """What a mail about a summary says in the sample of it."""
    place = samples.place()
    return {
        "task_force": place["task_force"],
        "window": {"text": "A sample window", "language": "en"},
        "url": place["url"],
    }


def register() -> None:
    """Make the mails known to the outbox."""
    kinds.register(
        kinds.MailKind(
            name=PUBLISHED,
            mail_class=MailClass.ANNOUNCEMENT,
            context=_context,
            audience=_audience,
            follows=timeline.follows,
            sample=sample,
        )
    )
    kinds.register(kinds.MailKind(name=DUE, mail_class=MailClass.TRANSACTIONAL, sample=sample))
