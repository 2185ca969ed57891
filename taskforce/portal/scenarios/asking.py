"""A second window of the model case, which asks in every way: each kind of question is there.

In the project's own words, in all languages of the portal.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple

from feedback import services as feedback
from taskforce.core import languages
from taskforce.portal.scenarios.world import HERE, World
from taskforce.questions import services as questions
from taskforce.questions.enums import QuestionKind
from taskforce.questions.forms import Answer
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline import gates

SLUG = "experience"
_OPENS = datetime(2022, 2, 1, 12, tzinfo=UTC)
Act = Callable[[World, datetime], None]


class Voice(NamedTuple):
    """What one person answers, question by question; `name` is empty where everybody reads it without one."""

    after: timedelta
    language: str
    name: str
    wish: str
    apart: str
    led: str
    help: tuple[str, ...]
    ease: str
    takes_part_in: str
    region: str


@cache
def _texts() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads((HERE / "asking.json").read_text("utf-8"))
    return loaded


def _said(name: str) -> dict[str, str]:
    return dict(_texts()[name])


def publish(world: World, at: datetime) -> None:
    """The questions, and the window that asks them in the phase of the first one."""
    phase = world.phases["feedback"]
    version = questions.create_set(SLUG, _asked(), at=at, task_force_id=phase.task_force_id)
    world.windows[SLUG] = feedback.publish_window(
        phase,
        world.proposals["proposal"],
        version,
        slug=SLUG,
        titles=_said("title"),
        introductions=_said("introduction"),
        at=at,
        actor_id=world.people["coordinator"].pk,
    )


def _asked() -> list[dict[str, Any]]:
    return [
        {"kind": QuestionKind.SHORT_TEXT, "labels": _said("wish"), "required": True},
        {"kind": QuestionKind.LONG_TEXT, "labels": _said("apart"), "max_length": 2000},
        {"kind": QuestionKind.ONE_CHOICE, "labels": _said("led"), "choices": _choices("often", "once", "never")},
        {
            "kind": QuestionKind.SEVERAL,
            "labels": _said("help"),
            "most": 2,
            "choices": _choices("mentor", "training", "peers", "time"),
        },
        {
            "kind": QuestionKind.SCALE,
            "labels": _said("ease"),
            "least": 1,
            "most": 5,
            "least_labels": _said("hard"),
            "most_labels": _said("easy"),
        },
        {"kind": QuestionKind.LANGUAGE, "labels": _said("takes_part_in")},
        {"kind": QuestionKind.REGION, "labels": _said("region")},
    ]


def _choices(*codes: str) -> list[tuple[str, dict[str, str]]]:
    return [(code, _said(code)) for code in codes]


def items() -> Iterator[tuple[datetime, Act]]:
    """(moment, act) for everybody who answers."""
    for voice in VOICES:
        yield _OPENS + voice.after, partial(_say, voice)


def _say(voice: Voice, world: World, at: datetime) -> None:
    window = world.windows[SLUG]
    feedback.submit(
        window.pk,
        form_key=gates.read_form_key(gates.new_form_key(at, window.phase_id), window.phase_id),
        language=voice.language,
        read_language=voice.language,
        visibility="public" if voice.name else "nameless",
        name=voice.name,
        answers=_answers(window.questions, voice),
    )


def _answers(version: QuestionSetVersion, voice: Voice) -> list[Answer]:
    wish, apart, led, helped, ease, language, region = version.questions.order_by("position")
    found = [
        Answer(wish.pk, voice.wish),
        Answer(led.pk, choices=(voice.led,)),
        Answer(helped.pk, choices=voice.help),
        Answer(ease.pk, choices=(voice.ease,)),
        Answer(language.pk, choices=(languages.html_lang(voice.takes_part_in),)),
        Answer(region.pk, choices=(voice.region,)),
    ]
    return [*found, Answer(apart.pk, voice.apart)] if voice.apart else found


def _days(days: int, hours: int) -> timedelta:
    return timedelta(days=days, hours=hours)


VOICES = (
    Voice(
        _days(2, 3), "en", "Mira Demo", "How to hand over an event without it falling apart.",
        "Please leave who becomes an administrator to each project.",
        "often", ("mentor", "peers"), "4", "en", "nwe",
    ),
    Voice(
        _days(4, 6), "zh-hant", "", "怎樣讓新人敢開口。", "經費由誰決定，請留給現有的委員會。",
        "once", ("training",), "2", "zh-hant", "eseap",
    ),
    Voice(
        _days(6, 2), "ar", "ريم التجريبية", "كيف أدير اجتماعًا يتكلم فيه الجميع.", "",
        "never", ("mentor", "training"), "2", "ar", "mena",
    ),
    Voice(
        _days(9, 5), "es", "", "Cómo pedir ayuda antes de agotarme.", "No decidan por los grupos locales.",
        "often", ("peers", "time"), "5", "es", "lac",
    ),
    Voice(
        _days(15, 4), "ja", "さくら（デモ）", "意見が分かれたときの進め方。", "",
        "once", ("training", "time"), "1", "ja", "eseap",
    ),
    Voice(
        _days(19, 7), "hi", "", "छोटे समूह को साथ कैसे रखें।", "", "never", ("mentor",), "3", "hi", "sa",
    ),
    Voice(
        _days(3, 5), "zh-hant", "阿明（示範）", "如何把會議開得短一點。", "",
        "often", ("peers", "time"), "4", "zh-hant", "eseap",
    ),
    Voice(
        _days(5, 8), "ja", "", "断り方と任せ方。", "各言語版の方針には触れないでください。",
        "never", ("mentor",), "2", "ja", "eseap",
    ),
    Voice(
        _days(7, 3), "id", "Sari Demo", "Cara mengajak orang baru tanpa membuat mereka takut.", "",
        "once", ("mentor", "training"), "3", "id", "eseap",
    ),
    Voice(
        _days(8, 9), "en", "", "Writing a budget that volunteers can follow.", "Paid staff have training already.",
        "once", ("training",), "3", "en", "eseap",
    ),
    Voice(
        _days(5, 4), "es", "Inés Demo", "Mediar cuando dos buenas personas no se soportan.", "",
        "often", ("peers",), "4", "es", "lac",
    ),
    Voice(
        _days(10, 6), "es", "", "Preparar a quien venga después de mí.", "", "often", ("time",), "5", "es", "lac",
    ),
    Voice(
        _days(12, 3), "pt-br", "Caio Demo", "Falar em público sem ler o papel.", "Não escolham por nós os eventos.",
        "never", ("mentor", "peers"), "2", "pt-br", "lac",
    ),
    Voice(
        _days(16, 5), "pt-br", "", "Manter um projeto vivo depois da primeira edição.", "",
        "once", ("time", "peers"), "3", "pt-br", "lac",
    ),
    Voice(
        _days(6, 7), "de", "", "Neinsagen, ohne jemanden zu verlieren.", "Bitte keine Noten für Ehrenamtliche.",
        "often", ("peers",), "5", "de", "nwe",
    ),
    Voice(
        _days(11, 2), "de", "Karin Demo", "Eine Sitzung so leiten, dass auch Stille reden.", "",
        "once", ("training",), "4", "de", "nwe",
    ),
    Voice(
        _days(13, 6), "fr", "", "Accueillir une personne nouvelle dès la première heure.", "",
        "never", ("mentor",), "3", "fr", "nwe",
    ),
    Voice(
        _days(20, 3), "en", "Tom Demo", "Asking for feedback and then really using it.", "",
        "often", ("mentor", "time"), "4", "en", "nwe",
    ),
    Voice(
        _days(21, 5), "ru", "", "Как не выгореть за первый год.", "", "once", ("time",), "2", "ru", "cee-ca",
    ),
    Voice(
        _days(23, 4), "fr", "Awa Demo", "Trouver des fonds pour une rencontre sans y passer ses nuits.", "",
        "often", ("training", "time"), "3", "fr", "ssa",
    ),
)  # fmt: skip
