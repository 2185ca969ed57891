"""A mail as pages show it to staff: what the code that sends it would make, its HTML part through an allow-list.

What was written for its readers is shown from what was kept then, not from what the texts say today.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.utils.safestring import SafeString

from taskforce.core import markdown
from taskforce.notifications import kinds, rendering
from taskforce.notifications.enums import MessageState
from taskforce.notifications.kinds import Context, MailKind
from taskforce.notifications.models import Mailing, OutboxMessage

_GONE = (MessageState.SENT, MessageState.UNKNOWN)


class Preview(NamedTuple):
    """Subject, text part and the body of the HTML part, in one portal language."""

    language: str
    subject: str
    text: str
    html: SafeString


class OfMailing(NamedTuple):
    """What a mailing says in a language: its mail (None: cannot be made), and whether that is what was kept of it."""

    mail: Preview | None
    is_kept: bool
    language: str


def of_mailing(mailing: Mailing, language: str) -> OfMailing:
    """The mail as it was written for readers of the language; where none was written for any, as it would be now."""
    kept = _kept(mailing, language)
    try:
        kind = kinds.get(mailing.kind)
        context = kept or (kind.context(mailing.params, language) if kind.context else {})
        return OfMailing(preview(kind, context, language, mailing.topic), bool(kept), language)
    except Exception:  # noqa: BLE001 - a mailing that cannot be rendered must not hide its own page
        return OfMailing(None, bool(kept), language)


def of_text(
    mailing: Mailing | None, kind: MailKind, context_for: Callable[[str], Context], language: str, topic: str
) -> OfMailing:
    """The mail of a text that staff write: as its mailing has it, and before there is one as it would be now."""
    if mailing is not None:
        return of_mailing(mailing, language)
    return OfMailing(preview(kind, context_for(language), language, topic), is_kept=False, language=language)


def _kept(mailing: Mailing, language: str) -> Context:
    """The context that was frozen with a mail in this language, one that has gone before one that has not."""
    contexts = OutboxMessage.objects.filter(mailing=mailing, language=language).exclude(context={})
    found: Context | None = contexts.filter(state__in=_GONE).values_list("context", flat=True).first()
    return found or contexts.values_list("context", flat=True).first() or {}


def preview(kind: MailKind, context: Context, language: str, topic: str = "") -> Preview:
    """The mail of that kind with that context, its ways out (with a `topic`) as addresses that lead nowhere.

    Raises what `rendering.render` raises.
    """
    ways = rendering.Ways(*(f"{settings.SITE_URL}/{name}/sample/" for name in ("unsubscribe", "subscriptions")))
    made = rendering.render(kind, context, language, topic=topic, ways=ways)
    return Preview(language, made.subject, made.text, body_of(made.html))


def body_of(html: str) -> SafeString:
    """The body of a mail's HTML part, whoever wrote it, to stand inside a page of the portal."""
    return markdown.cleaned_mail(html)
