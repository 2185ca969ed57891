"""The mails to whoever sent something that staff hide, let stand again or leave hidden. None of what was sent stands in
them, nor its reference: a mail to an account ties it to nothing by which others could find the text.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from feedback import reaching
from feedback.enums import BrokenRule
from feedback.models import FeedbackItem, FeedbackReply, FeedbackWindow
from taskforce.core import labels
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass

HIDDEN, SHOWN, UPHELD = "feedback-hidden", "feedback-shown-again", "feedback-stays-hidden"
_WINDOW = {"ar": "ما رأيك في المقترح؟", "en": "What do you think of the proposal?", "zh-hant": "您對提案有何看法？"}
_REASON = "It names somebody who is not here to answer. Without the second sentence it would have stood."


class About(NamedTuple):
    """What a mail is about: the mark of it in keys, its window, who is told (asked only where a mail is written), what
    staff said last, and where its author reads it (the name of the page and what stands in its address, `after` that
    the rest of it)."""

    mark: str
    window: FeedbackWindow
    author: Callable[[], reaching.Reader | None]
    rule: str
    reason: str
    at: datetime | None
    page: str
    place: tuple[str, ...]
    after: str = ""


def of_item(item: FeedbackItem) -> About:
    """An item: its own page, from which the way leads to an appeal; a facilitator's with all that they entered."""
    where = (item.window.phase.task_force.slug, item.window.slug)
    said = (item.window, partial(reaching.of_author, item), item.rule, item.state_reason, item.state_at)
    if item.is_from_elsewhere:
        return About(f"item {item.pk}", *said, "feedback:enter", where, f"#{item.reference}")
    return About(f"item {item.pk}", *said, "feedback:mine", (*where, reaching.token_of(item.form_key)))


def of_reply(reply: FeedbackReply) -> About:
    """A reply: the page of it that its author alone has."""
    window = reply.item.window
    where = (window.phase.task_force.slug, window.slug, reply.item.reference, reply.reference)
    said = (window, partial(reaching.of_user, reply.author_id), reply.rule, reply.state_reason, reply.state_at)
    return About(f"reply {reply.pk}", *said, "feedback:own_reply", where)


def hidden(about: About, *, has_appealed: bool) -> None:
    """Tell who sent it that it is hidden, for which rule and why, and how to appeal: once each time."""
    _write(HIDDEN, about, can_appeal=not has_appealed)


def shown(about: About, *, is_appeal: bool) -> None:
    """Tell who sent it that it stands again. Who has not heard yet that it was hidden hears of neither."""
    has_heard = not services.take_back_unheard(_prefix(HIDDEN, about))
    if is_appeal or has_heard:
        _write(SHOWN, about, is_appeal=is_appeal)


def upheld(about: About, *, reason: str, at: datetime) -> None:
    """Tell who appealed that it stays hidden, and why."""
    _write(UPHELD, about._replace(reason=reason, at=at))


def gone(about: About) -> None:
    """Take back what has not gone yet of all this: who sent it has withdrawn it, and knows."""
    for kind in (HIDDEN, SHOWN, UPHELD):
        services.take_back_singles(_prefix(kind, about))


def _write(kind: str, about: About, **more: Any) -> None:
    reader = about.author() if about.at is not None else None
    if reader is None or about.at is None:
        return
    with translation.override(reader.language):
        url = f"{settings.SITE_URL}{reverse(about.page, args=about.place)}{about.after}"
    services.enqueue(
        kind,
        key=f"{_prefix(kind, about)}{about.at.isoformat()}",
        mailbox=reader.mailbox,
        language=reader.language,
        zone=reader.zone,
        context={
            **_place(about.window, reader.language),
            **more,
            "reason": about.reason,
            "rule": rule_in_words(about.rule, reader.language),
            "url": url,
            kinds.STOP: reaching.stop_url(about.window, reader),
        },
        at=about.at,
        task_force_id=about.window.phase.task_force_id,
    )


def _prefix(kind: str, about: About) -> str:
    """Of the keys of these mails: who looks after the outbox reads them, and learns from none what text it is about."""
    return f"{kind}:{reaching.mark(about.mark)}:"


def _place(window: FeedbackWindow, language: str) -> dict[str, Any]:
    return {
        "task_force": labels.label(window.phase.task_force, "name", language)._asdict(),
        "window": labels.label(window, "title", language)._asdict(),
    }


def rule_in_words(rule: str, language: str) -> str:
    """A rule as everybody reads it; empty for none."""
    with translation.override(language):
        return str(BrokenRule(rule).label) if rule else ""


def _sample(**about: Any) -> dict[str, Any]:
    place = f"{translation.get_language() or 'en'}/tf/leadership-development/feedback/responsibilities"
    return {
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "window": kinds.example(_WINDOW),
        "reason": _REASON,
        "rule": str(BrokenRule.PRIVATE.label),
        "url": f"{settings.SITE_URL}/{place}/mine/pYh3/",
        "stop_url": f"{settings.SITE_URL}/{place}/stop/pYh3/",
        **about,
    }


def _sample_of_hiding() -> dict[str, Any]:
    return _sample(can_appeal=True)


def _sample_of_showing() -> dict[str, Any]:
    return _sample(is_appeal=True, rule="")


def register() -> None:
    """Make the mails known to the outbox."""
    samples = {HIDDEN: _sample_of_hiding, SHOWN: _sample_of_showing, UPHELD: _sample}
    for name, sample in samples.items():
        kinds.register(kinds.MailKind(name, MailClass.TRANSACTIONAL, sample=sample, secrets=("url",)))
