"""What comes of a text after feedback has one word for each outcome, wherever it is said, in every language."""

import pytest
from django.utils import translation

from taskforce.core import languages
from taskforce.timeline import describe, rules
from taskforce.timeline.enums import Outcome

# What going ahead, being revised and not being pursued have in common in all sentences about it.
WORDS = {
    "en": ("ahead", "revised", "not pursued"),
    "zh-hant": ("繼續進行", "修訂", "不再推行"),
    "zh-hans": ("继续推进", "修改", "不再推进"),
    "ja": ("進め", "修正", "進めない"),
    "de": ("weiterverfolg", "überarbeite", "nicht weiterverfolg"),
    "fr": ("poursui", "remani", "pas poursui"),
    "es": ("adelante", "revisa", "no sigue adelante"),
    "pt-br": ("adiante", "revisto", "não segue adiante"),
    "id": ("dilanjutkan", "direvisi", "tidak dilanjutkan"),
    "ru": ("продолжается", "перерабатывается", "не продолжается"),
    "ar": ("يمضي", "راجَع", "لن يُواصَل"),
    "hi": ("आगे बढ़", "बदलाव", "आगे नहीं बढ़ा"),
}


def said(outcome: Outcome) -> list[str]:
    """Everything that tells of an outcome: pages and mails have these."""
    follows = [describe.what_follows(outcome, is_main=is_main) for is_main in (True, False)]
    return [str(outcome.label), *follows, str(rules.WHO["phase.decide"].words)]


def lacking(code: str, words: tuple[str, ...]) -> list[str]:
    """What does not have the word of its outcome."""
    with translation.override(code):
        pairs = zip(Outcome, words, strict=True)
        return [each for outcome, word in pairs for each in said(outcome) if word.lower() not in each.lower()]


@pytest.mark.parametrize("code", languages.CODES)
def test_an_outcome_has_one_word(code: str) -> None:
    assert lacking(code, WORDS[code]) == []
    assert lacking(code, ("stopped", "stopped", "stopped"))
