"""A program that reads the page of translating and sends its form is served like a browser; one that sends too much is
told so."""

import time
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from proposals import queries
from proposals.models import Proposal, TranslationDraft, UnitText
from proposals.services import save_translation
from taskforce.accounts.models import User
from tests.clients import Client
from tests.proposals.editing import coordinator
from tests.proposals.test_translating import AT, address
from tests.proposals.test_translating import _translator as translator_of

PAGE = address()
URLENCODED = "application/x-www-form-urlencoded"


class MainForm(HTMLParser):
    """The form of a page that is marked as its main one: where it is sent, its fields, and its buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action, self.fields, self.buttons = "", dict[str, str](), set[tuple[str, str]]()
        self._is_in_it, self._area = False, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and "data-main" in given:
            self._is_in_it, self.action = True, given["action"]
        elif self._is_in_it and tag == "input":
            self.fields[given["name"]] = given.get("value", "")
        elif self._is_in_it and tag == "button":
            self.buttons.add((given["name"], given["value"]))
        elif self._is_in_it and tag == "textarea":
            self._area = given["name"]
            self.fields[self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            self.fields[self._area], self._area = self.fields[self._area].removeprefix("\n"), ""
        if tag == "form":
            self._is_in_it = False


@pytest.fixture
def translator(text: Proposal) -> User:
    return translator_of("tian@demo.example", "de")


@pytest.fixture
def desk(translator: User) -> Client:
    """A program with the translator's cookies, of which nothing is forgiven."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(translator)
    return client


@pytest.fixture
def units(text: Proposal) -> list[int]:
    return [unit.pk for unit in queries.live_units(text)]


def send(desk: Client, form: MainForm, how: str, *, lines: str = "\n", **more: str) -> Any:
    sent = {name: value.replace("\n", lines) for name, value in {**form.fields, **more}.items()}
    if how == "multipart":
        return desk.post(form.action, sent)
    return desk.post(form.action, urlencode(sent), content_type=URLENCODED)


def stored() -> list[tuple[Any, ...]]:
    return list(UnitText.objects.order_by("unit", "language").values_list("unit", "language", "text", "version"))


@pytest.mark.parametrize(("how", "lines"), [("multipart", "\r\n"), ("urlencoded", "\n")])
def test_one_is_saved_and_nothing_else_is_touched(
    desk: Client, text: Proposal, units: list[int], how: str, lines: str
) -> None:
    """Neither what is saved of the others, with its line breaks and blanks, nor what is kept of them."""
    editor, (one, two, three) = coordinator(text), units[1:4]
    save_translation(two, "de", "Erste Zeile\n\n* zweite  \n* dritte <b>&amp;</b>", editor=editor, at=AT)
    form = MainForm(desk.get(f"{PAGE}?show=all").content.decode())
    assert form.action == PAGE
    kept = send(desk, form, how, lines=lines, **{f"u{three}-text": "\n Halb \n", f"u{three}-action": "keep"})
    assert kept.status_code == 303
    form, before = MainForm(desk.get(f"{PAGE}?show=all").content.decode()), stored()
    drafts = list(TranslationDraft.objects.values())
    assert [draft["unit_id"] for draft in drafts] == [three]
    assert {(f"u{one}-action", act) for act in ("next", "save", "keep")} <= form.buttons
    answer = send(desk, form, how, lines=lines, **{f"u{one}-text": "Neu\n\nund mehr", f"u{one}-action": "save"})
    assert answer.status_code == 303
    assert f"saved={one}" in answer["Location"]
    assert [row for row in stored() if row not in before] == [(one, "de", "Neu\n\nund mehr", 1)]
    assert [row for row in before if row not in stored()] == []
    assert list(TranslationDraft.objects.values()) == drafts
    assert text.revisions.count() == 3


def test_only_the_fields_of_one_paragraph(desk: Client, units: list[int]) -> None:
    """They are enough, with those of the form as a whole; on versions that are old it is told so, and nothing is
    written over."""
    one = units[1]
    form = MainForm(desk.get(f"{PAGE}?show=all").content.decode())
    front = f"u{one}-"
    form.fields = {name: value for name, value in form.fields.items() if name.startswith(front) or "-" not in name}
    assert send(desk, form, "urlencoded", **{f"{front}text": "Eins", f"{front}action": "save"}).status_code == 303
    again = send(desk, form, "urlencoded", **{f"{front}text": "Zwei", f"{front}action": "save"})
    assert again.status_code == 409
    assert "Zwei" in again.content.decode()
    assert UnitText.objects.get(unit=one, language="de").text == "Eins"


# --- too much --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["multipart", "urlencoded"])
@pytest.mark.parametrize("page", ["all", "one"])
def test_more_than_a_form_may_be(desk: Client, units: list[int], how: str, page: str) -> None:
    """None of it was read, so the page says that it cannot show it, what still has it, and what to do."""
    tail = "" if page == "all" else f"{units[1]}/"
    form = MainForm(desk.get(f"{PAGE}{tail}").content.decode())
    name = next(name for name in form.fields if name.endswith("text"))
    began = time.process_time()
    answer = send(desk, form, how, **{name: "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE, "action": "save"})
    assert time.process_time() - began < 1
    said = answer.content.decode()
    assert answer.status_code == 400
    assert "2,5" in said
    assert "Gehen Sie in Ihrem Browser zurück" in said
    assert not UnitText.objects.filter(language="de").exists()
    assert not TranslationDraft.objects.exists()
