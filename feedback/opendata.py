"""What everybody may read of feedback, as data for programs and spreadsheets; in English where in words."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from html import unescape
from typing import Any

from django.utils import translation
from django.utils.html import strip_tags

from feedback import answering, comments, responses, terms, translated, whole
from feedback.answering import Answer
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackReply, FeedbackTranslation
from taskforce.core import labels, languages, tables
from taskforce.core.templatetags.portal import to_the_minute
from taskforce.questions import describe
from taskforce.questions.enums import PARAGRAPH, UNCODED
from taskforce.questions.models import Question
from taskforce.timeline.models import TaskForce

Row = dict[str, Any]
_OF_AN_ITEM = (
    *("reference", "window", "text", "revision", "paragraph", "language", "channel", "received_on", "received_at"),
    *("changed_on", "name", "read_language", "read_state", "read_percent", "said_on", "who_spoke", "place", "agreed"),
    *("replied", "licence"),
)
OF_WHAT_BECAME = ("outcome", "theme", "adopted_in", "answer", "answered_on")
_OF_AN_ANSWER = ("question", "question_set", "version", "kind", "label", "text", "choices", "choice_labels")
# So many items are read in one go.
_AT_ONCE = 500


def version(task_force: TaskForce) -> str:
    """Changes with everything that the data is made of; one query."""
    return whole.version(task_force)


def as_json(task_force: TaskForce) -> Iterator[bytes]:
    """What was said in all published windows as a JSON list in UTF-8, one line an item, in the order of the public
    lists, with all answers; part by part.

    As on the pages: no name where none is to be shown, then the day of it alone and no instant; no number by which the
    database counts people or what they said: `paragraph` and `question` alone are such numbers, by which rows are told
    together. `label`s are English, or else the next in the chain.
    """
    before = "[\n"
    for rows in _parts(task_force):
        yield (before + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)).encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def as_csv(task_force: TaskForce) -> Iterator[bytes]:
    """One line an answer, with its item's columns before it; an item without answers has one line. Of several choices
    the codes stand in one cell with blanks between them, what they are called with semicolons."""
    return tables.csv_parts(
        [*_OF_AN_ITEM, *OF_WHAT_BECAME, *_OF_AN_ANSWER], (_lines(rows) for rows in _parts(task_force))
    )


def _lines(rows: list[Row]) -> Iterator[list[Any]]:
    nothing: Row = dict.fromkeys(_OF_AN_ANSWER)
    for row in rows:
        for answer in row["answers"] or [nothing]:
            about = [cell(row[name], name) for name in (*_OF_AN_ITEM, *OF_WHAT_BECAME)]
            yield [*about, *(cell(answer[name], name) for name in _OF_AN_ANSWER)]


def cell(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return (" " if name == "choices" else "; ").join(value) if isinstance(value, list) else value


def _parts(task_force: TaskForce) -> Iterator[list[Row]]:
    """The items with their answers; each part of them is read when the one before it has been taken."""
    said, asked = whole.Said(task_force), whole.questions(task_force)
    called = Called(asked)
    for some in said.parts(_AT_ONCE):
        answers, replies, translations = whole.answers(some), responses.standing(some), translated.standing(some)
        standing = answering.answers_of(some)
        with translation.override("en"):
            rows = [
                {
                    **_item(item),
                    **became(standing[item.pk]),
                    "answers": [called.answer(one) for one in answers.get(item.pk, [])],
                    "replies": [_reply(one) for one in replies.get(item.pk, [])],
                    "translations": [translation_of(one) for one in translations.get(item.pk, [])],
                }
                for item in some
            ]
        yield rows


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
        "changed_on": item.edited_at.astimezone(UTC).date().isoformat() if item.edited_at else None,
        "name": item.shown_name or None,
        "read_language": languages.html_lang(item.read_language) if item.read_language else None,
        "read_state": item.read_state or None,
        "read_percent": item.read_percent,
        "said_on": item.said_on.isoformat() if item.said_on else None,
        "who_spoke": item.shown_role or None,
        "place": item.shown_place or None,
        "agreed": item.agreed,
        "replied": item.replied,
        "licence": terms.LICENCE_CODE if item.terms else None,
    }


def became(answer: Answer) -> Row:
    """What became of an item; nothing of what is drafted."""
    held = answer.holding
    if held is None:
        return dict.fromkeys(OF_WHAT_BECAME)
    return {
        "outcome": held.outcome,
        "theme": labels.label(answer.theme, "title").text if answer.theme else None,
        "adopted_in": held.revision.number if held.revision else None,
        "answer": {languages.html_lang(code): text for code, text in held.answers.items()},
        "answered_on": held.release.at.astimezone(UTC).date().isoformat() if held.release else None,
    }


class Called:
    """Questions, and what was chosen, in words: each is put into words once, however many have chosen it."""

    def __init__(self, asked: Mapping[int, Question]) -> None:
        self._asked = asked
        self._questions: dict[int, Row] = {}
        self._chosen: dict[tuple[int, str, str], list[str]] = {}

    def answer(self, answer: FeedbackAnswer) -> Row:
        """One answer, with its question as it was worded then."""
        question = self.question(answer.asked_id)
        words = [word for code in answer.choices for word in self._words(answer, code)]
        return question | {"text": answer.text or None, "choices": answer.choices, "choice_labels": words}

    def question(self, pk: int) -> Row:
        """A question as it was worded in its version; of a comment on a paragraph, which has none, its name alone."""
        if pk == PARAGRAPH:
            return {**dict.fromkeys(_OF_AN_ANSWER[:3]), **_words_of(comments.question())}
        if pk not in self._questions:
            question = self._asked[pk]
            self._questions[pk] = {
                "question": pk,
                "question_set": question.version.question_set.slug,
                "version": question.version.number,
                **_words_of(question),
            }
        return self._questions[pk]

    def _words(self, answer: FeedbackAnswer, code: str) -> list[str]:
        """What one code is called; nothing for one that the question does not know. The text of an answer is a part of
        it where that is the name of a language without a code."""
        key = (answer.asked_id, code, answer.text if code == UNCODED else "")
        if key not in self._chosen:
            shown = describe.chosen(self._asked[answer.asked_id], [code], answer.text)
            self._chosen[key] = [unescape(strip_tags(each)) for each in shown]
        return self._chosen[key]


def _words_of(question: Question) -> Row:
    return {"kind": question.kind, "label": labels.label(question, "label").text}


def _reply(reply: FeedbackReply) -> Row:
    """With the same care as an item: without a name no instant."""
    minute = to_the_minute(reply.received_at.astimezone(UTC)) if reply.shown_name else None
    return {
        "reference": reply.reference,
        "is_answer": reply.is_answer,
        "language": languages.html_lang(reply.language),
        "received_on": reply.received_at.astimezone(UTC).date().isoformat(),
        "received_at": minute.isoformat().replace("+00:00", "Z") if minute else None,
        "name": reply.shown_name or None,
        "text": reply.text,
    }


def translation_of(row: FeedbackTranslation) -> Row:
    return {
        "language": languages.html_lang(row.language),
        "translated_on": row.at.astimezone(UTC).date().isoformat(),
        "translator": row.name or None,
        "role": row.role,
        "texts": [{"question": comments.stored(int(question)), "text": text} for question, text in row.texts.items()],
    }
