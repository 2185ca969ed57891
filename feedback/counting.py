"""What was said in a window, counted: by language, region, channel and day, without small groups.

Counted is what everybody may read and nothing else: the total is the one of the list of what was said, and whatever is
held, hidden, withdrawn or for staff only changes no number. Groups are told by `core/small_groups.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Count

from feedback import queries
from feedback.models import RECEIVED_ON, FeedbackAnswer, FeedbackWindow
from taskforce.core import languages, small_groups
from taskforce.core.small_groups import Span, Told
from taskforce.questions.enums import QuestionKind
from taskforce.questions.models import Question

# In place of a region: nobody was asked for it there, or it was left open.
UNSAID = ""
# By what there are groups, in the order of the page.
LANGUAGE, REGION, CHANNEL = KINDS = ("language", "region", "channel")


@dataclass(frozen=True)
class Tally:
    """How many there are, and groups of them by `KINDS` (no regions where no question asks for one) and by day.

    It holds nothing that is not printed, so it may be kept and given away as it is (`as_json`).
    """

    total: int
    groups: Mapping[str, Told]
    days: Sequence[Span]

    def as_json(self) -> dict[str, Any]:
        """As plain values, in which form a summary keeps it."""
        return {
            "total": self.total,
            "groups": {
                kind: {"groups": [list(one) for one in told.groups], "rest": told.rest}
                for kind, told in self.groups.items()
            },
            "days": [[span.first.isoformat(), span.last.isoformat(), span.size] for span in self.days],
        }


def from_json(kept: Mapping[str, Any]) -> Tally:
    """What `as_json` gave."""
    return Tally(
        kept["total"],
        {
            # The database keeps no order of names.
            kind: Told([(code, count) for code, count in told["groups"]], told["rest"])
            for kind in KINDS
            if (told := kept["groups"].get(kind)) is not None
        },
        [Span(date.fromisoformat(first), date.fromisoformat(last), count) for first, last, count in kept["days"]],
    )


def tally(window: FeedbackWindow) -> Tally:
    """All of it as it now stands; three queries."""
    said = queries.for_everybody().filter(window=window).order_by()
    rows = said.annotate(day=RECEIVED_ON).values_list("language", "channel", "day").annotate(Count("pk"))
    by_language: dict[str, int] = {}
    by_channel: dict[str, int] = {}
    by_day: dict[date, int] = {}
    for language, channel, day, count in rows:
        tag = languages.html_lang(language)
        by_language[tag] = by_language.get(tag, 0) + count
        by_channel[channel] = by_channel.get(channel, 0) + count
        by_day[day] = by_day.get(day, 0) + count
    total, least = sum(by_day.values()), settings.SMALL_GROUP
    counted = {LANGUAGE: by_language, REGION: _regions(window, total), CHANNEL: by_channel}
    groups = {kind: small_groups.told(found, least) for kind in KINDS if (found := counted[kind]) is not None}
    return Tally(total, groups, small_groups.spans(by_day.items(), least, window.phase.opens_at.date()))


def _regions(window: FeedbackWindow, total: int) -> dict[str, int] | None:
    """{region: how many}, those included that did not say; None where the window asks nobody."""
    asked = Question.objects.filter(version=window.questions_id, kind=QuestionKind.REGION).order_by("position")
    question = asked.first()
    if question is None:
        return None
    said = queries.for_everybody().filter(window=window).order_by().values("pk")
    answers = FeedbackAnswer.objects.filter(question=question, item__in=said).exclude(choices=[])
    found: dict[str, int] = {}
    for choices, count in answers.order_by().values_list("choices").annotate(Count("pk")):
        found[choices[0]] = found.get(choices[0], 0) + count
    found[UNSAID] = total - sum(found.values())
    return found
