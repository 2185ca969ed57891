"""Deciding after feedback: proceed, revise or stop, openly and with a reason."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.core import languages, locks
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_text
from taskforce.timeline import describe, gates, notices, rules, subjects, windows
from taskforce.timeline.enums import ENDED, Capability, Outcome, TaskForceState
from taskforce.timeline.models import Phase, Verdict
from taskforce.timeline.queries import verdicts as queries
from taskforce.timeline.services.rows import hold, record
from taskforce.timeline.services.task_forces import change_state
from taskforce.timeline.subjects import Subject


@transaction.atomic
def decide(
    phase_id: int,
    *,
    outcome: str,
    reasons: dict[str, str],
    actor: User,
    about: int | None = None,
    seen: int | None = None,
    unanswered: int | None = None,
) -> Verdict:
    """Decide what comes of a text, once the feedback on it has closed; followers are told, once.

    `about` is the text's number, needed where the phase asked about several. `reasons` are {language: text}, one at
    least; `seen` is the number of the phase's last decision that the actor saw (0: none), another one meanwhile is a
    `Conflict`. So is another number of texts that are not answered than the `unanswered` that they saw: everybody reads
    it beside the reason, since what is decided closes the matter for whoever said something. "stop" about the main text
    ends the task force; a later decision about it takes it up again. `Refused` without the role, before the close (its
    grace included), for a phase without feedback or one that was cancelled, and where the task force has ended
    otherwise; `Invalid` without a reason, or about no text of the phase.
    """
    task_force_id = Phase.objects.values_list("task_force_id", flat=True).filter(pk=phase_id).first()
    # All of them in the order in which whoever ends a task force takes them, so that no two wait for each other.
    for pk in Phase.objects.filter(task_force_id=task_force_id).order_by("id").values_list("id", flat=True):
        locks.take(locks.Kind.PHASE, pk)
    passed = gates.enter_exclusively(phase_id)
    phase, at = passed.phase, passed.at
    phase.task_force = hold(phase.task_force_id)
    entitled, why = rules.entitled(actor, "phase.decide", phase)
    if not entitled:
        raise Refused(why, facts=describe.facts(phase, at))
    holding = queries.holding(phase)
    if why := not_now(phase, holding, at):
        raise Refused(why, facts=describe.facts(phase, at))
    number = holding[0].number if holding else 0
    if seen not in (None, number):
        raise Conflict(_("Somebody has decided meanwhile. Read what, before you decide once more."))
    subject = of_text(checked_subject(phase, about))
    # Behind the gate and the task force, as whoever publishes something or calls the text final takes them.
    left = subjects.unanswered(subject.get("text_id"), hold=True)
    if unanswered not in (None, left):
        raise Conflict(_("Another number of texts is not answered now. Look at the page once more."))
    made = Verdict(
        phase=phase,
        number=number + 1,
        **subject,
        unanswered=left,
        outcome=checked_outcome(outcome),
        reasons=checked_reasons(reasons),
        actor_id=actor.pk,
        actor_name=actor.name,
        at=at,
    )
    made.save()
    record(phase, "phase.decided", at=at, actor_id=actor.pk, unanswered=left)
    # One that names no text was about all of them.
    _follow_up(made, next((one for one in holding if one.text_id in (made.text_id, None)), None), actor)
    notices.decided(made)
    return made


def checked_subject(phase: Phase, about: int | None) -> Subject | None:
    """The text of that number, or the only one; None where the phase asked about none. `Invalid` for anything else."""
    found = subjects.of(phase)
    if about is None and len(found) < 2:
        return found[0] if found else None
    for subject in found:
        if subject.id == about:
            return subject
    raise Invalid(_("Choose which text is decided about."))


def of_text(subject: Subject | None) -> dict[str, Any]:
    """What a decision keeps of the text that it is about."""
    return {} if subject is None else {"text_id": subject.id, "titles": subject.titles, "is_main": subject.is_main}


def not_now(phase: Phase, holding: Iterable[Verdict], at: datetime) -> str:
    """Why nothing can be decided about a phase at the moment; "" where it can. `holding` is what was decided so far."""
    if Capability.FEEDBACK not in phase.capabilities:
        return _("In this phase nobody was asked for feedback, so there is nothing to decide.")
    if phase.cancelled_at is not None:
        return _("This phase was cancelled, so there is nothing to decide.")
    if not windows.is_over(phase, at):
        return _("The feedback can still come in. It is decided once it has closed and the grace is over.")
    if phase.task_force.state in ENDED and not any(map(_ends, holding)):
        return _("This task force has ended, so there is nothing to decide any more.")
    return ""


def checked_outcome(outcome: str) -> Outcome:
    """As a member; `Invalid` for anything else."""
    try:
        return Outcome(outcome)
    except ValueError:
        raise Invalid(_("Choose what is decided.")) from None


def checked_reasons(reasons: dict[str, str]) -> dict[str, str]:
    """The reasons that say something, cleaned; `Invalid` without any, for a long one or a foreign language."""
    most = rules.REASON_LENGTH
    ready = {code: clean_text(text, most=most) for code, text in reasons.items()}
    kept = {code: text for code, text in ready.items() if text}
    if not kept:
        raise Invalid(_("Say why it is decided so; everybody will read it."))
    for code, text in kept.items():
        if not languages.is_offered(code):
            raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": code})
        if len(text) > most:
            raise Invalid(_("The reason is too long: at most %(count)d characters.") % {"count": most})
    return kept


def _ends(verdict: Verdict) -> bool:
    return verdict.is_main and verdict.outcome == Outcome.STOP


def _follow_up(made: Verdict, earlier: Verdict | None, actor: User) -> None:
    """A task force whose main text is stopped ends; one that was, goes on where it stood."""
    stops, task_force = _ends(made), made.phase.task_force
    if stops == (earlier is not None and _ends(earlier)) or stops == (task_force.state in ENDED):
        return
    ends = "end" if task_force.state == TaskForceState.ACTIVE else "cancel"
    why = next(iter(made.reasons.values()))
    change_state(task_force.pk, ends if stops else "resume", at=made.at, actor_id=actor.pk, reason=why)
