"""The mails to whoever sent something that staff hide, let stand again or leave hidden. None of what was sent stands in
them, nor its reference: a mail to an account ties it to nothing by which others could find the text.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac

from feedback import reaching
from feedback.enums import BrokenRule
from feedback.models import FeedbackItem, FeedbackWindow
from taskforce.core import labels
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass

HIDDEN, SHOWN, UPHELD = "feedback-hidden", "feedback-shown-again", "feedback-stays-hidden"
_WINDOW = {"ar": "ما رأيك في المقترح؟", "en": "What do you think of the proposal?", "zh-hant": "您對提案有何看法？"}
_REASON = "It names somebody who is not here to answer. Without the second sentence it would have stood."


def item_hidden(item: FeedbackItem, *, has_appealed: bool) -> None:
    """Tell who sent an item that it is hidden, for which rule and why, and how to appeal: once each time."""
    _write(HIDDEN, item, can_appeal=not has_appealed)


def item_shown(item: FeedbackItem, *, is_appeal: bool) -> None:
    """Tell who sent an item that it stands again. Who has not heard yet that it was hidden hears of neither."""
    has_heard = not services.take_back_unheard(_prefix(HIDDEN, item))
    if is_appeal or has_heard:
        _write(SHOWN, item, is_appeal=is_appeal)


def item_upheld(item: FeedbackItem, *, reason: str, at: datetime) -> None:
    """Tell who appealed that it stays hidden, and why."""
    _write(UPHELD, item, reason=reason, at=at)


def item_gone(item: FeedbackItem) -> None:
    """Take back what has not gone yet of all this: its author has withdrawn the item, and knows."""
    for kind in (HIDDEN, SHOWN, UPHELD):
        services.take_back_singles(_prefix(kind, item))


def _write(kind: str, item: FeedbackItem, *, reason: str = "", at: datetime | None = None, **about: Any) -> None:
    account = reaching.account_of(item)
    reader = reaching.of_users([account]).get(account) if account else None
    at = at or item.state_at
    if reader is None or at is None:
        return
    context = {
        **_place(item.window, reader.language),
        **about,
        "reason": reason or item.state_reason,
        "rule": rule_in_words(item.rule, reader.language),
        "url": _url(item, reader.language),
    }
    services.enqueue(
        kind,
        key=f"{_prefix(kind, item)}{at.isoformat()}",
        mailbox=reader.mailbox,
        language=reader.language,
        zone=reader.zone,
        context=context,
        at=at,
        task_force_id=item.window.phase.task_force_id,
    )


def _prefix(kind: str, item: FeedbackItem) -> str:
    """Of the keys of these mails: who looks after the outbox reads them, and learns from none what text it is about."""
    return f"{kind}:{salted_hmac('feedback.moderation-mail', str(item.pk), algorithm='sha256').hexdigest()[:32]}:"


def _place(window: FeedbackWindow, language: str) -> dict[str, Any]:
    return {
        "task_force": labels.label(window.phase.task_force, "name", language)._asdict(),
        "window": labels.label(window, "title", language)._asdict(),
    }


def rule_in_words(rule: str, language: str) -> str:
    """A rule as everybody reads it; empty for none."""
    with translation.override(language):
        return str(BrokenRule(rule).label) if rule else ""


def _url(item: FeedbackItem, language: str) -> str:
    """The page of one's own text, from which the way leads to an appeal; a facilitator's with all that they entered."""
    place = [item.window.phase.task_force.slug, item.window.slug]
    with translation.override(language):
        if item.is_from_elsewhere:
            return f"{settings.SITE_URL}{reverse('feedback:enter', args=place)}#{item.reference}"
        return f"{settings.SITE_URL}{reverse('feedback:mine', args=[*place, reaching.token_of(item.form_key)])}"


def _sample(**about: Any) -> dict[str, Any]:
    place = f"{translation.get_language() or 'en'}/tf/leadership-development/feedback/responsibilities"
    return {
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "window": kinds.example(_WINDOW),
        "reason": _REASON,
        "rule": str(BrokenRule.PRIVATE.label),
        "url": f"{settings.SITE_URL}/{place}/mine/pYh3/",
        **about,
    }


def register() -> None:
    """Make the mails known to the outbox."""
    samples = {
        HIDDEN: lambda: _sample(can_appeal=True),
        SHOWN: lambda: _sample(is_appeal=True, rule=""),
        UPHELD: _sample,
    }
    for name, sample in samples.items():
        kinds.register(kinds.MailKind(name, MailClass.TRANSACTIONAL, sample=sample, secrets=("url",)))
