"""Drafts of calls: nobody but staff knows of them, they change freely, and publishing makes what they say hold."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from recruitment import plan, queries, readiness, rules
from recruitment.models import Call, Clarification, Criterion, ScoreMeaning
from recruitment.models.calls import WHOLE
from recruitment.plan import Details, Line, Texts
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import clock, labels, locks
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.queries import is_for
from taskforce.timeline.enums import Capability
from taskforce.timeline.models import Phase

_Row = TypeVar("_Row", Criterion, Clarification)


@transaction.atomic
def draft_call(phase_id: int, version_id: int, details: Details, *, actor: User) -> Call:
    """A new draft in a phase, published or not. `Refused` without the role, `Conflict` where the phase has a call,
    `Invalid` for a phase in which nobody applies, questions of another task force, or texts and numbers that do not
    do."""
    details = plan.details(details)
    locks.take(locks.Kind.PHASE, phase_id)
    phase = Phase.objects.select_related("task_force").filter(pk=phase_id).first()
    if phase is None:
        raise Http404
    allow(actor, phase.task_force_id)
    if Capability.APPLY not in phase.capabilities:
        raise Invalid(_("A call needs a phase in which people can apply."))
    if Call.objects.filter(phase=phase).exists():
        raise Conflict(_("This phase has a call already."))
    call = Call(phase=phase, questions=_version(version_id, phase), published_at=None)
    _fill(call, details)
    call.save()
    record("call.drafted", call, clock.app_now(), actor)
    return call


@transaction.atomic
def edit_call(call_id: int, details: Details, *, actor: User, expected: str | None = None) -> Call:
    """Change texts and numbers of a draft; texts in the languages given and in no other.

    `expected` is what `queries.details_seen` said when the form was shown: something else meanwhile, or a call that was
    published, is a `Conflict`. Else as `draft_call`.
    """
    details = plan.details(details)
    call = draft_of(call_id, actor, expected, queries.details_seen)
    _fill(call, details)
    call.save()
    record("call.edited", call, clock.app_now(), actor)
    return call


@transaction.atomic
def choose_questions(call_id: int, version_id: int, *, actor: User, expected: str | None = None) -> Call:
    """Let a draft ask another version of questions. `Refused` once it is published: those who apply answer these, and
    a new version is for the next call."""
    if held(call_id, actor).published_at is not None:
        raise Refused(_("Those who apply answer these questions, so they stay. Another version is for the next call."))
    call = draft_of(call_id, actor, expected, queries.details_seen)
    call.questions = _version(version_id, call.phase)
    call.save(update_fields=["questions"])
    record("call.questions-chosen", call, clock.app_now(), actor, version=call.questions.number)
    return call


@transaction.atomic
def publish_draft(call_id: int, *, actor: User, expected: str | None = None, has_read: bool = False) -> Call:
    """Make a call public; from then on its seats and rubric change by acts only, and its questions never.

    What `readiness.of` finds is asked before the lock and once more under it: `Refused` with all that blocks. With
    `expected`, what `check_seen` said of the page that was confirmed, warnings must have been read (`has_read`, else
    `Invalid`), and something else meanwhile is a `Conflict`.
    """
    before = queries.writable_call_or_404(actor, call_id)
    # Mails are drawn here for the first time in a process, which nobody else is to wait for.
    readiness.draw_mails(before)
    call = draft_of(call_id, actor)
    at = clock.app_now()
    found = readiness.of(call, at)
    against = readiness.blocking(found)
    if against:
        raise Refused(
            _("The call is not ready to be published. Nothing was stored."),
            facts=[(str(one.part.label), one.text) for one in against],
            title=_("Not ready yet"),
        )
    if expected not in (None, check_seen(call, found)):
        raise Conflict(_("Somebody has changed this call meanwhile, or it is judged otherwise now. Check it again."))
    if expected is not None and readiness.warnings(found) and not has_read:
        raise Invalid(_("Nothing was published: there are warnings that were not read."))
    call.published_at = at
    call.save(update_fields=["published_at"])
    warnings = sorted({one.code for one in readiness.warnings(found)})
    record("call.published", call, at, actor, seats=call.seats, left_open=warnings)
    return call


def check_seen(call: Call, found: list[readiness.Finding]) -> str:
    """What a page that asks to confirm has shown: the call as it would be published, when one can apply, and what
    speaks against it."""
    return f"{queries.whole_seen(call)}{queries.dates_seen(call)}{readiness.seen(found)}"


@transaction.atomic
def discard_call(call_id: int, *, actor: User, expected: str | None = None) -> None:
    """Throw a draft away with all that belongs to it; its audit rows stay."""
    call = draft_of(call_id, actor, expected, queries.whole_seen)
    record("call.discarded", call, clock.app_now(), actor)
    ScoreMeaning.objects.filter(criterion__call=call).delete()
    call.criteria.all().delete()
    call.clarifications.all().delete()
    call.delete()


# --- its rubric -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_criterion(call_id: int, line: Line, *, actor: User, expected: str | None = None) -> Criterion:
    """One more criterion, below the others. `expected` is what `queries.order_seen` said. Weights need not add up to a
    hundred before the call is published."""
    line = plan.criterion(line)
    call = draft_of(call_id, actor, expected, queries.order_seen)
    count = call.criteria.count()
    if count >= plan.MOST_CRITERIA:
        raise Invalid(_("A call has at most %(most)d criteria.") % {"most": plan.MOST_CRITERIA})
    criterion = write_line(Criterion(call=call, position=count + 1), line)
    record("call.rubric-edited", call, clock.app_now(), actor, added=1)
    return criterion


@transaction.atomic
def edit_criterion(criterion_id: int, line: Line, *, actor: User, expected: str | None = None) -> Criterion:
    """Change a criterion of a draft, in the languages given and in no other; meanings of scores likewise.

    `expected` is what `queries.criterion_seen` said when the form was shown.
    """
    line = plan.criterion(line)
    criterion = _row(Criterion, criterion_id, actor)
    if expected not in (None, queries.criterion_seen(criterion)):
        raise _meanwhile()
    write_line(criterion, line)
    record("call.rubric-edited", criterion.call, clock.app_now(), actor, changed=1)
    return criterion


@transaction.atomic
def weigh(call_id: int, weights: Mapping[int, int], *, actor: User, expected: str | None = None) -> int:
    """Give the criteria of a draft these weights ({criterion id: percent}); returns how many changed. Those that are
    not named keep theirs, and the sum need not be a hundred before the call is published.

    `expected` is what `queries.rubric_seen` said when the form was shown. `Invalid` for a weight that is none.
    """
    if not all(1 <= weight <= WHOLE for weight in weights.values()):
        raise Invalid(_("A weight is a whole number from 1 to 100 (percent)."))
    call = draft_of(call_id, actor, expected, queries.rubric_seen)
    changed = 0
    for criterion in call.criteria.order_by("position"):
        weight = weights.get(criterion.pk, criterion.weight)
        if weight != criterion.weight:
            criterion.weight = weight
            criterion.save(update_fields=["weight"])
            changed += 1
    if changed:
        record("call.rubric-edited", call, clock.app_now(), actor, changed=changed)
    return changed


@transaction.atomic
def move_criterion(criterion_id: int, *, up: bool, actor: User, expected: str | None = None) -> None:
    """Let a criterion of a draft change places with the one above or below; at the end it stays where it is."""
    criterion = _row(Criterion, criterion_id, actor)
    if expected not in (None, queries.order_seen(criterion.call)):
        raise _meanwhile()
    if _swap(criterion, list(criterion.call.criteria.order_by("position")), up=up):
        record("call.rubric-edited", criterion.call, clock.app_now(), actor, changed=1)


@transaction.atomic
def remove_criterion(criterion_id: int, *, actor: User, expected: str | None = None) -> None:
    """Take a criterion out of a draft, with what its scores mean."""
    criterion = _row(Criterion, criterion_id, actor)
    if expected not in (None, queries.criterion_seen(criterion)):
        raise _meanwhile()
    call = criterion.call
    criterion.meanings.all().delete()
    criterion.delete()
    _count_anew(list(call.criteria.order_by("position")))
    record("call.rubric-edited", call, clock.app_now(), actor, removed=1)


def write_line(criterion: Criterion, line: Line) -> Criterion:
    """A criterion says what the line does; meanings in the languages given, and none where all of them are empty."""
    criterion.weight = line.weight
    labels.assign(criterion, "label", dict(line.labels))
    labels.assign(criterion, "help_text", dict(line.help_texts))
    criterion.save()
    known = {one.score: one for one in criterion.meanings.all()}
    for score, texts in line.meanings.items():
        meaning = known.get(score) or ScoreMeaning(criterion=criterion, score=score)
        labels.assign(meaning, "text", dict(texts))
        if labels.stored(meaning, "text"):
            meaning.save()
        elif meaning.pk:
            meaning.delete()
    return criterion


# --- questions and answers --------------------------------------------------------------------------------------------


@transaction.atomic
def add_clarification(
    call_id: int, questions: Texts, answers: Texts, *, actor: User, expected: str | None = None
) -> Clarification:
    """One more question about the call with its answer, below the others: to a draft, and to a published call too, as
    long as it is not cancelled. `expected` is what `queries.order_seen` said."""
    asked, told = plan.clarification(questions, answers)
    call = held(call_id, actor)
    if expected not in (None, queries.order_seen(call)):
        raise _meanwhile()
    if call.published_at is not None:
        refuse_where_over(call)
    count = call.clarifications.count()
    if count >= plan.MOST_CLARIFICATIONS:
        raise Invalid(_("A call has at most %(most)d questions and answers.") % {"most": plan.MOST_CLARIFICATIONS})
    at = clock.app_now()
    made = Clarification(call=call, position=count + 1, added_at=at)
    labels.assign(made, "question", asked)
    labels.assign(made, "answer", told)
    made.save()
    record("call.clarified", call, at, actor, number=made.position)
    return made


@transaction.atomic
def edit_clarification(
    clarification_id: int, questions: Texts, answers: Texts, *, actor: User, expected: str | None = None
) -> Clarification:
    """Change a question and its answer in a draft, in the languages given and in no other; of a published call they are
    put right (`put_right`). `expected` is what `queries.clarification_seen` said when the form was shown."""
    asked, told = plan.clarification(questions, answers)
    found = _row(Clarification, clarification_id, actor)
    if expected not in (None, queries.clarification_seen(found)):
        raise _meanwhile()
    labels.assign(found, "question", asked)
    labels.assign(found, "answer", told)
    found.save()
    record("call.edited", found.call, clock.app_now(), actor)
    return found


@transaction.atomic
def move_clarification(clarification_id: int, *, up: bool, actor: User, expected: str | None = None) -> None:
    """Let a question and answer of a draft change places with the one above or below."""
    found = _row(Clarification, clarification_id, actor)
    if expected not in (None, queries.order_seen(found.call)):
        raise _meanwhile()
    if _swap(found, list(found.call.clarifications.order_by("position")), up=up):
        record("call.edited", found.call, clock.app_now(), actor)


@transaction.atomic
def remove_clarification(clarification_id: int, *, actor: User, expected: str | None = None) -> None:
    """Take a question and answer out of a draft; once people have read it, it stays."""
    found = _row(Clarification, clarification_id, actor)
    if expected not in (None, queries.clarification_seen(found)):
        raise _meanwhile()
    call = found.call
    found.delete()
    _count_anew(list(call.clarifications.order_by("position")))
    record("call.edited", call, clock.app_now(), actor)


# --- shared by all that writes calls ----------------------------------------------------------------------------------


def allow(actor: User, task_force_id: int, call: Call | None = None) -> None:
    """`Refused` for who may not write this call, as their roles are stored now."""
    allowed, why = rules.may_write(User.objects.filter(pk=actor.pk).first(), task_force_id, call)
    if not allowed:
        raise Refused(why)


def held(call_id: int, actor: User, *, with_reviews: bool = False) -> Call:
    """The call with its phase under both locks, published or not; `Http404` for none, `Refused` for others.

    `with_reviews`: nobody reviews meanwhile either, since whoever does passes the gate of a phase for reviews.
    """
    for phase_id in _to_hold(call_id, with_reviews=with_reviews):
        locks.take(locks.Kind.PHASE, phase_id)
    locks.take(locks.Kind.CALL, call_id)
    call = Call.objects.select_related("phase__task_force", "questions").filter(pk=call_id).first()
    if call is None:
        raise Http404
    allow(actor, call.phase.task_force_id, call)
    return call


def _to_hold(call_id: int, *, with_reviews: bool) -> list[int]:
    """The phase of a call, `with_reviews` those for reviews too; in the order in which whoever ends the task force
    takes all of them, so that no two wait for each other."""
    own = Phase.objects.filter(call=call_id).values_list("pk", "task_force_id").first()
    if own is None:
        raise Http404
    phase_id, task_force_id = own
    if not with_reviews:
        return [phase_id]
    reviews = Phase.objects.filter(task_force_id=task_force_id, capabilities__contains=[Capability.REVIEW])
    return sorted({phase_id, *reviews.values_list("pk", flat=True)})


def draft_of(call_id: int, actor: User, expected: str | None = None, seen: Callable[[Call], str] | None = None) -> Call:
    """The draft, held, if the actor may change it and has seen it as it is (`seen` of it is what they `expected`)."""
    call = held(call_id, actor)
    if call.published_at is not None:
        raise Conflict(_("Somebody has published this call meanwhile: what it says changes by public acts now."))
    if seen is not None and expected not in (None, seen(call)):
        raise _meanwhile()
    return call


def refuse_where_over(call: Call) -> None:
    """`Refused` where the call was cancelled, or its task force ended before it closed."""
    if call.phase.cancelled_at is not None:
        raise Refused(_("This call was cancelled: nothing of it changes any more."))
    if call.phase.dropped_at is not None:
        raise Refused(_("This task force ended before the call closed: nothing of it changes any more."))


def record(action: str, call: Call, at: datetime, actor: User, reason: str = "", **details: Any) -> None:
    """The audit row of what is done to a call."""
    log.record(action, call, at=at, actor_id=actor.pk, task_force_id=call.phase.task_force_id, reason=reason, **details)


def _meanwhile() -> Conflict:
    return Conflict(_("Somebody has changed this call meanwhile. Nothing was stored; look at it once more."))


def _version(version_id: int, phase: Phase) -> QuestionSetVersion:
    version = QuestionSetVersion.objects.select_related("question_set").filter(pk=version_id).first()
    if version is None:
        raise Invalid(_("There is no such version of questions."))
    if not is_for(version, phase.task_force_id):
        raise Invalid(_("These questions belong to another task force than the phase."))
    return version


def _fill(call: Call, details: Details) -> None:
    texts: Mapping[str, Texts] = details.texts
    for name, found in texts.items():
        labels.assign(call, name, dict(found))
    if not labels.stored(call, "title"):
        raise Invalid(_("A call needs a title in one language at least."))
    call.seats, call.panel_size, call.languages = details.seats, details.panel_size, list(details.languages)


def _row(kind: type[_Row], row_id: int, actor: User) -> _Row:
    """A criterion, or a question and answer, of a draft, with its call held."""
    call_id = kind._default_manager.filter(pk=row_id).values_list("call", flat=True).first()
    if call_id is None:
        raise Http404
    call = draft_of(call_id, actor)
    found = kind._default_manager.filter(pk=row_id, call=call).first()
    if found is None:
        raise Http404
    found.call = call
    return found


def _swap(row: _Row, rows: list[_Row], *, up: bool) -> bool:
    """Whether there was another one to change places with."""
    here = next(at for at, one in enumerate(rows) if one.pk == row.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows):
        return False
    other = rows[there]
    other.position, row.position = row.position, other.position
    other.save(update_fields=["position"])
    row.save(update_fields=["position"])
    return True


def _count_anew(rows: list[_Row]) -> None:
    for position, one in enumerate(rows, start=1):
        if one.position != position:
            one.position = position
            one.save(update_fields=["position"])
