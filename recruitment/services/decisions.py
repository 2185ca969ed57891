"""What deciders do: hold a decision, and release all that are held in one act."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from recruitment import queries, rules, shown
from recruitment.enums import ApplicationState, DecisionState, Outcome
from recruitment.models import Application, Call, Decision
from recruitment.notices import deciding as notices
from recruitment.transitions import DECISION
from taskforce.accounts.models import User
from taskforce.announcements import services as announcements
from taskforce.audit import log
from taskforce.core import clock, locks, states
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_text


class Released(NamedTuple):
    """How many were told what by one release; both 0 if nothing was held."""

    accepted: int
    declined: int


@transaction.atomic
def decide(application_id: int, actor: User, outcome: str, reason: str = "", *, seen: str | None = None) -> Decision:
    """Hold a decision about a submitted application, or change the one that is held; nobody is told.

    `seen` is the `queries.decision_token` of what the actor's page showed ("" for nothing): if something else
    stands by now, `Conflict`. What stands as it is wanted already is left as it is. `reason` is for the record and
    never sent. Raises `Http404` for a candidate that is not the actor's to see, `Refused` while the call is open,
    `Conflict` once the outcome was released.
    """
    if outcome not in Outcome.values:
        raise Invalid(_("A decision is to accept or to decline."))
    candidate = queries.candidate_or_404(actor, application_id)
    locks.take(locks.Kind.CALL, candidate.call_id)
    at = clock.app_now()
    application = Application.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    _allow(actor, "decision.hold", candidate.call, at)
    if application.state != ApplicationState.SUBMITTED:
        raise Conflict(_("This application was withdrawn meanwhile."))
    decision = Decision.objects.select_for_update().filter(application=application).first()
    before = decision.outcome if decision else ""
    reason = clean_text(reason)
    if decision is not None and decision.state == DecisionState.RELEASED:
        raise Conflict(_("The outcome of this application has been told; it no longer changes."))
    if decision is not None and (decision.outcome, decision.reason) == (outcome, reason):
        return decision
    if seen is not None and seen != queries.decision_token(decision):
        raise Conflict(_("Somebody has decided about this candidate meanwhile."))
    decision = decision or Decision(application=application)
    _hold(decision, outcome, reason, actor, at)
    _record("decision.held", decision, candidate.call, actor, at, before=before, outcome=outcome)
    return decision


def _hold(decision: Decision, outcome: str, reason: str, actor: User, at: datetime) -> None:
    decision.state = states.step(DECISION, DecisionState(decision.state), "change")
    decision.outcome = Outcome(outcome)
    decision.reason = reason
    decision.decided_by = actor
    decision.decided_at = at
    decision.save()


@transaction.atomic
def release(call_id: int, actor: User, *, seen: str | None = None, has_read: bool = False) -> Released:
    """Tell all held decisions of a call in one act: states, mails and members, all of them or none.

    `seen` is `queries.release_token` of what the actor confirmed: if it differs, somebody decided meanwhile, or
    there is another warning, and nothing is released (`Conflict`). With `seen`, the warnings of
    `queries.release_check` must have been read (`has_read`), else `Invalid`; without it no page was shown, and the
    caller answers for them. With nothing held it does nothing. Raises `Refused` with the reason while the call is
    open, to those who may not, and when more people are accepted than there are seats.
    """
    locks.take(locks.Kind.CALL, call_id)
    at = clock.app_now()
    call = queries.call_or_404(call_id)
    _allow(actor, "decision.release", call, at)
    held = list(queries.held(call).select_for_update(of=("self", "application")))
    if not held:
        return Released(0, 0)
    accepting = sum(decision.outcome == Outcome.ACCEPT for decision in held)
    _refuse_if_too_many(call, accepting)
    check = queries.release_check(call, held, at)
    if seen is not None:
        _refuse_unless_read(check, seen == queries.release_token(held, check), has_read)
    for decision in held:
        _tell(decision, call, actor, at)
    made = Released(accepting, len(held) - accepting)
    log.record(
        "call.released",
        call,
        at=at,
        actor_id=actor.pk,
        task_force_id=call.phase.task_force_id,
        warnings=check.warnings,
        **made._asdict(),
    )
    return made


@transaction.atomic
def read_names(call: Call, actor: User, *, at: datetime) -> dict[int, str]:
    """{application id: name} of the candidates whose decisions are held; the reading itself is recorded.

    `Refused` for whoever may not see them (yet).
    """
    _allow(actor, "identity.read", call, at)
    found = queries.held(call)
    names = {one.application_id: shown.staff_name(shown.identity_of(one.application.identity)) for one in found}
    if names:
        log.record_read(
            "identity.read",
            call,
            at=at,
            actor_id=actor.pk,
            task_force_id=call.phase.task_force_id,
            applications=sorted(names),
        )
    return names


@transaction.atomic
def read_identity(application_id: int, actor: User, *, at: datetime) -> shown.ToStaff:
    """Who a candidate is, what may be published of them and who should not review them; the reading is recorded.

    Raises `Http404` for a candidate that is not the actor's to see, `Refused` for whoever may not know (yet).
    """
    candidate = queries.candidate_or_404(actor, application_id)
    call = candidate.call
    _allow(actor, "identity.read", call, at)
    log.record_read(
        "identity.read",
        call,
        at=at,
        actor_id=actor.pk,
        task_force_id=call.phase.task_force_id,
        applications=[candidate.pk],
    )
    return shown.to_staff(shown.identity_of(candidate.identity))


def _allow(actor: User, action: str, call: Call, at: datetime) -> None:
    allowed, reason = rules.may(actor, action, call, at)
    if not allowed:
        raise Refused(reason, facts=[(_("The call closes"), call.phase.closes_at)])


def _refuse_if_too_many(call: Call, accepting: int) -> None:
    told = Decision.objects.filter(application__call=call, state=DecisionState.RELEASED, outcome=Outcome.ACCEPT).count()
    if told + accepting > call.seats:
        raise Refused(
            _("%(accepted)s people would be accepted, but there are %(seats)s seats. Nothing was released.")
            % {"accepted": told + accepting, "seats": call.seats}
        )


def _refuse_unless_read(check: queries.ReleaseCheck, is_current: bool, has_read: bool) -> None:
    if not is_current:
        raise Conflict(_("The decisions have changed since this page was shown. Check them again."))
    if check.warnings and not has_read:
        raise Invalid(_("Nothing was released: there are warnings that were not read."))


def _tell(decision: Decision, call: Call, actor: User, at: datetime) -> None:
    decision.state = states.step(DECISION, DecisionState(decision.state), "release")
    decision.released_at = at
    decision.save(update_fields=["state", "released_at"])
    application = decision.application
    if decision.outcome == Outcome.ACCEPT:
        name = shown.published_name(shown.identity_of(application.identity))
        announcements.add_member(
            call.phase.task_force,
            application.applicant,
            name=name,
            # Whoever agreed to be named but has no name at all is counted, not named.
            consented=bool(name),
            at=at,
            actor_id=actor.pk,
        )
    _record("decision.released", decision, call, actor, at, outcome=decision.outcome)
    notices.decided(decision, call, at=at)


def _record(action: str, decision: Decision, call: Call, actor: User, at: datetime, **details: str) -> None:
    log.record(
        action,
        decision,
        at=at,
        actor_id=actor.pk,
        task_force_id=call.phase.task_force_id,
        reason=decision.reason if action == "decision.held" else "",
        **details,
    )
