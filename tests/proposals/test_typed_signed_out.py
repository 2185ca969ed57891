"""What was typed and could not be taken is given back: that and nothing else, and in words that are true."""

import html
import re
from typing import Any

import pytest

from proposals import queries
from proposals.models import Proposal, Unit
from proposals.services import create, lives
from taskforce.accounts import signed_out
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.services import grant_role
from tests.clients import Client, note_sign_in
from tests.proposals.conftest import T
from tests.proposals.editing import AT, Desk, coordinator, copy_of, piece_with, removal_of, section_of
from tests.proposals.test_edit_pages import LISTENS, sent_signed_out
from tests.proposals.test_translators_door import PAGE, _person, _sent, _unit

SAID = "Ein halber <b>Satz"
# As the message says it, in the pages' languages.
BACK = ("What you typed is back in its form", "steht wieder im Formular")


@pytest.fixture
def translator(text: Proposal) -> User:
    return _person("author", Role.TRANSLATOR, "de")


def given_back(answer: Any) -> list[str]:
    """What stands on a page to be copied."""
    return [
        html.unescape(one) for one in re.findall(r'<pre class="pt-typed"[^>]*>([^<]*)</pre>', answer.content.decode())
    ]


def after_half_an_hour(client: Any) -> None:
    """As if what is kept were that old."""
    session = client.session
    session["typed_signed_out"] = [one | {"at": one["at"] - 1801} for one in session["typed_signed_out"]]
    session.save()


def is_told_back(answer: Any) -> bool:
    """Whether a page says that its form has what was typed."""
    return any(sentence in html.unescape(answer.content.decode()) for sentence in BACK)


def test_the_paragraph_was_taken_out(client: Client, text: Proposal, translator: User) -> None:
    """It stands on the page to be copied for half an hour, however often it is loaded, and nothing says that a form has
    it; afterwards there is no such page, and nobody is told to type again what they have seen."""
    unit = _unit(text)
    assert client.post(f"{PAGE}{unit}/", _sent(translator, SAID)).status_code == 302
    Unit.objects.filter(pk=unit).update(removed_in=2)
    client.force_login(translator)
    assert client.head(f"{PAGE}{unit}/").status_code == 404
    for _look in range(2):
        answer = client.get(f"{PAGE}{unit}/")
        assert answer.status_code == 409
        assert given_back(answer) == [SAID]
        assert not is_told_back(answer)
    after_half_an_hour(client)
    assert client.get(f"{PAGE}{unit}/").status_code == 404
    assert "typed_signed_out" not in client.session
    assert not list(client.get(PAGE).context["messages"])


def test_it_is_there_until_it_is_sent(client: Client, text: Proposal, translator: User) -> None:
    """Looking takes nothing away, nor does the form of another paragraph, nor that of another language."""
    grant_role(translator, Role.TRANSLATOR, at=AT, actor_id=None, language="ar")
    unit, other = (one.pk for one in queries.live_units(text)[2:4])
    client.post(f"{PAGE}{unit}/", _sent(translator, SAID))
    client.force_login(translator)
    arabic = f"{PAGE}{unit}/".replace("/de/", "/ar/", 1)
    for address, language in ((f"{PAGE}{other}/", "de"), (arabic, "ar")):
        sent = _sent(translator, "x", language=language, action="save")
        assert client.post(address, sent).status_code == 303
        for _look in range(2):
            answer = client.get(f"{PAGE}{unit}/")
            assert is_told_back(answer)
            assert answer.context["unit"].form["text"].value() == SAID
    damaged = client.post(f"{PAGE}{unit}/", _sent(translator, SAID, version="", action="save"))
    assert damaged.status_code == 400
    assert damaged.context["unit"].form["text"].value() == SAID
    assert client.get(f"{PAGE}{unit}/").context["unit"].form["text"].value() == ""


def test_what_is_sent_to_the_sign_in_anew_takes_the_place(client: Client, text: Proposal) -> None:
    """Of whoever must pass their second step, too: they are signed in already."""
    leader = _person("leader", Role.COORDINATOR)
    unit = _unit(text)
    client.post(f"{PAGE}{unit}/", _sent(leader, "Zuerst"))
    client.force_login(leader)
    before = client.session["typed_signed_out"]
    note_sign_in(client, leader, second_factor=False)
    for look in (client.get, client.head):
        assert look(f"{PAGE}{unit}/").status_code == 302
    assert client.session["typed_signed_out"] == before, "nor does the way to the sign-in change anything"
    note_sign_in(client, leader, second_factor=True)
    assert client.get(f"{PAGE}{unit}/").context["unit"].form["text"].value() == "Zuerst"
    note_sign_in(client, leader, second_factor=False)
    assert client.post(f"{PAGE}{unit}/", _sent(leader, SAID)).status_code == 302
    note_sign_in(client, leader, second_factor=True)
    assert client.get(f"{PAGE}{unit}/").context["unit"].form["text"].value() == SAID


def test_the_page_of_another_language(client: Client, text: Proposal, translator: User) -> None:
    """It does not put German into an Arabic form, and does not say so."""
    grant_role(translator, Role.TRANSLATOR, at=AT, actor_id=None, language="ar")
    unit = _unit(text)
    client.post(f"{PAGE}{unit}/", _sent(translator, SAID))
    client.force_login(translator)
    answer = client.get(f"{PAGE}{unit}/".replace("/de/", "/ar/", 1))
    assert given_back(answer) == [SAID]
    assert not list(answer.context["messages"])
    client.logout()
    client.post(f"{PAGE}{unit}/", _sent(translator, SAID))
    client.force_login(translator)
    answer = client.get(f"{PAGE}{unit}/")
    assert is_told_back(answer)
    assert answer.context["unit"].form["text"].value() == SAID


def test_the_section_was_removed(text: Proposal) -> None:
    """Its words stand on the page of all sections, which has no form for them and does not say so."""
    editor = coordinator(text)
    desk = Desk(editor)
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    sent_signed_out(desk, tail, {**desk.fields(tail), f"text-{piece.key}": SAID, "act": "save"})
    part = copy_of(text).place(piece.key)[0].key
    Desk(coordinator(text, "Dede", Role.DEPUTY)).post("", removal_of(text, part))
    desk.client.force_login(editor)
    answer = desk.get(tail)
    assert given_back(answer) == [SAID]
    assert not is_told_back(answer)


@pytest.mark.parametrize(
    ("tail", "typed"),
    [
        ("", {"act": "new", "heading": SAID, "kind": "text"}),
        ("publish/", {"summary": SAID}),
        ("end/", {"act": "end", "how": "withdraw", "reason-en": SAID}),
    ],
)
def test_the_text_ended_meanwhile(text: Proposal, tail: str, typed: dict[str, str]) -> None:
    """Its pages have no form any more: what was typed there is copied from the page of all sections."""
    editor = coordinator(text)
    desk = Desk(editor)
    desk.press(section_of(text, LISTENS), "save", **{f"text__{piece_with(text, LISTENS).key}": "甲"})
    sent_signed_out(desk, tail, typed)
    lives.withdraw(text.pk, reasons={"en": "over"}, editor=editor, at=AT)
    desk.client.force_login(editor)
    answer = desk.get(tail)
    assert SAID in given_back(answer)
    assert not is_told_back(answer)
    assert SAID in given_back(desk.get(tail))
    after_half_an_hour(desk.client)
    assert SAID not in given_back(desk.get(tail))


# --- without the role ------------------------------------------------------------------------------------------------


def test_an_editors_role_ended(text: Proposal) -> None:
    """They get back what they had typed, for half an hour; of a text that nobody reads yet they hear nothing."""
    editor = coordinator(text)
    desk = Desk(editor)
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    fields = {**desk.fields(tail), f"text-{piece.key}": SAID, "act": "save"}
    create(text.task_force, slug="hidden", at=AT)
    sent_signed_out(desk, tail, fields)
    RoleGrant.objects.all().delete()
    desk.client.force_login(editor)
    for _look in range(2):
        answer = desk.get(tail)
        assert answer.status_code == 403
        assert given_back(answer) == [SAID]
        assert not is_told_back(answer)
    after_half_an_hour(desk.client)
    assert desk.get(tail).status_code == 404
    desk.client.logout()
    hidden = f"/en/tf/{T}/proposals/hidden/edit/{tail}"
    assert desk.client.post(hidden, {**fields, "owner": signed_out.owner_mark(editor)}).status_code == 302
    desk.client.force_login(editor)
    assert desk.client.get(hidden).status_code == 404


def test_whoever_began_texts_may_not_any_more(text: Proposal) -> None:
    """The title that they had thought of stands on the page that refuses them."""
    editor, address = coordinator(text), f"/en/tf/{T}/proposals/"
    visitor, mark = Client(), signed_out.owner_mark(editor)
    begun = {"kind": "proposal", "title": SAID, "language": "en", "slug": "other", "owner": mark}
    assert visitor.post(address, begun).status_code == 302
    RoleGrant.objects.all().delete()
    visitor.force_login(editor)
    answer = visitor.get(address)
    assert answer.status_code == 403
    assert given_back(answer) == [SAID, "other"]


# --- nothing but what was typed --------------------------------------------------------------------------------------


def test_a_translation_is_given_back_without_its_machinery(text: Proposal, translator: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(translator)
    sent = _sent(translator, SAID, show="todo", draft="a1b2c3d4e5f60718", summary="kurz", action="next")
    answer = strict.post(f"{PAGE}{_unit(text)}/".replace("/de/", "/en/", 1), sent)
    assert answer.status_code == 403
    assert given_back(answer) == [SAID, "kurz"]
    for label in ("Translation", "Edit summary"):
        assert f"<strong>{label}</strong>" in answer.content.decode()


@pytest.mark.parametrize(
    ("tail", "more", "back"),
    [
        ("section", {"act": "save"}, [SAID]),
        ("", {"act": "new", "heading": SAID, "kind": "text", "after": "s1"}, [SAID]),
        ("publish/", {"summary": SAID, "is_minor": "on", "version": "a1b2"}, [SAID]),
        ("end/", {"act": "end", "how": "withdraw", "reason-en": SAID, "successor": "7"}, [SAID]),
    ],
)
def test_a_form_of_an_editor_is_given_back_without_the_rest(
    text: Proposal, tail: str, more: dict[str, str], back: list[str]
) -> None:
    """Of a section just the paragraphs that were typed into, and neither tokens nor kinds."""
    editor = coordinator(text)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    if tail == "section":
        tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
        more = {**Desk(editor).fields(tail), f"text-{piece.key}": SAID, **more}
    answer = strict.post(f"/en/tf/{T}/proposals/proposal/edit/{tail}", more)
    assert answer.status_code == 403
    assert given_back(answer) == back


def test_what_is_too_long_to_be_kept(client: Client, text: Proposal, translator: User) -> None:
    """It stands on the page, which says why and how long it may be."""
    long = "x" * (signed_out.MOST + 1)
    answer = client.post(f"{PAGE}{_unit(text)}/".replace("/de/", "/en/", 1), _sent(translator, long))
    assert answer.status_code == 403
    assert given_back(answer) == [long]
    assert "Your sign-in has ended" in answer.content.decode()
    assert f"at most {signed_out.MOST} characters" in answer.content.decode()
    assert dict(client.session) == {}
