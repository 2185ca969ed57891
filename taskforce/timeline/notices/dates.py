"""The mails about a task force's dates."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from taskforce.core import labels
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.timeline import describe, queries
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import Extension
from taskforce.timeline.notices.links import absolute

EXTENDED = "phase-extended"


def extended(extension: Extension, *, at: datetime) -> None:
    """Tell everybody who follows the deadlines, once per changed end; unsent mails of older ends are void."""
    prefix = f"{EXTENDED}:{extension.phase_id}:"
    services.supersede(prefix)
    services.publish_mailing(
        EXTENDED,
        key=f"{prefix}{extension.ends_version}",
        params={"extension": extension.pk, "task_force": extension.phase.task_force_id},
        at=at,
        valid_until=extension.new_closes_at,
        task_force_id=extension.phase.task_force_id,
    )


def _audience(params: dict[str, Any]) -> Iterator[list[tuple[str, str, str]]]:
    return queries.subscribers(params["task_force"], Topic.DEADLINES)


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    extension = Extension.objects.select_related("phase__task_force").get(pk=params["extension"])
    phase = extension.phase
    with translation.override(language):
        return {
            "task_force": labels.label(phase.task_force, "name")._asdict(),
            "phase": labels.label(phase, "title")._asdict(),
            "old_rule": describe.old_rule(extension),
            "old_closes_at": extension.old_closes_at.isoformat(),
            "new_rule": describe.new_rule(extension),
            "new_closes_at": extension.new_closes_at.isoformat(),
            "reason": {"text": extension.reason, "language": extension.reason_language},
            "name": extension.actor_name,
            "url": absolute("task_force", language, task_force=phase.task_force.slug),
        }


def _sample() -> dict[str, Any]:
    return {
        "task_force": "Leadership Development Task Force",
        "phase": "Feedback on the proposal",
        "old_rule": "28 February 2022, anywhere on Earth (AoE)",
        "old_closes_at": "2022-03-01T12:00:00+00:00",
        "new_rule": "7 March 2022, anywhere on Earth (AoE)",
        "new_closes_at": "2022-03-08T12:00:00+00:00",
        "reason": "The translations came late.",
        "name": "Coordinator",
        "url": f"{settings.SITE_URL}/en/tf/leadership-development/",
    }


def register() -> None:
    """Make the mails about dates known to the outbox."""
    kinds.register(
        kinds.MailKind(
            name=EXTENDED,
            mail_class=MailClass.ANNOUNCEMENT,
            context=_context,
            audience=_audience,
            sample=_sample,
        )
    )
