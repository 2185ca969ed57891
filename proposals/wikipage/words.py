"""The words by which a page tells what a section or a timeline line is for."""

import re

from proposals.wikipage import months
from taskforce.timeline.enums import Capability

_TIMELINE = frozenset(
    {
        *("timeline", "schedule", "時間線", "时间线", "時間軸", "时间轴", "時間表", "时间表", "時程", "日程"),
        *("タイムライン", "cronología", "cronograma", "calendario", "calendrier", "chronologie", "zeitplan"),
        *("zeitleiste", "linimasa", "समयरेखा", "хронология", "الجدول الزمني", "línea de tiempo", "linha do tempo"),
        *("calendário", "frise chronologique", "lini masa", "jadwal", "समय-रेखा", "расписание", "график"),
        *("الخط الزمني", "スケジュール", "年表"),
    }
)
_REFERENCES = frozenset(
    {
        *("references", "notes", "footnotes", "參考文獻", "参考文献", "參考資料", "参考资料", "參考來源"),
        *("参考来源", "註釋", "注释", "註腳", "脚注", "脚註", "referencias", "références", "einzelnachweise"),
        *("fußnoten", "referências", "referensi", "примечания", "المراجع", "संदर्भ", "सन्दर्भ", "anmerkungen", "quellen"),
        *("notas", "notas y referencias", "notas e referências", "notes et références", "catatan kaki", "rujukan"),
        *("источники", "сноски", "مراجع", "الهوامش", "هوامش", "टिप्पणियाँ", "出典", "注釈"),
    }
)
_AROUND = " \t\u00a0\u3000:：.。"


def is_timeline(title: str) -> bool:
    """Whether a section of this title is a timeline."""
    return title.strip(_AROUND).casefold() in _TIMELINE


def is_references(title: str) -> bool:
    """Whether a line of its own, or a section's title, starts the references."""
    return title.strip(_AROUND).casefold() in _REFERENCES


# All that follows meets text that `months.folded` has made plain: "sélection" is "selection", "приём" is "прием". Where
# a language puts its endings and articles to the word, only the beginning of it is asked for, or no boundary at all.
_ANNOUNCED = re.compile(
    r"\bannounc\w*|公布|公佈|宣布|宣佈|\bbekannt ?ge[gb]\w*|\bbekanntgabe\b|\banunci\w*|\bannonc\w*|\bdiumumkan\b|"
    r"\bpengumuman\b|\bобъявл\w*|घोषणा|घोषित|اعلان|(?<!\w)[يت]علن|発表|公表"
)
# That a text is made public begins no work: "提案公布".
_ABOUT_A_TEXT = re.compile(
    r"\b(proposals?|drafts?)\b|提案|草案|\b(vorschla\w*|entwurf\w*|entwurfe?|propuestas?|borrador\w*|propositions?|"
    r"propostas?|rascunhos?|usulan|draf|предложени\w*|черновик\w*)\b|प्रस्ताव|मसौदा|مقترح|اقتراح|مسودة"
)
# What a task force calls itself says nothing of what it does when.
_GROUPS = re.compile(
    r"\bwork(ing)? groups?\b|工作小?[組组]|\b(groupes?|equipes?) de travail\b|\b(grupos?|equipos?) de trabajo\b|"
    r"\b(grupos?|equipes?) de trabalho\b|\b(kelompok|satuan) kerja\b|कार्य ?(?:समूह|बल|दल)|"
    r"(?:فريق|فرق|فرقة|مجموعة|مجموعات) (?:ال)?عمل|作業(?:部会|グループ)"
)
_DEVANAGARI = "[\u0900-\u097f]"


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


# In this order: "the team seeks feedback on recruitment" is feedback; "review of applications" is review, but
# "applications open" is recruitment; "membership is announced" is the beginning of the work. Each line has a language
# or a few: English and Chinese, German, the Romance ones, Indonesian, Russian, Hindi, Arabic, Japanese.
_CAPABILITIES: tuple[tuple[Capability, re.Pattern[str]], ...] = (
    (
        Capability.FEEDBACK,
        _any(
            r"\b(feedback|comments?|consultation)\b|反饋|反馈|回饋|回馈|意見|意见",
            r"\b(ruckmeld|stellungnahme|kommentar|konsultation)\w*",
            r"\b(comentarios?|comentar|commentaires?|retroalimentacion|consultas?|retours)\b",
            r"\bavis\b(?! de (?:recrut|candidat))",
            r"\b(masukan|umpan balik|tanggapan|konsultasi)\b",
            r"\b(отзыв|комментари|замечани)\w*|\bобратн\w+ связ\w+",
            r"प्रतिक्रिया|फीडबैक|सुझाव",
            r"ملاحظ(?:ات|ة)|تعليقات|(?<!\w)(?:ال)?اراء(?!\w)",
            r"フィードバック|コメント",
        ),
    ),
    (
        Capability.APPLY,
        _any(
            r"\b(recruit\w*|apply|applying|nominations?|sign[- ]?up)\b",
            r"招募|招聘|招收|徵集成員|征集成员|報名|报名|應徵|应征",
            r"\b(anwerb|rekrutier|ausschreibung)\w*|\bmitglieder ?suche\b|\bmitglieder gesucht\b",
            r"\b(recrut\w*|reclutamiento|convocatorias?|inscripci\w+|inscric\w+|inscriptions?)\b",
            r"\bappels? a candidatures?\b|\bseleccion de miembros\b",
            r"\b(presentarse|postularse|candidater|postuler)\b|\bcandidat(ar|e)-se\b",
            r"\b(perekrutan|rekrutmen|pendaftaran|melamar)\b",
            r"\bнабор\w* (?:новых )?(?:участник|член|кандидат|волонтер|добровольц)\w*",
            r"सदस्यों का चयन|भर्ती",
            r"اختيار (?:ال)?اعضاء|استقطاب|(?<!\w)(?:ال)?(?:ترشح|ترشيح)(?!\w)",
            r"募集",
        ),
    ),
    (
        Capability.REVIEW,
        _any(
            r"\b(review\w*|selection|select(s|ed)|assess\w*|evaluat\w*)\b",
            r"評審|评审|審查|审查|審核|审核|審閱|审阅|評選|评选|甄選|甄选|遴選|遴选",
            r"\b(begutacht|gutachten|bewertung|prufung)\w*|auswahl",
            r"\b(evaluaci|seleccion|avaliac|selecao)\w*",
            r"\b(penilaian|seleksi|peninjauan|evaluasi)\b",
            r"\b(рецензи|рассмотрени|отбор|оценк|оценивани)\w*",
            r"समीक्षा|मूल्यांकन|चयन",
            r"تقييم|مراجعة|فرز",
            r"審査|選考|評価|選定",
        ),
    ),
    (
        Capability.WORK,
        _any(
            _ANNOUNCED.pattern,
            r"\b(begins?|starts?|beginning|starting)( its| their)? work\b|開始工作|开始工作|開始運作|开始运作",
        ),
    ),
    (
        Capability.APPLY,
        _any(
            r"\b(applications?|membership|candidac(y|ies))\b|申請|申请",
            r"\bbewerb\w*",
            r"\b(candidaturas?|candidatures?|solicitud(es)?|postulaci\w+)\b",
            r"\blamaran\b",
            r"\bзаяв(к\w*|ок)\b",
            r"आवेदन",
            r"(?<!\w)(?:[وبل]?ال|لل)?طلب(?:ات)?(?!\w)",
            r"応募|立候補",
        ),
    ),
    (
        Capability.WORK,
        _any(
            r"\b(works?|working)\b|工作",
            r"\barbeit(en|et|sbeginn|sphase|szeit)?\b",
            r"\b(trabaj|trabalh|travail)\w*|\btravaux\b",
            r"\b(kerja|bekerja)\b",
            r"\bработ\w*",
            rf"(?<!{_DEVANAGARI})(?:कार्य|काम)(?!{_DEVANAGARI})",
            r"(?<!\w)(?:ال|لل)?(?:عمل|اعمال)(?!\w)",
            r"活動|作業",
        ),
    ),
)


def capability_of(text: str) -> Capability | None:
    """What a phase with this text allows, by known words of the portal's languages; None where none is known."""
    plain = _GROUPS.sub(" ", months.folded(text))
    if _ABOUT_A_TEXT.search(plain):
        plain = _ANNOUNCED.sub(" ", plain)
    return next((capability for capability, words in _CAPABILITIES if words.search(plain)), None)
