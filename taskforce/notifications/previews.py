"""A mail as pages show it to staff: what the code that sends it would make, its HTML part through an allow-list."""

from typing import NamedTuple

import nh3
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from taskforce.notifications import rendering
from taskforce.notifications.kinds import Context, MailKind

_TAGS = {
    "a", "bdi", "blockquote", "br", "code", "div", "em", "h2", "h3", "hr", "li", "ol", "p", "pre", "s", "span",
    "strong", "sub", "sup", "ul",
}  # fmt: skip
_ATTRIBUTES = {"*": {"lang", "dir"}, "a": {"href"}, "ol": {"start"}}


class Preview(NamedTuple):
    """Subject, text part and the body of the HTML part, in one portal language."""

    language: str
    subject: str
    text: str
    html: SafeString


def preview(kind: MailKind, context: Context, language: str, topic: str = "") -> Preview:
    """The mail of that kind with that context, its ways out (with a `topic`) as addresses that lead nowhere.

    Raises what `rendering.render` raises.
    """
    ways = rendering.Ways(*(f"{settings.SITE_URL}/{name}/sample/" for name in ("unsubscribe", "subscriptions")))
    made = rendering.render(kind, context, language, topic=topic, ways=ways)
    return Preview(language, made.subject, made.text, body_of(made.html))


def body_of(html: str) -> SafeString:
    """The body of a mail's HTML part, whoever wrote it, to stand inside a page of the portal."""
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        clean_content_tags={"script", "style", "title"},
        url_schemes={"http", "https", "mailto"},
    )
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it
