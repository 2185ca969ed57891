"""The pages on which a text is changed: who gets them, what they keep of what was typed, what they say."""

import html
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals.models import Draft, Proposal, UnitText
from proposals.services import create, import_page
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from tests.clients import note_sign_in
from tests.proposals.conftest import T
from tests.proposals.editing import AT, Desk, coordinator, copy_of, piece_with, said, text_of
from tests.proposals.pages import long_body, page

LISTENS, WORK = "這個小組提出建議，也聽取意見。", "Some work is done already.[1] More would help."


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


@pytest.fixture
def desk(editor: User) -> Desk:
    return Desk(editor)


def section_of(text: Proposal, words: str) -> str:
    """The page of the section that has a piece with these words."""
    part, _index = copy_of(text).place(piece_with(text, words).key)
    return f"s/{part.key}/"


def test_who_gets_in(text: Proposal, editor: User) -> None:
    """Visitors to the sign-in, whoever has no such right nothing, editors without their second step to that."""
    visitor = Desk().get()
    assert visitor.status_code == 302
    assert visitor["Location"].startswith("/en/admin/login/?next=/en/tf/sample/proposals/proposal/edit/")
    assert Desk(coordinator(text, "Otto", Role.OBSERVER)).get().status_code == 404
    desk = Desk(editor)
    assert desk.get().status_code == 200
    assert desk.get()["Cache-Control"] == "private, no-store"
    note_sign_in(desk.client, editor, second_factor=False)
    assert desk.get().status_code == 302
    create(text.task_force, slug="hidden", at=AT)
    assert Desk().client.get(f"/en/tf/{T}/proposals/hidden/edit/").status_code == 302
    assert Desk().client.get(f"/en/tf/{T}/proposals/hidden/").status_code == 404


def test_the_staff_side_leads_there(text: Proposal, editor: User) -> None:
    """Only those who may."""
    address = f"/en/tf/{T}/proposals/proposal/edit/"
    assert address in Desk(editor).client.get("/en/admin/").content.decode()
    assert address not in Desk(coordinator(text, "Otto", Role.OBSERVER)).client.get("/en/admin/").content.decode()


def test_from_a_changed_word_to_a_revision(text: Proposal, desk: Desk) -> None:
    """The way that an editor goes, without a script."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    saved = desk.press(tail, "save", **{f"text__{piece.key}": "小組**聽取**意見。"})
    assert saved.status_code == 303
    assert "The draft is saved." in text_of(desk.get(tail))
    assert "Changed" in text_of(desk.get())
    assert "<strong>聽取</strong>" in desk.get("preview/", "zh-hant").content.decode()
    assert "Draft, changed last by Cora Demo" in text_of(desk.get("publish/"))
    assert "1 paragraph changed" in text_of(desk.get("publish/"))
    done = desk.press("publish/", "", summary="clearer")
    assert done.status_code == 303
    assert "Revision 2 is published." in text_of(desk.get())
    assert "Nothing to publish" in text_of(desk.get("publish/"))
    assert UnitText.objects.get(unit=piece.unit, language="zh-hant").text == "小組**聽取**意見。"


def test_every_button_saves_what_was_typed(text: Proposal, desk: Desk) -> None:
    tail, piece, work = section_of(text, WORK), piece_with(text, WORK), piece_with(text, "Write a definition")
    typed = {f"text__{piece.key}": "Work.[1]"}
    moved = desk.press(tail, f"up:{work.key}", **typed)
    assert moved["Location"].endswith(f"#e-{work.key}")
    found = said(text)
    assert found.index("Write a definition") + 1 == found.index("Work.[1]")
    split = desk.press(tail, f"split:{piece.key}", **{f"text__{piece.key}": "a\n\nb"})
    assert split.status_code == 303
    assert {"a", "b"} <= set(said(text))


def test_both_texts_stand_side_by_side(text: Proposal, editor: User, desk: Desk) -> None:
    """409; what was typed stays in the fields, also what nobody else has touched; saving again is a choice."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    mine = {**desk.fields(tail), f"text-{piece.key}": "乙 <b>", "act": "save"}
    Desk(coordinator(text, "Dede", Role.DEPUTY)).press(tail, "save", **{f"text__{piece.key}": "甲"})
    refused = desk.post(tail, mine)
    assert refused.status_code == 409
    shown = refused.content.decode()
    assert "Stored now, by somebody else" in shown
    assert shown.count(html.escape("乙 <b>")) == 2
    assert "甲" in said(text)
    again = {name: refused.context["form"][name].value() for name in refused.context["form"].fields}
    assert desk.post(tail, {**again, "act": "save"}).status_code == 303
    assert "乙 <b>" in said(text)


def test_nothing_typed_is_lost_where_a_paragraph_went(text: Proposal, desk: Desk) -> None:
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    mine = {**desk.fields(tail), f"text-{piece.key}": "我的話", "act": "save"}
    desk.press(tail, f"remove:{piece.key}")
    refused = desk.post(tail, mine)
    assert refused.status_code == 409
    assert "我的話" in refused.content.decode()
    key = copy_of(text).shown[1].key
    desk.post("", {"act": f"remove:{key}"})
    gone = desk.post(tail, mine)
    assert gone.status_code == 409
    assert "我的話" in gone.content.decode()


def test_publishing_another_draft_than_the_shown_one(text: Proposal, desk: Desk) -> None:
    """409 with what would be published now; the summary stays."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    desk.press(tail, "save", **{f"text__{piece.key}": "甲"})
    form = {**desk.fields("publish/"), "summary": "my summary"}
    desk.press(tail, "save", **{f"text__{piece.key}": "乙"})
    refused = desk.post("publish/", form)
    assert refused.status_code == 409
    assert "my summary" in refused.content.decode()
    assert desk.press("publish/", "", summary="now").status_code == 303


def test_signed_out_meanwhile(text: Proposal, editor: User, desk: Desk) -> None:
    """What was typed comes back on a page; nothing is saved, and nothing kept."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    mine = {**desk.fields(tail), f"text-{piece.key}": "我的話", "act": "save"}
    desk.client.logout()
    refused = desk.post(tail, mine)
    assert refused.status_code == 403
    assert "我的話" in refused.content.decode()
    assert not Draft.objects.exists()


def test_sections_on_the_page(text: Proposal, desk: Desk) -> None:
    key = copy_of(text).shown[1].key
    made = desk.post("", {"act": "new", "heading": "Questions", "kind": "timeline", "after": key})
    assert made.status_code == 303
    assert "The dates of the timeline" in text_of(desk.client.get(made["Location"]))
    assert desk.post("", {"act": f"remove:{key}"}).status_code == 303
    assert "Removed sections" in text_of(desk.get())
    assert desk.post("", {"act": f"back:{key}"})["Location"].endswith(f"#part-{key}")
    assert desk.post("", {"act": "discard"}).status_code == 400
    token = desk.get().context["token"]
    assert desk.post("", {"act": "discard", "sure": "1", "version": token}).status_code == 303
    assert not Draft.objects.exists()
    assert desk.post("", {"act": "new", "heading": ""}).status_code == 200
    assert desk.post("", {"act": "nonsense:1"}).status_code == 400


def test_to_any_place(text: Proposal, desk: Desk) -> None:
    piece, target = piece_with(text, LISTENS), piece_with(text, "Draft a plan")
    assert desk.post(f"place/{piece.key}/", {}).status_code == 200
    moved = desk.post(f"place/{piece.key}/", {"after": target.key})
    assert moved["Location"].endswith(f"{section_of(text, 'Draft a plan')}#e-{piece.key}")
    found = said(text)
    assert found.index("Draft a plan") + 1 == found.index(LISTENS)
    assert desk.get("place/u1/").status_code == 409
    assert desk.get("s/s1/").status_code == 303


@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_preview_in_every_language(text: Proposal, desk: Desk, language: str) -> None:
    """As readers would see it: the page of the revision says the same once it is published."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    desk.press(tail, "save", **{f"text__{piece.key}": "小組聽取意見。[1]"})
    article = body_of(desk.get("preview/", language).content.decode())
    desk.press("publish/", "", summary="s")
    assert body_of(desk.client.get(f"/{language}/tf/{T}/proposals/proposal/r/2/").content.decode()) == article


def body_of(page: str) -> str:
    """The sections of a text."""
    article = page[page.index('<section class="pt-section" id="s-1"') : page.index("</article>")]
    return article[: article.rindex("</section>")]


HOSTILE = (
    "[" * 20_000,
    "x" * 20_001,
    "\u202e\u2066turned\u200b",
    "<script>alert(1)</script><img src=https://example.org/x.png>",
    "![a](https://example.org/x.png) [b](javascript:alert(1))",
    "**" * 9_000,
    "a\n\n" * 6_000,
)


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text(text: Proposal, desk: Desk, value: str) -> None:
    """Kept as harmless text, or a clear error with all that was typed; each answer within a second."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    for act in ("save", f"split:{piece.key}"):
        fields = {**desk.fields(tail), f"text-{piece.key}": value, "act": act}
        start = time.process_time()
        answer = desk.post(tail, fields)
        shown = desk.get("preview/", "zh-hant").content.decode()
        assert time.process_time() - start < 2
        assert answer.status_code in (200, 303, 400)
        if answer.status_code != 303:
            assert html.escape(value.strip()[:1_000]) in answer.content.decode()
        article = shown[shown.index("<article>") : shown.index("</article>")]
        assert "<script" not in article
        assert "<img" not in article
        assert 'href="javascript' not in article


def test_bytes_that_are_no_text(text: Proposal, desk: Desk) -> None:
    """NUL and lone surrogates are refused before anything is read."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    for value in ("a%00b", "a%ED%A0%80b"):
        answer = desk.client.post(
            f"/en/tf/{T}/proposals/proposal/edit/{tail}",
            f"text-{piece.key}={value}&act=save",
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code == 400
    assert not Draft.objects.exists()


@pytest.mark.parametrize("tail", ["", "s/{key}/", "place/{piece}/", "preview/", "publish/"])
def test_queries(text: Proposal, editor: User, desk: Desk, tail: str) -> None:
    """As many for a long text as for a short one."""
    asked = []
    for number in (10, 120):
        import_page(page(long_body(number), title=f"Text {number}"), task_force=f"size-{number}", at=AT)
        other = Proposal.objects.get(task_force__slug=f"size-{number}")
        made = Desk(coordinator(other, f"C{number}"))
        part = copy_of(other).shown[1]
        path = tail.format(key=part.key, piece=part.shown[1].key)
        made.client.get(f"/en/tf/size-{number}/proposals/proposal/edit/{path}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = made.client.get(f"/en/tf/size-{number}/proposals/proposal/edit/{path}")
        assert answer.status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1] < 16
