"""The way to the pages of translating: a password alone for translators, the second step for staff; nothing is lost."""

import html
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.utils.translation import gettext, override

from proposals import queries
from proposals.models import Proposal, Revision, TranslationDraft, UnitText
from proposals.personal_data import own_paragraphs
from proposals.services import (
    LongSummary,
    Typed,
    Wanted,
    drop_goal,
    lives,
    review,
    save_translation,
    set_goal,
    translate,
)
from proposals.services.texts import LONGEST_SUMMARY, LONGEST_TEXT
from taskforce.accounts import signed_out
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.queries import keep_grants
from taskforce.accounts.services import create_account, grant_role
from taskforce.core.errors import Refused
from tests.clients import Client, note_sign_in
from tests.conftest import utc
from tests.proposals.conftest import T
from tests.proposals.editing import published

AT = utc(2022, 2, 6, 9, 30)
PAGE = f"/de/tf/{T}/proposals/proposal/translate/"


def _person(name: str, role: Role, code: str = "") -> User:
    user = create_account(f"{name}@demo.example", at=AT, name=name, password="demo")
    grant_role(user, role, at=AT, actor_id=None, language=code)
    return user


def _sent(user: User, said: str, **more: Any) -> dict[str, Any]:
    mark = {"owner": signed_out.owner_mark(user)}
    return {"text": said, "version": 0, "source_version": 1, "language": "de", **mark, **more}


def _unit(text: Proposal) -> int:
    return queries.live_units(text)[2].pk


def _typed(html: str) -> list[str]:
    return re.findall(r"<textarea[^>]*>\s*([^<]+)</textarea>", html)


def test_a_password_alone_changes_and_approves_nothing_for_staff(client: Client, text: Proposal) -> None:
    """They are led to their second step, and what they typed is back in its form behind it."""
    leader, author = _person("leader", Role.COORDINATOR), _person("author", Role.TRANSLATOR, "de")
    unit = _unit(text)
    set_goal(text.pk, Wanted("de", 90, "Many read it", wants_review=True), actor=leader, at=AT)
    translate(text.pk, "de", Typed(unit, "Definieren", 0, 1), editor=author, at=AT)
    client.force_login(leader)
    note_sign_in(client, leader, second_factor=False)
    approval = {"action": "review", "version": 1, "language": "de"}
    answers = [
        client.get(f"{PAGE}?show=waiting"),
        client.post(f"{PAGE}{unit}/", approval),
        client.post(f"{PAGE}{unit}/", _sent(leader, "Anders", version=1)),
    ]
    assert [answer.status_code for answer in answers] == [302] * 3
    assert all(answer["Location"].startswith("/de/admin/login/?next=") for answer in answers)
    row = UnitText.objects.get(unit=unit, language="de")
    assert (row.text, row.reviewed_version) == ("Definieren", None)
    note_sign_in(client, leader, second_factor=True)
    back = client.get(f"{PAGE}{unit}/")
    assert _typed(back.content.decode()) == ["Anders"]
    # They were never signed out, and nobody says so.
    with override("de"):
        (said,) = [str(message) for message in back.context["messages"]]
        assert said == gettext(
            "Your second step was needed first, so nothing was saved. What you typed is back in its form: look at it "
            "and send it."
        )
    assert client.post(f"{PAGE}{unit}/", approval).status_code == 303


def test_who_was_signed_out_is_told_so(client: Client, text: Proposal) -> None:
    """Staff too; what is too long to be kept names what is missing as well."""
    leader, unit = _person("leader", Role.COORDINATOR), _unit(text)
    client.post(f"{PAGE}{unit}/", _sent(leader, "Anders"))
    client.force_login(leader)
    with override("de"):
        (said,) = [str(one) for one in client.get(f"{PAGE}{unit}/").context["messages"]]
        assert said == gettext(
            "You had been signed out, so nothing was saved. What you typed is back in its form: look at it and send it."
        )
    long = _sent(leader, "x" * (signed_out.MOST + 1))
    note_sign_in(client, leader, second_factor=False)
    for who, title in ((client, "Your second step is needed first"), (Client(), "Your sign-in has ended")):
        answer = who.post(f"{PAGE}{unit}/", long)
        assert answer.status_code == 403
        with override("de"):
            assert html.escape(gettext(title)) in answer.content.decode()


def test_a_password_is_enough_for_translators(client: Client, text: Proposal) -> None:
    author = _person("author", Role.TRANSLATOR, "de")
    client.force_login(author)
    note_sign_in(client, author, second_factor=False)
    assert client.get(PAGE).status_code == 200
    assert client.post(f"{PAGE}{_unit(text)}/", _sent(author, "Definieren")).status_code == 303


def test_the_sign_in_leads_back_to_the_list_that_was_asked_for(client: Client, text: Proposal) -> None:
    """As the mails have it."""
    asked = f"{PAGE}?show=outdated&unit=5"
    assert client.get(asked)["Location"].endswith(f"?next={quote(asked)}")


def test_a_mark_leads_to_the_page_that_has_its_paragraph(client: Client, text: Proposal) -> None:
    """Also without a script, which alone could read the place behind the #."""
    made = client.get(f"/de/tf/{T}/proposals/proposal/").content.decode()
    marks = re.findall(rf'href="{PAGE}([^"]*)"', made)
    assert marks
    assert all(re.fullmatch(r"\?unit=(\d+)#u\1", mark) for mark in marks)


def test_whose_role_ended_while_they_were_signed_out(client: Client, text: Proposal) -> None:
    """They are refused, and what they typed is there to be copied; asking for the head alone takes nothing of it."""
    author, unit = _person("author", Role.TRANSLATOR, "de"), _unit(text)
    longest = {"text": "x" * LONGEST_TEXT, "summary": "y" * LONGEST_SUMMARY}
    assert client.post(f"{PAGE}{unit}/", _sent(author, "") | longest).status_code == 302, "kept, however long"
    client.force_login(author)
    client.head(f"{PAGE}{unit}/")
    RoleGrant.objects.filter(user=author).delete()
    client.head(f"{PAGE}{unit}/")
    answer = client.get(f"{PAGE}{unit}/")
    assert answer.status_code == 403
    assert all(said in answer.content.decode() for said in longest.values())
    assert "is back in its form" not in answer.content.decode()
    assert not UnitText.objects.filter(language="de").exists()


def test_a_text_that_has_ended(client: Client, text: Proposal) -> None:
    """Its translators read how, with what they had kept, and go on reading; what they send is refused, and there to be
    copied. Others are told, as before, that it is not theirs."""
    leader, author = _person("leader", Role.COORDINATOR), _person("author", Role.TRANSLATOR, "de")
    unit, before = _unit(text), UnitText.objects.count()
    client.force_login(author)
    assert client.post(f"{PAGE}{unit}/", _sent(author, "Halb", action="keep")).status_code == 303
    lives.withdraw(text.pk, reasons={"en": "Nobody wants it."}, editor=leader, at=AT)
    for address in (PAGE, f"{PAGE}?show=all&unit={unit}", f"{PAGE}{unit}/"):
        answer = client.get(address)
        made = answer.content.decode()
        assert answer.status_code == client.head(address).status_code == 200
        assert "Nobody wants it." in made
        assert f'href="/de/tf/{T}/proposals/proposal/"' in made
        assert re.findall(r'<pre class="pt-typed"[^>]*>([^<]*)', made) == ["Halb"]
        assert not re.search(r"<textarea|data-main|value=\"(save|next|keep)\"", made)
    assert client.get(f"{PAGE}{unit + 1000}/").status_code == 404
    for address, sent in ((f"{PAGE}{unit}/", _sent(author, "Ganz")), (PAGE, {f"u{unit}-text": "Ganz"})):
        answer = client.post(address, sent)
        assert answer.status_code == 403
        assert "Nobody wants it." in answer.content.decode()
        assert "Ganz" in re.findall(r'<pre class="pt-typed"[^>]*>([^<]*)', answer.content.decode())
    assert UnitText.objects.count() == before
    assert client.get(PAGE.replace("/de/", "/fr/")).status_code == 403
    assert client.post(f"{PAGE}{unit}/", {"action": "discard", "draft": _token(), "language": "de"}).status_code == 303
    assert "Halb" not in client.get(PAGE).content.decode()
    lives.resume(text.pk, editor=leader, at=AT)
    assert "<textarea" in client.get(PAGE).content.decode()


def test_a_text_whose_place_another_has_taken(client: Client, text: Proposal) -> None:
    """The way to the newer one stands there, and what was typed before the sign-in ended."""
    leader, author = _person("leader", Role.COORDINATOR), _person("author", Role.TRANSLATOR, "de")
    plan = lives.begin(text.task_force, kind="plan", slug="plan", title="Plan B", language="en", editor=leader, at=AT)
    published(plan, leader)
    assert client.post(f"{PAGE}{_unit(text)}/", _sent(author, "Signed out")).status_code == 302
    lives.supersede(text.pk, successor_id=plan.pk, reasons={}, editor=leader, at=AT)
    client.force_login(author)
    shown = client.get(f"{PAGE}{_unit(text)}/")
    assert shown.status_code == 200
    assert "Signed out" in shown.content.decode()
    assert f'href="/de/tf/{T}/proposals/plan/"' in shown.content.decode()


def _token() -> str:
    return TranslationDraft.objects.get().token


@pytest.mark.long
def test_what_was_sent_from_several_tabs(client: Client, text: Proposal) -> None:
    """Each comes back at its own place; of more than five the oldest is forgotten, and the same place has its last."""
    author, units = _person("author", Role.TRANSLATOR, "de"), [one.pk for one in queries.live_units(text)[1:7]]
    said = {unit: f"Absatz {unit}." for unit in units}
    for unit in (units[1], *units):
        sent = _sent(author, said[unit] if client.session.keys() else "Zuerst")
        assert client.post(f"{PAGE}{unit}/", sent).status_code == 302
    client.force_login(author)
    found = {unit: _typed(client.get(f"{PAGE}{unit}/").content.decode())[0].strip() for unit in reversed(units)}
    assert found == {**said, units[0]: ""}


def test_a_long_summary_is_refused_whole(client: Client, text: Proposal) -> None:
    """A part of it would stand in the history for good: everything typed comes back, with the error at its field."""
    author, unit = _person("author", Role.TRANSLATOR, "de"), _unit(text)
    client.force_login(author)
    for long in ("y" * (LONGEST_SUMMARY + 1), "y" * 100_000):
        answer = client.post(f"{PAGE}{unit}/", _sent(author, "Definieren", summary=long))
        made = answer.content.decode()
        assert answer.status_code == 400
        assert _typed(made) == ["Definieren"]
        assert long in made
        assert re.search(r'<input[^>]*name="summary"[^>]*aria-invalid="true"', made)
        with pytest.raises(LongSummary):
            save_translation(unit, "de", "Definieren", editor=author, at=AT, summary=long)
    assert not UnitText.objects.filter(language="de").exists()
    assert client.post(f"{PAGE}{unit}/", _sent(author, "Da", summary="y" * LONGEST_SUMMARY)).status_code == 303
    assert Revision.objects.latest("number").summary == "y" * LONGEST_SUMMARY


@pytest.mark.long
def test_who_confirms_anothers_words_is_not_their_author(text: Proposal) -> None:
    """Nor may they review what they have said themselves: it takes a third person, until it is written anew."""
    leader, unit = _person("leader", Role.COORDINATOR), _unit(text)
    author, other = _person("author", Role.TRANSLATOR, "de"), _person("other", Role.TRANSLATOR, "de")
    third = _person("third", Role.TRANSLATOR, "de")
    set_goal(text.pk, Wanted("de", 90, "Many read it", wants_review=True), actor=leader, at=AT)
    translate(text.pk, "de", Typed(unit, "Definieren", 0, 1), editor=author, at=AT)
    source = UnitText.objects.get(unit=unit, source_version=None)
    save_translation(unit, source.language, "Something new", editor=leader, at=AT)
    translate(text.pk, "de", Typed(unit, "Definieren", 1, 2), editor=other, at=AT)
    with pytest.raises(Refused, match="You wrote"):
        review(text.pk, "de", unit, 2, reviewer=author, at=AT)
    assert own_paragraphs(author, {}) == [_own(unit, wrote=True)]
    with pytest.raises(Refused, match="You said"):
        review(text.pk, "de", unit, 2, reviewer=other, at=AT)
    for person, sentence in (
        (author, "You wrote this translation: somebody else must review it."),
        (other, "You said that this translation is up to date: somebody else must review it."),
        (third, "It is right: approve as it is saved"),
    ):
        client = Client()
        client.force_login(person)
        with override("de"):
            assert gettext(sentence) in html.unescape(client.get(f"{PAGE}{unit}/").content.decode())
    assert own_paragraphs(other, {}) == [_own(unit, confirmed=True)]
    review(text.pk, "de", unit, 2, reviewer=third, at=AT)
    assert own_paragraphs(third, {}) == [_own(unit, reviewed=True)]
    save_translation(unit, source.language, "Something newer", editor=leader, at=AT)
    translate(text.pk, "de", Typed(unit, "Definieren", 2, 3), editor=third, at=AT)
    review(text.pk, "de", unit, 3, reviewer=other, at=AT)
    translate(text.pk, "de", Typed(unit, "Anders", 3, 3), editor=other, at=AT)
    assert own_paragraphs(third, {}) == []
    assert (own_paragraphs(author, {}), own_paragraphs(other, {})) == ([], [_own(unit, wrote=True)])


def _own(unit: int, *, wrote: bool = False, confirmed: bool = False, reviewed: bool = False) -> dict[str, Any]:
    did = {"wrote": wrote, "confirmed": confirmed, "reviewed": reviewed}
    return {"text": "proposal", "paragraph": unit, "language": "de", **did}


def test_a_role_that_has_ended_is_none_for_a_service(text: Proposal) -> None:
    """Also where the page that calls it has kept the roles of before."""
    leader, author = _person("leader", Role.COORDINATOR), _person("author", Role.TRANSLATOR, "de")
    unit, wanted = _unit(text), Wanted("de", 90, "Many read it", wants_review=True)
    set_goal(text.pk, wanted, actor=leader, at=AT)
    translate(text.pk, "de", Typed(unit, "Definieren", 0, 1), editor=author, at=AT)
    for user in (leader, author):
        keep_grants(user)
    RoleGrant.objects.all().delete()
    for act in (
        lambda: set_goal(text.pk, wanted, actor=leader, at=AT),
        lambda: drop_goal(text.pk, "de", actor=leader, at=AT),
        lambda: review(text.pk, "de", unit, 1, reviewer=leader, at=AT),
        lambda: translate(text.pk, "de", Typed(unit, "Anders", 1, 1), editor=author, at=AT),
    ):
        with pytest.raises(Refused):
            act()
