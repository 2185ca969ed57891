"""The mails about what the sweep notices: a phase has opened, will close, has closed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from taskforce.core import labels
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.timeline import describe, offers, queries, reminders, windows
from taskforce.timeline.enums import ENDED, EventKind, Topic
from taskforce.timeline.models import Phase, PhaseEvent
from taskforce.timeline.notices import samples
from taskforce.timeline.notices.links import absolute
from taskforce.timeline.queries.events import next_phase

OPENED = "phase-opened"
CLOSING_WEEK = "phase-closing-week"
CLOSING_DAY = "phase-closing-day"
CLOSED = "phase-closed"
# One mail for each event of which the followers are told; a change of the end is told by its own act.
KINDS = {
    EventKind.OPENED: OPENED,
    EventKind.CLOSING_WEEK: CLOSING_WEEK,
    EventKind.CLOSING_DAY: CLOSING_DAY,
    EventKind.CLOSED: CLOSED,
}


def prefix(phase_id: int) -> str:
    """Under which every mail about a phase's events stands: an act that moves its end takes them back by this."""
    return f"phase-event:{phase_id}:"


def noticed(event: PhaseEvent, *, at: datetime) -> None:
    """Tell the followers of the deadlines what was noticed; a change of the end is told by its own act."""
    tell = {
        EventKind.OPENED: opened,
        EventKind.CLOSING_WEEK: closing_week,
        EventKind.CLOSING_DAY: closing_day,
        EventKind.CLOSED: closed,
    }.get(EventKind(event.kind))
    if tell is not None:
        tell(event, at=at)


def opened(event: PhaseEvent, *, at: datetime) -> None:
    """What can be done from now on, and until when."""
    _publish(OPENED, event, at)


def closing_week(event: PhaseEvent, *, at: datetime) -> None:
    """A week is left."""
    _publish(CLOSING_WEEK, event, at)


def closing_day(event: PhaseEvent, *, at: datetime) -> None:
    """A day is left."""
    _publish(CLOSING_DAY, event, at)


def closed(event: PhaseEvent, *, at: datetime) -> None:
    """It is over: how much came in, and what comes next."""
    _publish(CLOSED, event, at)


def end_moved(phase: Phase) -> None:
    """Take back the mails that count down to the old end; those that it has opened name the new one when they go."""
    for kind in EventKind:
        about = f"{prefix(phase.pk)}{kind}:"
        if kind is EventKind.OPENED:
            services.move_end(about, valid_until=reminders.valid_until(phase, kind))
        else:
            services.supersede(about)


def _publish(kind: str, event: PhaseEvent, at: datetime) -> None:
    phase = event.phase
    services.publish_mailing(
        kind,
        key=f"{prefix(phase.pk)}{event.kind}:{event.ends_version}",
        params={"event": event.pk, "task_force": phase.task_force_id},
        at=at,
        valid_until=reminders.valid_until(phase, EventKind(event.kind)),
        task_force_id=phase.task_force_id,
        topic=Topic.DEADLINES,
    )


def _audience(params: dict[str, Any]) -> Iterator[list[tuple[str, str, str]]]:
    return queries.subscribers(params["task_force"], Topic.DEADLINES)


def _event(params: dict[str, Any]) -> PhaseEvent:
    return PhaseEvent.objects.select_related("phase__task_force").get(pk=params["event"])


def _still_true(params: dict[str, Any]) -> bool:
    """Not of an end that was moved meanwhile, nor of what was cancelled."""
    event = _event(params)
    phase = event.phase
    is_off = phase.cancelled_at is not None or phase.task_force.state in ENDED
    return not is_off and (event.kind == EventKind.OPENED or event.ends_version == phase.ends_version)


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    return telling(_event(params))(language)


def _renewed(params: dict[str, Any], language: str, *, at: datetime) -> dict[str, Any] | None:
    """That it is open, with the end as it is now, is told while it is: the end may have moved in either direction."""
    event = _event(params)
    return telling(event)(language) if windows.is_open(event.phase, at) else None


def telling(event: PhaseEvent) -> Callable[[str], dict[str, Any]]:
    """What the mail about an event, noticed or only to come, says to a reader of a language; plain JSON.

    It invites to what a visitor finds in the phase now, whatever the phase would allow. The database is asked once,
    whatever the number of languages.
    """
    phase = event.phase
    found, coming = offers.found([phase])[phase.pk], next_phase(phase)

    def tell(language: str) -> dict[str, Any]:
        with translation.override(language):
            return {
                "task_force": labels.label(phase.task_force, "name")._asdict(),
                "phase": labels.label(phase, "title")._asdict(),
                "capabilities": sorted(found),
                "for_visitors": bool(found),
                "closes_rule": describe.closes_rule(phase),
                "closes_at": phase.closes_at.isoformat(),
                "count": event.count if (event.count or 0) >= settings.SMALL_GROUP else None,
                **_next(coming),
                "url": absolute("task_force", language, task_force=phase.task_force.slug),
            }

    return tell


def _next(coming: Phase | None) -> dict[str, Any]:
    """The phase that opens next after the end, if its dates are published; in the active language."""
    if coming is None:
        return {"next_phase": None, "next_opens_rule": "", "next_opens_at": ""}
    return {
        "next_phase": labels.label(coming, "title")._asdict(),
        "next_opens_rule": describe.opens_rule(coming),
        "next_opens_at": coming.opens_at.isoformat(),
    }


def _sample() -> dict[str, Any]:
    return {
        **samples.place(),
        "capabilities": ["feedback"],
        "for_visitors": True,
        "closes_rule": samples.closes(2022, 2, 28),
        "closes_at": "2022-03-01T12:00:00+00:00",
        "count": 128,
        "next_phase": samples.next_phase(),
        "next_opens_rule": samples.opens(2022, 3, 14),
        "next_opens_at": "2022-03-14T12:00:00+00:00",
    }


def register() -> None:
    """Make the mails about events known to the outbox."""
    for name in KINDS.values():
        kinds.register(
            kinds.MailKind(
                name=name,
                mail_class=MailClass.ANNOUNCEMENT,
                context=_context,
                audience=_audience,
                follows=queries.follows,
                sample=_sample,
                still_true=_still_true,
                # The others speak of one end, and are no longer true once it has moved.
                renewed=_renewed if name == OPENED else None,
            )
        )
