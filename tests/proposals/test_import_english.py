"""English on a page that is translated in part: told from the page's language where it is sure, reported always."""

import time

import pytest

from proposals.plan import plan_of
from proposals.wikipage.english import could_be_english, is_english, says_nothing
from tests.proposals.pages import page

OWN = {
    "de": (
        "Die Arbeitsgruppe folgt der „Declaration of the Rights of the Child“ und dem Universal Code of Conduct.",
        "Das Programm heißt The State of the Movement and of the Communities.",
        "Alle kennen das Motto „we are the ones who do it, and this is what we do“, auch wir.",
        "Im Mai werden die Mitglieder benannt, und sie beginnen mit der Arbeit.",
        "Die Sitzung heißt: How to be there for others.",
        "Im Kurs geht es um How to be heard by others",
    ),
    "es": (
        "El grupo sigue la Declaration of the Rights of the Child and the Charter, y no la cambia.",
        "Los miembros leyeron “what we are and what we do with it, and who is to do it” en la reunión.",
        "No hay nada que decidir en mayo.",
        "El curso se llama: How to be with others and why it matters",
    ),
    "fr": (
        "Le groupe suit la Declaration of the Rights of the Child and the Charter, sans la changer.",
        "Les membres ont lu « what we are and what we do with it, and who is to do it » en mai.",
        "Le but est de décider, et on le fait avec les communautés.",
        "La session s’intitule What we do and who we are, by them",
    ),
    "id": (
        "Kelompok ini mengikuti Declaration of the Rights of the Child and the Charter, dan tidak mengubahnya.",
        "Para anggota membaca “what we are and what we do with it, and who is to do it” pada bulan Mei.",
        "Kelompok ini akan bekerja dengan komunitas.",
    ),
    "pt-br": (
        "O grupo segue a Declaration of the Rights of the Child and the Charter, e não a muda.",
        "Os membros leram “what we are and what we do with it, and who is to do it” em maio.",
        "As regras não mudam no trabalho dos grupos.",
    ),
}
# With words that one of the five has too, and names from elsewhere.
ENGLISH = (
    "There is no plan for this yet, and the members are to write one with the communities.",
    "The group met at the Universidad de la República in May, and its members said what they would do next.",
    "We hear from people who live in Rio de Janeiro and of the Haus der Kulturen, and what they tell us is noted.",
    "The die is cast: as soon as the money is there, el Grupo would begin with its work.",
    "This is what they said.",
)


@pytest.mark.parametrize("language", OWN)
def test_paragraphs(language: str) -> None:
    """One word of the page's language makes nothing German; a quoted English name makes nothing English."""
    for text in OWN[language]:
        assert not is_english(text, language), text
        assert not could_be_english(text, language), text
    for text in ENGLISH:
        assert is_english(text, language), text


@pytest.mark.parametrize("language", OWN)
def test_titles_and_mottos(language: str) -> None:
    """Without quotation marks they are English no more than in them, and are told; English has colons too."""
    for text in (
        "Programa Let's Connect: peer to peer, by and for all",
        "Motto: Be bold, not reckless, by all means.",
        "Lema: of the people, by the people, for those who do it",
        "Atelier : How to be with others, and what they do",
        "Sesi berjudul What we do and who we are",
    ):
        assert (is_english(text, language), could_be_english(text, language)) == (False, True), text
    assert is_english("Motto: Be bold. This is what they said, and what we are to do with it.", language)
    assert is_english("This is what they said about it: be there.", language)


def test_letters_tell() -> None:
    """A word with a letter that English lacks is one of the page's language; a name with one makes nothing German."""
    words = "Workshops, where and how they are"
    assert is_english(words, "de")
    assert not is_english(f"{words} für übermorgen", "de")
    assert is_english("They met in Zürich, and this is what they said about those who live there.", "de")


@pytest.mark.parametrize("language", OWN)
def test_short_ones_stay_and_are_told(language: str) -> None:
    """What has too few small words is not sure, and what has none tells nothing; a heading with other letters does."""
    for text in ("The group meets.", "More would help.", "Motto: “we are what we do”"):
        assert (is_english(text, language), could_be_english(text, language)) == (False, True), text
    for text in ("Members", "Timeline of the Project", "See Code of Conduct and the Charter"):
        assert (is_english(text, language), could_be_english(text, language)) == (False, False), text
        assert says_nothing(text, language), text
    assert not says_nothing("Übersicht", language)
    assert not says_nothing("2022", language)


@pytest.mark.parametrize("language", ["zh-hant", "en", "ar"])
def test_only_beside_another_language_of_latin_letters(language: str) -> None:
    """Elsewhere the script tells."""
    for text in (*ENGLISH, "The group meets.", "Members"):
        assert not is_english(text, language)
        assert not could_be_english(text, language)
        assert not says_nothing(text, language)


def test_what_is_told_of_a_page() -> None:
    """All lines of a kind in one remark; of a page that is whole in its language nothing."""
    german = "1. Ziele\n\nDie Gruppe berät und hört zu.\n\n"
    assert plan_of(page(german, title="Gruppe"), "de").remarks == ()
    mixed = (
        f"{german}{ENGLISH[0]}\n\nThe group meets.\n\n{ENGLISH[1]}\n\n2. Zeitleiste\n\n"
        "• Mai 2022: Bewerbung\n• June 2022: the group is announced and begins its work\n"
    )
    assert [str(remark) for remark in plan_of(page(mixed, title="Gruppe"), "de").remarks] == [
        "line 1: no word tells English from de, taken as de; also in lines 6, 16, 18",
        "line 10: taken as English, and so not as a text in de; also in lines 14, 19",
        "line 12: could be English, taken as de",
    ]
    (told,) = plan_of(page()).remarks
    assert str(told) == (
        "line 10: taken as English, and so not as a text in zh-hant; also in lines 12, 14, 15, 20, 21, 23, 25"
    )


@pytest.mark.parametrize(
    "text",
    [
        "a" * 2_000_000,
        "a A " * 500_000,
        "a: " * 500_000,
        "a The " * 300_000,
        "a. " * 500_000,
        "the of and " * 200_000,
        "„" * 500_000,
        "a.b" * 500_000,
    ],
)
def test_much_takes_no_long_time(text: str) -> None:
    start = time.process_time()
    is_english(text, "de"), could_be_english(text, "de"), says_nothing(text, "de")
    assert time.process_time() - start < 1
