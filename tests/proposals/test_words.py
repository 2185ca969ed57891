"""Known words: what a section is, what a phase allows; which language a script points to."""

import pytest
from django.utils.translation import gettext, override

from proposals.wikipage.words import capability_of, is_references, is_timeline
from taskforce.core import languages
from taskforce.core.text import script_language


@pytest.mark.parametrize(
    ("text", "capability"),
    [
        ("關於提案的反饋徵求", "feedback"),
        ("征求意见", "feedback"),
        ("call for feedback on recruitment", "feedback"),
        ("task force membership recruitment period", "apply"),
        ("招募成員", "apply"),
        ("申請期", "apply"),
        ("Applications are open", "apply"),
        ("Review of applications", "review"),
        ("審查申請", "review"),
        ("task force is announced and begins work", "work"),
        ("公布名單並開始工作", "work"),
        ("the membership is announced", "work"),
        ("提案公布", None),
        ("宣布提案", None),
        ("The proposal is announced for feedback", "feedback"),
        ("a working group meets", None),
        ("工作小組會議", None),
        ("translation of the page", None),
        ("", None),
    ],
)
def test_capability(text: str, capability: str | None) -> None:
    """The more telling word first."""
    assert capability_of(text) == capability


# The portal's own words for it, as messages.
OWN_WORDS = {
    "feedback": ("feedback", "feedback item", "Give feedback", "Feedback is open"),
    "apply": ("apply", "Apply", "Recruitment", "Applications are open"),
    "review": ("review",),
    "work": ("work",),
}


@pytest.mark.parametrize("code", languages.CODES)
def test_capability_in_the_portal_s_own_words(code: str) -> None:
    """Of each language, as its catalogue has them."""
    with override(code):
        said = {word: (gettext(word), wanted) for wanted, words in OWN_WORDS.items() for word in words}
    wrong = {word: said for word, (said, wanted) in said.items() if capability_of(said) != wanted}
    assert wrong == {}


@pytest.mark.parametrize(
    ("capability", "lines"),
    [
        (
            "feedback",
            "Rückmeldungen zum Vorschlag · Comentarios sobre la selección de miembros · "
            "Recueil des avis sur la proposition · Masukan tentang usulan · Сбор отзывов о предложении · "
            "प्रस्ताव पर प्रतिक्रिया · إبداء الملاحظات على المقترح · 提案への意見募集 · Consulta sobre a proposta",
        ),
        (
            "apply",
            "Suche nach Mitgliedern: Bewerbungsphase · Convocatoria de miembros · Appel à candidatures · "
            "Inscrições abertas · Perekrutan anggota · Набор новых участников · सदस्यों की भर्ती · "
            "باب الترشح مفتوح · メンバーの募集",
        ),
        (
            "review",
            "Begutachtung der Bewerbungen · Evaluación de las candidaturas · Évaluation des candidatures · "
            "Avaliação das candidaturas · Penilaian lamaran · Рассмотрение заявок · आवेदनों की समीक्षा · "
            "تقييم الطلبات · 応募者の選考",
        ),
        (
            "work",
            "Die Mitglieder werden bekannt gegeben · Se anuncian los miembros · Les membres sont annoncés · "
            "O grupo é anunciado · Anggota diumumkan · Объявление участников · सदस्यों की घोषणा · "
            "الإعلان عن الأعضاء · メンバーの発表 · Die Arbeit beginnt",
        ),
        (
            None,
            "Die Arbeitsgruppe trifft sich · Reunión del grupo de trabajo · Réunion du groupe de travail · "
            "Reunião do grupo de trabalho · Rapat kelompok kerja · Встреча рабочей группы · कार्य समूह की बैठक · "
            "कार्यशाला · اجتماع فريق العمل · يتطلب وقتا · 作業部会の会合 · Der Entwurf wird bekannt gegeben · "
            "La proposition est annoncée",
        ),
    ],
    ids=str,
)
def test_capability_in_the_portal_s_languages(capability: str | None, lines: str) -> None:
    """As a page may have it."""
    assert {line: capability_of(line) for line in lines.split(" · ")} == dict.fromkeys(lines.split(" · "), capability)


def test_section_titles() -> None:
    """In the portal's languages, with odd white space and a colon."""
    assert is_timeline("時間線")
    assert is_timeline(" Timeline: ")
    assert is_timeline("الخط الزمني")
    assert not is_timeline("Timeline of the project")
    assert is_references("References")
    assert is_references("參考文獻\u3000")
    assert is_references("Notes et références")
    assert not is_references("References are needed")


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("領導力發展工作小組", None, "zh-hant"),
        ("领导力发展工作小组", None, "zh-hans"),
        ("公布", None, "zh-hant"),
        ("公布", "zh-hans", "zh-hans"),
        ("領導", "zh-hans", "zh-hant"),
        ("会議の要約", None, "ja"),
        ("概要", "ja", "ja"),
        ("The task force (任務)", "zh-hant", "en"),
        ("關於 task force 的提案與其成員的職責", "zh-hant", "zh-hant"),
        ("Le groupe de travail", "fr", "fr"),
        ("Le groupe de travail", "zh-hant", "en"),
        ("الجدول الزمني", "zh-hant", "ar"),
        ("नेतृत्व", None, "hi"),
        ("Рабочая группа", None, "ru"),
        ("2022 – 2023 (#1)", "zh-hant", "zh-hant"),
        ("2022", None, None),
        ("", None, None),
        ("작업 그룹", None, None),
    ],
)
def test_language_of_script(text: str, expected: str | None, language: str | None) -> None:
    """The script decides; among languages of one script the expected one; without letters the expected one."""
    assert script_language(text, expected) == language
