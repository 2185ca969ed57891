"""The mails about a task force's dates."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import translation

from taskforce.core import labels
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.timeline import describe, queries
from taskforce.timeline.enums import AT_ONCE, Act, Topic
from taskforce.timeline.models import Extension
from taskforce.timeline.notices import events, samples
from taskforce.timeline.notices.links import absolute

EXTENDED = "phase-extended"
SHORTENED = "phase-shortened"
# One mail for each act.
KINDS = {
    Act.EXTENDED: EXTENDED,
    Act.SHORTENED: SHORTENED,
    Act.CLOSED: "phase-closed-early",
    Act.FULL: "phase-full",
    Act.CANCELLED: "phase-cancelled",
}
# What has ended at once is worth telling until it would have ended, and at least this long.
_STILL_NEWS = timedelta(days=1)


def changed(extension: Extension, *, at: datetime) -> None:
    """Tell everybody who follows the deadlines, once per changed end; unsent mails about older ends are void.

    That a phase has opened stays true until it is over: such mails still go, with the end as it is now. Mailings are
    touched and none of their mails: whoever waits for the phase does not wait the longer, the more people follow it.
    """
    phase = extension.phase
    if extension.act in AT_ONCE:
        void(phase.pk)
    else:
        _void_acts(phase.pk)
        events.end_moved(phase)
    kind = KINDS[Act(extension.act)]
    services.publish_mailing(
        kind,
        key=f"{kind}:{phase.pk}:{extension.ends_version}",
        params={"extension": extension.pk, "task_force": phase.task_force_id},
        at=at,
        valid_until=_valid_until(extension),
        task_force_id=phase.task_force_id,
        topic=Topic.DEADLINES,
    )


def void(phase_id: int) -> None:
    """Take back every unsent mail that speaks of the end of a phase: of acts, of its opening, of its nearing close."""
    _void_acts(phase_id)
    services.supersede(events.prefix(phase_id))


def _void_acts(phase_id: int) -> None:
    for kind in KINDS.values():
        services.supersede(f"{kind}:{phase_id}:")


def _valid_until(extension: Extension) -> datetime:
    if extension.act in AT_ONCE:
        return max(extension.old_closes_at, extension.at + _STILL_NEWS)
    return extension.new_closes_at


def _audience(params: dict[str, Any]) -> Iterator[list[tuple[str, str, str]]]:
    return queries.subscribers(params["task_force"], Topic.DEADLINES)


def _still_true(params: dict[str, Any]) -> bool:
    """Whether the end is still the one that this act gave."""
    return Extension.objects.filter(pk=params["extension"], ends_version=F("phase__ends_version")).exists()


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    extension = Extension.objects.select_related("phase__task_force").get(pk=params["extension"])
    return mail_context(extension, language)


def mail_context(extension: Extension, language: str) -> dict[str, Any]:
    """What the mail about an act, done or only planned, says to a reader of `language`; plain JSON."""
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
            # So many are published as the limit; the last of them has closed the phase.
            "count": phase.cap if extension.act == Act.FULL else None,
            "url": absolute("task_force", language, task_force=phase.task_force.slug),
        }


def _sample() -> dict[str, Any]:
    return {
        **samples.place(),
        "old_rule": samples.closes(2022, 2, 28),
        "old_closes_at": "2022-03-01T12:00:00+00:00",
        "new_rule": samples.closes(2022, 3, 7),
        "new_closes_at": "2022-03-08T12:00:00+00:00",
        "reason": {"text": "The translations came late.", "language": "en"},
        "name": "Cora Sample",
        "count": 128,
    }


def _sample_of_an_earlier_end() -> dict[str, Any]:
    return {
        **_sample(),
        "new_rule": samples.closes(2022, 2, 21),
        "new_closes_at": "2022-02-22T12:00:00+00:00",
        "reason": {"text": "The review needs a week more.", "language": "en"},
    }


def register() -> None:
    """Make the mails about dates known to the outbox."""
    for act, name in KINDS.items():
        kinds.register(
            kinds.MailKind(
                name=name,
                mail_class=MailClass.ANNOUNCEMENT,
                context=_context,
                audience=_audience,
                follows=queries.follows,
                still_true=_still_true,
                sample=_sample if act is Act.EXTENDED else _sample_of_an_earlier_end,
            )
        )
