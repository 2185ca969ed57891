"""What is done to a published call: public acts with their reason, and words that are put right."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from recruitment import plan, queries
from recruitment.enums import ChangeKind
from recruitment.models import Call, CallChange, Clarification, Criterion, ScoreMeaning
from recruitment.notices import changing
from recruitment.plan import BLOCKS, LINES, Line, Texts
from recruitment.services.building import held, record, refuse_where_over, write_line
from taskforce.accounts.models import User
from taskforce.core import clock, labels, languages
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.timeline import services as timeline

Row = Call | Criterion | ScoreMeaning | Clarification


@transaction.atomic
def change_seats(call_id: int, seats: int, reasons: Texts, *, actor: User, expected: int | None = None) -> CallChange:
    """Give a published call another number of seats, for a reason that everybody reads: in any state of it until
    decisions about its candidates are told, more or fewer. Those who apply and those who follow are told.

    `expected` is how many there were when the form was shown. `Refused` without the role, after a cancelling and after
    the release; `Conflict` for a draft, which is edited, and where somebody was faster; `Invalid` for the same number,
    none, or no reason.
    """
    seats, why = plan.seats(seats), plan.reason(reasons)
    call = _published(call_id, actor)
    if expected not in (None, call.seats):
        raise Conflict(
            _("Somebody has changed the number of seats meanwhile: there are %(count)d now.") % {"count": call.seats}
        )
    if seats == call.seats:
        raise Invalid(_("The call has this number of seats already."))
    at = clock.app_now()
    change = CallChange(kind=ChangeKind.SEATS, old_seats=call.seats, new_seats=seats)
    _write(change, call, why, at, actor)
    call.seats = seats
    call.save(update_fields=["seats"])
    record(
        "call.seats-changed", call, at, actor, _first(why), before=change.old_seats, after=seats, number=change.number
    )
    changing.changed(change, call)
    return change


@transaction.atomic
def change_criteria(
    call_id: int, lines: Sequence[Line], reasons: Texts, *, actor: User, expected: str | None = None
) -> CallChange:
    """Give a published call another rubric, for a reason that everybody reads: the lines as they are to be, in their
    order. A criterion that is not among them is in force no more, and kept.

    `expected` is what `queries.rubric_seen` said when the form was shown. `Refused` without the role, after a
    cancelling, and from the first submitted review on: scores were given by these criteria, and whoever has read them
    would choose people by choosing weights. Else as `change_seats`.
    """
    lines, why = plan.rubric(lines), plan.reason(reasons)
    call = _published(call_id, actor, with_reviews=True)
    if queries.is_reviewed(call):
        raise Refused(_("Reviews were submitted by these criteria and weights: they stay as they are."))
    if expected not in (None, queries.rubric_seen(call)):
        raise Conflict(_("Somebody has changed the criteria meanwhile. Nothing was stored; look at them once more."))
    before, at = queries.rubric(call), clock.app_now()
    known = {one.pk: one for one in call.criteria.filter(retired_at=None)}
    named = [one.criterion_id for one in lines if one.criterion_id is not None]
    if len(set(named)) != len(named) or not set(named) <= set(known):
        raise Invalid(_("One of these criteria does not belong to this call."))
    old, new = queries.kept(before), as_kept(before, lines)
    if new == old:
        raise Invalid(_("The criteria are these already."))
    change = CallChange(kind=ChangeKind.CRITERIA, old_criteria=old, new_criteria=new)
    # The act comes first: the rubric changes in its name.
    _write(change, call, why, at, actor)
    _replace(call, known, lines, at)
    record("call.criteria-changed", call, at, actor, _first(why), number=change.number)
    changing.changed(change, call)
    return change


def as_kept(before: Sequence[Line], lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The rubric as it will stand: in languages that a line does not name, a criterion says what it said."""
    old = {one.criterion_id: one for one in before}
    merged = []
    for line in lines:
        was = old.get(line.criterion_id) if line.criterion_id is not None else None
        scores = {*line.meanings, *(was.meanings if was else {})}
        means = {
            score: _merged(was.meanings.get(score, {}) if was else {}, line.meanings.get(score, {}))
            for score in sorted(scores)
        }
        merged.append(
            Line(
                _merged(was.labels if was else {}, line.labels),
                line.weight,
                _merged(was.help_texts if was else {}, line.help_texts),
                {score: texts for score, texts in means.items() if texts},
                line.criterion_id,
            )
        )
    return queries.kept(merged)


def _merged(was: Texts, says: Texts) -> dict[str, str]:
    both = {**was, **says}
    return {code: both[code] for code in languages.CODES if both.get(code)}


def _replace(call: Call, known: Mapping[int, Criterion], lines: Sequence[Line], at: datetime) -> None:
    kept = {one.criterion_id for one in lines}
    last = call.criteria.aggregate(last=Max("position"))["last"] or 0
    # Behind all that there were: what is in force no more keeps its place.
    for position, line in enumerate(lines, start=last + 1):
        criterion = known.get(line.criterion_id or 0) or Criterion(call=call)
        criterion.position = position
        write_line(criterion, line)
    for pk, criterion in known.items():
        if pk not in kept:
            criterion.retired_at = at
            criterion.save(update_fields=["retired_at"])


@transaction.atomic
def put_right(row: Row, texts: Mapping[str, Texts], *, seen: str, actor: User) -> int:
    """Let a published call, a criterion, the meaning of a score, or a question and its answer say its words in more
    languages, or without a typing error; returns how many of these texts changed.

    `texts` are {field: {language: text}} of `queries.words_of`. `seen` is what `queries.words_seen` said when the form
    was shown: `Conflict` where it says something else by now. `Invalid` for what is too long, and for a text that would
    be gone in a language. Each text that changes is an entry of the log with what it said before.
    """
    call = _published(_call_id(row), actor, is_over_too=True)
    found = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if queries.words_seen(found) != seen:
        raise Conflict(_("Somebody has changed these texts meanwhile. Nothing was stored."))
    if set(texts) - set(queries.words_of(found)):
        raise Invalid(_("There is no such text to be corrected here."))
    return timeline.put_right(
        found,
        {name: _cleaned(found, name, given) for name, given in texts.items()},
        action="label.of-a-call",
        at=clock.app_now(),
        actor=actor,
        task_force_id=call.phase.task_force_id,
    )


def _call_id(row: Row) -> int:
    if isinstance(row, Call):
        return row.pk
    return row.criterion.call_id if isinstance(row, ScoreMeaning) else row.call_id


def _cleaned(row: Row, name: str, given: Texts) -> dict[str, str]:
    if isinstance(row, Call):
        return plan.line(given, LINES[name]) if name in LINES else plan.block(given, BLOCKS[name])
    if name == "answer":
        return plan.block(given, plan.ANSWER_LENGTH)
    longest = {"label": plan.LABEL_LENGTH, "question": plan.QUESTION_LENGTH}
    return plan.line(given, longest.get(name, plan.HELP_LENGTH))


def _published(call_id: int, actor: User, *, is_over_too: bool = False, with_reviews: bool = False) -> Call:
    """The published call, held; unless `is_over_too`, `Refused` where nothing of it changes any more."""
    call = held(call_id, actor, with_reviews=with_reviews)
    if call.published_at is None:
        raise Conflict(_("This call is a draft: it is edited, and needs no act."))
    if not is_over_too:
        refuse_where_over(call)
        if queries.is_released(call):
            raise Refused(_("Decisions of this call have been told: its seats and criteria stay."))
    return call


def _write(change: CallChange, call: Call, why: dict[str, str], at: datetime, actor: User) -> None:
    change.call, change.number, change.at = call, call.changes.count() + 1, at
    change.actor_id, change.actor_name = actor.pk, actor.name
    labels.assign(change, "reason", why)
    change.save()


def _first(texts: Texts) -> str:
    """For the log, which has one reason: as an English reader gets it."""
    return labels.chosen(texts, "en").text
