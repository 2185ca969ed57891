"""Feedback on a paragraph: its form, what is kept, who reads it where, also once the paragraph has gone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import services
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from proposals.models import Proposal, Unit
from taskforce.accounts.models import User
from taskforce.core.errors import Invalid
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from taskforce.timeline.gates import new_form_key
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, HARD_CLOSES, OPENS
from tests.feedback.pages import address, filled, fresh, main_form, parsed, text_question

SAID = "Whoever joins learns by *doing*."


@pytest.fixture
def unit(text: Proposal) -> Unit:
    """A paragraph in English that the text has."""
    made = Unit.objects.create(proposal=text, position=90, kind="paragraph", source_language="en")
    made.texts.create(language="en", text=SAID, html="Whoever joins learns by <em>doing</em>.")
    return made


def page_of(unit: Unit, language: str = "en", query: str = "") -> str:
    return f"/{language}/tf/leadership-development/proposals/{unit.proposal.slug}/u/{unit.pk}/{query}"


def read(unit: Unit, language: str = "en", query: str = "") -> str:
    response = Client().get(page_of(unit, language, query))
    assert response.status_code == 200
    assert not response.cookies
    return str(response.content.decode())


def on(unit: Unit, language: str = "en") -> str:
    return f"{address(language)}?unit={unit.pk}"


def say(window: FeedbackWindow, unit: Unit | None, words: str, **fields: Any) -> FeedbackItem:
    """As a form would, past the pages."""
    key = gates.read_form_key(new_form_key(OPENS, window.phase_id), window.phase_id)
    question = window.questions.questions.order_by("position")[0]
    given = {
        "language": "en",
        "visibility": "public",
        "name": "",
        "answers": [Answer(question.pk, words)],
        **fields,
    }
    return services.submit(window.pk, form_key=key, unit_id=unit.pk if unit else None, **given).item


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_form_quotes_the_paragraph(window: FeedbackWindow, unit: Unit, visitor: Client, language: str) -> None:
    """In the language that it is in, with the way to its page; the language menu keeps it."""
    made = visitor.get(on(unit, language)).content.decode()
    quote = made.split("<blockquote")[1].split("</blockquote>")[0]
    assert quote.startswith(' lang="en" dir="ltr"><p>Whoever joins learns by <em>doing</em>.')
    assert f'href="{page_of(unit, language)}"' in made
    # Whoever reads another language is told that it is not in theirs.
    assert ("pt-unit__mark" in made) == (language != "en")
    form = parsed(made)
    assert form.fields
    assert form.fields["unit"] == str(unit.pk)
    assert form.radios["unit"] == [str(unit.pk), ""]
    assert f'href="{on(unit, "fr")}"' in made
    assert "unit" not in main_form(visitor, address(language))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_it_quotes_of_notes_leads_to_them(
    unit: Unit, window: FeedbackWindow, visitor: Client, language: str
) -> None:
    """On the page of the text: the form has none."""
    unit.texts.update(text="By *doing*.[1]")
    Unit.objects.create(proposal=unit.proposal, position=91, kind="note", number=1, source_language="en")
    made = visitor.get(on(unit, language)).content.decode()
    quote = made.split("<blockquote")[1].split("</blockquote>")[0]
    assert f'href="{page_of(unit, language).split("u/")[0]}#note-1"' in quote


def test_what_is_sent_is_about_the_paragraph(
    window: FeedbackWindow, unit: Unit, visitor: Client, people: dict[str, User]
) -> None:
    """On the receipt and on the staff side too; the log says which one."""
    receipt = visitor.post(on(unit), fresh(visitor, on(unit))).headers["Location"]
    item = FeedbackItem.objects.get()
    assert item.unit == unit
    for made in (visitor.get(receipt).content.decode(), staff_page(people["moderator"], item)):
        assert "On the paragraph:" in made
        assert "learns by <em>doing</em>" in made
    page = Client().get(f"{address()}items/{item.reference}/").content.decode()
    assert "<h1>What somebody said on a paragraph</h1>" in page
    # To the paragraph itself, not to the top of the text.
    assert f'#u{unit.pk}">The paragraph above</a>' in page or f'{page_of(unit)}">The paragraph above</a>' in page
    shown = staff_page(people["moderator"], say(window, None, "The whole of it is good."))
    assert "The whole text" in shown


def staff_page(user: User, item: FeedbackItem) -> str:
    client = Client()
    client.force_login(user)
    return str(client.get(f"/en/admin/feedback/feedbackitem/{item.pk}/change/").content.decode())


def test_about_the_whole_text_instead(window: FeedbackWindow, unit: Unit, visitor: Client) -> None:
    """A choice in the form, so that nothing typed is lost; the choice survives an error."""
    fields = {**filled(visitor, on(unit), unit="", visibility="nameless", name="Somebody"), "q-paragraph": ""}
    made = visitor.post(on(unit), fields).content.decode()
    again = parsed(made)
    assert again.fields
    assert again.fields["unit"] == ""
    assert again.radios["unit"] == [str(unit.pk), ""]
    assert visitor.post(on(unit), {**again.fields, "name": ""}).status_code == 303
    assert FeedbackItem.objects.get().unit is None


def test_the_paragraph_survives_an_error(window: FeedbackWindow, unit: Unit, visitor: Client) -> None:
    """Posted with or without it in the address."""
    fields = fresh(visitor, on(unit), visibility="nameless", name="Somebody")
    for path in (on(unit), address()):
        made = visitor.post(path, fields).content.decode()
        assert "learns by <em>doing</em>" in made
        again = parsed(made).fields
        assert again
        assert again["unit"] == str(unit.pk)
    assert again
    assert visitor.post(address(), {**again, "name": ""}).status_code == 303
    assert FeedbackItem.objects.get().unit == unit


@pytest.mark.long
def test_another_text_s_paragraph(window: FeedbackWindow, unit: Unit, visitor: Client) -> None:
    """Is none: an error that says what to do, and what was typed can be sent again. The service refuses it, too."""
    other = Proposal.objects.create(
        task_force=unit.proposal.task_force, slug="plan", state="published", created_at=OPENS
    )
    foreign = Unit.objects.create(proposal=other, position=1, kind="paragraph", source_language="en")
    fields = fresh(visitor)
    for given in (str(foreign.pk), "0", "x", "9" * 5000, "١", "-1", "<b>"):
        assert visitor.get(f"{address()}?unit={given[:500]}").status_code == 200
        made = visitor.post(address(), {**fields, "unit": given})
        assert made.status_code == 200
        assert "is not one of this text" in made.content.decode()
        again = parsed(made.content.decode()).fields
        assert again
        assert again[text_question(fields)] == fields[text_question(fields)]
        assert "unit" not in again
    assert not FeedbackItem.objects.exists()
    assert visitor.post(address(), again).status_code == 303
    with pytest.raises(Invalid):
        say(window, foreign, "About something else altogether.")


def test_the_same_form_about_something_else_is_another_text(
    window: FeedbackWindow, unit: Unit, visitor: Client
) -> None:
    fields = fresh(visitor, on(unit))
    visitor.post(on(unit), fields)
    assert visitor.post(on(unit), fields).status_code == 303
    refused = visitor.post(on(unit), {**fields, "unit": ""})
    assert refused.status_code == 409
    assert "learns by <em>doing</em>" in refused.content.decode()
    assert FeedbackItem.objects.count() == 1


def test_too_late_gives_back_what_it_was_about(
    window: FeedbackWindow, unit: Unit, visitor: Client, clock: Clock
) -> None:
    fields = fresh(visitor, on(unit))
    clock.set(HARD_CLOSES)
    made = visitor.post(on(unit), fields)
    assert made.status_code == 403
    assert "learns by <em>doing</em>" in made.content.decode()
    assert "<blockquote" not in visitor.get(on(unit)).content.decode()


# --- the paragraph's own page ----------------------------------------------------------------------------------------


@pytest.mark.long
def test_the_page_of_the_paragraph_lists_what_was_said(window: FeedbackWindow, unit: Unit) -> None:
    """With names where they are public, in their language; also once the paragraph has gone."""
    say(window, unit, "<b>Named</b> words.", name="Amani <i>", visibility="public")
    say(window, unit, "كلام بلا اسم", visibility="nameless", language="ar")
    for gone in (None, 7):
        Unit.objects.filter(pk=unit.pk).update(removed_in=gone)
        made = read(unit)
        first, second = sorted(made.split("<article")[1:], key=lambda said: "Without a name" in said)
        assert "<bdi>Amani &lt;i&gt;</bdi>" in first
        assert "&lt;b&gt;Named&lt;/b&gt; words." in first
        assert "Without a name" in second
        assert '<div lang="ar" dir="rtl"><p>كلام بلا اسم</p>' in second
        references = FeedbackItem.objects.order_by("reference").values_list("reference", flat=True)
        assert re.findall(r'<article class="pt-section" id="([^"]+)"', made) == list(references)
        assert read(unit) == read(unit)


@pytest.mark.parametrize(
    "change",
    [
        {"visibility": "staff"},
        {"state": "held"},
        {"state": "hidden", "rule": "other"},
        {"state": "withdrawn"},
        {"unit": None},
    ],
)
def test_what_nobody_may_read_stands_nowhere(window: FeedbackWindow, unit: Unit, change: dict[str, Any]) -> None:
    item = say(window, unit, "Not for everybody.", name="Amani", visibility="public")
    assert "Not for everybody." in read(unit)
    FeedbackItem.objects.filter(pk=item.pk).update(**change)
    made = read(unit)
    assert "Not for everybody." not in made
    assert "Amani" not in made
    assert item.reference not in made


def test_a_name_that_is_not_to_be_shown_is_not(window: FeedbackWindow, unit: Unit) -> None:
    """Whatever the row has: only "public" shows one."""
    item = say(window, unit, "Words for everybody.", visibility="nameless")
    FeedbackItem.objects.filter(pk=item.pk).update(name="Amani")
    assert "Amani" not in read(unit)


@pytest.mark.long
def test_the_way_to_say_something(window: FeedbackWindow, unit: Unit, clock: Clock) -> None:
    """While a window is open, and the page is kept no longer than that."""
    # To the field itself, which has the keyboard then, also without scripts.
    link = f'href="{on(unit)}#id_q-paragraph"'
    assert link in read(unit)
    for kind, said in (
        ("heading", "about this heading"),
        ("title", "about the title"),
        ("quote", "about this paragraph"),
    ):
        Unit.objects.filter(pk=unit.pk).update(kind=kind)
        assert f"Say something {said}<" in read(unit)
    clock.set(CLOSES - timedelta(seconds=20))
    kept = re.fullmatch(r"public, max-age=(\d+)", Client().get(page_of(unit)).headers["Cache-Control"])
    assert kept
    assert int(kept[1]) <= 20
    for moment in (OPENS - timedelta(hours=1), CLOSES):
        clock.set(moment)
        assert link not in read(unit)
    say_nothing = read(unit)
    assert "What was said about it" not in say_nothing


@pytest.mark.long
def test_many_stand_on_several_pages_and_cost_the_same(window: FeedbackWindow, unit: Unit) -> None:
    client = Client()

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page_of(unit)).status_code == 200
        return len(asked)

    first = say(window, unit, "Number 0 of many.")
    few = cost()
    question = FeedbackAnswer.objects.get(item=first).question_id
    for number in range(1, 25):
        first.pk, first.reference = None, f"F-{number:06d}"
        first.form_key, first.token_hash = f"form {number}", f"token {number}"
        first.received_at += timedelta(days=1)
        first.save(force_insert=True)
        FeedbackAnswer.objects.create(item=first, question_id=question, text=f"Number {number} of many.")
    assert cost() == few
    newest, oldest = read(unit), read(unit, query="?page=2")
    assert newest.count("<article") == 20
    assert oldest.count("<article") == 5
    assert 'href="?page=2#said" rel="next"' in newest
    assert 'href="?page=1#said" rel="prev"' in oldest
    assert "Number 0 of many." in oldest
    for query in ("?page=x", "?page=99", "?page=" + "9" * 400, "?page=-1"):
        assert read(unit, query=query).count("<article") in (5, 20)
