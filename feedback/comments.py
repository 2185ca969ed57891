"""A comment on a paragraph: an answer that no question has asked for, beside those of a window."""

from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.core import labels
from taskforce.questions.enums import PARAGRAPH, QuestionKind
from taskforce.questions.models import Question

# Of answers: the comment first, then in the order of the questions.
IN_ORDER = F("question__position").asc(nulls_first=True)


def question() -> Question:
    """What stands in the place of its question, in words for the reader; it is stored nowhere."""
    called = labels.columns("label", {get_language() or "en": _("On the paragraph")})
    return Question(pk=PARAGRAPH, position=0, kind=QuestionKind.LONG_TEXT, **called)


def stored(question_id: int) -> int | None:
    """The question as an answer keeps it: a comment has none."""
    return question_id or None
