"""The mail to followers about answers that were published: one for each release, however many answers it has."""

from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.text import capfirst

from feedback import answering
from feedback.enums import Outcome
from feedback.models import Release
from feedback.notices import author as author_notices
from taskforce.core import labels
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.timeline import queries
from taskforce.timeline.enums import Topic
from taskforce.timeline.notices import samples
from taskforce.timeline.notices.links import absolute

KIND = "feedback-answers"


def released(release: Release) -> None:
    """Tell everybody who follows the answers, once a release, and before them those whose texts it answers; what it
    corrects is told as such."""
    window, key = release.window, f"{KIND}:{release.pk}"
    author_notices.released(release, key)
    services.publish_mailing(
        KIND,
        key=key,
        params={"release": release.pk, "task_force": window.phase.task_force_id},
        at=release.at,
        task_force_id=window.phase.task_force_id,
        topic=Topic.ANSWERS,
    )


def _audience(params: dict[str, Any]) -> Iterator[list[tuple[str, str, str]]]:
    return queries.subscribers(params["task_force"], Topic.ANSWERS)


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    release = Release.objects.select_related("window__phase__task_force").get(pk=params["release"])
    window, task_force = release.window, release.window.phase.task_force
    # As the page to which the mail leads counts it: texts that everybody may read, not answers, which may be to a
    # whole theme.
    counts = answering.outcomes(window)
    with translation.override(language):
        return {
            "task_force": labels.label(task_force, "name")._asdict(),
            "window": labels.label(window, "title")._asdict(),
            "is_first": release.number == 1,
            "outcomes": [
                {"name": capfirst(str(Outcome(code).label)), "count": counts[code]}
                for code in Outcome.values
                if counts.get(code)
            ],
            "url": absolute("feedback:themes", language, task_force=task_force.slug, window=window.slug),
        }


def _sample() -> dict[str, Any]:
    place = samples.place()
    return {
        **place,
        "window": place["phase"],
        "is_first": True,
        "outcomes": [
            {"name": capfirst(str(Outcome.ADOPTED.label)), "count": 12},
            {"name": capfirst(str(Outcome.DECLINED.label)), "count": 3},
        ],
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
            sample=_sample,
        )
    )
