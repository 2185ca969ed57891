"""Importing pages: the first, the same again, the next, and those that are refused."""

from datetime import date
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals.drafting.copies import Shape
from proposals.models import Proposal, Revision, RevisionContent, Section, Unit, UnitText
from proposals.plan import plan_of
from proposals.queries import percent
from proposals.services import AlreadyImported, buttons, drafts, import_page, lives, save_translation
from proposals.services.drafts import Typed
from proposals.services.imports import Imported
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core import labels
from taskforce.core.errors import Conflict
from taskforce.core.text import digest
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.services import change_state
from tests.clients import Client
from tests.conftest import Clock, utc
from tests.proposals.conftest import T
from tests.proposals.editing import coordinator, copy_of, piece_with, published
from tests.proposals.pages import BODY, long_body, page

AT = utc(2022, 2, 5, 9)
LATER = "10:00, 4 February 2022"
FAR = "10:00, 1 March 2030"


def again(body: str = BODY, **header: str) -> Imported:
    """A later page of the same text."""
    return import_page(page(body, **{"at": LATER, "summary": "(more)"} | header), task_force=T, at=AT)


def test_first_import(text: Proposal) -> None:
    """Everything is there: units with their structure, texts, phases, revision with content and hash, audit."""
    units = list(
        Unit.objects.order_by("position").values_list("kind", "section__position", "number", "source_language")
    )
    assert units == [
        ("title", None, None, "zh-hant"),
        ("heading", 1, None, "zh-hant"),
        ("paragraph", 1, None, "zh-hant"),
        ("heading", 2, None, "en"),
        ("paragraph", 2, None, "en"),
        ("list-item", 2, 1, "en"),
        ("list-item", 2, 2, "en"),
        ("heading", 3, None, "zh-hant"),
        ("heading", 4, None, "en"),
        ("note", 4, 1, "en"),
    ]
    assert list(Section.objects.values_list("kind", flat=True)) == ["text", "text", "timeline", "references"]
    assert set(UnitText.objects.values_list("version", "source_version")) == {(1, None)}
    revision = Revision.objects.get()
    assert (revision.number, revision.language, revision.editor_name) == (1, "zh-hant", "Ada Sample")
    assert (revision.at, revision.summary) == (utc(2022, 2, 3, 8, 5), "first version")
    for content in revision.contents.all():
        assert content.sha256 == digest(content.units)
        assert [entry["kind"] for entry in content.units].count("phase") == 3
    assert percent(text)["zh-hant"] == 40
    assert percent(text)["en"] == 60
    assert list(Entry.objects.filter(action="proposal.imported").values_list("target_id", flat=True)) == [text.pk]


def test_phases_are_published_by_rule(text: Proposal) -> None:
    """AoE days, capabilities by known words, titles in their own language."""
    phases = Phase.objects.order_by("opens_at")
    assert [(p.slug, p.capabilities, p.opens_on, p.closes_on, p.zone) for p in phases] == [
        ("feedback", ["feedback"], date(2022, 2, 1), date(2022, 2, 28), "AoE"),
        ("recruitment", ["apply"], date(2022, 3, 14), date(2022, 4, 10), "AoE"),
        ("work", ["work"], date(2022, 5, 1), date(2022, 5, 31), "AoE"),
    ]
    assert phases[0].title_zh_hant == "徵求反饋"  # type: ignore[attr-defined]  # a field of modeltranslation
    assert phases[0].title_en is None  # type: ignore[attr-defined]  # a field of modeltranslation
    assert phases[1].title_en == "recruitment of members"  # type: ignore[attr-defined]  # a field of modeltranslation


def test_unknown_words_allow_nothing(clock: Clock) -> None:
    """A phase without known words is published without capabilities."""
    import_page(page("1. Timeline\n\n• May 2022: a party\n• May 2022: another party"), task_force=T, at=AT)
    phases = Phase.objects.order_by("slug").values_list("slug", "capabilities")
    assert list(phases) == [("phase-2022-05", []), ("phase-2022-05-2", [])]


PARTY = "1. Timeline\n\n• May 2022: a party\n• June 2022: another party\n"


@pytest.mark.parametrize(
    ("body", "published"),
    [
        # Moved dates, by the title; a new line in front, whose month is taken; in another language, by the place.
        (PARTY.replace("May 2022", "July 2022"), []),
        (PARTY.replace("• May", "• May 2022: invitations\n• May"), ["phase-2022-05-2"]),
        (PARTY.replace("May 2022: a party", "2022年7月: 聚會"), []),
        # Other words on other days are another phase.
        (PARTY.replace("May 2022: a party", "July 2022: a walk"), ["phase-2022-07"]),
    ],
)
def test_a_line_without_known_words_is_known_again(clock: Clock, body: str, published: list[str]) -> None:
    """Published dates stay as they are, and no second phase begins beside them."""
    import_page(page(PARTY, title="Group"), task_force=T, at=AT)
    done = again(f"{body}\nOne more item.\n", title="Group")
    assert done.phases == published
    assert Phase.objects.count() == 2 + len(published)
    assert Phase.objects.get(slug="phase-2022-05").closes_on == date(2022, 5, 31)


def test_a_translated_line_is_the_title_in_its_language(text: Proposal, client: Client) -> None:
    """It is read so, is a revision, and is in the log; the dates stay, and what has a title in it keeps it."""
    body = BODY.replace("14 March – 10 April 2022: recruitment of members", "2022年3月14日至4月11日: 招募成員")
    done = again(body)
    assert done.titled == [
        (
            "phase recruitment: its title in zh-hant is that of line 20 now",
            "phase recruitment: its title in zh-hant would be that of line 20",
        )
    ]
    assert [each.done.split(":")[0] for each in done.differences] == ["phase recruitment"]
    phase = Phase.objects.get(slug="recruitment")
    assert labels.stored(phase, "title") == {"en": "recruitment of members", "zh-hant": "招募成員"}
    assert phase.closes_on == date(2022, 4, 10)
    assert Entry.objects.get(action="phase.translated", target_id=phase.pk).details["language"] == "zh-hant"
    assert done.revision.number == 2
    assert "招募成員" in client.get(f"/zh-hant/tf/{T}/proposals/proposal/").content.decode()
    done = again(body.replace("招募成員", "招募").replace("Draft", "Write"), at="11:00, 4 February 2022")
    said = "phase recruitment: line 20 has another title in zh-hant: "
    assert (f"{said}not changed", f"{said}would not be changed") in done.differences
    assert done.titled == []


def test_same_revision_twice(text: Proposal) -> None:
    """Refused in words; nothing is written."""
    before = UnitText.objects.count(), Revision.objects.count(), Phase.objects.count(), Entry.objects.count()
    with pytest.raises(AlreadyImported, match=r"^already imported as r1$"):
        import_page(page(), task_force=T, at=AT)
    with pytest.raises(AlreadyImported, match="already imported as r1, but 1 of the page's units say something else"):
        import_page(page(BODY.replace("Draft", "Write")), task_force=T, at=AT)
    with pytest.raises(AlreadyImported, match="already imported: r1 says all that the page says"):
        again()
    after = UnitText.objects.count(), Revision.objects.count(), Phase.objects.count(), Entry.objects.count()
    assert before == after


def test_older_page(text: Proposal) -> None:
    """A page from before the last revision cannot follow it."""
    with pytest.raises(Conflict, match="an older page cannot follow a newer one"):
        again(BODY.replace("Draft", "Write"), at="08:04, 3 February 2022")


def test_translated_paragraph(text: Proposal) -> None:
    """A paragraph that turned from English to Chinese is a translation; its source stays."""
    done = again(BODY.replace("Write a definition", "寫下定義"))
    assert (done.revision.number, done.units.added, done.units.changed, done.units.removed) == (2, 0, 1, 0)
    texts = UnitText.objects.filter(unit__number=1, unit__kind="list-item").order_by("language")
    assert [(row.language, row.text, row.source_version) for row in texts] == [
        ("en", "Write a definition", None),
        ("zh-hant", "寫下定義", 1),
    ]
    assert done.percent == {"en": 60, "zh-hant": 50}
    assert [content.language for content in done.revision.contents.all()] == ["zh-hant"]


def test_changed_source_outdates_its_translation(text: Proposal) -> None:
    """The translation stays, marked by its older source version; it no longer counts."""
    again(BODY.replace("Write a definition", "寫下定義"))
    done = again(BODY.replace("Write a definition", "Write two definitions"), at="11:00, 4 February 2022")
    assert done.percent == {"en": 60, "zh-hant": 40}
    versions = UnitText.objects.filter(unit__number=1, unit__kind="list-item").order_by("language")
    assert [(row.version, row.source_version) for row in versions] == [(2, None), (1, 1)]


def test_page_in_another_language(text: Proposal) -> None:
    """The same page in English completes English and changes no Chinese."""
    english = BODY.replace("摘要", "Summary").replace("這個小組提出建議，也聽取意見。", "It advises and listens.")
    done = again(english.replace("時間線", "Timeline"), title="Sample group")
    assert done.percent == {"en": 100, "zh-hant": 40}
    assert done.plan.language == done.revision.language == "en"


def test_units_come_and_go(text: Proposal) -> None:
    """A new paragraph in between, an item gone: the others keep their identity, the gone one is only marked."""
    ids = dict(UnitText.objects.values_list("text", "unit_id"))
    body = BODY.replace("    2. Draft a plan\n", "").replace(
        "\n2. Details\n", "\nAnd one more thought.\n\n2. Details\n"
    )
    done = again(body)
    assert (done.units.added, done.units.removed) == (1, 1)
    assert Unit.objects.get(pk=ids["Draft a plan"]).removed_in == 2
    live = Unit.objects.filter(removed_in=None).order_by("position")
    assert [unit.position for unit in live] == list(range(1, 11))
    kept = {row.text: row.unit_id for row in UnitText.objects.filter(unit__in=live)}
    assert {text: ids[text] for text in kept if text in ids} == {text: kept[text] for text in kept if text in ids}
    assert list(live.values_list("kind", flat=True))[:4] == ["title", "heading", "paragraph", "paragraph"]


def test_reordered_items(text: Proposal) -> None:
    """Two items that change places keep a text each, and positions stay unique."""
    body = BODY.replace("1. Write a definition", "1. X").replace("2. Draft a plan", "2. Write a definition")
    again(body.replace("1. X", "1. Draft a plan"))
    items = Unit.objects.filter(kind="list-item", removed_in=None).order_by("position")
    assert [item.texts.get(language="en").text for item in items] == ["Draft a plan", "Write a definition"]


def test_another_text_is_refused(text: Proposal) -> None:
    """Other sections, or hardly a unit known again: no guess, nothing written."""
    with pytest.raises(Conflict, match="sections cannot be added, removed or reordered"):
        again(BODY.replace("References", "4. More\n\nText."))
    other = "\n\n".join(f"Something else, number {number}." for number in range(40))
    again(BODY.replace("More would help.", "More would help.\n\n" + other))
    with pytest.raises(Conflict, match="the page is another text: only 10 of the text's 50 units"):
        again(at="11:00, 4 February 2022", summary="(again)")
    assert Revision.objects.count() == 2


def test_published_dates_stay(text: Proposal) -> None:
    """Other dates on a later page are reported, a new line becomes a phase."""
    body = BODY.replace("2022年2月:", "2022年2月至3月:").replace(
        "  • May 2022", "  • 2022年4月11日至30日: 審查\n  • May 2022"
    )
    done = again(body)
    assert done.phases == ["review"]
    assert [each.done for each in done.differences] == [
        "phase feedback: published as 2022-02-01 to 2022-02-28, line 19 says 2022-02-01 to 2022-03-31: not changed "
        "(published dates change by extension only)"
    ]
    assert Phase.objects.get(slug="feedback").closes_on == date(2022, 2, 28)
    assert Phase.objects.count() == 4


def test_no_phase_begins_in_what_has_ended(text: Proposal) -> None:
    """The text becomes its next revision, and the phase is named; a page that has nothing else new is refused."""
    change_state(text.task_force_id, "cancel", at=AT, actor_id=None)
    line = BODY.replace("  • May 2022", "  • 2022年4月11日至30日: 審查\n  • May 2022")
    with pytest.raises(Conflict, match="phase review: not published, the task force has ended; line 21 says 審查"):
        again(line)
    done = again(line.replace("More would help.", "More would help very much."))
    assert done.phases == []
    why = "published, the task force has ended; line 21 says 審查"
    assert done.differences == [(f"phase review: not {why}", f"phase review: would not be {why}")]
    assert done.units.changed == 1
    assert Phase.objects.count() == 3


def test_phases_that_staff_published(tf: TaskForce) -> None:
    """Lines find the phases of a task force that is there; its names and dates stay."""
    done = import_page(page(), task_force=tf.slug, at=AT)
    assert done.phases == []
    assert [each.done.split(":")[0] for each in done.differences] == [
        "phase feedback",
        "phase recruitment",
        "phase work",
        "phase work",
    ]
    assert "published as 2022-05-16 to 2023-06-30" in done.differences[2].done
    assert TaskForce.objects.get().name_en == "Leadership development"  # type: ignore[attr-defined]  # a field of modeltranslation


def test_nothing_half_written(clock: Clock) -> None:
    """Two lines that overlap with the same capability: no task force, no text, no phase remains."""
    body = BODY.replace("May 2022: the members are announced", "February 2022: more feedback")
    with pytest.raises(Conflict, match=r"^line \d+: .*overlap"):
        import_page(page(body), task_force=T, at=AT)
    assert not TaskForce.objects.exists()
    assert not Proposal.objects.exists()
    assert not Phase.objects.exists()
    assert not RevisionContent.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "ja"])
def test_given_language(clock: Clock, language: str) -> None:
    """`language` decides among the languages of a script."""
    plan = plan_of(page("1. 概要\n\n2022", title="概要"), language)
    assert [unit.language for unit in plan.units] == [language] * 3


def test_a_page_translated_in_part(clock: Clock) -> None:
    """What is surely English is not counted as the page's language; what could be is named with its line."""
    body = (
        "1. Zusammenfassung\n\nDie Gruppe berät und hört zu.\n\n"
        "This group has members from all regions, and they are chosen by the communities.\n\n"
        "Wir folgen dem „Code of Conduct and the Charter“ und ist es nötig, auch mehr.\n\nThe group meets.\n"
    )
    done = import_page(page(body, title="Gruppe"), task_force=T, language="de", at=AT)
    assert [unit.language for unit in done.plan.units] == ["de", "de", "de", "en", "de", "de"]
    assert done.percent == {"de": 83, "en": 16}
    assert [str(remark) for remark in done.plan.remarks] == [
        "line 1: no word tells English from de, taken as de; also in line 6",
        "line 10: taken as English, and so not as a text in de",
        "line 14: could be English, taken as de",
    ]


@pytest.mark.long
def test_many_units_in_few_queries(clock: Clock) -> None:
    """The number of statements does not grow with the page."""
    counts = []

    for number, units in enumerate((10, 380)):
        with CaptureQueriesContext(connection) as queries:
            import_page(page(long_body(units)), task_force=f"t{number}", at=AT)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def edited(text: Proposal, old: str, new: str, by: User) -> None:
    """A paragraph is changed on the portal."""
    piece = piece_with(text, old)
    drafts.save(text.pk, {piece.key: Typed(new, None, piece.token)}, None, editor=by, at=AT)
    published(text, by)


def told(done: Imported) -> list[str]:
    return [one.done for one in done.units.put_back]


@pytest.mark.long
def test_what_was_edited_here_is_told_where_a_page_overwrites_it(text: Proposal) -> None:
    """With what it said; what only the page changed, or what it has too, is no such edit."""
    person = coordinator(text)
    edited(text, "Some work is done already.[1] More would help.", "Some work is done.[1] More is not.", person)
    edited(text, "Write a definition", "Write two definitions", person)
    body = BODY.replace("Write a definition", "Write two definitions").replace("Draft a plan", "Draft plans")
    done = again(body, at=FAR)
    assert done.units.changed == 2
    assert told(done) == [
        "line 12: edited here since, and overwritten; it said (en): “Some work is done.[1] More is not.”"
    ]
    assert told(again(body.replace("Draft plans", "Draft a plan"), at="12:00, 1 March 2030")) == []


def test_what_was_removed_or_added_here_is_told(text: Proposal) -> None:
    """What the page still has is added again; what it has not is removed."""
    person = coordinator(text)
    item, heading = piece_with(text, "Draft a plan"), piece_with(text, "摘要")
    drafts.change(text.pk, partial(buttons.add_after, key=heading.key), editor=person, at=AT)
    new = next(piece for piece in copy_of(text).pieces() if not piece.text)
    drafts.save(text.pk, {new.key: Typed("Quite another thing", None, new.token)}, None, editor=person, at=AT)
    drafts.change(text.pk, partial(buttons.remove, key=item.key), editor=person, at=AT)
    published(text, person)
    done = again(at=FAR)
    assert told(done) == [
        "line 15: removed here since, and added again (en): “Draft a plan”",
        "added here since, and removed; it said (zh-hant): “Quite another thing”",
    ]
    assert done.units.removed == done.units.added == 1


def test_what_an_import_moves_back_is_told(text: Proposal) -> None:
    """Where it was moved here; what only the page moves is no such edit."""
    person = coordinator(text)
    item = piece_with(text, "Draft a plan")
    drafts.change(text.pk, partial(buttons.up, key=item.key), editor=person, at=AT)
    published(text, person)
    done = again(BODY.replace("More would help.", "More helps."), at=FAR)
    assert told(done) == ["line 15: moved here since, and put back in its place (en): “Draft a plan”"]
    items = "    1. Write a definition\n    2. Draft a plan\n"
    swapped = BODY.replace(items, "    1. Draft a plan\n    2. Write a definition\n")
    assert told(again(swapped, at="12:00, 1 March 2030")) == []


def test_translations_that_go_are_told(text: Proposal) -> None:
    """With the paragraph that the page has no more; one that is of another kind there keeps its own."""
    person = coordinator(text)
    for said, arabic in (("Draft a plan", "خطة"), ("Write a definition", "تعريف")):
        unit = UnitText.objects.get(text=said).unit_id
        save_translation(unit, "ar", arabic, editor=person, at=AT)
    items = "    1. Write a definition\n    2. Draft a plan\n"
    again(BODY.replace("More would help.", "More helps."), at=FAR)
    done = again(BODY.replace(items, "Write a definition\n"), at="12:00, 1 March 2030")
    assert told(done) == ["a translation that goes with what was removed; it said (ar): “خطة”"]
    (one,) = done.units.put_back
    assert one.foretold == "a translation that would go with what would be removed; it says (ar): “خطة”"


def test_another_kind_that_is_put_back_is_told(text: Proposal) -> None:
    """Where it was made something else here; what only the page makes something else is no such edit."""
    person = coordinator(text)
    piece = piece_with(text, "Draft a plan")
    drafts.save(text.pk, {piece.key: Typed(piece.text, Shape("quote"), piece.token)}, None, editor=person, at=AT)
    published(text, person)
    done = again(BODY.replace("More would help.", "More helps."), at=FAR)
    assert told(done) == ["line 15: made a quote here since, and made what the page has (en): “Draft a plan”"]
    item = Unit.objects.get(texts__text="Draft a plan")
    assert (item.kind, item.number) == ("list-item", 2)
    assert told(again(BODY.replace("    2. Draft a plan", "\nDraft a plan"), at="12:00, 1 March 2030")) == []


def test_dates_that_are_put_back_are_told(text: Proposal) -> None:
    """Where they were moved here; where only the page moves them, they are as it says."""
    body = BODY.replace("3. 時間線\n", "3. 時間線\n\n日程如下。\n")
    assert told(again(body)) == []
    dates = next(piece for piece in copy_of(text).pieces() if piece.is_dates)
    person = coordinator(text)
    drafts.change(text.pk, partial(buttons.up, key=dates.key), editor=person, at=AT)
    published(text, person)
    done = again(body.replace("Draft a plan", "Draft plans"), at=FAR)
    assert told(done) == [
        "line 17: its dates were moved here since, and put where the page has them (zh-hant): “時間線”"
    ]
    assert told(again(body, at="12:00, 1 March 2030")) == []


def test_a_numbered_item_that_was_made_none_is_told(text: Proposal) -> None:
    person = coordinator(text)
    piece = piece_with(text, "Draft a plan")
    typed = Typed(piece.text, Shape("list-item"), piece.token)
    drafts.save(text.pk, {piece.key: typed}, None, editor=person, at=AT)
    published(text, person)
    done = again(BODY.replace("More would help.", "More helps."), at=FAR)
    assert told(done) == ["line 15: made a list item here since, and made what the page has (en): “Draft a plan”"]


def test_a_translation_from_before_the_last_import_is_told(text: Proposal) -> None:
    """The page had the paragraph in its own language then, and overwrites the translation now."""
    unit = UnitText.objects.get(text="Draft a plan").unit_id
    save_translation(unit, "zh-hant", "擬定計畫", editor=coordinator(text), at=AT)
    assert told(again(BODY.replace("More would help.", "More helps."), at=FAR)) == []
    done = again(BODY.replace("Draft a plan", "寫計畫"), at="12:00, 1 March 2030")
    assert told(done) == ["line 15: written here, and overwritten; it said (zh-hant): “擬定計畫”"]
    assert told(again(BODY.replace("Draft a plan", "寫下計畫"), at="13:00, 1 March 2030")) == []


NUMBERED = Shape("list-item", ordered=True)
PARTS: tuple[tuple[str, str, str, list[tuple[Shape, str]]], ...] = (
    ("摘要", "text", "zh-hant", [(Shape("paragraph"), "這個小組提出建議，也聽取意見。")]),
    ("Details", "text", "en", [
        (Shape("quote"), "Some work is done already.[1] More would help."),
        (NUMBERED, "Draft a plan"), (NUMBERED, "Write a definition"),
    ]),
    ("時間線", "timeline", "zh-hant", []),
    ("References", "references", "en", [(Shape("note"), "A short note."), (Shape("note"), "Another one.")]),
)  # fmt: skip


@pytest.fixture
def begun_here(text: Proposal) -> Proposal:
    """The same text, written on the pages of the portal: nothing of it was brought in."""
    Proposal.objects.filter(pk=text.pk).update(slug="former")
    person = coordinator(text)
    about = {"slug": "proposal", "kind": "proposal", "title": "示範小組", "language": "zh-hant"}
    made = lives.begin(text.task_force, **about, editor=person, at=AT)
    for heading, kind, language, pieces in PARTS:
        part = drafts.change(made.pk, buttons.add_part(heading, kind, "", language), editor=person, at=AT)
        for shape, said in pieces:
            key = drafts.change(made.pk, partial(buttons.add_last, part=part), editor=person, at=AT)
            typed = Typed(said, shape, copy_of(made).piece(key).token, language)
            drafts.save(made.pk, {key: typed}, None, editor=person, at=AT)
    published(made, person)
    note = piece_with(made, "A short note.")
    drafts.change(made.pk, partial(buttons.remove, key=note.key), editor=person, at=AT)
    published(made, person)
    save_translation(piece_with(made, "Details").unit or 0, "zh-hant", "細節", editor=person, at=AT)
    return made


@pytest.mark.long
def test_a_text_that_was_begun_here(begun_here: Proposal) -> None:
    """Each thing that the page overrules is told, and nothing that it has as it is; of the next page nothing."""
    assert not begun_here.revisions.filter(editor_id=None).exists()
    body = BODY.replace("這個小組提出建議，也聽取意見。", "我們不說話。").replace("2. Details", "2. 詳情")
    done = again(body, at=FAR)
    assert done.proposal == begun_here
    assert told(done) == [
        "line 8: written here, and overwritten; it said (zh-hant): “這個小組提出建議，也聽取意見。”",
        "line 10: written here, and overwritten; it said (zh-hant): “細節”",
        "line 25: written here, and overwritten; it said (en): “Another one.”",
        "line 25: removed here, and added again (en): “A short note.”",
        "line 12: a quote here, and made what the page has (en): “Some work is done already.[1] More would help.”",
        "line 15: placed elsewhere here, and put in its place (en): “Draft a plan”",
    ]
    assert done.units.put_back[-1].foretold == (
        "line 15: placed elsewhere here, and would be put in its place (en): “Draft a plan”"
    )
    assert told(again(body.replace("我們不說話", "我們不寫字"), at="12:00, 1 March 2030")) == []
