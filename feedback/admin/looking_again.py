"""What has changed under drafted answers since they were written, as whoever publishes them looks at it once more."""

from collections.abc import Sequence
from html import unescape
from typing import Any, NamedTuple

from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from feedback import drafted, earlier, queries
from feedback.models import Disposition, FeedbackAnswer, FeedbackItem, FeedbackWindow
from proposals import addresses
from proposals.differences.marked import marked
from proposals.differences.pieces import Budget, pieces
from taskforce.core import labels, languages, markdown
from taskforce.core.labels import Label

# So many drafts are looked at in one go, with so many of the texts of each theme: the next ones come afterwards.
AT_ONCE, _OF_A_THEME = 20, 5


class Difference(NamedTuple):
    """What a text answers to one question now, against what it did."""

    question: Label
    html: SafeString
    language: str


class Changed(NamedTuple):
    """A text that says something else; without differences nobody has kept what it said."""

    item: FeedbackItem
    differences: Sequence[Difference]


class Looked(NamedTuple):
    """A draft with its words in each language, and what has changed under it; `more` is how much is not shown."""

    draft: Disposition
    texts: Sequence[tuple[str, SafeString]]
    changed: Sequence[Changed]
    joined: Sequence[tuple[FeedbackItem, Sequence[FeedbackAnswer]]]
    gone: int
    more: int
    revision: int | None
    difference_url: str


def shown(window: FeedbackWindow, found: Sequence[drafted.Since]) -> list[Looked]:
    """The first of the drafts under which something has changed."""
    budget = Budget()
    return [_looked(window, one, budget) for one in found[:AT_ONCE]]


def items_of(rows: Sequence[Looked]) -> int:
    """Of how many texts somebody reads what was said."""
    return sum(len(row.changed) + len(row.joined) for row in rows)


def words_of(draft: Disposition) -> list[tuple[str, SafeString]]:
    """What is to be public, as everybody will read it and not as it was typed, in the order of the languages."""
    return [(code, markdown.render(draft.answers[code])) for code in languages.CODES if code in draft.answers]


def _looked(window: FeedbackWindow, one: drafted.Since, budget: Budget) -> Looked:
    changed, joined = one.changed[:_OF_A_THEME], list(one.joined[:_OF_A_THEME])
    said = queries.answers_of(joined)
    url = ""
    if one.newest_then is not None and one.newest_now is not None:
        url = addresses.difference_url(window.proposal, one.newest_then, one.newest_now)
    return Looked(
        one.draft,
        words_of(one.draft),
        [Changed(item, _differences(item, edits, budget)) for item, edits in changed],
        [(item, said.get(item.pk, [])) for item in joined],
        one.gone,
        len(one.changed) - len(changed) + len(one.joined) - len(joined),
        one.newest_now,
        url,
    )


def _differences(item: FeedbackItem, edits: int, budget: Budget) -> list[Difference]:
    """Question by question, from what it said when it had been changed so often."""
    before = earlier.wording_seen(item, str(edits))
    if before is None:
        return []
    then = {answer.asked_id: answer for answer in before[1]}
    now = {answer.asked_id: answer for answer in queries.answers(item)}
    asked = {**then, **now}
    return [
        Difference(
            labels.label(answer.asked, "label"),
            marked(pieces(_text(then.get(pk)), _text(now.get(pk)), budget)),
            item.language,
        )
        for pk, answer in asked.items()
        if _text(then.get(pk)) != _text(now.get(pk))
    ]


def _text(answer: FeedbackAnswer | None) -> str:
    if answer is None:
        return ""
    chosen: list[Any] = answer.chosen if answer.choices else []
    return "; ".join([answer.text] if answer.text and not chosen else [unescape(strip_tags(one)) for one in chosen])
