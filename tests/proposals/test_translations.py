"""Saving texts: revisions, what becomes outdated, what is refused; revisions are for ever."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from proposals import queries
from proposals.enums import ProposalState
from proposals.models import Proposal, Revision, RevisionContent, Unit, UnitText
from proposals.services import create, import_page, publish, save_translation, save_translations
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid
from taskforce.core.text import digest
from tests.conftest import utc
from tests.proposals.conftest import T
from tests.proposals.pages import page

AT = utc(2022, 2, 6, 9, 30, 59)


@pytest.fixture
def editor(text: Proposal) -> User:
    return create_account("translator@demo.example", at=AT, name="Translator Demo")


def unit_with(said: str) -> int:
    return UnitText.objects.get(text=said).unit_id


def test_translation_is_a_revision(text: Proposal, editor: User) -> None:
    """Number, editor, minute, summary, content of that language only, audit row."""
    revision = save_translation(unit_with("摘要"), "en", "  Summary ", editor=editor, at=AT, summary="one heading")
    assert revision is not None
    assert (revision.number, revision.language, revision.editor_name) == (2, "en", "Translator Demo")
    assert (revision.editor_id, revision.at, revision.summary) == (editor.pk, utc(2022, 2, 6, 9, 30), "one heading")
    content = revision.contents.get()
    assert content.language == "en"
    assert content.sha256 == digest(content.units)
    assert "Summary" in [entry.get("text") for entry in content.units]
    assert queries.percent(text)["en"] == 70
    assert Entry.objects.filter(action="proposal.translated", actor_id=editor.pk).count() == 1


def test_source_change_outdates_just_its_translations(text: Proposal, editor: User) -> None:
    """Derived from versions; confirming the translation unchanged brings it back."""
    heading, paragraph = unit_with("摘要"), unit_with("這個小組提出建議，也聽取意見。")
    save_translations(text.pk, "en", {heading: "Summary", paragraph: "It listens."}, editor=editor, at=AT)
    assert queries.percent(text)["en"] == 80
    save_translation(heading, "zh-hant", "摘錄", editor=editor, at=AT)
    assert queries.percent(text)["en"] == 70
    assert queries.percent(text)["zh-hant"] == 40
    outdated = [unit.id for unit in queries.page(text, "en").units() if unit.is_outdated]
    assert outdated == [heading]
    save_translation(heading, "en", "Summary", editor=editor, at=AT)
    assert queries.percent(text)["en"] == 80


def test_nothing_changes(text: Proposal, editor: User) -> None:
    """The same text again is no revision."""
    unit = unit_with("摘要")
    assert save_translation(unit, "zh-hant", "摘要", editor=editor, at=AT) is None
    save_translation(unit, "en", "Summary", editor=editor, at=AT)
    assert save_translation(unit, "en", "Summary", editor=editor, at=AT) is None
    assert Revision.objects.count() == 2


@pytest.mark.parametrize(
    ("language", "said", "message"),
    [("xx", "x", "not a language"), ("en", " \n", "missing"), ("en", "x" * 20_001, "too long: at most 20000")],
)
def test_refused(text: Proposal, editor: User, language: str, said: str, message: str) -> None:
    """An unknown language, no text, too much text: nothing is written."""
    with pytest.raises(Invalid, match=message):
        save_translation(unit_with("摘要"), language, said, editor=editor, at=AT)
    assert Revision.objects.count() == 1


def test_a_removed_unit_takes_no_text(text: Proposal, editor: User) -> None:
    """What the text no longer has cannot be translated."""
    unit = unit_with("摘要")
    Unit.objects.filter(pk=unit).update(removed_in=2)
    with pytest.raises(Invalid, match="no longer has"):
        save_translation(unit, "en", "Summary", editor=editor, at=AT)


def test_hostile_text_is_stored_clean(text: Proposal, editor: User) -> None:
    """Control characters and lone surrogates cannot be stored; markup becomes safe HTML."""
    save_translation(unit_with("摘要"), "en", "a\x00b \ud800<b>c</b> e\u0301", editor=editor, at=AT)
    row = UnitText.objects.get(unit=unit_with("摘要"), language="en")
    assert row.text == "ab ?<b>c</b> \u00e9"
    assert "<b>" not in row.html


def test_create_and_publish(text: Proposal) -> None:
    """A draft is not there for the public; a slug is taken once; publishing happens once."""
    draft = create(text.task_force, slug="plan", kind="plan", at=AT)
    assert draft.state == ProposalState.DRAFT
    assert [listed.proposal for listed in queries.titles(text.task_force, "en")] == [text]
    with pytest.raises(Conflict, match="already has a text"):
        create(text.task_force, slug="plan", at=AT)
    assert publish(draft, at=AT).state == ProposalState.PUBLISHED
    with pytest.raises(Conflict):
        publish(draft, at=AT)


def test_titles_follow_the_chain(text: Proposal, editor: User) -> None:
    """A list of texts shows each title in the reader's language or the next one."""
    assert queries.titles(text.task_force, "en")[0].title == ("示範小組", "zh-hant")
    save_translation(unit_with("示範小組"), "en", "Sample group & more", editor=editor, at=AT)
    assert queries.titles(text.task_force, "de")[0].title == ("Sample group & more", "en")
    assert queries.titles(text.task_force, "zh-hans")[0].title == ("示範小組", "zh-hant")


def test_past_revisions_stay_as_they_were(text: Proposal, editor: User) -> None:
    """The page at each revision, in each language, whatever came later."""
    unit = unit_with("Write a definition")
    save_translation(unit, "de", "Schreibt eine Definition", editor=editor, at=AT)
    save_translation(unit, "en", "Write three definitions", editor=editor, at=AT)
    save_translation(unit, "de", "Schreibt drei Definitionen", editor=editor, at=AT)

    def said(language: str, number: int) -> tuple[str, str]:
        reading = queries.page_at(text, language, number)
        shown = next(shown for shown in reading.units() if shown.id == unit)
        return shown.plain, shown.state.value

    assert said("de", 1) == ("Write a definition", "missing")
    assert said("de", 2) == ("Schreibt eine Definition", "translated")
    assert said("de", 3) == ("Schreibt eine Definition", "outdated")
    assert said("de", 4) == ("Schreibt drei Definitionen", "translated")
    assert said("en", 2) == ("Write a definition", "source")
    now, then = queries.page(text, "de"), queries.page_at(text, "de", 4)
    assert [str(one.html) for one in now.units()] == [str(one.html) for one in then.units()]
    assert [one.anchor for one in now.units()] == [one.anchor for one in then.units()]
    assert now.percent == then.percent


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE proposals_revision SET summary = 'other'",
        "DELETE FROM proposals_revision",
        "UPDATE proposals_revisioncontent SET units = '[]'",
        "DELETE FROM proposals_revisioncontent",
    ],
)
def test_revisions_are_append_only(text: Proposal, statement: str) -> None:
    """The database itself refuses, whoever asks."""
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        connection.cursor().execute(statement)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        RevisionContent.objects.update(sha256="")
    assert Revision.objects.get().summary == "first version"


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_concurrent_saves_get_their_own_numbers() -> None:
    """Two people save at the same time, each in a connection of their own: a revision each, none lost."""
    text = import_page(page(), task_force=T, at=AT).proposal
    editor = create_account("translator@demo.example", at=AT, name="Translator Demo")
    units = list(Unit.objects.values_list("pk", flat=True))

    def save(language: str) -> None:
        try:
            for unit in units:
                save_translation(unit, language, f"{language} {unit}", editor=editor, at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(save, ["de", "fr"]))
    numbers = list(Revision.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, 2 * len(units) + 2))
    assert queries.percent(text)["de"] == queries.percent(text)["fr"] == 100
