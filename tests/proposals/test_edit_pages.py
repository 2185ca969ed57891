"""The pages on which a text is changed: who gets them, what they keep of what was typed, what they say."""

import html
import re
import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals.models import Draft, Proposal, UnitText
from proposals.services import create, import_page
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from tests.clients import note_sign_in
from tests.proposals.conftest import T
from tests.proposals.editing import (
    AT,
    Desk,
    coordinator,
    copy_of,
    piece_with,
    removal_of,
    said,
    section_of,
    text_of,
)
from tests.proposals.pages import long_body, page

LISTENS, WORK = "這個小組提出建議，也聽取意見。", "Some work is done already.[1] More would help."


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


@pytest.fixture
def desk(editor: User) -> Desk:
    return Desk(editor)


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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_both_texts_stand_side_by_side(text: Proposal, editor: User, desk: Desk) -> None:
    """409; what was typed stays in the fields, also what nobody else has touched; saving again is a choice."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    mine = {**desk.fields(tail), f"text-{piece.key}": "乙 <b>", "act": "save"}
    Desk(coordinator(text, "Dede", Role.DEPUTY)).press(tail, "save", **{f"text__{piece.key}": "甲"})
    refused = desk.post(tail, mine)
    assert refused.status_code == 409
    shown = refused.content.decode()
    assert "Stored now, by somebody else" in shown
    assert shown.count(html.escape("乙 <b>")) == 3
    assert "甲" in said(text)
    # The notice leads to the paragraph and to no other, and the difference stands beside both texts.
    notice = shown.partition('role="alert"')[2].partition("<form")[0]
    assert re.findall(r'href="#(e-[^"]+)"', notice) == [f"e-{piece.key}"]
    assert re.search(r'class="pt-diff__removed">.*?甲.*?class="pt-diff__added">', shown)
    again = {name: refused.context["form"][name].value() for name in refused.context["form"].fields}
    assert desk.post(tail, {**again, "act": "save"}).status_code == 303
    assert "乙 <b>" in said(text)


@pytest.mark.long
def test_nothing_typed_is_lost_where_a_paragraph_went(text: Proposal, desk: Desk) -> None:
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    mine = {**desk.fields(tail), f"text-{piece.key}": "我的話", "act": "save"}
    desk.press(tail, f"remove:{piece.key}")
    refused = desk.post(tail, mine)
    assert refused.status_code == 409
    assert "我的話" in refused.content.decode()
    assert "Somebody else has removed a paragraph into which you have typed" in text_of(refused)
    assert "Both texts stand below" not in text_of(refused)
    assert 'href="#gone"' in refused.content.decode()
    key = copy_of(text).shown[1].key
    desk.post("", removal_of(text, key))
    gone = desk.post(tail, mine)
    assert gone.status_code == 409
    assert "我的話" in gone.content.decode()


@pytest.mark.long
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


def owner_of(page: str) -> str:
    """The mark of whose form it is."""
    found = re.search(r'name="owner" value="([^"]+)"', page)
    assert found
    return found[1]


def sent_signed_out(desk: Desk, tail: str, data: dict[str, Any]) -> Any:
    """Send a form whose session has ended meanwhile."""
    mark = owner_of(desk.get(tail).content.decode())
    desk.client.logout()
    answer = desk.post(tail, {**data, "owner": mark})
    assert answer.status_code == 302
    assert answer["Location"] == f"/en/admin/login/?next=/en/tf/{T}/proposals/proposal/edit/{tail}"
    return answer


@pytest.mark.long
def test_signed_out_meanwhile(text: Proposal, editor: User, desk: Desk) -> None:
    """What was typed is back in its form after signing in, on the version that it had, until it is sent; nothing is
    saved by it."""
    tail, piece, other = section_of(text, WORK), piece_with(text, WORK), piece_with(text, "Write a definition")
    mine = {**desk.fields(tail), f"text-{piece.key}": "我的話 <b>", f"kind-{piece.key}": "quote:0:0", "act": "save"}
    sent_signed_out(desk, tail, mine)
    assert not Draft.objects.exists()
    # Meanwhile somebody else saves both that paragraph and another one.
    theirs = {f"text__{piece.key}": "別人的話", f"text__{other.key}": "Define it"}
    Desk(coordinator(text, "Dede", Role.DEPUTY)).press(tail, "save", **theirs)
    desk.client.force_login(editor)
    assert "我的話" in desk.get(tail).content.decode()
    # Another form of these pages takes nothing away.
    desk.press("", f"up:{copy_of(text).shown[-1].key}")
    back = desk.get(tail)
    assert "What you typed is back in its form" in text_of(back)
    form = back.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    assert shown[f"text-{piece.key}"] == "我的話 <b>"
    assert shown[f"kind-{piece.key}"] == "quote:0:0"
    assert shown[f"version-{piece.key}"] == mine[f"version-{piece.key}"]
    # What they had not typed into is as it is stored now, and saves as that.
    assert shown[f"text-{other.key}"] == "Define it"
    refused = desk.post(tail, {**shown, "act": "save"})
    assert refused.status_code == 409
    for words in ("別人的話", "我的話 &lt;b&gt;"):
        assert words in refused.content.decode()
    assert "我的話" not in desk.get(tail).content.decode()


@pytest.mark.long
def test_signed_out_and_somebody_else_comes(text: Proposal, desk: Desk) -> None:
    """They see nothing of it, and nor does a form that bears nobody's mark keep anything."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    mine = {**desk.fields(tail), f"text-{piece.key}": "我的話", "act": "save"}
    sent_signed_out(desk, tail, mine)
    desk.client.force_login(coordinator(text, "Dede", Role.DEPUTY))
    assert "我的話" not in desk.get(tail).content.decode()
    visitor = Desk()
    assert visitor.post(tail, {**mine, "owner": "1:x"}).status_code == 302
    assert not visitor.client.session.keys()


@pytest.mark.long
def test_signed_out_and_the_paragraph_goes(text: Proposal, editor: User, desk: Desk) -> None:
    """Its words stand above the form; those of a section that went, on the page of all sections."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    mine = {**desk.fields(tail), f"text-{piece.key}": "我的話", "act": "save"}
    for gone in (f"s/{tail.split('/')[1]}/", ""):
        sent_signed_out(desk, tail, mine)
        other = Desk(coordinator(text, f"D{len(gone)}", Role.DEPUTY))
        key = tail.split("/")[1]
        other.press(gone, f"remove:{piece.key}") if gone else other.post("", removal_of(text, key))
        desk.client.force_login(editor)
        back = desk.get(tail)
        assert back.status_code == 200
        assert "我的話" in back.content.decode()


@pytest.mark.parametrize(
    ("tail", "typed"),
    [
        ("", {"act": "new", "heading": "Questions", "kind": "references", "after": ""}),
        ("publish/", {"summary": "my summary", "is_minor": "on"}),
        ("end/", {"act": "end", "how": "withdraw", "reason-ar": "لأن"}),
    ],
)
def test_signed_out_on_the_other_pages(
    text: Proposal, editor: User, desk: Desk, tail: str, typed: dict[str, str]
) -> None:
    piece = piece_with(text, LISTENS)
    desk.press(section_of(text, LISTENS), "save", **{f"text__{piece.key}": "甲"})
    sent_signed_out(desk, tail, {**desk.fields(tail), **typed})
    desk.client.force_login(editor)
    form = desk.get(tail).context["form"]
    assert {name: form[name].value() for name in typed if name not in ("act", "is_minor")} == {
        name: value for name, value in typed.items() if name not in ("act", "is_minor")
    }
    assert text.revisions.count() == 1


@pytest.mark.long
def test_sections_on_the_page(text: Proposal, desk: Desk) -> None:
    key = copy_of(text).shown[1].key
    made = desk.post("", {"act": "new", "heading": "Questions", "kind": "timeline", "after": key})
    assert made.status_code == 303
    assert "The dates of the timeline" in text_of(desk.client.get(made["Location"]))
    assert desk.post("", removal_of(text, key)).status_code == 303
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


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_preview_in_every_language(text: Proposal, desk: Desk, language: str) -> None:
    """As readers would see it: the page of the revision says the same once it is published, with an address to copy
    for each paragraph."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    desk.press(tail, "save", **{f"text__{piece.key}": "小組聽取意見。[1]"})
    article = body_of(desk.get("preview/", language).content.decode())
    desk.press("publish/", "", summary="s")
    assert "pt-unit__link" not in article
    published = body_of(desk.client.get(f"/{language}/tf/{T}/proposals/proposal/r/2/").content.decode())
    assert re.sub(r'<a class="pt-unit__link".*?</a>', "", published) == article


def body_of(page: str) -> str:
    """The sections of a text."""
    article = page[page.index('<section class="pt-section" id="s-1"') : page.index("</article>")]
    return article[: article.rindex("</section>")]


HOSTILE = (
    "[" * 20_000,
    "x" * 20_001,
    "x" * 2_000_000,
    "\u202e\u2066turned\u200b",
    "<script>alert(1)</script><img src=https://example.org/x.png>",
    "![a](https://example.org/x.png) [b](javascript:alert(1))",
    "**" * 9_000,
    "a\n\n" * 6_000,
)
IDS = [f"{value[:4]!a} {len(value)}" for value in HOSTILE]
# Seconds of the processor; on a quiet machine a third of it.
SOON = 1.0


@pytest.mark.long
@pytest.mark.parametrize("act", ["save", "split"])
@pytest.mark.parametrize("value", HOSTILE, ids=IDS)
def test_hostile_text(text: Proposal, desk: Desk, value: str, act: str) -> None:
    """Kept as harmless text, or a clear error with all that was typed; each answer within a second."""
    tail, piece = section_of(text, LISTENS), piece_with(text, LISTENS)
    pressed = f"split:{piece.key}" if act == "split" else act
    fields = {**desk.fields(tail), f"text-{piece.key}": value, "act": pressed}
    answer = soon(lambda: desk.post(tail, fields))
    assert answer.status_code in (200, 303, 400)
    if answer.status_code != 303:
        assert "pt-error-summary" in answer.content.decode() or 'role="alert"' in answer.content.decode()
        assert html.escape(value.strip()[:1_000]) in answer.content.decode()
    for other in (tail, "", "publish/"):
        soon(lambda other=other: desk.get(other))
    shown = soon(lambda: desk.get("preview/", "zh-hant")).content.decode()
    article = shown[shown.index("<article>") : shown.index("</article>")]
    assert "<script" not in article
    assert "<img" not in article
    assert 'href="javascript' not in article
    form = {name: value for name, value in desk.fields("publish/").items() if value} | {"summary": "s"}
    soon(lambda: desk.post("publish/", form))


def soon(ask: Any) -> Any:
    """An answer, within a second of the processor's time."""
    start = time.process_time()
    answer = ask()
    assert time.process_time() - start < SOON
    return answer


@pytest.mark.long
@pytest.mark.parametrize("value", HOSTILE[:-1], ids=IDS[:-1])
def test_hostile_summary(text: Proposal, desk: Desk, value: str) -> None:
    """Published as harmless text in the history, or an error that keeps what was typed."""
    piece = piece_with(text, LISTENS)
    desk.press(section_of(text, LISTENS), "save", **{f"text__{piece.key}": "甲"})
    answer = soon(lambda: desk.press("publish/", "", summary=value))
    if len(value) > 2_000:
        assert "pt-error-summary" in answer.content.decode()
        assert html.escape(value[:1_000]) in answer.content.decode()
        return
    assert answer.status_code == 303
    shown = soon(lambda: desk.client.get(f"/en/tf/{T}/proposals/proposal/history/")).content.decode()
    assert html.escape(value.replace("\u200b", "")[:5]) in shown
    assert "<script>alert" not in shown
    assert 'href="javascript' not in shown


@pytest.mark.parametrize("tail", ["{section}", "publish/", "end/", ""])
def test_bytes_that_are_no_text(text: Proposal, desk: Desk, tail: str) -> None:
    """NUL and lone surrogates are refused before anything is read."""
    piece = piece_with(text, LISTENS)
    address = f"/en/tf/{T}/proposals/proposal/edit/{tail.format(section=section_of(text, LISTENS))}"
    for value in ("a%00b", "a%ED%A0%80b", "a%FFb"):
        body = f"text-{piece.key}={value}&summary={value}&reason-en={value}&heading={value}&act=save&how=withdraw"
        answer = desk.client.post(address, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 400
    assert not Draft.objects.exists()
    assert text.revisions.count() == 1


@pytest.mark.long
@pytest.mark.parametrize("tail", ["", "s/{key}/", "place/{piece}/", "preview/", "publish/", "end/"])
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
