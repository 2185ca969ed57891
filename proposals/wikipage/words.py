"""The words by which a page tells what a section or a timeline line is for."""

import re

from taskforce.timeline.enums import Capability

_TIMELINE = frozenset(
    {
        *("timeline", "schedule", "時間線", "时间线", "時間軸", "时间轴", "時間表", "时间表", "時程", "日程"),
        *("タイムライン", "cronología", "cronograma", "calendario", "calendrier", "chronologie", "zeitplan"),
        *("zeitleiste", "linimasa", "समयरेखा", "хронология", "الجدول الزمني"),
    }
)
_REFERENCES = frozenset(
    {
        *("references", "notes", "footnotes", "參考文獻", "参考文献", "參考資料", "参考资料", "參考來源"),
        *("参考来源", "註釋", "注释", "註腳", "脚注", "脚註", "referencias", "références", "einzelnachweise"),
        *("fußnoten", "referências", "referensi", "примечания", "المراجع", "संदर्भ", "सन्दर्भ"),
    }
)
_AROUND = " \t\u00a0\u3000:：.。"


def is_timeline(title: str) -> bool:
    """Whether a section of this title is a timeline."""
    return title.strip(_AROUND).casefold() in _TIMELINE


def is_references(title: str) -> bool:
    """Whether a line of its own, or a section's title, starts the references."""
    return title.strip(_AROUND).casefold() in _REFERENCES


# In this order: "the team seeks feedback on recruitment" is feedback; "review of applications" is review, but
# "applications open" is recruitment; "membership is announced" is the beginning of the work.
_ANNOUNCED = re.compile(r"\bannounc\w*|公布|公佈|宣布|宣佈")
# That a text is made public begins no work: "提案公布".
_ABOUT_A_TEXT = re.compile(r"\b(proposals?|drafts?)\b|提案|草案")
_CAPABILITIES: tuple[tuple[Capability, re.Pattern[str]], ...] = (
    (Capability.FEEDBACK, re.compile(r"\b(feedback|comments?|consultation)\b|反饋|反馈|回饋|回馈|意見|意见")),
    (
        Capability.APPLY,
        re.compile(
            r"\b(recruit\w*|apply|applying|nominations?|sign[- ]?up)\b"
            r"|招募|招聘|招收|徵集成員|征集成员|報名|报名|應徵|应征"
        ),
    ),
    (
        Capability.REVIEW,
        re.compile(
            r"\b(review\w*|selection|select(s|ed)|assess\w*|evaluat\w*)\b"
            r"|評審|评审|審查|审查|審核|审核|審閱|审阅|評選|评选|甄選|甄选|遴選|遴选"
        ),
    ),
    (
        Capability.WORK,
        re.compile(
            rf"{_ANNOUNCED.pattern}|\b(begins?|starts?|beginning|starting)( its| their)? work\b"
            r"|開始工作|开始工作|開始運作|开始运作"
        ),
    ),
    (Capability.APPLY, re.compile(r"\b(applications?|membership|candidac(y|ies))\b|申請|申请")),
    (Capability.WORK, re.compile(r"\b(works?|working)\b(?! groups?\b)|工作(?!小組|小组|組|组)")),
)


def capability_of(text: str) -> Capability | None:
    """What a phase with this text allows, by known words of Chinese and English; None where none is known."""
    plain = text.casefold()
    if _ABOUT_A_TEXT.search(plain):
        plain = _ANNOUNCED.sub(" ", plain)
    return next((capability for capability, words in _CAPABILITIES if words.search(plain)), None)
