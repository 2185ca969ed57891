"""The mail about what was decided after feedback."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import translation

from taskforce.core import labels
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.timeline import describe, queries
from taskforce.timeline.enums import Outcome, Topic
from taskforce.timeline.models import Verdict
from taskforce.timeline.notices import samples
from taskforce.timeline.notices.links import absolute

KIND = "feedback-decided"


def decided(verdict: Verdict) -> None:
    """Tell everybody who follows the deadlines, once; what is not sent yet of an earlier decision is void."""
    subject = f"{KIND}:{verdict.phase_id}:{verdict.text_id or ''}:"
    services.supersede(subject)
    services.publish_mailing(
        KIND,
        key=f"{subject}{verdict.number}",
        params={"verdict": verdict.pk, "task_force": verdict.phase.task_force_id},
        at=verdict.at,
        task_force_id=verdict.phase.task_force_id,
        topic=Topic.DEADLINES,
    )


def _audience(params: dict[str, Any]) -> Iterator[list[tuple[str, str, str]]]:
    return queries.subscribers(params["task_force"], Topic.DEADLINES)


def _still_true(params: dict[str, Any]) -> bool:
    """Whether no later decision has replaced it."""
    one = Verdict.objects.filter(pk=params["verdict"]).first()
    if one is None:
        return False
    later = Verdict.objects.filter(phase=one.phase_id, text_id=one.text_id, number__gt=one.number)
    return not later.exists()


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    return mail_context(Verdict.objects.select_related("phase__task_force").get(pk=params["verdict"]), language)


def _earlier(verdict: Verdict) -> "QuerySet[Verdict]":
    return Verdict.objects.filter(phase=verdict.phase_id, text_id=verdict.text_id, number__lt=verdict.number)


def mail_context(verdict: Verdict, language: str) -> dict[str, Any]:
    """What the mail about a decision, made or only planned, says to a reader of `language`; plain JSON."""
    phase = verdict.phase
    with translation.override(language):
        return {
            "task_force": labels.label(phase.task_force, "name")._asdict(),
            "phase": labels.label(phase, "title")._asdict(),
            "text": labels.chosen(verdict.titles, language)._asdict() if verdict.titles else None,
            "outcome": str(Outcome(verdict.outcome).label),
            "means": describe.what_follows(verdict.outcome, is_main=verdict.is_main),
            "is_later": _earlier(verdict).exists(),
            "reason": labels.chosen(verdict.reasons, language)._asdict(),
            "unanswered": verdict.unanswered or 0,
            "name": verdict.actor_name,
            "url": absolute("process", language, task_force=phase.task_force.slug),
        }


def _sample() -> dict[str, Any]:
    return {
        **samples.place(),
        "text": {"text": "A sample proposal", "language": "en"},
        "outcome": str(Outcome.PROCEED.label),
        "means": describe.what_follows(Outcome.PROCEED),
        "is_later": False,
        "reason": {"text": "Most of what was said supports it.", "language": "en"},
        "unanswered": 3,
        "name": "Cora Sample",
    }


def register() -> None:
    """Make the mail known to the outbox."""
    kinds.register(
        kinds.MailKind(
            name=KIND,
            mail_class=MailClass.ANNOUNCEMENT,
            context=_context,
            audience=_audience,
            follows=queries.follows,
            still_true=_still_true,
            sample=_sample,
        )
    )
