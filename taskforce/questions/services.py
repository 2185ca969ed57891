"""The only writer of question sets: a new wording is a new version, and no version is ever changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from taskforce.audit import log
from taskforce.core import labels, languages
from taskforce.core.errors import Invalid
from taskforce.questions.enums import LONGEST_ANSWER, NO_ANSWER, QuestionKind
from taskforce.questions.models import Choice, Question, QuestionSet, QuestionSetVersion

ChoiceSpec = tuple[str, Mapping[str, str]]


@transaction.atomic
def create_set(
    slug: str, questions: Sequence[Mapping[str, Any]], *, at: datetime, actor_id: int | None = None
) -> QuestionSetVersion:
    """The next version of the set `slug` (its first where the set is new), with all its questions.

    Each question is a mapping: `kind` (a `QuestionKind`), `labels` {language: text}, and optionally
    `help_texts` {language: text}, `required`, `max_length` (characters; 0: the general limit), `choices`
    [(code, {language: label})]. Raises `Invalid` for a set that nobody could answer. `at` is the portal's
    moment (UTC).
    """
    _check_all(questions)
    question_set, _made = QuestionSet.objects.get_or_create(slug=slug)
    # The row lock makes parallel versions wait, so that each gets its own number.
    question_set = QuestionSet.objects.select_for_update().get(pk=question_set.pk)
    last = question_set.versions.aggregate(last=Max("number"))["last"] or 0
    version = QuestionSetVersion.objects.create(question_set=question_set, number=last + 1, created_at=at)
    for position, spec in enumerate(questions, start=1):
        _create_question(version, position, spec)
    log.record("questions.created", version, at=at, actor_id=actor_id, slug=slug, number=version.number)
    return version


def _create_question(version: QuestionSetVersion, position: int, spec: Mapping[str, Any]) -> None:
    question = Question.objects.create(
        version=version,
        position=position,
        kind=QuestionKind(spec["kind"]),
        required=bool(spec.get("required", False)),
        max_length=int(spec.get("max_length", 0)),
        **labels.columns("label", dict(spec["labels"])),
        **labels.columns("help_text", dict(spec.get("help_texts", {}))),
    )
    for place, (code, texts) in enumerate(spec.get("choices", ()), start=1):
        Choice.objects.create(question=question, position=place, code=code, **labels.columns("label", dict(texts)))


def _check_all(questions: Sequence[Mapping[str, Any]]) -> None:
    if not questions:
        raise Invalid(_("A set of questions needs at least one question."))
    for number, spec in enumerate(questions, start=1):
        problem = _problem(spec)
        if problem:
            raise Invalid(_("Question %(number)d: %(problem)s") % {"number": number, "problem": problem})


def _problem(spec: Mapping[str, Any]) -> str:
    """What is wrong with one question; empty where nothing is."""
    choices: Sequence[ChoiceSpec] = tuple(spec.get("choices", ()))
    if spec.get("kind") not in QuestionKind.values:
        return _("its kind is unknown.")
    if not _are_labels([spec.get("labels", {}), *(texts for _code, texts in choices)]):
        return _("the question and each choice need a text in a language of the portal.")
    if not 0 <= int(spec.get("max_length", 0)) <= LONGEST_ANSWER:
        return _("its longest answer must be between 0 and %(most)d characters.") % {"most": LONGEST_ANSWER}
    if spec["kind"] == QuestionKind.ONE_CHOICE:
        return _problem_of_codes([code for code, _texts in choices])
    return _("a text question has no choices.") if choices else ""


def _problem_of_codes(codes: Sequence[str]) -> str:
    if len(codes) < 2 or len(set(codes)) < len(codes) or not all(codes) or NO_ANSWER in codes:
        return _("it needs two or more choices with different codes.")
    return ""


def _are_labels(many: Iterable[Mapping[str, str]]) -> bool:
    return all(texts and all(map(languages.is_offered, texts)) and any(texts.values()) for texts in many)
