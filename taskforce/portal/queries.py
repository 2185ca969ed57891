"""What the pages that join the apps show; a fixed number of statements, whatever there is."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from feedback import queries as feedback
from feedback.models import FeedbackWindow
from feedback.queries import WindowAt
from proposals import queries as proposals
from proposals.enums import ProposalKind, ProposalState
from proposals.models import Unit, UnitText
from proposals.reading import Mark, UnitRow, percents
from recruitment import links
from recruitment import queries as recruitment
from recruitment.models import Call
from taskforce.core import labels
from taskforce.timeline import describe, offers, windows
from taskforce.timeline import queries as timeline
from taskforce.timeline.enums import ENDED, OVER, PhaseState
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.queries import verdicts


@dataclass(frozen=True)
class Stages:
    """A task force with everything that its pages ask more than once, as of one moment."""

    task_force: TaskForce
    at: datetime
    phases: list[Phase]
    windows: list[WindowAt]
    calls: list[Call]
    offered: Mapping[int, Collection[str]]


def stages(task_force: TaskForce, at: datetime) -> Stages:
    """Phases, feedback windows and calls of a task force."""
    calls = recruitment.published_calls().filter(phase__task_force=task_force)
    phases: list[Phase] = [*timeline.phases(task_force).annotate(decided=verdicts.column())]
    return Stages(
        task_force,
        at,
        phases,
        feedback.windows(task_force, at),
        list(calls.order_by("phase__opens_at", "pk")),
        offers.found(phases),
    )


def with_rubrics(calls: Sequence[Call]) -> Sequence[Call]:
    """The calls of `stages` with their criteria in force and the changes in them, which one page alone shows."""
    prefetch_related_objects(list(calls), recruitment.with_rubric(), "changes")
    return calls


def _window_url(one: WindowAt) -> str:
    return _address(one.window)


def _address(window: FeedbackWindow) -> str:
    address = {"task_force": window.phase.task_force.slug, "window": window.slug}
    return reverse("feedback:window", kwargs=address)


def call_url(found: Stages, call: Call) -> str:
    """The page of one of the task force's calls."""
    return links.call(call, is_only=len(found.calls) == 1)


def timeline_rows(found: Stages) -> list[dict[str, Any]]:
    """The steps of the timeline, each with a link to what one can do or read there; where that is more than one thing,
    all of them are its `places`."""
    places: dict[int, list[dict[str, Any]]] = {}
    for one in found.windows:
        places.setdefault(one.phase.pk, []).append({"of": one.window, "url": _window_url(one)})
    for call in found.calls:
        places.setdefault(call.phase_id, []).append({"of": call, "url": call_url(found, call)})
    return [_led(row, places.get(row["id"], [])) for row in _rows(found.phases, found.at, found.offered)]


def _led(row: dict[str, Any], places: list[dict[str, Any]]) -> dict[str, Any]:
    """A row with where it leads."""
    return {**row, "url": places[0]["url"]} if len(places) == 1 else {**row, "url": "", "places": places}


def _rows(phases: Sequence[Phase], at: datetime, offered: Mapping[int, Collection[str]]) -> list[dict[str, Any]]:
    """The steps; `left_until` is the close of one that is open to visitors: only there does the time left matter."""
    return [
        {**row, "left_until": row["closes_at"] if row["for_visitors"] else None}
        for row in describe.rows(phases, at, offered)
    ]


def stage(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where a task force stands, in one glance: what is under way, else what comes next, else what came last.

    What was cancelled is none of these, unless there is nothing else.
    """
    current = [row for row in rows if row["state"] == PhaseState.CURRENT.value]
    coming = [row for row in rows if row["state"] == PhaseState.FUTURE.value]
    past = [row for row in rows if row["state"] == PhaseState.PAST.value]
    return current or coming[:1] or past[-1:] or list(rows[-1:])


def dates(found: Stages) -> list[dict[str, Any]]:
    """Every phase with both ends as rule and instant."""
    return [
        {
            "phase": phase,
            "opens_label": describe.opens_label(phase, found.at),
            "opens_rule": describe.opens_rule(phase),
            "closes_label": describe.closes_label(phase, found.at),
            "closes_rule": describe.closes_rule(phase),
            "state": row["state_text"],
            "is_cancelled": row["state"] == PhaseState.CANCELLED.value,
            "cap_note": describe.cap_note(phase, found.at),
        }
        for phase in found.phases
        for row in [describe.row(phase, found.at, found.offered[phase.pk])]
    ]


def past_windows(found: Stages) -> list[dict[str, Any]]:
    """What came of the windows that have closed, or came to nothing with items in them."""
    return [
        {"window": one.window, "url": _window_url(one), "items": one.items}
        for one in found.windows
        if one.state is PhaseState.PAST or (one.state in OVER and one.items)
    ]


def next_step(found: Stages, members: int) -> dict[str, Any]:
    """The one thing to do now, as components/next_step.html takes it; where there are several, each of them with its
    title in `ways`. Nobody is invited to what has ended."""
    if found.task_force.state in ENDED:
        return _ended_step(found)
    asking = [one for one in found.windows if not one.window.proposal.has_ended]
    steps = [_feedback_step(one) for one in asking if one.state is PhaseState.CURRENT]
    steps += [_call_step(found, call) for call in found.calls if windows.is_open(call.phase, found.at)]
    if len(steps) > 1:
        return {"title": _("What you can do now"), "ways": steps}
    if steps:
        return steps[0]
    return _members_step(found.task_force) if members else _waiting_step(found)


def _until(phase: Phase) -> dict[str, Any]:
    rule = _("Closes: %(rule)s") % {"rule": describe.closes_rule(phase)}
    return {"rule_text": rule, "closes_at": phase.closes_at}


def _feedback_step(one: WindowAt) -> dict[str, Any]:
    return {
        "title": _("Say what you think"),
        "text": _("You need no account, and two minutes are enough."),
        "url": _window_url(one),
        "label": _("Give feedback"),
        "of": one.window,
        **_until(one.phase),
    }


def _call_step(found: Stages, call: Call) -> dict[str, Any]:
    return {
        "title": _("Become a member"),
        "text": _("Read what is asked for, and apply. You can save a draft and submit it later."),
        "url": call_url(found, call),
        "label": _("Read the call and apply"),
        "of": call,
        **_until(call.phase),
    }


def _members_step(task_force: TaskForce) -> dict[str, Any]:
    return {
        "title": _("The members are announced"),
        "text": _("See who works in this task force."),
        "url": reverse("announcements:members", kwargs={"task_force": task_force.slug}),
        "label": _("See the members"),
    }


def _ended_step(found: Stages) -> dict[str, Any]:
    """Nothing will be asked any more: what became of it, and how that was decided."""
    return {
        "title": _("This task force has ended"),
        "text": _("Nothing more can be sent. What was written and said stays to be read."),
        "url": reverse("process", kwargs={"task_force": found.task_force.slug}),
        "label": _("See how it is decided"),
    }


def _waiting_step(found: Stages) -> dict[str, Any]:
    """Nothing to do: what is going on, what comes next and when, and how it is decided."""
    step: dict[str, Any] = {
        "title": _("Nothing is asked of you now"),
        "url": reverse("process", kwargs={"task_force": found.task_force.slug}),
        "label": _("See how it is decided"),
    }
    coming = next((one for one in found.phases if windows.state(one, found.at) is PhaseState.FUTURE), None)
    if coming:
        step["text"] = _("Next: %(phase)s") % {"phase": labels.label(coming, "title").text}
        step["rule_text"] = _("Opens: %(rule)s") % {"rule": describe.opens_rule(coming)}
        step["opens_at"] = coming.opens_at
    return step


@dataclass(frozen=True)
class Text:
    """A public text on the task force's page; `percent` is how much of it is in the reader's language, `ended` says how
    it has ended, if it has."""

    title: SafeString
    url: str
    kind: str
    percent: int
    ended: str = ""


def texts(task_force: TaskForce, language: str) -> list[Text]:
    """The public texts, also those that have ended, with their titles and percent for a reader of `language`; four
    statements."""
    listed = proposals.titles(task_force, language)
    shares = _percents([one.proposal.pk for one in listed], language)
    return [
        Text(
            describe.in_language(one.title.text, one.title.language),
            reverse("proposals:text", kwargs={"task_force": task_force.slug, "proposal": one.proposal.slug}),
            str(ProposalKind(one.proposal.kind).label),
            shares[one.proposal.pk],
            str(ProposalState(one.proposal.state).label) if one.proposal.has_ended else "",
        )
        for one in listed
    ]


def _percents(proposal_ids: list[int], language: str) -> dict[int, int]:
    """{text id: its percent in the language}, for all texts at once."""
    rows: dict[int, list[UnitRow]] = {pk: [] for pk in proposal_ids}
    live = Unit.objects.filter(proposal_id__in=proposal_ids, removed_in=None).order_by()
    for unit in live:
        rows[unit.proposal_id].append(
            UnitRow(unit.pk, None, unit.kind, unit.depth, unit.ordered, unit.number, unit.source_language)
        )
    marks: dict[int, dict[str, Mark]] = {}
    stored = UnitText.objects.filter(unit__in=live).exclude(text="").order_by()
    for unit_id, code, version, source in stored.values_list("unit_id", "language", "version", "source_version"):
        marks.setdefault(unit_id, {})[code] = Mark(version, source)
    return {pk: percents(units, marks)[language] for pk, units in rows.items()}


@dataclass(frozen=True)
class Overview:
    """One task force on the home page: its timeline, and in `ways` what a visitor can do now."""

    task_force: TaskForce
    phases: Sequence[Phase]
    rows: list[dict[str, Any]]
    stage: list[dict[str, Any]]
    open: bool
    for_visitors: bool
    ways: list[dict[str, Any]]
    verdicts: list[dict[str, Any]]


def overviews(at: datetime) -> list[Overview]:
    """All task forces with their timelines."""
    every = [(task_force, _published(task_force)) for task_force in timeline.task_forces()]
    phases = [phase for _task_force, found in every for phase in found]
    offered = offers.found(phases)
    ways = _ways(phases, at)
    return [_overview(task_force, found, at, offered, ways) for task_force, found in every]


def _ways(phases: Sequence[Phase], at: datetime) -> dict[int, list[dict[str, Any]]]:
    """{task force: what is open in it for visitors, in the order in which it opened}; two statements."""
    opened = {phase.pk: phase for phase in phases if windows.is_open(phase, at)}
    asking = feedback.in_phases().filter(phase__in=opened).select_related("proposal", "phase__task_force")
    found = [
        (one.phase_id, {"of": one, "url": _address(one)})
        for one in asking.order_by("phase__opens_at", "pk")
        if not one.proposal.has_ended
    ]
    calls = list(recruitment.published_calls().filter(phase__in=phases).order_by("phase__opens_at", "pk"))
    each = Counter(call.phase.task_force_id for call in calls)
    found += [
        (call.phase_id, {"of": call, "url": links.call(call, is_only=each[call.phase.task_force_id] == 1)})
        for call in calls
        if call.phase_id in opened
    ]
    ways: dict[int, list[dict[str, Any]]] = {}
    for phase_id, way in found:
        ways.setdefault(opened[phase_id].task_force_id, []).append(way)
    return ways


def standing(phases: Sequence[Phase]) -> list[dict[str, Any]]:
    """What was decided after feedback and holds, about the main text first; asks nothing."""
    return [describe.verdict(one, holds=True) for one in verdicts.standing(phases)]


def _published(task_force: TaskForce) -> list[Phase]:
    found: list[Phase] = task_force.published_phases  # type: ignore[attr-defined] # set by Prefetch(to_attr=)
    return found


def _overview(
    task_force: TaskForce,
    phases: list[Phase],
    at: datetime,
    offered: Mapping[int, Collection[str]],
    ways: Mapping[int, list[dict[str, Any]]],
) -> Overview:
    rows = _rows(phases, at, offered)
    return Overview(
        task_force,
        phases,
        rows,
        stage(rows),
        any(windows.is_open(phase, at) for phase in phases),
        any(row["for_visitors"] for row in rows),
        [] if task_force.has_ended else ways.get(task_force.pk, []),
        standing(phases),
    )
