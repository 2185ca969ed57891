"""Questions as their readers find them in a form, drawn by the code that draws those forms."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import override

from taskforce.questions import drafts
from taskforce.questions.forms import QuestionsForm
from taskforce.questions.models import Question


def as_readers(specs: Sequence[Mapping[str, Any]], language: str) -> SafeString:
    """Questions of a draft, for readers of a language; stores nothing, and asks nothing of the database."""
    return of_questions(drafts.as_questions(specs), language)


def of_questions(questions: Sequence[Question], language: str) -> SafeString:
    """The same of questions that are stored."""
    with override(language):
        form = QuestionsForm(questions)
        # A page that has them twice tells the fields apart.
        form.auto_id = "shown_%s"
        context = {"fields": [form[name] for name in form.fields], "language": language}
        return render_to_string("admin/questions/as_readers.html", context)
