"""The life of a text: a draft that nobody else knows of, the first publication, the end, and that no two mix."""

import time
from functools import partial
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from proposals import queries, working
from proposals.models import Draft, Proposal, Unit, UnitText
from proposals.services import buttons, drafts, lives, save_translation, save_translations
from proposals.services.drafts import Typed
from proposals.services.goals import Wanted, set_goal
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.timeline import queries as timeline
from tests.clients import Client
from tests.proposals.conftest import T
from tests.proposals.editing import AT, Desk, coordinator, copy_of, published, text_of

TEXTS = f"/en/tf/{T}/proposals/"
PLAN = {"kind": "plan", "title": "工作計畫", "language": "zh-hant", "slug": "plan"}


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


@pytest.fixture
def plan(text: Proposal, editor: User) -> Proposal:
    """A second text of the task force, with a title, never published."""
    return lives.begin(text.task_force, **PLAN, editor=editor, at=AT)


def acts(proposal: Proposal) -> list[str]:
    found = Entry.objects.filter(target_type="proposals.proposal", target_id=proposal.pk)
    return list(found.order_by("id").values_list("action", flat=True))


def get(address: str) -> Any:
    return Client().get(address)


# --- begun -----------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_begun_on_the_page(text: Proposal, editor: User) -> None:
    """From the public page of the task force to the first words, and to everybody."""
    client = Desk(editor).client
    assert TEXTS in client.get(f"/en/tf/{T}/").content.decode()
    made = client.post(TEXTS, PLAN)
    assert (made.status_code, made["Location"]) == (303, f"{TEXTS}plan/edit/s/lead/")
    assert "工作計畫" in client.get(made["Location"]).content.decode()
    listed = text_of(client.get(TEXTS))
    assert "工作計畫 Draft" in listed
    assert "示範小組 Published" in listed
    new = Proposal.objects.get(slug="plan")
    shown = client.get(f"{TEXTS}plan/edit/publish/")
    form = shown.context["form"]
    assert "is_minor" not in form.fields
    sent = {"summary": form["summary"].value(), "version": form["version"].value()}
    assert client.post(f"{TEXTS}plan/edit/publish/", sent).status_code == 303
    assert "everybody can read it" in text_of(client.get(f"{TEXTS}plan/edit/"))
    assert acts(new) == ["proposal.created", "proposal.published", "proposal.revised"]
    page = get(f"/zh-hant/tf/{T}/proposals/plan/")
    assert page.status_code == 200
    assert "<h1" in page.content.decode()
    assert "First version" in text_of(get(f"{TEXTS}plan/history/"))
    assert f"{TEXTS}plan/" in get(f"/en/tf/{T}/").content.decode()


def test_who_may_begin(text: Proposal, editor: User, client: Client) -> None:
    assert client.get(TEXTS)["Location"].startswith(f"/en/admin/login/?next={TEXTS}")
    other = Desk(coordinator(text, "Otto", Role.OBSERVER)).client
    for answer in (other.get(TEXTS), other.post(TEXTS, PLAN)):
        assert answer.status_code == 403
        assert "Only coordinators" in answer.content.decode()
    with pytest.raises(Refused):
        lives.begin(text.task_force, **PLAN, editor=User.objects.get(name="Otto Demo"), at=AT)


def test_what_cannot_be_begun(text: Proposal, editor: User) -> None:
    """Everything typed stays in the form."""
    client = Desk(editor).client
    taken = client.post(TEXTS, PLAN | {"slug": "Proposal"})
    assert taken.status_code == 409
    assert "工作計畫" in taken.content.decode()
    for wrong in ({"slug": "計畫"}, {"title": " "}, {"kind": "x"}, {"language": "xx"}, {"title": "x" * 301}):
        answer = client.post(TEXTS, PLAN | wrong)
        assert answer.status_code == 200
        assert answer.context["form"].errors
        with pytest.raises(Invalid):
            lives.begin(text.task_force, **(PLAN | wrong), editor=editor, at=AT)
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize(
    "title", ["[](https://x.test)", "&#8203;", "![ ](x)", "\u200b\u202e", "\u3164\u00ad"], ids=ascii
)
def test_a_title_that_shows_nothing(text: Proposal, editor: User, title: str) -> None:
    """Refused as other titles are, with what was typed in the form."""
    answer = Desk(editor).client.post(TEXTS, PLAN | {"title": title})
    assert answer.status_code == 400
    assert 'value="plan"' in answer.content.decode()
    assert Proposal.objects.count() == 1


@pytest.mark.long
def test_a_draft_is_nowhere(text: Proposal, plan: Proposal, editor: User, settings: LazySettings) -> None:
    """404 at each of its addresses, on no page, in no count; what it says is in no table that readers' pages read."""
    settings.DEMO = False
    for tail in ("", "r/1/", "u/1/", "history/", "diff/", "diff/0..1/", "translate/", "translate/1/"):
        assert get(f"{TEXTS}plan/{tail}").status_code == 404, tail
    assert Desk(editor).client.get(f"{TEXTS}plan/translate/").status_code == 404
    for address in (f"/en/tf/{T}/", "/en/", f"/en/tf/{T}/process/", f"/en/tf/{T}/news.atom", TEXTS + "proposal/"):
        page = get(address).content.decode()
        assert "/plan/" not in page
        assert "工作計畫" not in page
    assert [one.proposal for one in queries.titles(text.task_force, "en")] == [text]
    assert not Unit.objects.filter(proposal=plan).exists()


@pytest.mark.long
def test_preview_and_sections_of_a_draft(plan: Proposal, editor: User) -> None:
    """The pages work before there is anything published to compare with."""
    desk = Desk(editor)
    made = desk.client.post(f"{TEXTS}plan/edit/", {"act": "new", "heading": "目標", "kind": "text", "after": ""})
    assert made.status_code == 303
    for tail in ("", "s/lead/", "preview/", "publish/"):
        page = desk.client.get(f"{TEXTS}plan/edit/{tail}")
        assert page.status_code == 200
        assert f'href="{TEXTS}plan/"' not in page.content.decode()
    assert "never published" in text_of(desk.client.get(f"{TEXTS}plan/edit/"))
    published(plan, editor)
    assert [unit.html for unit in queries.page(plan, "zh-hant").units()] == ["工作計畫", "目標"]


@pytest.mark.long
@pytest.mark.parametrize("after_another", [False, True])
def test_preview_with_a_blank_heading_before_the_dates(plan: Proposal, editor: User, after_another: bool) -> None:
    """The dates open their section then; none is lost in another one, and they stand where they will stand."""
    if after_another:
        drafts.change(plan.pk, buttons.add_part("目標", "text", ""), editor=editor, at=AT)
    key = drafts.change(plan.pk, buttons.add_part("日期", "timeline", ""), editor=editor, at=AT)
    heading = copy_of(plan).part(key).pieces[0]
    desk = Desk(editor)
    page = desk.client.get(f"{TEXTS}plan/edit/s/{key}/")
    fields = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    sent = fields | {f"text-{heading.key}": "", "act": "save"}
    assert desk.client.post(f"{TEXTS}plan/edit/s/{key}/", sent).status_code == 303
    shown = desk.client.get(f"{TEXTS}plan/edit/preview/")
    assert shown.status_code == 200
    phases = list(timeline.phases(plan.task_force))
    sections = working.preview(plan, working.working(plan), "en").sections
    counts = [sum(len(block.phases) for block in section.blocks) for section in sections]
    assert counts == ([0, len(phases)] if after_another else [len(phases)])
    # Behind a paragraph they stand behind it, with a heading or without.
    added = drafts.change(plan.pk, partial(buttons.add_last, part=key), editor=editor, at=AT)
    piece = copy_of(plan).piece(added)
    typed = {added: Typed("先讀", None, piece.token)}
    drafts.save(plan.pk, typed, partial(buttons.up, key=added), editor=editor, at=AT)
    sections = working.preview(plan, working.working(plan), "en").sections
    assert [block.kind for block in sections[-1].blocks] == ["unit", "timeline"]


def test_a_draft_is_thrown_away(plan: Proposal, editor: User) -> None:
    """With what stands on it; its address is free again. Not what was changed since, or published."""
    set_goal(plan.pk, Wanted("de", 50, "Because."), actor=editor, at=AT)
    with pytest.raises(Conflict):
        lives.throw_away(plan.pk, expected="x", editor=editor, at=AT)
    client = Desk(editor).client
    sent = {"act": "discard", "sure": "1", "version": copy_of(plan).token}
    assert client.post(f"{TEXTS}plan/edit/", sent)["Location"] == TEXTS
    assert not Proposal.objects.filter(pk=plan.pk).exists()
    assert Entry.objects.filter(action="proposal.thrown-away", details__slug="plan").exists()
    again = lives.begin(plan.task_force, **PLAN, editor=editor, at=AT)
    published(again, editor)
    with pytest.raises(Conflict):
        lives.throw_away(again.pk, expected=copy_of(again).token, editor=editor, at=AT)


def test_typed_into_a_text_that_was_thrown_away(plan: Proposal, editor: User) -> None:
    """It is not there any more, and the words are, to be copied: only those that somebody typed, for no cache."""
    desk = Desk(editor)
    title = copy_of(plan).parts[0].pieces[0]
    shown = {f"version-{title.key}": title.token, "place-x": "7", "kind-x": "paragraph:0:0", "act": "save"}
    typed = {**shown, f"text-{title.key}": "Mein <b> langer Titel"}
    lives.throw_away(plan.pk, expected=copy_of(plan).token, editor=editor, at=AT)
    gone = desk.client.post(f"{TEXTS}plan/edit/s/lead/", typed)
    assert gone.status_code == 404
    assert gone.content.decode().count("pt-typed") == 1
    assert "Mein &lt;b&gt; langer Titel" in gone.content.decode()
    assert gone["Cache-Control"] == "private, no-store"
    untouched = desk.client.post(f"{TEXTS}plan/edit/s/lead/", {**shown, f"text-{title.key}": title.text})
    assert untouched.status_code == 404
    assert "What you typed" not in text_of(untouched)
    visitor = Desk().client.post("/en/nothing/", typed)
    assert visitor.status_code == 404
    assert "langer Titel" not in visitor.content.decode()
    with pytest.raises(Conflict):
        lives.withdraw(plan.pk, reasons={"en": "x"}, editor=editor, at=AT)


@pytest.mark.parametrize(
    ("tail", "field"), [("{section}", "text-{key}"), ("publish/", "summary"), ("end/", "reason-en"), ("", "heading")]
)
def test_typed_by_whose_role_has_ended(text: Proposal, editor: User, tail: str, field: str) -> None:
    """The same page as for everybody to whom it is not open, with what they typed on it."""
    desk, piece = Desk(editor), next(copy_of(text).pieces())
    name = field.format(key=piece.key)
    RoleGrant.objects.filter(user=editor).delete()
    answer = desk.post(tail.format(section="s/lead/"), {name: "My long words", "act": "save", "kind": "text"})
    assert answer.status_code == 404
    assert "What you typed" in text_of(answer)
    assert "My long words" in text_of(answer)
    assert answer.content.decode().count("pt-typed") == 1


# --- ended -----------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_withdrawn(text: Proposal, editor: User, settings: LazySettings) -> None:
    """Its page says so in the reader's language, with the reason in one that they read; all else stays."""
    settings.DEMO = False
    address = f"{TEXTS}proposal/"
    assert "withdrawn" not in text_of(get(address))
    client = Desk(editor).client
    asked = client.get(f"{address}edit/end/").content.decode()
    assert 'type="radio"' not in asked
    assert '<input type="hidden" name="how" value="withdraw">' in asked
    refused = client.post(f"{address}edit/end/", {"act": "end", "how": "withdraw", "reason-en": " "})
    assert "Say why the text is withdrawn" in text_of(refused)
    sent = {"act": "end", "how": "withdraw", "reason-en": "Nobody <b>wants</b> it.", "reason-zh-hant": "沒有人要。"}
    assert client.post(f"{address}edit/end/", sent).status_code == 303
    for tail in ("", "r/1/", "history/"):
        page = get(address + tail)
        assert page.status_code == 200
        assert "This text was withdrawn" in text_of(page)
        assert "Nobody &lt;b&gt;wants&lt;/b&gt; it." in page.content.decode()
        assert '<form method="post"' not in page.content.decode()
    assert "沒有人要。" in get(f"/zh-hans/tf/{T}/proposals/proposal/").content.decode()
    assert get(f"{address}diff/0..1/").status_code == 200
    assert get(f"{address}u/{queries.live_units(text)[0].pk}/").status_code == 200
    assert "/translate/" not in get(f"/de/tf/{T}/proposals/proposal/").content.decode()
    listed = text_of(get(f"/en/tf/{T}/"))
    assert "Texts that have ended" in listed
    assert "withdrawn" in listed
    assert acts(text)[-1] == "proposal.withdrawn"
    assert client.post(f"{address}edit/end/", sent).status_code == 409


@pytest.mark.long
def test_replaced(text: Proposal, plan: Proposal, editor: User, settings: LazySettings) -> None:
    """Readers of the old one are led to the new one; a new title is there at once, though the page is kept."""
    settings.DEMO = False
    with pytest.raises(Invalid):
        lives.supersede(text.pk, successor_id=plan.pk, reasons={}, editor=editor, at=AT)
    published(plan, editor)
    address = f"{TEXTS}proposal/"
    get(address)
    sent = {"act": "end", "how": "supersede", "successor": plan.pk}
    assert Desk(editor).client.post(f"{address}edit/end/", sent).status_code == 303
    for tail in ("", "", "r/1/"):
        page = get(address + tail).content.decode()
        assert "Another text has taken the place of this one" in page
        assert f'<a href="{TEXTS}plan/"><span lang="zh-Hant" dir="ltr">工作計畫</span></a>' in page
    title = Unit.objects.get(proposal=plan, kind="title")
    save_translation(title.pk, "en", "Plan of work", editor=editor, at=AT)
    assert "Plan of work" in get(address).content.decode()
    for other in (text.pk, 0):
        with pytest.raises((Invalid, Conflict)):
            lives.supersede(plan.pk, successor_id=other, reasons={}, editor=editor, at=AT)


@pytest.mark.long
def test_nothing_changes_in_a_text_that_has_ended(text: Proposal, editor: User) -> None:
    """No words, no translation; the pages say why, and a post is refused. Taken up again it goes on."""
    address, client = f"{TEXTS}proposal/", Desk(editor).client
    part = copy_of(text).shown[1]
    lives.withdraw(text.pk, reasons={"en": "Why"}, editor=editor, at=AT)
    shown = client.get(f"{address}edit/")
    assert "changed and translated no more" in text_of(shown)
    assert f"{address}edit/s/{part.key}/" not in shown.content.decode()
    assert client.get(f"{address}edit/s/{part.key}/").status_code == 303
    typed = {f"text-{part.pieces[0].key}": "x", "act": "save"}
    for tail, sent in ((f"edit/s/{part.key}/", typed), ("edit/publish/", {"summary": "s"}), ("edit/", {"act": "new"})):
        answer = client.post(address + tail, sent)
        assert (answer.status_code, Draft.objects.exists()) == ((403 if tail != "edit/" else 200), False)
    unit = UnitText.objects.filter(language="zh-hant").first()
    assert unit
    refused = client.post(f"/de/tf/{T}/proposals/proposal/translate/{unit.unit_id}/", {"text": "x", "version": 0})
    assert refused.status_code == 403
    assert client.post(f"{address}edit/end/", {"act": "resume"}).status_code == 303
    assert "withdrawn" not in text_of(get(address))
    assert acts(text)[-2:] == ["proposal.withdrawn", "proposal.resumed"]
    assert client.post(f"{address}edit/end/", {"act": "resume"}).status_code == 409


def test_who_may_end(text: Proposal, editor: User) -> None:
    other = coordinator(text, "Otto", Role.OBSERVER)
    assert Desk(other).client.get(f"{TEXTS}proposal/edit/end/").status_code == 404
    for act in (lives.resume, lambda pk, **more: lives.withdraw(pk, reasons={"en": "x"}, **more)):
        with pytest.raises(Refused):
            act(text.pk, editor=other, at=AT)


def test_the_database_knows_how_a_text_ends(text: Proposal) -> None:
    for wrong in (
        {"state": "withdrawn"},
        {"state": "withdrawn", "ended_at": AT},
        {"state": "superseded", "ended_at": AT},
        {"ended_at": AT},
        {"state": "superseded", "ended_at": AT, "successor": text},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.filter(pk=text.pk).update(**wrong)


# --- several ---------------------------------------------------------------------------------------------------------


def test_each_has_its_own(text: Proposal, plan: Proposal, editor: User) -> None:
    """Revisions, translations, percent, drafts and goals of one are none of the other's."""
    before = queries.percent(text)
    published(plan, editor)
    assert [one.number for one in plan.revisions.all()] == [1]
    title = Unit.objects.get(proposal=plan, kind="title")
    save_translation(title.pk, "de", "Plan", editor=editor, at=AT)
    assert queries.percent(text) == before
    assert queries.percent(plan)["de"] == 100
    assert text.revisions.count() == 1
    set_goal(plan.pk, Wanted("de", 50, "Because."), actor=editor, at=AT)
    assert queries.goals(text) == {}
    assert get(f"{TEXTS}proposal/u/{title.pk}/").status_code == 404
    unit = text.units.first()
    assert unit
    assert Desk(editor).client.get(f"/de/tf/{T}/proposals/plan/translate/{unit.pk}/").status_code == 404
    with pytest.raises(Invalid):
        save_translations(plan.pk, "de", {unit.pk: "x"}, editor=editor, at=AT)


@pytest.mark.long
def test_queries_of_the_list(text: Proposal, editor: User) -> None:
    """As many for many texts as for few."""
    asked = []
    client = Desk(editor).client
    for number in (2, 12):
        for each in range(number):
            made = lives.begin(text.task_force, **(PLAN | {"slug": f"plan-{number}-{each}"}), editor=editor, at=AT)
            if each % 2:
                published(made, editor)
        for address in (TEXTS, f"{TEXTS}proposal/edit/end/"):
            client.get(address)
            with CaptureQueriesContext(connection) as found:
                assert client.get(address).status_code == 200
            asked.append(len(found))
    assert asked[:2] == asked[2:]
    assert max(asked) < 16
    assert working.titled([], "en") == []


LARGE = ("x" * 2_000_000, "[" * 20_000, "\u0301" * 1_000_000, "<script>alert(1)</script>\u202e")


@pytest.mark.long
@pytest.mark.parametrize("value", LARGE, ids=[f"{value[:3]!a} {len(value)}" for value in LARGE])
def test_hostile_words_begin_and_end_no_text(text: Proposal, editor: User, value: str) -> None:
    """Refused with what is wrong, or harmless; each answer within a second of the processor's time."""
    client = Desk(editor).client
    ending = f"/en/tf/{T}/proposals/proposal/edit/end/"
    forms = [(TEXTS, PLAN | {name: value}) for name in ("title", "slug", "kind", "language")]
    forms += [(ending, {"act": "end", "how": "withdraw", "reason-en": value})]
    forms += [(ending, {"act": "end", "how": "supersede", "successor": value, "reason-en": "x"})]
    for address, form in forms:
        start = time.process_time()
        answer = client.post(address, form)
        assert time.process_time() - start < 1.0
        assert answer.status_code in (200, 303, 400, 409, 413)
        assert b"<script>alert" not in answer.content
