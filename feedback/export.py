"""All that was said in a window, as staff take it out: one row a text, with what is held, hidden or for staff alone.

No account and no address is in it, whoever takes it. What was withdrawn is a row without words.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from feedback import answering, opendata, responses, translated, whole
from feedback.enums import ItemState
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackReply, FeedbackTranslation, FeedbackWindow
from feedback.opendata import OF_WHAT_BECAME, Called
from taskforce.core import languages, tables
from taskforce.core.errors import Refused
from taskforce.questions.enums import IN_WORDS, PARAGRAPH, QuestionKind
from taskforce.questions.models import Question, QuestionSetVersion

Row = dict[str, Any]
# So many rows are read in one go, after a look whether they still may be.
_AT_ONCE = 250
# Who somebody is, or what may tell.
_NAMES = frozenset({"name", "who_spoke_in_words", "place", "entered_by"})
_OF_AN_ITEM = (
    *("reference", "state", "state_at", "rule", "state_reason", "visibility", "signs", "received_at", "in_grace"),
    *("language", "channel", "name", "said_on", "who_spoke", "who_spoke_in_words", "place", "entered_by"),
    *("consent", "consent_at", "changed_at", "changes", "question_set", "version", "text", "revision", "paragraph"),
    *("read_language", "read_state", "read_percent", "terms", "agreed", "replied"),
)


def columns(*, named: bool) -> list[str]:
    """The names of what each row says beside the answers; what became of a text is what everybody reads."""
    return [*(name for name in _OF_AN_ITEM if named or name not in _NAMES), *OF_WHAT_BECAME]


def as_json(window: FeedbackWindow, ids: Sequence[int], *, named: bool, may: Callable[[], bool]) -> Iterator[bytes]:
    """A JSON list in UTF-8, one line a text; numbers are numbers."""
    before = "[\n"
    for rows in _Table(window, named=named).parts(ids, may):
        yield (before + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)).encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def as_csv(window: FeedbackWindow, ids: Sequence[int], *, named: bool, may: Callable[[], bool]) -> Iterator[bytes]:
    """One line a text, each question in columns of its own: what was written, or what was chosen in words and as
    codes, of a scale as a number. Before them stands what is said on paragraphs, where anything is."""
    table = _Table(window, named=named)
    return tables.csv_parts(table.header(), (map(table.line, rows) for rows in table.parts(ids, may)))


class _Table:
    """The rows of a window in the active language, which is that of whoever takes them."""

    def __init__(self, window: FeedbackWindow, *, named: bool) -> None:
        self._language = translation.get_language() or "en"
        self._window, self._columns, self._named = window, columns(named=named), named
        found = Question.objects.filter(
            Q(version=window.questions_id)
            | Q(pk__in=FeedbackAnswer.objects.filter(item__window=window).values("question"))
        )
        found = found.select_related("version__question_set").prefetch_related("choices")
        self._questions = {one.pk: one for one in found.order_by("version", "position")}
        self._called = Called(self._questions)
        self._has_comments = FeedbackAnswer.objects.filter(item__window=window, question=None).exists()
        self._version = QuestionSetVersion.objects.select_related("question_set").get(pk=window.questions_id)

    def parts(self, ids: Sequence[int], may: Callable[[], bool]) -> Iterator[list[Row]]:
        """The rows, part by part; `Refused` once who takes them may do so no longer."""
        for start in range(0, len(ids), _AT_ONCE):
            if not may():
                raise Refused(_("You may not take this out any more."))
            items = list(
                FeedbackItem.objects.filter(pk__in=ids[start : start + _AT_ONCE])
                .select_related("revision", "entered_by")
                .defer("search_text", "fingerprint")
                .order_by("pk")
            )
            answers, became = whole.answers(items), answering.answers_of(items)
            replies, translations = responses.all_of(items), translated.standing(items)
            with translation.override(self._language):
                rows = [
                    {
                        **self._row(item, answers.get(item.pk, []), opendata.became(became[item.pk])),
                        "replies": [self._reply(one) for one in replies.get(item.pk, [])],
                        "translations": [self._translation(one) for one in translations.get(item.pk, [])],
                    }
                    for item in items
                ]
            yield rows

    def _reply(self, reply: FeedbackReply) -> Row:
        """To the minute, whether a name stands beside it or not, as all that staff read."""
        is_withdrawn = reply.state == ItemState.WITHDRAWN
        told = {
            "reference": reply.reference,
            "state": reply.state,
            "state_at": _minute(reply.state_at),
            "rule": reply.rule or None,
            "state_reason": reply.state_reason or None,
            "is_answer": reply.is_answer,
            "language": languages.html_lang(reply.language),
            "received_at": _minute(reply.received_at),
            "name": reply.name or None,
            "text": None if is_withdrawn else reply.text,
        }
        return {name: value for name, value in told.items() if self._named or name not in _NAMES}

    def _translation(self, row: FeedbackTranslation) -> Row:
        return opendata.translation_of(row) | ({} if self._named else {"translator": None})

    def _row(self, item: FeedbackItem, answers: Sequence[FeedbackAnswer], became: Row) -> Row:
        stands = item.state != ItemState.WITHDRAWN
        told = {
            "reference": item.reference,
            "state": item.state,
            "state_at": _minute(item.state_at),
            "rule": item.rule or None,
            "state_reason": item.state_reason or None,
            "visibility": item.visibility,
            "signs": item.suspicion or None,
            "received_at": _minute(item.received_at),
            "in_grace": item.in_grace,
            "language": languages.html_lang(item.language),
            "channel": item.channel,
            "name": item.name or None,
            "said_on": item.said_on.isoformat() if item.said_on else None,
            "who_spoke": item.spoke or None,
            "who_spoke_in_words": item.spoke_words or None,
            "consent": item.consent_at is not None if item.is_from_elsewhere else None,
            "consent_at": _minute(item.consent_at),
            "place": item.place_url or None,
            "entered_by": (item.entered_by.name or None) if item.entered_by else None,
            "changed_at": _minute(item.edited_at),
            "changes": item.edits,
            # A window asks one version for good; the columns of the answers are worded as that one is.
            "question_set": self._version.question_set.slug,
            "version": self._version.number,
            "text": self._window.proposal.slug,
            "revision": item.revision.number if item.revision else None,
            "paragraph": item.unit_id,
            "read_language": languages.html_lang(item.read_language) if item.read_language else None,
            "read_state": item.read_state or None,
            "read_percent": item.read_percent,
            "terms": item.terms or None,
            "agreed": item.agreed,
            "replied": item.replied,
            **became,
        }
        said = [self._answer(one) for one in answers] if stands else []
        return {**{name: told[name] for name in self._columns}, "answers": said}

    def _answer(self, answer: FeedbackAnswer) -> Row:
        """As in open data, but for the step of a scale, which is a number."""
        told = self._called.answer(answer)
        if told["kind"] == QuestionKind.SCALE:
            told = {**told, "choices": [_number(code) for code in told["choices"]]}
        return told

    def header(self) -> list[str]:
        """The names of the columns; a question has its words in the active language."""
        header, codes = list(self._columns), _("codes")
        if self._has_comments:
            header.append(self._called.question(PARAGRAPH)["label"])
        for number, question in enumerate(self._questions.values(), start=1):
            label = self._called.question(question.pk)["label"]
            header.append(f"{number}. {label}")
            if question.kind not in IN_WORDS:
                header.append(f"{number}. {label} ({codes})")
        return header

    def line(self, row: Row) -> list[Any]:
        """A row as the CSV has it."""
        said = {answer["question"]: answer for answer in row["answers"]}
        line = [opendata.cell(row[name], name) for name in self._columns]
        if self._has_comments:
            line.append(said[None]["text"] if None in said else None)
        for pk, question in self._questions.items():
            answer = said.get(pk, {"text": None, "choices": [], "choice_labels": []})
            if question.kind in IN_WORDS:
                line.append(answer["text"])
                continue
            codes = answer["choices"]
            line.append("; ".join(answer["choice_labels"]) or None)
            line.append(codes[0] if len(codes) == 1 else " ".join(map(str, codes)) or None)
        return line


def _number(code: str) -> int | str:
    return int(code) if code.isascii() and code.isdecimal() else code


def _minute(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    return instant.astimezone(UTC).replace(second=0, microsecond=0).isoformat().replace("+00:00", "Z")
