"""What everybody may read of feedback, as data for programs and spreadsheets; in English where in words."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from html import unescape
from typing import Any

from django.utils import translation
from django.utils.html import strip_tags

from feedback import queries
from feedback.models import FeedbackAnswer, FeedbackItem
from taskforce.core import labels, languages, tables
from taskforce.core.templatetags.portal import to_the_minute
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import TaskForce

Row = dict[str, Any]
_OF_AN_ITEM = (
    *("reference", "window", "text", "revision", "paragraph", "language", "channel", "received_on", "received_at"),
    *("name", "read_language", "read_state", "read_percent"),
)
_OF_AN_ANSWER = ("question", "question_set", "version", "kind", "label", "text", "choices", "choice_labels")
# So many items are read in one go.
_AT_ONCE = 2_000


def items(task_force: TaskForce) -> list[Row]:
    """What was said in all published windows, in the order of the public lists, with all answers.

    As on the pages: no name where none is to be shown, then the day of it alone and no instant; no number by which the
    database counts. `label`s are English, or else the next in the chain.
    """
    with translation.override("en"):
        return list(_rows(task_force))


def as_json(rows: list[Row]) -> bytes:
    """The items as a JSON list in UTF-8."""
    return json.dumps(rows, ensure_ascii=False, indent=1).encode() + b"\n"


def as_csv(rows: list[Row]) -> bytes:
    """One line an answer, with its item's columns before it; an item without answers has one line. Of several choices
    the codes stand in one cell with blanks between them, what they are called with semicolons."""
    nothing: Row = dict.fromkeys(_OF_AN_ANSWER)
    lines = [
        [*(row[name] for name in _OF_AN_ITEM), *(_cell(answer[name], name) for name in _OF_AN_ANSWER)]
        for row in rows
        for answer in row["answers"] or [nothing]
    ]
    return tables.csv_bytes([*_OF_AN_ITEM, *_OF_AN_ANSWER], lines)


def _cell(value: Any, name: str) -> Any:
    return (" " if name == "choices" else "; ").join(value) if isinstance(value, list) else value


def _rows(task_force: TaskForce) -> Iterator[Row]:
    found = list(queries.said_in(task_force))
    versions = queries.versions_asked_in(task_force)
    for start in range(0, len(found), _AT_ONCE):
        some = found[start : start + _AT_ONCE]
        answers = queries.answers_of(some)
        for item in some:
            yield _item(item) | {"answers": [_answer(one, versions) for one in answers.get(item.pk, [])]}


def _item(item: FeedbackItem) -> Row:
    minute = to_the_minute(item.received_at.astimezone(UTC)) if item.shown_name else None
    return {
        "reference": item.reference,
        "window": item.window.slug,
        "text": item.window.proposal.slug,
        "revision": item.revision.number if item.revision else None,
        "paragraph": item.unit_id,
        "language": languages.html_lang(item.language),
        "channel": item.channel,
        "received_on": item.received_at.astimezone(UTC).date().isoformat(),
        "received_at": minute.isoformat().replace("+00:00", "Z") if minute else None,
        "name": item.shown_name or None,
        "read_language": languages.html_lang(item.read_language) if item.read_language else None,
        "read_state": item.read_state or None,
        "read_percent": item.read_percent,
    }


def _answer(answer: FeedbackAnswer, versions: Mapping[int, QuestionSetVersion]) -> Row:
    question = answer.question
    version = versions[question.version_id]
    return {
        "question": question.pk,
        "question_set": version.question_set.slug,
        "version": version.number,
        "kind": question.kind,
        "label": labels.label(question, "label").text,
        "text": answer.text or None,
        "choices": answer.choices,
        "choice_labels": [unescape(strip_tags(chosen)) for chosen in answer.chosen],
    }
