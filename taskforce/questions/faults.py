"""What is wrong with a question, so that nobody could answer it: asked before it is stored, and before it is published.

A question is a mapping here, as `services.create_set` takes it and a draft keeps it; `spec` makes one of a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from taskforce.core import labels, languages
from taskforce.core.text import is_blank
from taskforce.questions.enums import (
    LONGEST_ANSWER,
    LONGEST_LINE,
    NO_ANSWER,
    SCALE_END,
    WITH_CHOICES,
    QuestionKind,
)
from taskforce.questions.models import Question

# By language.
Texts = Mapping[str, str]
LABEL_LENGTH = 300
HELP_LENGTH = 600
# The parts of a question that are translated, each with the field of its row and how long it may be.
PARTS = {
    "labels": ("label", LABEL_LENGTH),
    "help_texts": ("help_text", HELP_LENGTH),
    "least_labels": ("least_label", LABEL_LENGTH),
    "most_labels": ("most_label", LABEL_LENGTH),
}


def spec(question: Question) -> dict[str, Any]:
    """A stored question as such a mapping; asks nothing of the database where its choices are there already."""
    has_choices = question.kind in WITH_CHOICES
    return {
        "kind": question.kind,
        "required": question.required,
        "max_length": question.max_length,
        "least": question.least,
        "most": question.most,
        **{part: labels.stored(question, field) for part, (field, _length) in PARTS.items()},
        "choices": [[one.code, labels.stored(one, "label")] for one in question.choices.all()] if has_choices else [],
    }


def problem(spec: Mapping[str, Any]) -> str:
    """What is wrong with one question, as the end of a sentence; empty where nothing is."""
    choices: Sequence[tuple[str, Texts]] = tuple(spec.get("choices", ()))
    if spec.get("kind") not in QuestionKind.values:
        return _("its kind is unknown.")
    if not _are_labels([spec.get("labels", {}), *(texts for _code, texts in choices)]):
        return _("the question and each choice need a text in a language of the portal.")
    if not fit(spec):
        return _("one of its texts is too long, or in a language that is not the portal's.")
    return _problem_of_kind(QuestionKind(spec["kind"]), spec, [code for code, _texts in choices])


def _problem_of_kind(kind: QuestionKind, spec: Mapping[str, Any], codes: Sequence[str]) -> str:
    if kind in WITH_CHOICES:
        return _problem_of_codes(codes) or _problem_of_number(kind, spec, len(codes))
    if codes:
        return _("only a question with choices of its own has choices.")
    if kind == QuestionKind.SCALE:
        is_scale = 0 <= int(spec.get("least", 0)) < int(spec.get("most", 0)) <= SCALE_END
        return "" if is_scale else _scale_must()
    longest = LONGEST_LINE if kind == QuestionKind.SHORT_TEXT else LONGEST_ANSWER
    if not 0 <= int(spec.get("max_length", 0)) <= longest:
        return _("its longest answer must be between 0 and %(most)d characters.") % {"most": longest}
    return ""


def _scale_must() -> str:
    said = _("its scale must go from a number to a higher one, between 0 and %(most)d.")
    return said % {"most": SCALE_END}


def _problem_of_codes(codes: Sequence[str]) -> str:
    if len(codes) < 2 or len(set(codes)) < len(codes) or not all(codes) or NO_ANSWER in codes:
        return _("it needs two or more choices with different codes.")
    return ""


def _problem_of_number(kind: QuestionKind, spec: Mapping[str, Any], choices: int) -> str:
    least, most = int(spec.get("least", 0)), int(spec.get("most", 0))
    if kind == QuestionKind.SEVERAL and not 0 <= least <= (most or choices) <= choices:
        return _(
            "how many may be chosen does not fit: the least is not more than the most, nor that more than there are."
        )
    return ""


def _are_labels(many: Iterable[Texts]) -> bool:
    """Whether each says something that can be seen."""
    return all(any(not is_blank(text) for code, text in texts.items() if languages.is_offered(code)) for texts in many)


def fit(spec: Mapping[str, Any]) -> bool:
    """Whether each of its texts is short enough, and in a language of the portal."""
    many: list[tuple[Texts, int]] = [(spec.get(part, {}), length) for part, (_field, length) in PARTS.items()]
    many += [(texts, LABEL_LENGTH) for _code, texts in spec.get("choices", ())]
    return all(
        languages.is_offered(code) and len(text) <= length for texts, length in many for code, text in texts.items()
    )
