"""Earlier revisions: restored as new ones, and what became of their paragraphs."""

import re
from contextlib import suppress
from functools import partial
from importlib import import_module
from random import Random

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext, override

from proposals import queries, working
from proposals.drafting import acts
from proposals.drafting.copies import Copy, Shape
from proposals.models import Passage, Proposal, Revision, RevisionContent, Unit, UnitText, Wording
from proposals.reading import Reading
from proposals.services import Wanted, buttons, drafts, review, save_translation, set_goal
from proposals.services.drafts import Typed
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import digest
from tests.clients import Client
from tests.proposals.conftest import T
from tests.proposals.editing import AT, Desk, coordinator, copy_of, piece_with, published, said

FILL = import_module("proposals.migrations.0007_passages").FILL
LISTENS, WORK = "這個小組提出建議，也聽取意見。", "Some work is done already.[1] More would help."


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


def change(text: Proposal, editor: User, was: str, now: str) -> Revision:
    piece = piece_with(text, was)
    drafts.save(text.pk, {piece.key: Typed(now, None, piece.token)}, None, editor=editor, at=AT)
    return published(text, editor)


def remove(text: Proposal, editor: User, said: str) -> Revision:
    key = piece_with(text, said).key
    drafts.change(text.pk, partial(buttons.remove, key=key), editor=editor, at=AT)
    return published(text, editor)


def shown(reading: Reading) -> list[tuple[object, ...]]:
    """What a page says, unit by unit."""
    return [(unit.id, unit.kind, unit.number, unit.language, unit.state, unit.html) for unit in reading.units()]


@pytest.mark.long
def test_a_restored_revision_is_a_new_one(text: Proposal, editor: User) -> None:
    """Words, places and sections as they were, translations of then; the history keeps everything."""
    unit = piece_with(text, LISTENS).unit or 0
    save_translation(unit, "ar", "من قبل", editor=editor, at=AT)
    before = shown(queries.page(text, "ar"))
    change(text, editor, LISTENS, "另一句話。")
    save_translation(unit, "ar", "جملة أخرى", editor=editor, at=AT)
    remove(text, editor, WORK)
    key = copy_of(text).shown[1].key
    drafts.change(
        text.pk, partial(buttons.part_remove, key=key, seen=copy_of(text).part(key).seen), editor=editor, at=AT
    )
    published(text, editor)
    drafts.restore(text.pk, 2, editor=editor, at=AT)
    revision = published(text, editor)
    assert revision.number == 7
    assert shown(queries.page(text, "ar")) == before
    assert shown(queries.page_at(text, "ar", 7)) == before
    assert UnitText.objects.get(unit=unit, language="ar").text == "من قبل"
    assert not Unit.objects.exclude(removed_in=None).exists()


def test_a_translation_that_was_spoilt_comes_back(text: Proposal, editor: User) -> None:
    """Also where no source changed; then it is a revision of its language. What came since with no equal then stays."""
    unit = piece_with(text, LISTENS).unit or 0
    save_translation(unit, "ar", "من قبل", editor=editor, at=AT)
    save_translation(unit, "ar", "spoilt", editor=editor, at=AT)
    save_translation(unit, "de", "seitdem", editor=editor, at=AT)
    drafts.restore(text.pk, 2, editor=editor, at=AT)
    page = Desk(editor).get("publish/").content.decode()
    assert "Translations that come back" in page
    assert "من قبل" in page
    assert "spoilt" in page
    assert "seitdem" not in page
    assert f'/u/{unit}/">Paragraph</a>' in page
    revision = published(text, editor)
    assert (revision.number, revision.language) == (5, "ar")
    logged = Entry.objects.get(action="proposal.revised").details
    assert {name: logged[name] for name in ("new", "changed", "removed", "returned")} == {
        "new": 0, "changed": 0, "removed": 0, "returned": 1,
    }  # fmt: skip
    assert [one.language for one in revision.contents.all()] == ["ar"]
    assert dict(UnitText.objects.filter(unit=unit).values_list("language", "text")) == {
        "zh-hant": LISTENS,
        "ar": "من قبل",
        "de": "seitdem",
    }
    assert not working.working(text).is_changed
    with pytest.raises(Invalid):
        drafts.restore(text.pk, 2, editor=editor, at=AT)


@pytest.mark.long
def test_the_preview_of_a_restored_revision_shows_what_comes_back(text: Proposal, editor: User) -> None:
    """With the source of then its translation of then, up to date; what has another source stays out of date."""
    unit, work = piece_with(text, LISTENS).unit or 0, piece_with(text, WORK).unit or 0
    save_translation(unit, "ar", "من قبل", editor=editor, at=AT)
    save_translation(unit, "ar", "spoilt", editor=editor, at=AT)
    save_translation(work, "ar", "عمل", editor=editor, at=AT)
    change(text, editor, WORK, "Changed.")
    change(text, editor, LISTENS, "另一句話。")
    drafts.restore(text.pk, 5, editor=editor, at=AT)
    preview = Desk(editor).get("preview/", "ar").content.decode()
    assert "spoilt" in preview.split("<article")[1]
    drafts.discard(text.pk, expected=copy_of(text).token, editor=editor, at=AT)
    drafts.restore(text.pk, 2, editor=editor, at=AT)
    preview = Desk(editor).get("preview/", "ar").content.decode().split("<article")[1]
    assert "من قبل" in preview
    assert "spoilt" not in preview
    piece = piece_with(text, WORK)
    drafts.save(text.pk, {piece.key: Typed("Changed anew.", None, piece.token)}, None, editor=editor, at=AT)
    published_as_shown(text, editor)
    assert {one.id for one in queries.page(text, "ar").units() if one.is_outdated} == {work}


def test_it_comes_back_beside_a_changed_source_too(text: Proposal, editor: User) -> None:
    """Of a paragraph that says what it said then; up to date or outdated, what stood there in between is gone."""
    unit = piece_with(text, LISTENS).unit or 0
    save_translation(unit, "ar", "من قبل", editor=editor, at=AT)
    save_translation(unit, "ar", "spoilt", editor=editor, at=AT)
    change(text, editor, WORK, "Changed.")
    drafts.restore(text.pk, 2, editor=editor, at=AT)
    published(text, editor)
    assert UnitText.objects.get(unit=unit, language="ar").text == "من قبل"
    assert WORK in said(text)


@pytest.mark.long
def test_what_is_saved_while_a_restored_draft_is_read_is_not_overwritten_unseen(text: Proposal, editor: User) -> None:
    """The page showed what would come back in place of what; it is shown anew."""
    unit = piece_with(text, LISTENS).unit or 0
    save_translation(unit, "ar", "من قبل", editor=editor, at=AT)
    save_translation(unit, "ar", "spoilt", editor=editor, at=AT)
    drafts.restore(text.pk, 2, editor=editor, at=AT)
    desk = Desk(editor)
    fields = desk.fields("publish/")
    save_translation(unit, "ar", "put right", editor=editor, at=AT)
    answer = desk.post("publish/", fields)
    assert answer.status_code == 409
    assert "put right" in answer.content.decode()
    assert desk.press("publish/", "").status_code == 303


@pytest.mark.long
def test_whose_words_came_back_does_not_review_them(text: Proposal, editor: User) -> None:
    """They are the words of whoever wrote them then, not of whoever wrote what stood there since."""
    unit = piece_with(text, LISTENS).unit or 0
    first, second = coordinator(text, "First"), coordinator(text, "Second")
    set_goal(text.pk, Wanted("ar", 50, "many read it", wants_review=True), actor=editor, at=AT)
    save_translation(unit, "ar", "من قبل", editor=first, at=AT)
    change(text, editor, LISTENS, "另一句話。")
    row = UnitText.objects.get(unit=unit, language="ar")
    save_translation(unit, "ar", "جملة أخرى", editor=second, at=AT)
    drafts.restore(text.pk, 2, editor=editor, at=AT)
    published(text, editor)
    row.refresh_from_db()
    with pytest.raises(Refused):
        review(text.pk, "ar", unit, row.version, reviewer=first, at=AT)
    assert review(text.pk, "ar", unit, row.version, reviewer=second, at=AT).reviewer_id == second.pk


@pytest.mark.long
def test_joined_words_are_reviewed_by_none_of_those_who_wrote_them(text: Proposal, editor: User) -> None:
    """Nor by whoever confirms them for the new source."""
    one, other = piece_with(text, "Write a definition"), piece_with(text, "Draft a plan")
    first, second = coordinator(text, "First"), coordinator(text, "Second")
    third = coordinator(text, "Third")
    set_goal(text.pk, Wanted("ar", 50, "many read it", wants_review=True), actor=editor, at=AT)
    for piece, writer in ((one, first), (other, second)):
        save_translation(piece.unit or 0, "ar", f"كلمة {writer.pk}", editor=writer, at=AT)
    drafts.change(text.pk, partial(buttons.merge, key=one.key), editor=editor, at=AT)
    published(text, editor)
    row = UnitText.objects.get(unit=one.unit, language="ar")
    assert row.writers == [first.pk, second.pk]
    save_translation(one.unit or 0, "ar", row.text, editor=editor, at=AT)
    for writer in (first, second, editor):
        with pytest.raises(Refused):
            review(text.pk, "ar", one.unit or 0, row.version + 1, reviewer=writer, at=AT)
    assert review(text.pk, "ar", one.unit or 0, row.version + 1, reviewer=third, at=AT).reviewer_id == third.pk
    save_translation(one.unit or 0, "ar", "كلها جديدة", editor=second, at=AT)
    assert UnitText.objects.get(pk=row.pk).writers == [second.pk]


def test_what_cannot_be_restored(text: Proposal, editor: User) -> None:
    """No such revision, nothing to restore, or what would be lost."""
    with pytest.raises(Invalid):
        drafts.restore(text.pk, 1, editor=editor, at=AT)
    with pytest.raises(drafts.NoRevision):
        drafts.restore(text.pk, 9, editor=editor, at=AT)
    change(text, editor, LISTENS, "另一句話。")
    piece = piece_with(text, WORK)
    drafts.save(text.pk, {piece.key: Typed("Mine.", None, piece.token)}, None, editor=editor, at=AT)
    with pytest.raises(Conflict):
        drafts.restore(text.pk, 1, editor=editor, at=AT)
    assert "Mine." in said(text)


@pytest.mark.long
def test_restoring_on_the_pages(text: Proposal, editor: User) -> None:
    """The summary says which one; it can be changed before it is published."""
    change(text, editor, LISTENS, "另一句話。")
    desk = Desk(editor)
    assert desk.post("", {"act": "restore", "revision": "x"}).status_code == 400
    missing = desk.post("", {"act": "restore", "revision": "7"})
    assert missing.status_code == 404
    shown = missing.content.decode()
    assert "There is no such revision" in shown
    assert 'name="revision" value="7"' in shown
    assert f'href="/en/tf/{T}/proposals/proposal/history/"' in shown
    assert desk.post("", {"act": "restore", "revision": "1"})["Location"].endswith("/edit/publish/")
    assert desk.fields("publish/")["summary"] == "Restored revision 1"
    assert desk.press("publish/", "").status_code == 303
    assert LISTENS in said(text)
    assert queries.current_revision(text).summary == "Restored revision 1"  # type: ignore[union-attr]


@pytest.mark.long
def test_a_paragraph_has_an_address_for_ever(text: Proposal, editor: User, client: Client) -> None:
    """Where it is now; a removed one in the last revision that had it, with its anchor there, and what it said."""
    unit = piece_with(text, LISTENS).unit
    base = f"/en/tf/{T}/proposals/proposal/"
    shown = client.get(f"{base}u/{unit}/").content.decode()
    assert f'<a href="{base}#u-{unit}">Read it in its place</a>' in shown
    assert "removed" not in shown
    change(text, editor, LISTENS, "另一句話。[1]")
    save_translation(unit or 0, "ar", "جملة", editor=editor, at=AT)
    remove(text, editor, "另一句話。[1]")
    shown = client.get(f"{base}u/{unit}/").content.decode()
    assert f'<a href="{base}r/3/#u-{unit}">Read it where it stood last</a>' in shown
    assert f'id="u-{unit}"' in client.get(f"{base}r/3/").content.decode()
    assert f'lang="zh-Hant" dir="ltr"><p>另一句話。<a href="{base}r/3/#note-1"' in shown
    listed = shown.split('<ol class="pt-history"')[1].split("<li>")[1:]
    acts = [re.findall(r"/(?:r|diff)/([\d.]+)/", one) for one in listed]
    assert acts == [["4"], ["3", "2..3"], ["2", "1..2"], ["1", "0..1"]]
    assert 'dir="rtl"><p>جملة</p>' in client.get(f"/ar/tf/{T}/proposals/proposal/u/{unit}/").content.decode()
    for number in (1, 2**63, 10**40):
        assert client.get(f"{base}u/{number}/").status_code == 404


@pytest.mark.long
def test_a_paragraph_s_page_asks_the_same_however_much_there_is(text: Proposal, editor: User, client: Client) -> None:
    """Revisions, languages, units; many acts are counted."""
    unit = piece_with(text, LISTENS).unit or 0
    address = f"/en/tf/{T}/proposals/proposal/u/{unit}/"

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    few = cost()
    for number in range(33):
        save_translation(unit, ("ar", "de", "fr")[number % 3], f"t {number}", editor=editor, at=AT)
    assert cost() == few
    shown = client.get(address).content.decode()
    assert shown.count("<li>") - shown.split('<ol class="pt-history"')[0].count("<li>") == 30
    assert "4 earlier ones in the history" in shown


BANNER = "pt-banner-archived"


@pytest.mark.long
def test_a_revision_is_archived_once_anything_that_its_page_shows_has_a_later_one(
    text: Proposal, editor: User, client: Client
) -> None:
    """The source that stands for a translation, or the order; not a language that stands nowhere on the page."""

    def archived(number: int) -> list[str]:
        pages = {
            code: client.get(f"/{code}/tf/{T}/proposals/proposal/r/{number}/").content.decode()
            for code in ("de", "ar", "zh-hant")
        }
        return [code for code, page in pages.items() if BANNER in page]

    for unit in queries.live_units(text):
        save_translation(unit.pk, "ar", f"ar {unit.pk}", editor=editor, at=AT)
    last = text.revisions.count()
    assert archived(1) == ["ar"]
    assert archived(last) == []
    change(text, editor, LISTENS, "另一句話。")
    assert archived(last) == ["de", "zh-hant"]
    drafts.change(text.pk, partial(buttons.up, key=piece_with(text, "Draft a plan").key), editor=editor, at=AT)
    published(text, editor)
    assert archived(last) == ["de", "ar", "zh-hant"]
    assert archived(last + 2) == []


def test_the_original_beside_an_outdated_translation_is_that_of_then(
    text: Proposal, editor: User, client: Client
) -> None:
    """And the page says so; on the page of now it is that of now."""
    unit = piece_with(text, LISTENS).unit or 0
    save_translation(unit, "ar", "من قبل", editor=editor, at=AT)
    change(text, editor, LISTENS, "另一句話。")
    change(text, editor, "另一句話。", "第三句話。")
    base = f"/ar/tf/{T}/proposals/proposal/"
    shown = (
        ("r/3/", "Show the original as it stood then", "另一句話。"),
        ("", "Show the original as it is now", "第三句話。"),
    )
    for address, words, original in shown:
        page = client.get(base + address).content.decode().split("pt-unit__newer")[1]
        with override("ar"):
            assert gettext(words) in page
        assert original in page


# --- whatever editors do ---------------------------------------------------------------------------------------------


SHAPES = (Shape("note"), Shape("quote"), Shape("paragraph"), Shape("heading", 1), Shape("list-item", 1, ordered=True))


def said_as(copy: Copy, key: str, text: str, shape: Shape | None) -> str:
    """Other words, of another kind; the place of dates has none."""
    if not copy.piece(key).is_dates:
        acts.write(copy, key, text, shape)
    return key


def with_a_note(copy: Copy, key: str, text: str) -> str:
    """A new note behind it."""
    return said_as(copy, buttons.add_after(copy, key), text, Shape("note"))


def random_act(random: Random, copy: Copy) -> object:
    """One act on a random piece or section."""
    pieces = [piece for piece in copy.pieces() if not piece.is_fixed] or list(copy.pieces())
    key = random.choice(pieces).key
    part = random.choice(copy.shown).key
    words = "".join(random.choices("甲乙 ab*_[1]\n<>&", k=random.randrange(1, 30)))
    heading = random.choice([piece for piece in copy.pieces() if piece.is_fixed])
    return random.choice(
        [
            partial(said_as, key=heading.key, text="", shape=None),
            partial(said_as, key=key, text=words, shape=random.choice(SHAPES)),
            partial(with_a_note, key=key, text=words),
            partial(buttons.up, key=key),
            partial(buttons.down, key=key),
            partial(buttons.remove, key=key),
            partial(buttons.add_after, key=key),
            partial(buttons.merge, key=key),
            partial(buttons.split, key=key, text=f"{words}\n\nx", place=None),
            partial(buttons.place, key=key, after=random.choice(list(copy.pieces())).key),
            partial(buttons.part_up, key=part),
            partial(buttons.part_remove, key=part, seen=copy.part(part).seen),
            buttons.add_part(f"h {words}", random.choice(["text", "timeline"]), ""),
        ]
    )


def random_words(random: Random, text: Proposal, editor: User) -> None:
    piece = random.choice([piece for piece in copy_of(text).pieces() if not piece.is_dates])
    typed = Typed("".join(random.choices("丙丁 cd[1]**", k=8)) + "。", None, piece.token)
    drafts.save(text.pk, {piece.key: typed}, None, editor=editor, at=AT)


def edit(random: Random, text: Proposal, editor: User) -> Revision | None:
    """Some acts, whichever of them can be done; published, or a translation saved."""
    number = random.randrange(1, 9)
    if random.random() < 0.2 and number < text.revisions.count():
        with suppress(Invalid, Conflict):
            drafts.restore(text.pk, number, editor=editor, at=AT)
            return published_as_shown(text, editor)
    if random.random() < 0.3:
        unit = random.choice(queries.live_units(text))
        return save_translation(unit.pk, random.choice(["ar", "de"]), f"t {random.random()}", editor=editor, at=AT)
    for _ in range(random.randrange(1, 6)):
        try:
            drafts.change(text.pk, random_act(random, copy_of(text)), editor=editor, at=AT)  # type: ignore[arg-type]
        except (Invalid, Conflict):
            continue
    random_words(random, text, editor)
    # Whatever is left blank has a preview; then it gets its words.
    previews(text)
    for problem in working.problems(copy_of(text)):
        drafts.change(text.pk, partial(said_as, key=problem.piece.key, text="h", shape=None), editor=editor, at=AT)
    is_minor = random.random() < 0.3
    return published(text, editor, is_minor=True) if is_minor else published_as_shown(text, editor)


def previews(text: Proposal) -> dict[str, list[tuple[object, ...]]]:
    """What the preview says in some languages, section by section; new units have no ids there yet."""
    return {code: page_of(working.preview(text, working.working(text), code)) for code in ("zh-hant", "ar", "de")}


def page_of(reading: Reading) -> list[tuple[object, ...]]:
    """What a page says, with its sections and where the dates stand."""
    blocks = [(section.kind, [(block.kind, block.phases) for block in section.blocks]) for section in reading.sections]
    return [*(unit[1:] for unit in shown(reading)), *blocks]


def published_as_shown(text: Proposal, editor: User) -> Revision:
    """Publish the copy; readers see what its preview showed."""
    before = previews(text)
    revision = published(text, editor)
    assert before == {code: page_of(queries.page_at(text, code, revision.number)) for code in before}
    return revision


@pytest.mark.parametrize("seed", range(6))
def test_every_revision_is_reproduced_from_its_content(text: Proposal, editor: User, client: Client, seed: int) -> None:
    """Its page is for ever what readers saw when it was published, byte for byte; its hash holds."""
    random = Random(seed)
    then: dict[tuple[int, str], bytes] = {}
    for _ in range(8):
        revision = edit(random, text, editor)
        if revision is None:
            continue
        for language in ("zh-hant", "ar"):
            assert shown(queries.page_at(text, language, revision.number)) == shown(queries.page(text, language))
            then[revision.number, language] = article(client, language, revision.number)
    assert then
    for (number, language), page in then.items():
        assert article(client, language, number) == page
        for before in (0, number - 1):
            address = f"/{language}/tf/{T}/proposals/proposal/diff/{before}..{number}/"
            assert client.get(address).status_code == 200, address
    for content in RevisionContent.objects.filter(revision__proposal=text):
        assert digest(content.units) == content.sha256
    written_down_as_kept(text)


def written_down_as_kept(text: Proposal) -> None:
    """Which revision wrote what, and what went where: as the contents have it."""
    with connection.cursor() as cursor:
        cursor.execute(FILL[FILL.index("SELECT") :])
        wrote = cursor.fetchall()
    rows = Wording.objects.values_list("revision_id", "unit_id", "language", "version")
    assert sorted(rows) == sorted(wrote)
    for one in Passage.objects.select_related("revision"):
        number = one.revision.number
        before, after = (queries.state_at(text, "en", at).units for at in (number - 1, number))
        assert one.source_id in before | after
        assert one.target_id in after
        assert (one.source_id in after) == (one.source_version is not None)
        assert one.kind != "split" or one.target_id not in before
        assert one.kind != "join" or one.source_id not in after


def article(client: Client, language: str, number: int) -> bytes:
    """What a revision's page says of the text, its title too: without the ways to its neighbours, and without who
    edited it when, which stands in the banner once there is a later one."""
    page = client.get(f"/{language}/tf/{T}/proposals/proposal/r/{number}/").content
    text = page[page.index(b"<article>") : page.index(b"</article>")]
    before, _nav, after = re.split(rb"(<nav class=\"pt-meta pt-rev.*?</nav>)", text, maxsplit=1, flags=re.DOTALL)
    return re.sub(rb'<p class="pt-meta">.*?</p>\s*', b"", before, flags=re.DOTALL).strip() + after


def test_that_a_changed_content_would_be_seen(text: Proposal, editor: User, client: Client) -> None:
    """And only past the database's refusal could one be changed."""
    content = RevisionContent.objects.filter(language="zh-hant").get()
    before = article(client, "zh-hant", 1)
    content.units[1]["text"] += "x"
    with pytest.raises(DatabaseError), transaction.atomic():
        content.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        content.delete()
    with pgtrigger.ignore("proposals.RevisionContent:append_only"):
        content.save()
    assert article(client, "zh-hant", 1) != before
    assert digest(content.units) != content.sha256


def test_nothing_is_put_beside_a_revision_that_stands(text: Proposal) -> None:
    """Its page would show it: what belongs to a revision is written in the transaction that makes it, or never."""
    revision = Revision.objects.filter(proposal=text).earliest("number")
    first, second, *_others = queries.live_units(text)
    rows = (
        RevisionContent(revision=revision, language="fr", units=[], sha256=digest([])),
        Wording(revision=revision, unit=first, language="fr", version=1),
        Passage(revision=revision, kind="split", source=first, target=second, source_version=1, target_version=1),
    )
    for row in rows:
        with transaction.atomic():
            row.save()
            transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('proposals.made', '', true)")  # as in a later transaction
    for row in rows:
        row.pk, row._state.adding = None, True
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
