"""What the samples of the timeline's mails share: the model case's words, in the active language where it has them."""

from datetime import date
from typing import Any

from django.utils.translation import get_language

from taskforce.notifications import kinds
from taskforce.timeline import describe
from taskforce.timeline.enums import ANYWHERE_ON_EARTH
from taskforce.timeline.notices import written
from taskforce.timeline.notices.links import absolute

# In every language in which the task force of the samples has a name (`kinds.EXAMPLE_NAMES`).
_PHASE = {
    "ar": "ملاحظات على المقترح",
    "de": "Rückmeldungen zum Vorschlag",
    "en": "Feedback on the proposal",
    "es": "Comentarios sobre la propuesta",
    "zh-hant": "對提案的反饋",
}
_NEXT_PHASE = {
    "ar": "اختيار الأعضاء",
    "de": "Suche nach Mitgliedern",
    "en": "Recruitment of members",
    "es": "Convocatoria de miembros",
    "zh-hant": "招募成員",
}
_SUBJECT = {
    "ar": "الاجتماع الأول",
    "de": "Das erste Treffen",
    "en": "The first meeting",
    "es": "La primera reunión",
    "zh-hant": "第一次會議",
}
_EARLIER_SUBJECT = {
    "ar": "اجتماع يوم الثلاثاء",
    "de": "Das Treffen am Dienstag",
    "en": "The meeting on Tuesday",
    "es": "La reunión del martes",
    "zh-hant": "星期二的會議",
}
_BODY = {
    "ar": "يُعقد الاجتماع الأول **يوم الخميس** الساعة 14:00 بتوقيت UTC.\n\n"
    "- اقرأ [جدول الأعمال](/ar/) قبله.\n- الاستماع متاح للجميع.",
    "de": "Das erste Treffen ist **am Donnerstag** um 14:00 UTC.\n\n"
    "- Bitte vorher die [Tagesordnung](/de/) lesen.\n- Alle können zuhören.",
    "en": "The first meeting is **on Thursday**, at 14:00 UTC.\n\n"
    "- Read the [agenda](/en/) before.\n- Everybody may listen.",
    "es": "La primera reunión es **el jueves**, a las 14:00 UTC.\n\n"
    "- Conviene leer antes el [orden del día](/es/).\n- Cualquiera puede escuchar.",
    "zh-hant": "第一次會議將於**星期四** 14:00（UTC）舉行。\n\n- 請先閱讀[議程](/zh-hant/)。\n- 歡迎所有人旁聽。",
}


def place() -> dict[str, Any]:
    """Task force, phase and the address of the task force's page."""
    return {
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "phase": kinds.example(_PHASE),
        "url": absolute("task_force", get_language() or "en", task_force="leadership-development"),
    }


def next_phase() -> dict[str, str]:
    """The title of the phase that follows."""
    return kinds.example(_NEXT_PHASE)


def letter() -> dict[str, Any]:
    """What staff write in a mail to followers, which corrects an earlier one."""
    language, body = get_language() or "en", kinds.example(_BODY)
    return {
        "subject": kinds.example(_SUBJECT),
        "body": body["text"],
        "other_language": written.other_language(body["language"], language),
        "whole": True,
        "corrects": {"sent_at": "2022-05-17T09:30:00+00:00", "subject": kinds.example(_EARLIER_SUBJECT)},
    }


def closes(year: int, month: int, day: int) -> str:
    """The rule of a phase that closes with this day, anywhere on Earth."""
    return describe.rule(date(year, month, day), None, ANYWHERE_ON_EARTH, end=True)


def opens(year: int, month: int, day: int) -> str:
    """The rule of a phase that opens with this day, anywhere on Earth."""
    return describe.rule(date(year, month, day), None, ANYWHERE_ON_EARTH, end=False)
