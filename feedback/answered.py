"""What became of something that was said, in words for everybody."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.text import capfirst

from feedback import describe
from feedback.answering import Answer, earlier
from feedback.models import Disposition, FeedbackItem, Theme
from proposals import addresses
from proposals.models import Proposal
from taskforce.core import labels, languages, markdown
from taskforce.core.prose import Prose


class Told(NamedTuple):
    """A disposition: the outcome in words, the public answer, since when, the revision that has taken it up with what
    changed since the one that was read ("": nothing, or nobody knows what was read)."""

    outcome: str
    answer: Prose
    at: datetime | None
    revision: int | None
    revision_url: str
    difference_url: str


class Became(NamedTuple):
    """What became of an item: what holds, of its theme (None: of itself), and what held before, the newest first;
    `changed` is the day on which its author changed it after that (None: it says what was answered)."""

    told: Told
    theme: Theme | None
    earlier: list[Told]
    changed: SafeString | None = None


def became(answer: Answer, proposal: Proposal) -> Became | None:
    """What everybody reads of an item; None while nothing is decided. One query where something is."""
    held = answer.holding
    if held is None:
        return None
    read = _read(answer.item)
    theme = answer.theme if answer.own is None else None
    before = [told(one, proposal, read) for one in earlier(held)]
    return Became(told(held, proposal, read), theme, before, changed_since(answer))


def changed_since(answer: Answer) -> SafeString | None:
    """On which day an item was changed that had been answered already; None where it says what was answered."""
    held, edited_at = answer.holding, answer.item.edited_at
    if held is None or held.release is None or edited_at is None or edited_at <= held.release.at:
        return None
    return describe.day(edited_at)


class Shortly(NamedTuple):
    """What became of an item, as a list has it: the outcome in words, the revision that has taken it up, the title of
    the theme with which it was answered (None: by itself), and whether its author has changed it since."""

    outcome: str
    revision: int | None
    revision_url: str
    theme: Theme | None
    is_changed: bool


def shortly(item: FeedbackItem, proposal: Proposal, themes: Mapping[int, Theme]) -> Shortly | None:
    """Of an item with the answer that stands for it; None while nothing is decided. `themes` are those of its window
    that everybody reads, by their ids."""
    held = item.standing
    if held is None:
        return None
    number, at = item.became_in, held.release.at if held.release else None
    return Shortly(
        capfirst(held.get_outcome_display()),
        number,
        addresses.revision_url(proposal, number) if number else "",
        themes.get(held.theme_id or held.joins_id or 0),
        at is not None and item.edited_at is not None and item.edited_at > at,
    )


def told(disposition: Disposition, proposal: Proposal, read: int | None = None) -> Told:
    """A disposition in words; `read` is the revision that was read (None: not known, or several)."""
    text = labels.chosen(disposition.answers)
    number = disposition.revision.number if disposition.revision else None
    is_later = number is not None and read is not None and read < number
    return Told(
        capfirst(disposition.get_outcome_display()),
        Prose(_html(text.text), languages.html_lang(text.language), languages.direction(text.language)),
        disposition.release.at if disposition.release else None,
        number,
        addresses.revision_url(proposal, number) if number else "",
        addresses.difference_url(proposal, read or 0, number or 0) if is_later else "",
    )


def _html(text: str) -> SafeString:
    return markdown.render(text)


def _read(item: FeedbackItem) -> int | None:
    return item.revision.number if item.revision else None
