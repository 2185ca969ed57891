"""Who will be told what by an act: counts per language, and the mails as they will be sent."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import get_language

from taskforce.core import languages
from taskforce.notifications import kinds, previews
from taskforce.timeline.enums import Topic
from taskforce.timeline.queries import bulletins as queries


class Mail(NamedTuple):
    """One mail that an act causes, at once or (with the occasion's `name` and the instant `at`) later.

    `context(language)` is what the code that sends it would give it.
    """

    kind: str
    context: Callable[[str], kinds.Context]
    name: str = ""
    at: datetime | None = None


def readers(task_force_id: int, mails: Sequence[Mail]) -> list[dict[str, Any]]:
    """For each language in which somebody follows the deadlines, and the reader's own, which comes first: how many hear
    of it at once, how many in their daily mail, and the mails.
    """
    followers = queries.readers(task_force_id, Topic.DEADLINES)
    own = get_language() or "en"
    codes = [own, *(code for code in languages.CODES if code != own and code in followers.by_language)]
    return [
        {
            "code": code,
            "name": languages.OWN_NAMES[code],
            "is_own": code == own,
            "followers": followers.by_language.get(code, 0),
            "at_once": followers.at_once[code],
            "daily": followers.daily[code],
            "mails": [{"name": one.name, "at": one.at, "mail": _preview(one, code)} for one in mails],
        }
        for code in codes
    ]


def _preview(one: Mail, language: str) -> previews.Preview:
    return previews.preview(kinds.get(one.kind), one.context(language), language, Topic.DEADLINES)
