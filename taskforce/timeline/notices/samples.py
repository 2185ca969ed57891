"""What the samples of the timeline's mails share: the model case's words, in the active language where it has them."""

from datetime import date
from typing import Any

from django.utils.translation import get_language

from taskforce.notifications import kinds
from taskforce.timeline import describe
from taskforce.timeline.enums import ANYWHERE_ON_EARTH
from taskforce.timeline.notices.links import absolute

_PHASE = {"ar": "ملاحظات على المقترح", "en": "Feedback on the proposal", "zh-hant": "對提案的反饋"}
_NEXT_PHASE = {"ar": "اختيار الأعضاء", "en": "Recruitment of members", "zh-hant": "招募成員"}


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


def closes(year: int, month: int, day: int) -> str:
    """The rule of a phase that closes with this day, anywhere on Earth."""
    return describe.rule(date(year, month, day), None, ANYWHERE_ON_EARTH, end=True)


def opens(year: int, month: int, day: int) -> str:
    """The rule of a phase that opens with this day, anywhere on Earth."""
    return describe.rule(date(year, month, day), None, ANYWHERE_ON_EARTH, end=False)
