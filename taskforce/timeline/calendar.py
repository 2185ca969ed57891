"""A task force's dates as a calendar to subscribe to (iCalendar, RFC 5545 and 7986)."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from taskforce.core import dates, labels, languages
from taskforce.core.text import clean_name
from taskforce.timeline import describe
from taskforce.timeline.enums import Capability
from taskforce.timeline.models import Extension, Phase, TaskForce
from taskforce.timeline.notices.links import absolute

_NAMESPACE = uuid.UUID("6f1d2a52-5b0e-5c39-9a53-0d1c1f0f7a11")
# How often a calendar program should look again; a moved date is an act that cannot wait for a day.
_LOOK_AGAIN = timedelta(hours=1)


def feed(task_force: TaskForce, phases: Iterable[Phase], language: str) -> bytes:
    """The published phases, with their acts prefetched, as one calendar in a portal language.

    Nothing in it depends on the moment: the same dates give the same bytes.
    """
    with translation.override(language):
        name = labels.label(task_force, "name").text
        made = Calendar()
        made.add("prodid", "-//Task force portal//Timeline//EN")
        made.add("version", "2.0")
        made.add("name", clean_name(name))
        made.add("x-wr-calname", clean_name(name))
        made.add("refresh-interval", _LOOK_AGAIN, parameters={"VALUE": "DURATION"})
        made.add("x-published-ttl", "PT1H")
        url = absolute("task_force", language, task_force=task_force.slug)
        for phase in phases:
            made.add_component(_event(phase, name, url))
        return bytes(made.to_ical())


def uid(phase: Phase) -> str:
    """The same for the phase's whole life, wherever the portal moves to: what it says of itself never changes."""
    published = phase.published_at.astimezone(UTC).isoformat() if phase.published_at else ""
    return str(uuid.uuid5(_NAMESPACE, f"phase {phase.pk} {published}"))


def _event(phase: Phase, task_force: str, url: str) -> Event:
    """One phase in the active language. Its sequence rises with every act on its end and each time its task force ends
    or is taken up again; neither it nor the instant of the change goes back (RFC 5545, 3.8.7.4).
    """
    title = labels.label(phase, "title")
    acts = sorted(phase.extensions.all(), key=lambda act: act.ends_version)
    changes = [phase.published_at or phase.opens_at, *(act.at for act in acts), phase.task_force.turned_at]
    changed_at = _utc(max(at for at in changes if at))
    made = Event()
    made.add("uid", uid(phase))
    made.add("sequence", phase.ends_version - 1 + phase.task_force.turns)
    made.add("dtstamp", changed_at)
    made.add("last-modified", changed_at)
    made.add("dtstart", _utc(phase.opens_at))
    made.add("dtend", _utc(phase.closes_at))
    summary = clean_name(f"{task_force}{languages.colon(translation.get_language() or 'en')}{title.text}")
    made.add("summary", summary, parameters={"LANGUAGE": languages.html_lang(title.language)})
    made.add("description", _description(phase, acts, url))
    made.add("url", url)
    made.add("status", "CANCELLED" if phase.cancelled_at or phase.dropped_at else "CONFIRMED")
    # Weeks long: nobody is busy all that time.
    made.add("transp", "TRANSPARENT")
    if phase.capabilities:
        made.add("categories", [str(Capability(name).label) for name in phase.capabilities])
    return made


def _description(phase: Phase, acts: list[Extension], url: str) -> str:
    """Both ends under their rule's name and in UTC, what was changed last and why, and where to read on."""
    lines = [
        _("Opens: %(rule)s") % {"rule": _dated(describe.opens_rule(phase), phase.opens_at)},
        _("Closes: %(rule)s") % {"rule": _dated(describe.closes_rule(phase), phase.closes_at)},
    ]
    if acts:
        last = acts[-1]
        what = {"what": str(last.get_act_display()), "when": dates.utc_text(last.at)}
        lines.append(_("Last change: %(what)s, %(when)s") % what)
        if last.reason:
            lines.append(_("Reason: %(reason)s") % {"reason": _named(last.reason, last.reason_language)})
    if phase.dropped_at:
        lines.append(describe.dropped_reason())
    return "\n".join([*lines, url])


def _named(text: str, language: str) -> str:
    """A text with its language behind it, where that is not the calendar's."""
    return text if language == translation.get_language() else f"{text} ({languages.OWN_NAMES[language]})"


def _dated(rule: str, instant: datetime) -> str:
    return f"{rule} ({dates.utc_text(instant)})"


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
