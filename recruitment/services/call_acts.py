"""What is done to a published call: public acts with their reason, and languages in which it says more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from modeltranslation.utils import build_localized_fieldname

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
def change_words(
    row: Call | Clarification, texts: Mapping[str, Texts], reasons: Texts, *, actor: User, expected: str | None = None
) -> CallChange:
    """Let a published call, or a question and its answer, say other words, for a reason that everybody reads, beside
    what they said before.

    `texts` are {field: {language: text}} of `queries.words_of`. `expected` is what `queries.words_seen` said when the
    form was shown. `Invalid` for the same words, what is too long, and a text that would be gone in a language. Else as
    `change_seats`.
    """
    why = plan.reason(reasons)
    call = _published(_call_id(row), actor)
    found = _held_row(row, expected, texts)
    wanted = {name: _cleaned(found, name, given) for name, given in texts.items()}
    words = as_words(found, wanted)
    if not words:
        raise Invalid(_("The call says this already."))
    at = clock.app_now()
    change = CallChange(kind=ChangeKind.WORDS, words=words)
    # The act comes first: the words change in its name.
    _write(change, call, why, at, actor)
    _store(found, wanted, call, at, actor)
    record("call.words-changed", call, at, actor, _first(why), number=change.number)
    changing.changed(change, call)
    return change


def as_words(row: Call | Clarification, wanted: Mapping[str, Texts]) -> list[dict[str, Any]]:
    """The texts that say something else than they do, as an act keeps them, in the order in which they are read."""
    found = []
    for name in queries.words_of(row):
        said, texts = labels.stored(row, name), wanted.get(name, {})
        found += [
            {
                "table": row._meta.db_table,
                "row": row.pk,
                "field": name,
                "language": code,
                "column": build_localized_fieldname(name, code),
                "before": said.get(code, ""),
                "now": texts[code],
            }
            for code in languages.CODES
            if code in texts and texts[code] != said.get(code, "")
        ]
    return found


@transaction.atomic
def put_right(
    row: Row, texts: Mapping[str, Texts], *, seen: str, actor: User, meanings: Mapping[int, Texts] | None = None
) -> int:
    """Let a published call, a criterion with the `meanings` of its scores, the meaning of a score, or a question and
    its answer say its words in languages in which they say nothing yet, at any time; returns how many texts were added.

    `texts` are {field: {language: text}} of `queries.words_of`. `seen` is what `queries.words_seen` said when the form
    was shown: `Conflict` where it says something else by now. `Invalid` for what is too long, and for another text in a
    language that has one: that is an act with its reason. Each text that is added is an entry of the log.
    """
    call = _published(_call_id(row), actor, is_over_too=True)
    found = _held_row(row, seen, texts)
    asked: list[tuple[Row, Mapping[str, Texts]]] = [(found, texts)]
    if meanings and isinstance(found, Criterion):
        means = {one.score: one for one in found.meanings.select_for_update(of=("self",))}
        asked += [(means[score], {"text": given}) for score, given in meanings.items() if score in means]
    cleaned = [(one, {name: _cleaned(one, name, given) for name, given in wanted.items()}) for one, wanted in asked]
    for one, wanted in cleaned:
        _refuse_others(one, wanted)
    at = clock.app_now()
    return sum(_store(one, wanted, call, at, actor) for one, wanted in cleaned)


def _held_row(row: Any, seen: str | None, texts: Mapping[str, Texts]) -> Any:
    """The row, held, if it says what the actor has seen."""
    found = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if seen not in (None, queries.words_seen(found)):
        raise Conflict(_("Somebody has changed these texts meanwhile. Nothing was stored."))
    if set(texts) - set(queries.words_of(found)):
        raise Invalid(_("There is no such text to be corrected here."))
    return found


def _refuse_others(row: Row, wanted: Mapping[str, Texts]) -> None:
    """`Invalid` for a text in place of one that is public."""
    said = {name: labels.stored(row, name) for name in wanted}
    others = {
        code for name, given in wanted.items() for code, text in given.items() if said[name].get(code, text) != text
    }
    if others:
        names = " · ".join(languages.OWN_NAMES[code] for code in languages.CODES if code in others)
        raise Invalid(
            _("What is public in a language changes by an act with its reason alone (%(languages)s).")
            % {"languages": names}
        )


def _store(row: Row, wanted: Mapping[str, Mapping[str, str]], call: Call, at: datetime, actor: User) -> int:
    return timeline.put_right(
        row,
        wanted,
        action="label.of-a-call",
        at=at,
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
