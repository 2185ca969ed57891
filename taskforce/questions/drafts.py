"""The content of a draft: questions in their order, and what can be done with them.

A question is a mapping here, as `services.create_set` takes it and `faults.spec` makes one of a row, and has a `key`
that stays its own in the draft. Nothing here knows the database.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taskforce.core import labels, languages
from taskforce.core.side_by_side import SOURCE
from taskforce.core.text import digest, is_blank
from taskforce.questions import faults
from taskforce.questions.enums import WITH_CHOICES, QuestionKind
from taskforce.questions.faults import Texts
from taskforce.questions.models import Choice, Question

Spec = dict[str, Any]
# So many at most: nobody answers more, and a page shows all of them.
MOST_QUESTIONS = 40
MOST_CHOICES = 40
# The code of a choice that was made here; those of scenarios and operators are words.
_NUMBERED = re.compile("c[0-9]{1,4}")
# The parts of a question that are translated, by its kind.
_ALWAYS = ("labels", "help_texts")
_ENDS = ("least_labels", "most_labels")
# The numbers of a question, by its kind.
_NUMBERS: Mapping[QuestionKind, tuple[str, ...]] = {
    QuestionKind.LONG_TEXT: ("max_length",),
    QuestionKind.SHORT_TEXT: ("max_length",),
    QuestionKind.SEVERAL: ("least", "most"),
    QuestionKind.SCALE: ("least", "most"),
}


# Where they begin in a new question; any other number begins with 0.
_FIRST_NUMBERS: Mapping[QuestionKind, Mapping[str, int]] = {QuestionKind.SCALE: {"least": 1, "most": 5}}


# --- what a draft holds ----------------------------------------------------------------------------------------------


def begun(questions: Sequence[Question], source: str = SOURCE) -> dict[str, Any]:
    """The content of a draft that begins with the questions of a version and is written in the language that they are
    written in; or with none, in `source`."""
    specs = [_with_count({**faults.spec(one), "key": number}) for number, one in enumerate(questions, start=1)]
    return {"next": len(specs) + 1, "questions": specs, "source": _written_in(specs) if specs else source}


def _written_in(specs: Sequence[Spec]) -> str:
    """The language in which questions say most; of several the portal's first."""
    return min(languages.CODES, key=lambda code: missing(specs, code))


def source(content: Mapping[str, Any] | None) -> str:
    """The language in which a draft is written first; the others are written beside it."""
    return str(content.get("source", SOURCE)) if content else SOURCE


def _with_count(spec: Spec) -> Spec:
    """With the highest number that one of its choices has as its code, so that no later one gets it again."""
    taken = [int(code[1:]) for code, _said in spec["choices"] if _NUMBERED.fullmatch(code)]
    return {**spec, "made": max(taken, default=0)}


def questions(content: Mapping[str, Any]) -> list[Spec]:
    """The questions of a draft, in their order."""
    return list(content["questions"])


def question(content: Mapping[str, Any], key: int) -> Spec | None:
    """The question of this key; None where there is none (any more)."""
    return next((one for one in content["questions"] if one["key"] == key), None)


def parts(kind: str) -> tuple[str, ...]:
    """The parts of a question of this kind that are translated, but its choices."""
    return (*_ALWAYS, *_ENDS) if kind == QuestionKind.SCALE else _ALWAYS


def numbers(kind: str) -> tuple[str, ...]:
    """The numbers that a question of this kind has."""
    return _NUMBERS.get(QuestionKind(kind), ())


def choices(spec: Mapping[str, Any]) -> list[tuple[str, Texts]]:
    """The choices of a question; what is left of those of another kind that it had before is none."""
    return [(code, said) for code, said in spec.get("choices", ())] if spec["kind"] in WITH_CHOICES else []


def texts(spec: Mapping[str, Any]) -> Iterator[Texts]:
    """All that a question says, each in its languages: its parts, then its choices."""
    for part in parts(spec["kind"]):
        yield spec.get(part, {})
    for _code, said in choices(spec):
        yield said


def missing(specs: Sequence[Mapping[str, Any]], code: str) -> int:
    """How many texts of the questions there are in other languages and not in this one."""
    return sum(any(said.values()) and not said.get(code) for spec in specs for said in texts(spec))


def is_complete(specs: Sequence[Mapping[str, Any]], code: str) -> bool:
    """Whether the questions say all in this language that they say in any."""
    return bool(specs) and not missing(specs, code)


def problems(specs: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """What keeps each question from being published, by its key, as the end of a sentence; empty where nothing does."""
    found = {spec["key"]: faults.problem(_plain(spec)) for spec in specs}
    return {key: problem for key, problem in found.items() if problem}


def heading(spec: Mapping[str, Any], language: str | None = None) -> labels.Label:
    """What a question asks, in a language or the next of its chain."""
    return labels.chosen(spec.get("labels", {}), language)


def token(content: Mapping[str, Any]) -> str:
    """The whole of a draft as a digest, for acts on what somebody was shown."""
    return digest(content)


# --- what a form shows of a question ---------------------------------------------------------------------------------


def shown(spec: Mapping[str, Any], codes: Sequence[str]) -> dict[str, Any]:
    """What a form of these languages shows of a question, by the names of its fields."""
    many = [(part, spec.get(part, {})) for part in parts(spec["kind"])]
    many += [(f"choice-{name}", said) for name, said in choices(spec)]
    found: dict[str, Any] = {f"{name}-{code}": said.get(code, "") for name, said in many for code in codes}
    found |= {name: spec.get(name, 0) for name in numbers(spec["kind"])}
    return {**found, "kind": str(spec["kind"]), "required": bool(spec.get("required"))}


def marks(spec: Mapping[str, Any], codes: Sequence[str]) -> str:
    """The same in one line, each field with a short digest: what the form sends back, so that whatever somebody else
    has changed meanwhile is found field by field."""
    return " ".join(f"{name}:{_mark(value)}" for name, value in shown(spec, codes).items())


def _mark(value: Any) -> str:
    return digest(value)[:12]


def _read(sent: str) -> dict[str, str]:
    return {name: mark for name, _colon, mark in (one.rpartition(":") for one in sent.split())}


def merged(
    spec: Mapping[str, Any], typed: Mapping[str, Any], sent: str, codes: Sequence[str]
) -> tuple[Spec, list[str]]:
    """A question with what was typed into its form, and the fields that somebody else has changed too, otherwise.

    `sent` are the marks with which the form was shown: what nobody typed anything into stays as it is stored now. None
    is typed into what is to go.
    """
    before, now, mine = _read(sent), shown(spec, codes), typed_into(typed, sent)
    torn = [name for name, value in mine.items() if _is_torn(value, now.get(name), before.get(name))]
    return with_shown(spec, mine), torn


def typed_into(values: Mapping[str, Any], sent: str) -> dict[str, Any]:
    """Those of the values of fields that are not what the form was shown with."""
    before = _read(sent)
    return {name: value for name, value in values.items() if _mark(value) != before.get(name)}


def _is_torn(typed: Any, stored: Any, before: str | None) -> bool:
    """Whether one must choose between the two; of what is stored no more there is only what was typed."""
    return bool(typed) if stored is None else typed != stored and _mark(stored) != before


def others_changed(spec: Mapping[str, Any], typed: Mapping[str, Any], sent: str, codes: Sequence[str]) -> bool:
    """Whether a question that was saved says something that its form did not, and that was not typed into it."""
    before, now = _read(sent), shown(spec, codes)
    return any(_mark(value) != before.get(name) and value != typed.get(name, value) for name, value in now.items())


def with_shown(spec: Mapping[str, Any], typed: Mapping[str, Any]) -> Spec:
    """A question with the values of fields of its form; those that it does not have are left out."""
    made = {**spec, "required": typed.get("required", bool(spec.get("required")))}
    made |= {name: typed.get(name, spec.get(name, 0)) for name in numbers(spec["kind"])}
    made |= {part: _with_texts(spec.get(part, {}), part, typed) for part in parts(spec["kind"])}
    if spec["kind"] in WITH_CHOICES:
        made["choices"] = [[code, _with_texts(said, f"choice-{code}", typed)] for code, said in spec["choices"]]
    return with_kind(made, typed.get("kind", spec["kind"]))


def _with_texts(said: Texts, name: str, typed: Mapping[str, Any]) -> dict[str, str]:
    now = {code: typed.get(f"{name}-{code}") for code in languages.CODES}
    return {code: text for code, text in {**said, **{c: t for c, t in now.items() if t is not None}}.items() if text}


# --- what can be done with it ----------------------------------------------------------------------------------------


def added(content: Mapping[str, Any], kind: str, said: Texts) -> dict[str, Any]:
    """With one question more at its end, of which only the label is there."""
    spec: Spec = {"key": content["next"], "kind": QuestionKind(kind).value, "required": False, "labels": dict(said)}
    spec |= {**_numbers(kind), "choices": [], "made": 0}
    return {**content, "next": content["next"] + 1, "questions": [*content["questions"], spec]}


def _numbers(kind: str) -> dict[str, int]:
    """The numbers with which a question of this kind begins."""
    return {"max_length": 0, "least": 0, "most": 0, **_FIRST_NUMBERS.get(QuestionKind(kind), {})}


def with_source(content: Mapping[str, Any], code: str) -> dict[str, Any]:
    """Written in this language first."""
    return {**content, "source": code}


def moved(content: Mapping[str, Any], key: int, step: int) -> dict[str, Any]:
    """With a question one place further up (-1) or down (1); as it is where it stands at that end."""
    keys = [one["key"] for one in content["questions"]]
    return {**content, "questions": _moved(content["questions"], keys, key, step)}


def removed(content: Mapping[str, Any], key: int) -> dict[str, Any]:
    """Without a question."""
    return {**content, "questions": [one for one in content["questions"] if one["key"] != key]}


def replaced(content: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """With this question in place of the one of its key."""
    return {**content, "questions": [dict(spec) if one["key"] == spec["key"] else one for one in content["questions"]]}


def with_kind(spec: Mapping[str, Any], kind: str) -> Spec:
    """A question of this kind. Texts and choices that the kind does not have are kept in the draft, in case it changes
    once more; numbers mean something else in each kind, and begin anew."""
    if kind == spec["kind"]:
        return dict(spec)
    return {**spec, **_numbers(kind), "kind": QuestionKind(kind).value}


def with_choice(spec: Mapping[str, Any], said: Texts) -> Spec:
    """A question with one choice more, under a code that no other choice of this draft has had."""
    made = spec["made"] + 1
    return {**spec, "made": made, "choices": [*spec["choices"], [f"c{made}", dict(said)]]}


def with_choice_moved(spec: Mapping[str, Any], code: str, step: int) -> Spec:
    """A question with a choice one place further up (-1) or down (1)."""
    return {**spec, "choices": _moved(spec["choices"], [each for each, _said in spec["choices"]], code, step)}


def without_choice(spec: Mapping[str, Any], code: str) -> Spec:
    """A question without a choice."""
    return {**spec, "choices": [one for one in spec["choices"] if one[0] != code]}


def _moved(things: Sequence[Any], names: Sequence[Any], name: Any, step: int) -> list[Any]:
    found = list(things)
    place = names.index(name) if name in names else -1
    if place >= 0 and 0 <= place + step < len(found):
        found[place], found[place + step] = found[place + step], found[place]
    return found


# --- what it becomes -------------------------------------------------------------------------------------------------


def to_publish(content: Mapping[str, Any]) -> list[Spec]:
    """The questions as `services.create_set` takes them."""
    return [_plain(one) for one in content["questions"]]


def _plain(spec: Mapping[str, Any]) -> Spec:
    plain: Spec = {"kind": spec["kind"], "required": bool(spec.get("required"))}
    plain |= {name: spec.get(name, 0) for name in numbers(spec["kind"])}
    plain |= {part: _said(spec.get(part, {})) for part in parts(spec["kind"])}
    return {**plain, "choices": [(code, _said(said)) for code, said in choices(spec)]}


def _said(said: Texts) -> dict[str, str]:
    return {code: text for code, text in said.items() if languages.is_offered(code) and not is_blank(text)}


def as_questions(specs: Sequence[Mapping[str, Any]]) -> list[Question]:
    """Rows that are stored nowhere, for the forms that ask stored ones: each under its key, with its choices there."""
    return [_as_question(spec) for spec in specs]


def _as_question(spec: Mapping[str, Any]) -> Question:
    columns: dict[str, Any] = {name: spec.get(name, 0) for name in numbers(spec["kind"])}
    for part in parts(spec["kind"]):
        columns |= labels.columns(faults.PARTS[part][0], _said(spec.get(part, {})))
    made = Question(id=spec["key"], kind=spec["kind"], required=bool(spec.get("required")), **columns)
    rows = [
        Choice(position=place, code=code, **labels.columns("label", _said(said)))
        for place, (code, said) in enumerate(choices(spec), start=1)
    ]
    found = Choice.objects.all()
    # As `prefetch_related` leaves them behind: whoever asks for the choices asks nothing of the database.
    found._result_cache, found._prefetch_done = rows, True
    made._prefetched_objects_cache = {"choices": found}  # type: ignore[attr-defined] # Django's own
    return made
