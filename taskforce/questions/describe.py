"""Answers as their readers see them: the labels of what was chosen, in the page's language or the next of the chain."""

from collections.abc import Sequence

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from taskforce.core import languages
from taskforce.questions import fields, spoken
from taskforce.questions.enums import UNCODED, WITH_CHOICES, QuestionKind, Region
from taskforce.questions.models import Question


def chosen(question: Question, codes: Sequence[str], words: str = "") -> list[SafeString]:
    """What was chosen, each in words; codes that the question does not know are left out. Uses prefetched choices.

    `words` are the name of a language that has no tag.
    """
    if question.kind in WITH_CHOICES:
        by_code = {choice.code: choice for choice in question.choices.all()}
        return [fields.marked(by_code[code], "label", None) for code in codes if code in by_code]
    if question.kind == QuestionKind.SCALE:
        return [_step(question, int(code)) for code in codes if _is_step(question, code)]
    if question.kind == QuestionKind.REGION:
        return [conditional_escape(Region(code).label) for code in codes if code in Region.values]
    if question.kind == QuestionKind.LANGUAGE:
        return [_language(code, words) for code in codes]
    return []


def listed(question: Question, codes: Sequence[str]) -> SafeString:
    """The same one after the other, for a line; empty where nothing was chosen."""
    return format_html_join(" · ", "{}", ((each,) for each in chosen(question, [code for code in codes if code])))


def _is_step(question: Question, code: str) -> bool:
    return code in {str(step) for step in range(question.least, question.most + 1)}


def _step(question: Question, step: int) -> SafeString:
    """A number out of those of its scale."""
    ends = format_html(
        "{} – {}", fields.scale_step(question, question.least), fields.scale_step(question, question.most)
    )
    return format_html('<bdi>{}</bdi> <span class="pt-meta">[{}]</span>', fields.in_words(step), ends)


def _language(tag: str, words: str) -> SafeString:
    if tag == UNCODED and words:
        return format_html("<bdi>{}</bdi>", words)
    here = get_language() or "en"
    called = spoken.name(tag, here)
    if called.language == here:
        return format_html("<bdi>{}</bdi>", called.text)
    return format_html('<bdi lang="{}">{}</bdi>', languages.html_lang(called.language), called.text)
