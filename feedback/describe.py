"""What is left of a feedback window; when something was said, and what its author had read."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from feedback.enums import Channel, ItemState, ReadState
from feedback.models import FeedbackItem, FeedbackReply, FeedbackWindow
from proposals.calling import Named
from taskforce.core import dates, languages
from taskforce.core.sentences import filled
from taskforce.core.templatetags.portal import local_time, percent, to_the_minute
from taskforce.timeline.describe import in_language

_SOON = timedelta(hours=24)


def closes_soon(closes_at: datetime, at: datetime) -> bool:
    """Whether something, but less than a day is left, so that the page has to say so before anything else."""
    return timedelta() < closes_at - at < _SOON


class Places(NamedTuple):
    """Where an item is to be read, and where somebody says that they agree with it."""

    url: str
    agree_url: str


def places(window: FeedbackWindow, references: Iterable[str]) -> dict[str, Places]:
    """{reference: its places}; of many texts on a page each address is put together once."""
    args = [window.phase.task_force.slug, window.slug, _ANY]
    one = Places(*(reverse(f"feedback:{name}", args=args) for name in ("item", "agree")))
    return {reference: Places(*(url.replace(_ANY, reference) for url in one)) for reference in references}


# In place of a reference; no slug of a task force or a window has capital letters.
_ANY = "F-ANY"


def said(item: FeedbackItem, words: Named | None, place: Places | None) -> dict[str, Any]:
    """What a list shows of an item beside its row; `words` are those of the paragraph it is about, `place` is where it
    is to be read (None: nowhere yet)."""
    return {
        "when": when(item),
        "words": words,
        "language": languages.own_name(item.language),
        "channel": item.get_channel_display() if item.channel != Channel.WEB else "",
        **(place._asdict() if place else {}),
    }


def when(item: FeedbackItem) -> str:
    """When something was said, and when its author changed it last, as everybody reads it: to the minute beside a name,
    without one the day (UTC) alone, for the minute may tell who it was."""
    said = _moment(item, item.received_at)
    if item.edited_at is None:
        return said
    changed = filled(changed_by(item), when=_moment(item, item.edited_at))
    return format_html("{} · {}", said, changed)


def changed_by(item: FeedbackItem) -> str:
    """That it was changed, and by whom, with a place for when."""
    if item.is_from_elsewhere:
        return _("corrected by who entered it: %(when)s")
    return _("changed by its author: %(when)s")


def when_replied(reply: FeedbackReply) -> str:
    """When a reply came, with the same care."""
    return _moment(reply, reply.received_at)


def of_reply(reply: FeedbackReply) -> dict[str, Any]:
    """What the pages show of a reply beside its row."""
    return {
        "reply": reply,
        "when": when_replied(reply),
        "language": languages.own_name(reply.language),
        "is_hidden": reply.state == ItemState.HIDDEN,
        "is_gone": reply.state != ItemState.PUBLISHED,
    }


def _moment(item: FeedbackItem | FeedbackReply, instant: datetime) -> str:
    if item.shown_name:
        return local_time(to_the_minute(instant))
    return day(instant)


def day(instant: datetime) -> SafeString:
    """The day (UTC) of an instant and no more."""
    day = instant.astimezone(UTC).date()
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), dates.day_text(day))


def was_read(item: FeedbackItem) -> str:
    """In which language its author read, and how what it is about stood in it then; empty where that is not known."""
    if not item.read_language:
        return ""
    language = in_language(languages.own_name(item.read_language), item.read_language)
    if not item.read_state:
        return language
    state = ReadState(item.read_state).label
    if item.read_percent is None:
        return filled(_("%(language)s: %(state)s"), language=language, state=state)
    share = percent(item.read_percent)
    return filled(_("%(language)s: %(state)s (%(percent)s translated)"), language=language, state=state, percent=share)
