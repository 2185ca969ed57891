"""A phase as text, in the active language: every date under the rule that set it (DESIGN 2.2).

Instants are returned as aware datetimes; whoever shows them writes UTC beside the rule.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from taskforce.core import dates, labels, languages, zones
from taskforce.core.errors import Fact
from taskforce.core.sentences import filled
from taskforce.core.templatetags.portal import local_time, number, translated
from taskforce.timeline import windows
from taskforce.timeline.enums import ANYWHERE_ON_EARTH, FOR_VISITORS, Act, Outcome, PhaseState
from taskforce.timeline.models import Extension, Phase, Verdict

# What will not come to its close as it was published: pages show both alike, and say which in a word.
_OFF = frozenset({PhaseState.CANCELLED, PhaseState.DROPPED})


def period(phase: Phase) -> str:
    """The days of a phase, both ends inside, as the locale writes a period."""
    return dates.period_text(phase.opens_on, phase.closes_on)


def zone_name(zone: str) -> str:
    """The zone of a rule by its name: "anywhere on Earth (AoE)", "Europe/Berlin"."""
    return _("anywhere on Earth (AoE)") if zone == ANYWHERE_ON_EARTH else zone


def rule(day: date, clock: time | None, zone: str, *, end: bool, instant: datetime | None = None) -> str:
    """A date as it was set: "28 February 2022, anywhere on Earth (AoE)", "end of 1 May 2022 (Berlin)".

    Without a time it is the start of the day, or with `end` its end. A zone is named by its place, by its own name only
    where that is no place's. A time that the zone's clocks show twice is told with its distance to UTC where the
    `instant` is given: "25 October 2026, 02:30 UTC+01:00 (Berlin)".
    """
    shown = dates.day_text(day)
    if zone == ANYWHERE_ON_EARTH:
        if clock is None:
            return _("%(day)s, anywhere on Earth (AoE)") % {"day": shown}
        return _("%(day)s, %(time)s, anywhere on Earth (AoE)") % {
            "day": shown,
            "time": dates.clock_text(clock),
        }
    told = dates.clock_text(clock) if clock is not None else ""
    if clock is not None and instant is not None and windows.is_unclear(day, clock, zone):
        told = f"{told} {zones.distance(instant.astimezone(windows.zone_of(zone)))}"
    zone = zones.place(zone, get_language() or "en") or zone
    if clock is not None:
        return _("%(day)s, %(time)s (%(zone)s)") % {"day": shown, "time": told, "zone": zone}
    if end:
        return _("end of %(day)s (%(zone)s)") % {"day": shown, "zone": zone}
    return _("start of %(day)s (%(zone)s)") % {"day": shown, "zone": zone}


def rule_of(instant: datetime, zone: str) -> str:
    """An instant as a rule of that zone, with its time of day."""
    day, clock = windows.local(instant, zone)
    return rule(day, clock, zone, end=True, instant=instant)


def opens_rule(phase: Phase) -> str:
    """When a phase opens, as the rule says it."""
    return rule(phase.opens_on, phase.opens_time, phase.zone, end=False)


def closes_rule(phase: Phase) -> str:
    """When a phase closes, as the rule says it."""
    return rule(phase.closes_on, phase.closes_time, phase.zone, end=True, instant=phase.closes_at)


def opens_label(phase: Phase, at: datetime) -> str:
    """What stands before the instant of the opening: whether it is to come, has come, or was cancelled before it."""
    off_at = _off_at(phase, at)
    if windows.has_begun(phase, off_at or at):
        return _("Opened")
    return _("Would have opened") if off_at else _("Opens")


def _off_at(phase: Phase, at: datetime) -> datetime | None:
    """Since when it has been cancelled or not pursued, as of the moment; None where it was neither."""
    state = windows.state(phase, at)
    if state is PhaseState.CANCELLED:
        return phase.cancelled_at
    return phase.dropped_at if state is PhaseState.DROPPED else None


def closes_label(phase: Phase, at: datetime) -> str:
    """What stands before the instant of the close: whether it is to come, has come, or was cancelled before it."""
    state = windows.state(phase, at)
    if state in _OFF:
        return _("Would have closed")
    return _("Closed") if state is PhaseState.PAST else _("Closes")


def old_rule(extension: Extension) -> str:
    """When the phase would have closed without this extension."""
    zone, instant = extension.phase.zone, extension.old_closes_at
    return rule(extension.old_closes_on, extension.old_closes_time, zone, end=True, instant=instant)


def new_rule(extension: Extension) -> str:
    """When the phase closes by this extension."""
    zone, instant = extension.phase.zone, extension.new_closes_at
    return rule(extension.new_closes_on, extension.new_closes_time, zone, end=True, instant=instant)


def in_language(text: str, language: str) -> SafeString:
    """A text that someone wrote in `language`, escaped, and marked with it where the page has another one."""
    return format_html(
        '<span lang="{}" dir="{}">{}</span>',
        languages.html_lang(language),
        languages.direction(language),
        text,
    )


def told_in(text: str, language: str) -> SafeString:
    """As `in_language`, for a text that exists in this language only: where the page has another one, it is named."""
    if not text or language == get_language():
        return in_language(text, language)
    name = in_language(languages.OWN_NAMES[language], language)
    return format_html('{} <span class="pt-meta">({})</span>', in_language(text, language), name)


def act_text(act: str) -> str:
    """What an act on an end is called, to begin a line with."""
    return capfirst(str(Act(act).label))


def extension_note(extension: Extension) -> SafeString:
    """What was changed, from which end to which, by whom, with the reason in the language it was given in."""
    told = filled(
        _told(extension.act),
        old=old_rule(extension),
        new=new_rule(extension),
        name=format_html("<bdi>{}</bdi>", extension.actor_name),
    )
    if not extension.reason:
        return told
    reason = told_in(extension.reason, extension.reason_language)
    gap = languages.gap(get_language() or "en")
    return format_html("{}{}{}", told, gap, filled(_("Reason: %(reason)s"), reason=reason))


def what_follows(outcome: str, *, is_main: bool = True) -> str:
    """What comes next by a decision after feedback, as a sentence; of the main text the whole task force does."""
    if outcome == Outcome.REVISE:
        return _("The text is revised, and a new round of feedback follows.")
    if not is_main:
        return {
            Outcome.PROCEED: _("The text goes ahead as it stands."),
            Outcome.STOP: _("The text is not pursued. What was written and said stays to be read."),
        }[Outcome(outcome)]
    return {
        Outcome.PROCEED: _("The proposal goes ahead: looking for members comes next."),
        Outcome.STOP: _(
            "The proposal is not pursued, and the task force ends. What was written and said stays to be read."
        ),
    }[Outcome(outcome)]


def verdict(one: Verdict, *, holds: bool) -> dict[str, Any]:
    """A decision after feedback as public pages tell it; `holds`: no later one has replaced it."""
    return {
        "phase": translated(one.phase, "title"),
        "text": in_language(*labels.chosen(one.titles)) if one.titles else "",
        "what": capfirst(str(Outcome(one.outcome).label)),
        "means": what_follows(one.outcome, is_main=one.is_main),
        "reason": told_in(*labels.chosen(one.reasons)),
        "unanswered": one.unanswered or 0,
        "name": one.actor_name,
        "at": one.at,
        "holds": holds,
    }


def verdicts(found: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Decisions, newest first, as public pages tell them."""
    met: set[tuple[int, int | None]] = set()
    told = []
    for one in found:
        subject = (one.phase_id, one.text_id)
        told.append(verdict(one, holds=subject not in met))
        met.add(subject)
    return told


def _told(act: str) -> str:
    """The sentence about an act, with places for `old`, `new` and `name`."""
    return {
        Act.EXTENDED: _("Extended from %(old)s to %(new)s by %(name)s."),
        Act.SHORTENED: _("Shortened from %(old)s to %(new)s by %(name)s."),
        Act.CLOSED: _("Closed early and without notice by %(name)s: %(new)s. It would have closed: %(old)s."),
        Act.FULL: _("Closed because enough have come in: %(new)s. It would have closed: %(old)s."),
        Act.CANCELLED: _("Cancelled by %(name)s. It would have closed: %(old)s."),
    }[Act(act)]


def change(extension: Extension) -> dict[str, Any]:
    """One act as the process page lists it: what, both ends as rule and instant, who, why, when.

    `name` is empty for an act of nobody. Where the phase was cancelled there is no new end.
    """
    is_cancelled = extension.act == Act.CANCELLED
    return {
        "phase": translated(extension.phase, "title"),
        "act": extension.act,
        "what": act_text(extension.act),
        "old_rule": old_rule(extension),
        "old_at": extension.old_closes_at,
        "new_rule": "" if is_cancelled else new_rule(extension),
        "new_at": None if is_cancelled else extension.new_closes_at,
        "name": extension.actor_name,
        "reason": told_in(extension.reason, extension.reason_language) if extension.reason else "",
        "at": extension.at,
    }


def notice(phase: Phase) -> SafeString | None:
    """The page notice about the last change of the end, or None where it stands as it was first published."""
    extension = _last(phase)
    return extension_note(extension) if extension else None


def _last(phase: Phase) -> Extension | None:
    """The last act on its end; no statement where there was none or where the acts are prefetched."""
    return next(iter(phase.extensions.all()), None) if phase.ends_version > 1 else None


def row(phase: Phase, at: datetime, found: Collection[str] = FOR_VISITORS) -> dict[str, Any]:
    """One phase as a page shows it; by `id` a page adds its link as `url`.

    `found` are the capabilities under which a visitor finds something to do (`offers.found`); `for_visitors` says
    whether that is so now. What is not pursued looks as what was cancelled; `state_text` says which it is.
    """
    state = windows.state(phase, at)
    for_visitors = state is PhaseState.CURRENT and bool({*found}.intersection(phase.capabilities))
    return {
        "id": phase.pk,
        "slug": phase.slug,
        "phase": translated(phase, "title"),
        "period": period(phase),
        "state": (PhaseState.CANCELLED if state in _OFF else state).value,
        "state_text": capfirst(_state_text(state, for_visitors=for_visitors)),
        "for_visitors": for_visitors,
        "opens_at": phase.opens_at,
        "closes_at": phase.closes_at,
        "rule_text": _close(state) % {"rule": closes_rule(phase)},
        "note": notice(phase),
    }


def _close(state: PhaseState) -> str:
    """What a page says of the end, with a place for its `rule`."""
    if state in _OFF:
        return _("Would have closed: %(rule)s")
    return _("Closed: %(rule)s") if state is PhaseState.PAST else _("Closes: %(rule)s")


def _state_text(state: PhaseState, *, for_visitors: bool) -> str:
    """ "Open now" is said only where a visitor finds something to do."""
    if state is PhaseState.CURRENT and not for_visitors:
        return _("under way")
    return str(state.label)


def _step(phase: Phase, at: datetime, found: Collection[str]) -> dict[str, Any]:
    """A row of the timeline: where nothing is open yet, its opening is what people wait for."""
    made = row(phase, at, found)
    if at < phase.opens_at:
        said = _("Would have opened: %(rule)s") if _off_at(phase, at) else _("Opens: %(rule)s")
        opens = said % {"rule": opens_rule(phase)}
        instant = local_time(phase.opens_at)
        made["rule_text"] = format_html('{} <span class="pt-timeline__instant">{}</span>', opens, instant)
        made["closes_at"] = None
    return made


def rows(phases: Iterable[Phase], at: datetime, found: Mapping[int, Collection[str]]) -> list[dict[str, Any]]:
    """The steps of a timeline, in the order given; `phases` come with their extensions prefetched.

    `found` is what visitors find to do in them (`offers.found`).
    """
    return [_step(phase, at, found.get(phase.pk, ())) for phase in phases]


def clash(other: Phase) -> str:
    """Why dates cannot stand that overlap those of this phase, which allows the same."""
    return _("These dates overlap “%(phase)s” (%(period)s), which allows the same.") % {
        "phase": labels.label(other, "title").text,
        "period": period(other),
    }


def closed_reason(phase: Phase, at: datetime) -> str:
    """Why nothing can be done in this phase at the moment; only meaningful where it is not open."""
    title = labels.label(phase, "title").text
    state = windows.state(phase, at)
    if state is PhaseState.DROPPED:
        return dropped_reason()
    if state is PhaseState.CANCELLED:
        return _("“%(phase)s” was cancelled, so nothing more can be sent.") % {"phase": title}
    if at < phase.opens_at:
        return _("“%(phase)s” is not open yet. It opens: %(rule)s.") % {
            "phase": title,
            "rule": opens_rule(phase),
        }
    last = _last(phase)
    return _closed_how(last.act if last else "") % {"phase": title, "rule": closes_rule(phase)}


def dropped_reason() -> str:
    """Why nothing can be sent in a phase whose task force has ended."""
    return _("This task force has ended, so nothing more can be sent.")


def _closed_how(act: str) -> str:
    """How the end came, with places for `phase` and `rule`."""
    if act == Act.CLOSED:
        return _("“%(phase)s” was closed early, without notice. It closed: %(rule)s.")
    if act == Act.FULL:
        return _("“%(phase)s” is closed, because enough have come in. It closed: %(rule)s.")
    return _("“%(phase)s” is closed. It closed: %(rule)s.")


def facts(phase: Phase, at: datetime) -> list[Fact]:
    """The instants of a refusal: when it opens, when it closes, and the moment it was asked."""
    off_at = _off_at(phase, at)
    if off_at is not None:
        since = _("Cancelled") if off_at == phase.cancelled_at else _("The task force ended")
        return [(since, off_at), (_("Your request came"), at)]
    return [
        (_("Opens") if at < phase.opens_at else _("Opened"), phase.opens_at),
        (_("Closes") if at < phase.closes_at else _("Closed"), phase.closes_at),
        (_("Your request came"), at),
    ]


def full_reason(phase: Phase, count: int) -> str:
    """Why nothing more is taken in a phase with a cap; `count` are in."""
    said = ngettext(
        "“%(phase)s” is full: %(count)s is in; that was the limit.",
        "“%(phase)s” is full: %(count)s are in; that was the limit.",
        count,
    )
    return said % {"phase": labels.label(phase, "title").text, "count": number(count)}


def cap_note(phase: Phase, at: datetime) -> str:
    """Beside the rule of the close: that the phase also closes when enough are in; empty without a cap, and once it
    has closed or was cancelled."""
    if phase.cap is None or windows.state(phase, at) not in (PhaseState.FUTURE, PhaseState.CURRENT):
        return ""
    said = ngettext("or as soon as %(count)s is in", "or as soon as %(count)s are in", phase.cap)
    return said % {"count": number(phase.cap)}


def grace_note(phases: Iterable[Phase]) -> str:
    """What the portal promises for answers that are lost on their way; empty where no phase has a grace."""
    longest = max((phase.grace_seconds for phase in phases), default=0)
    if not longest:
        return ""
    return _(
        "A form that was opened before a close is still taken within %(length)s after it, in case an answer was lost "
        "through a fault of ours, and is marked for those who read it; what is closed early, full or cancelled, or "
        "whose task force ends, ends at once."
    ) % {"length": dates.length_text(longest)}
