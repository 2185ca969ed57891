"""What is planned, before anything is written: an act on a published end as its row, a draft as its fields."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

from taskforce.accounts.models import User
from taskforce.core import labels
from taskforce.timeline import rules, windows
from taskforce.timeline.enums import ANYWHERE_ON_EARTH, GRACE, Act
from taskforce.timeline.models import Extension, Phase

# The rule (`rules.py`) that each act of a person stands under.
ACTIONS = {
    Act.EXTENDED: "phase.extend",
    Act.SHORTENED: "phase.shorten",
    Act.CLOSED: "phase.close",
    Act.CANCELLED: "phase.cancel",
}


@dataclass(frozen=True)
class Draft:
    """What a draft of a phase says: its rule, titles and texts as {language: text}. Without times: whole days."""

    slug: str
    opens_on: date
    closes_on: date
    opens_time: time | None = None
    closes_time: time | None = None
    zone: str = ANYWHERE_ON_EARTH
    capabilities: list[str] = field(default_factory=list)
    cap: int | None = None
    grace_seconds: int = GRACE
    titles: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


def fill(phase: Phase, draft: Draft) -> list[str]:
    """Set a phase's fields to what a draft says, instants included; returns the names of the columns.

    Raises `Invalid` for a rule that names no instants.
    """
    names = ["slug", "opens_on", "closes_on", "opens_time", "closes_time", "zone", "cap", "grace_seconds"]
    for name in names:
        setattr(phase, name, getattr(draft, name))
    phase.capabilities = list(draft.capabilities)
    phase.opens_at = windows.instant(draft.opens_on, draft.opens_time, draft.zone, end=False)
    phase.closes_at = windows.instant(draft.closes_on, draft.closes_time, draft.zone, end=True)
    labelled = [*labels.assign(phase, "title", draft.titles), *labels.assign(phase, "text", draft.texts)]
    return [*names, "capabilities", "opens_at", "closes_at", *labelled]


class End(NamedTuple):
    """An end as the rule of its phase's zone (no time: the end of the day), and its instant."""

    closes_on: date
    closes_time: time | None
    closes_at: datetime


class Reason(NamedTuple):
    """Why an end changes, and the portal language in which that is written."""

    text: str
    language: str


def new_end(phase: Phase, act: Act, at: datetime, closes_on: date | None, closes_time: time | None) -> End:
    """The end that an act at the moment gives; `closes_on` is needed to extend and to shorten, and ignored else.

    Raises `Invalid` for an end that the act cannot give.
    """
    if act is Act.CANCELLED:
        return End(phase.closes_on, phase.closes_time, phase.closes_at)
    if act in (Act.CLOSED, Act.FULL):
        # To the microsecond, so that the rule names the same instant as the column.
        return End(*windows.local(at, phase.zone), at)
    if closes_on is None:
        raise ValueError("a day is needed for an end that somebody chooses")
    if act is Act.EXTENDED:
        return End(closes_on, closes_time, rules.later_end(phase, closes_on, closes_time))
    return End(closes_on, closes_time, rules.earlier_end(phase, closes_on, closes_time, at))


def extension(phase: Phase, act: Act, end: End, reason: Reason, *, actor: User | None, at: datetime) -> Extension:
    """The row of an act, not saved; without an actor it is nobody's: the cap was reached."""
    return Extension(
        phase=phase,
        act=act,
        old_closes_on=phase.closes_on,
        old_closes_time=phase.closes_time,
        old_closes_at=phase.closes_at,
        new_closes_on=end.closes_on,
        new_closes_time=end.closes_time,
        new_closes_at=end.closes_at,
        ends_version=phase.ends_version + 1,
        reason=reason.text,
        reason_language=reason.language,
        actor_id=actor.pk if actor else None,
        actor_name=str(actor) if actor else "",
        at=at,
    )
