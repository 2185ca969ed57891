"""A comment on a paragraph: no question has to be answered for it, and everybody reads what it is."""

import csv
import io
from typing import Any

import pgtrigger
import pytest
from django.db import IntegrityError, transaction

from feedback import queries, services
from feedback.forms import saying
from feedback.models import FeedbackAnswer, FeedbackDraft, FeedbackItem, FeedbackWindow
from feedback.services import Words
from proposals.models import Unit
from taskforce.accounts.models import User
from taskforce.questions.enums import PARAGRAPH
from taskforce.questions.forms import Answer
from taskforce.questions.models import Question
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, OPENS
from tests.feedback.pages import address, main_form, parsed
from tests.feedback.test_export import table, taken
from tests.feedback.test_paragraphs import on, page_of, say, staff_page
from tests.feedback.test_paragraphs import unit as unit
from tests.feedback.test_translations import signed_in
from tests.feedback.test_translations import translator as translator

SAID = "Who learns by doing needs somebody to ask."
ANSWERED = "It should pay for their time."
HEADING = "<h3>On the paragraph</h3>"


def sent(visitor: Client, path: str, **changes: Any) -> Any:
    return visitor.post(path, {**main_form(visitor, path), **changes})


@pytest.fixture
def item(window: FeedbackWindow, unit: Unit) -> FeedbackItem:
    """Somebody's comment, which answers a question, too."""
    question = window.questions.questions.order_by("position")[0]
    answers = [Answer(PARAGRAPH, SAID), Answer(question.pk, ANSWERED)]
    return say(window, unit, "", answers=answers, visibility="nameless")


def asked(window: FeedbackWindow) -> str:
    """The name of the field of the first question, which whoever speaks about the text has to answer."""
    question = window.questions.questions.order_by("position")[0]
    with pgtrigger.ignore("questions.Question:words_only"):
        Question.objects.filter(pk=question.pk).update(required=True)
    return f"q-{question.pk}"


def test_no_question_has_to_be_answered(
    window: FeedbackWindow, unit: Unit, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whoever comes from a paragraph; where they are many they are folded there, unless one is answered."""
    name = asked(window)
    monkeypatch.setattr(saying, "_FEW", 1)
    made = visitor.get(on(unit)).content.decode()
    assert "Your comment on this paragraph" in made
    assert '<details class="pt-fold">\n    <summary>Answer the questions, too' in made
    receipt = sent(visitor, on(unit), **{"q-paragraph": SAID})
    assert receipt.status_code == 303
    stored = FeedbackItem.objects.get()
    assert (stored.unit, stored.answered, stored.answers.get().question_id) == (unit, [], None)
    assert f"{HEADING}\n<div" in visitor.get(receipt.headers["Location"]).content.decode()
    opened = '<details class="pt-fold" open>\n    <summary>Answer the questions, too'
    again = sent(visitor, on(unit), **{name: ANSWERED, "visibility": "nameless", "name": "Amani"})
    assert opened in again.content.decode()
    monkeypatch.setattr(saying, "_FEW", 2)
    assert opened in visitor.get(on(unit)).content.decode()


def test_only_answers_are_as_they_were(window: FeedbackWindow, unit: Unit, visitor: Client) -> None:
    """For what posts no comment; about the whole text what is required is."""
    name = asked(window)
    assert sent(visitor, on(unit), **{name: ANSWERED}).status_code == 303
    stored = FeedbackItem.objects.get()
    assert (stored.unit, stored.answers.get().text) == (unit, ANSWERED)
    assert "q-paragraph" not in main_form(visitor, address())
    assert sent(visitor, address()).status_code == 200
    assert FeedbackItem.objects.count() == 1


def test_nothing_said_and_a_comment_on_nothing(window: FeedbackWindow, unit: Unit, visitor: Client) -> None:
    """Are told what to do; what was typed is there again."""
    assert "Please write a comment, or answer a question." in sent(visitor, on(unit)).content.decode()
    for path, given in ((on(unit), ""), (f"{address()}?unit=0", "0"), (address(), "")):
        made = sent(visitor, path, **{"q-paragraph": SAID, "unit": given}).content.decode()
        assert "Your comment is on a paragraph, but this is about the whole text." in made
        fields = parsed(made).fields
        assert fields
        assert fields["q-paragraph"] == SAID
    assert not FeedbackItem.objects.exists()


def test_it_is_read_everywhere(
    item: FeedbackItem, window: FeedbackWindow, unit: Unit, visitor: Client, people: dict[str, User]
) -> None:
    """Before the answers, under what it is; also in another language, and where staff read."""
    place = f"{address()}items/"
    pages = [visitor.get(path).content.decode() for path in (place, f"{place}{item.reference}/")]
    for made in (*pages, staff_page(people["moderator"], item)):
        assert made.count(HEADING) == 1
        assert made.index(SAID) < made.index(ANSWERED)
    made = visitor.get(page_of(unit)).content.decode()
    assert made.index('<p class="pt-meta">On the paragraph</p>') < made.index(SAID) < made.index(ANSWERED)
    assert "<h3>關於這個段落</h3>" in visitor.get(place.replace("/en/", "/zh-hant/")).content.decode()
    feed = visitor.get(f"{address()}feed.atom").content.decode()
    assert feed.index("On the paragraph") < feed.index(SAID) < feed.index(ANSWERED)


def test_who_looks_for_answers_to_a_question_reads_none(
    item: FeedbackItem, window: FeedbackWindow, unit: Unit, visitor: Client
) -> None:
    """Of a comment; one that answers nothing is not found by a question, but by its words and its paragraph."""
    alone = say(window, unit, "", answers=[Answer(PARAGRAPH, "Nothing but a remark.")])
    question = window.questions.questions.order_by("position")[0]
    found = visitor.get(f"{address()}items/?question={question.pk}").content.decode()
    assert ANSWERED in found
    assert SAID not in found
    assert alone.reference not in found
    for query in ("q=remark", f"unit={unit.pk}"):
        assert alone.reference in visitor.get(f"{address()}items/?{query}").content.decode()


def test_as_data(item: FeedbackItem, window: FeedbackWindow, people: dict[str, User]) -> None:
    """An answer like others, without a question; the staff's table has a column of them where there are any."""
    found = Client().get("/open-data/leadership-development/feedback.json").json()
    comment, answer = found[0]["answers"]
    assert comment == {
        **dict.fromkeys(("question", "question_set", "version")),
        "kind": "long-text",
        "label": "On the paragraph",
        "text": SAID,
        "choices": [],
        "choice_labels": [],
    }
    assert answer["text"] == ANSWERED
    raw = Client().get("/open-data/leadership-development/feedback.csv").content.decode("utf-8-sig")
    assert [row["text"] for row in csv.DictReader(io.StringIO(raw, newline=""))] == [SAID, ANSWERED]
    (row,) = table(taken(window, people["coordinator"]))
    assert row["On the paragraph"] == SAID
    FeedbackAnswer.objects.filter(question=None).delete()
    (row,) = table(taken(window, people["coordinator"]))
    assert "On the paragraph" not in row


def test_it_is_changed_and_taken_out(item: FeedbackItem, visitor: Client) -> None:
    """By its author; what it said before is kept."""
    mine = f"{address()}mine/{services.own_link(item)}/edit/"
    fields = main_form(visitor, mine)
    assert fields["q-paragraph"] == SAID
    assert visitor.post(mine, {**fields, "q-paragraph": "Other words."}).status_code == 303
    assert [one.text for one in queries.answers(item)] == ["Other words.", ANSWERED]
    fields = main_form(visitor, mine)
    assert visitor.post(mine, {**fields, "q-paragraph": ""}).status_code == 303
    assert [one.text for one in queries.answers(item)] == [ANSWERED]
    kept = [[one["question"] is None for one in each.answers] for each in item.wordings.order_by("number")]
    assert kept == [[True, False]] * 2


def test_it_is_translated(item: FeedbackItem, visitor: Client, translator: User) -> None:
    """Beside the answers, or alone; open data says of which it is."""
    FeedbackItem.objects.filter(pk=item.pk).update(language="ar")
    made = signed_in(translator).get(f"{address()}items/{item.reference}/translate/").content.decode()
    assert 'name="text-0"' in made
    services.translate(item.pk, "en", Words({PARAGRAPH: "In English."}, "", 0, 0), actor=translator, at=OPENS)
    page = visitor.get(f"{address()}items/{item.reference}/").content.decode()
    assert "<h4>On the paragraph</h4>" in page
    (row,) = Client().get("/open-data/leadership-development/feedback.json").json()
    assert row["translations"][0]["texts"] == [{"question": None, "text": "In English."}]


def test_a_draft_and_the_preview_have_it(window: FeedbackWindow, unit: Unit, visitor: Client, clock: Clock) -> None:
    """And what was not sent in time can be copied."""
    made = sent(visitor, on(unit), **{"q-paragraph": SAID, "act": "preview"}).content.decode()
    assert HEADING in made.split('aria-labelledby="before-sending"')[1].split("</section>")[0]
    assert sent(visitor, on(unit), **{"q-paragraph": SAID, "act": "keep"}).status_code == 303
    assert FeedbackDraft.objects.get().fields["q-paragraph"] == [SAID]
    assert main_form(visitor, on(unit))["q-paragraph"] == SAID
    clock.set(CLOSES)
    made = visitor.get(on(unit)).content.decode()
    assert "On the paragraph" in made
    assert SAID in made


@pytest.mark.django_db
def test_one_comment_an_item(item: FeedbackItem) -> None:
    """Though a comment has no question that would tell two apart."""
    with pytest.raises(IntegrityError), transaction.atomic():
        FeedbackAnswer.objects.create(item=item, question=None, text="Another.")
