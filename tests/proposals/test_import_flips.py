"""Whether words are English may be told otherwise of a later version of a page: its units stay what they are."""

import pytest

from proposals import queries
from proposals.models import Proposal, Unit, UnitText
from proposals.services import AlreadyImported, Imported, import_page, save_translation
from proposals.wikipage import english
from tests.conftest import Clock
from tests.proposals.conftest import T
from tests.proposals.editing import AT, coordinator
from tests.proposals.pages import page

BODY = """\
1. Zusammenfassung

Die Gruppe macht Vorschläge und hört den Gemeinschaften zu.

2. Einzelheiten

{words}

Mehr davon wäre gut, und es ist noch viel zu tun.
"""
END = "es ist noch viel zu tun.\n"
ENGLISH = "The die is cast: as soon as the money is there, el Grupo would begin with its work."
DOUBTFUL = "Members meet online each month and discuss travel, budget, translation."
SURE = "The members meet online each month, and they discuss the travel, the budget and what is to be translated."


def imported(body: str, day: int) -> Imported:
    made = page(body, title="Beispielgruppe für alle", at=f"08:05, {day} February 2022", summary="(x)")
    return import_page(made, task_force=T, language="de", at=AT)


@pytest.fixture
def blind(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no English had been told yet."""
    monkeypatch.setattr(english, "is_english", lambda text, language: False)


def translated(words: str) -> int:
    """The unit with the words, which has a French translation from now on."""
    unit = UnitText.objects.get(text=words).unit_id
    save_translation(unit, "fr", "Le sort", editor=coordinator(Proposal.objects.get()), at=AT)
    return unit


def texts(unit: int) -> dict[str, str]:
    return dict(UnitText.objects.filter(unit=unit).values_list("language", "text"))


def test_a_german_paragraph_that_begins_to_sound_english(clock: Clock) -> None:
    """Its readers get the new words, and what was translated from the old ones is out of date."""
    assert (english.is_english(DOUBTFUL, "de"), english.is_english(SURE, "de")) == (False, True)
    imported(BODY.format(words=DOUBTFUL), 3)
    unit = translated(DOUBTFUL)
    done = imported(BODY.format(words=SURE), 8)
    assert texts(unit) == {"de": SURE, "fr": "Le sort"}
    assert (done.units.added, done.units.changed, done.units.removed, done.percent["de"]) == (0, 1, 0, 100)
    assert [one.unit for one in queries.outdated(done.proposal)] == [unit]
    assert "line 12: could be English, taken as de" in map(str, done.plan.remarks)
    assert not [one for one in done.plan.remarks if "taken as English" in one.text]
    with pytest.raises(AlreadyImported, match=r"r\d$"):
        imported(BODY.format(words=SURE), 8)


def test_an_english_paragraph_that_begins_to_sound_german(clock: Clock) -> None:
    """It stays English; what is German is a translation of it."""
    imported(BODY.format(words=SURE), 3)
    unit = translated(SURE)
    assert imported(BODY.format(words=DOUBTFUL), 8).percent["de"] < 100
    assert texts(unit) == {"en": DOUBTFUL, "fr": "Le sort"}
    german = "Die Mitglieder treffen sich jeden Monat online und sprechen über Reisen."
    assert imported(BODY.format(words=german), 9).percent["de"] == 100
    assert texts(unit) == {"en": DOUBTFUL, "de": german, "fr": "Le sort"}
    # Whatever stands in the place of the German words is no new source.
    imported(BODY.format(words=german.replace("Reisen", "Geld")), 10)
    assert texts(unit)["de"].endswith("Geld.")


@pytest.mark.parametrize("is_moved", [False, True])
def test_what_was_taken_as_german_before(blind: None, monkeypatch: pytest.MonkeyPatch, *, is_moved: bool) -> None:
    """It is the same paragraph where English is told now, moved or not, and keeps its language and translations."""
    before = BODY.format(words=ENGLISH)
    imported(before, 3)
    unit = translated(ENGLISH)
    monkeypatch.undo()
    after = before.replace("noch viel", "noch sehr viel")
    if is_moved:
        after = before.replace(f"{ENGLISH}\n\n", "").replace(END, f"{END}\n{ENGLISH}\n")
    done = imported(after, 8)
    assert (done.units.added, done.units.removed) == (0, 0)
    assert texts(unit) == {"de": ENGLISH, "fr": "Le sort"}
    assert Unit.objects.get(pk=unit).removed_in is None


def test_a_new_one_is_english(clock: Clock) -> None:
    """As at the first import; what stands beside it stays what it is."""
    imported(BODY.format(words=DOUBTFUL), 3)
    done = imported(BODY.format(words=f"{DOUBTFUL}\n\n{ENGLISH}"), 8)
    assert (done.units.added, done.units.removed) == (1, 0)
    assert texts(UnitText.objects.get(text=ENGLISH).unit_id) == {"en": ENGLISH}
    assert texts(UnitText.objects.get(text=DOUBTFUL).unit_id) == {"de": DOUBTFUL}
