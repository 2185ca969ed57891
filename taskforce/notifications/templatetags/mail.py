"""`{% load mail %}`: the only filters of mail templates. What they return is Markdown, with nothing left to escape.

An instant stands under its rule's name: first the rule, then UTC, then the reader's own time, each in its own line.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from babel import lists
from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.core import dates, languages, zones
from taskforce.notifications import directions, kinds, plaintext, rendering, values

register = template.Library()

# Before the address of a Markdown link to a page of the portal: "[…](/en/…)".
_OWN_LINK = re.compile(r"(?<=\]\()\s*(?=/(?!/))")
# Between a task force's name and the rest of a subject, in any language.
_COLON = re.compile(r"\s*[:：]\s*")
# A line's end in Markdown, inside a paragraph or the item of a list.
_BREAK = "\\\n"
# As much of a text as a daily mail gives before its address.
_BEGINNING = 280


@register.filter
def instant(text: str) -> SafeString:
    """For behind a rule's name: below it the instant (ISO 8601 with offset) in UTC, and below that `own_time`.

    Raises ValueError for any other text.
    """
    return mark_safe(f"{_BREAK}{utc(text)}{own_time(text)}")  # noqa: S308 - of what the two have escaped


@register.filter
def utc(text: str) -> SafeString:
    """An instant (ISO 8601 with offset) in UTC by the locale. Raises ValueError for any other text."""
    return values.escaped(dates.utc_text(_moment(text)))


@register.filter
def own_time(text: str) -> SafeString:
    """For behind an instant in UTC: below it the reader's own time with the zone's place.

    Nothing where the reader's clock shows UTC at that moment. Raises ValueError for any other text.
    """
    local = timezone.localtime(_moment(text))
    if not local.utcoffset():
        return mark_safe("")
    place = zones.place(timezone.get_current_timezone_name(), _active()) or zones.distance(local)
    shown = {"day": dates.day_text(local.date()), "time": dates.clock_text(local.time()), "place": place}
    line = values.escaped(_("Your time: %(day)s, %(time)s (%(place)s)") % shown)
    return mark_safe(f"{_BREAK}{line}")  # noqa: S308 - escaped


@register.filter
def day(text: str) -> SafeString:
    """A day (ISO 8601) in the long form of the language. Raises ValueError for any other text."""
    return values.escaped(dates.day_text(datetime.fromisoformat(text).date(), get_language()))


@register.filter
def markdown(text: str, own_name: str = "") -> SafeString:
    """A text that staff wrote as Markdown, with its blocks and links: never for what the public wrote.

    `own_name` is the own name of the text's language where that is not the mail's: the blocks are then marked with it.
    """
    # In a mail there is no page that an address without a host could belong to.
    source = _OWN_LINK.sub(rf"\g<0>{settings.SITE_URL}", directions.without_markers(str(text)))
    around = _active()
    return mark_safe(directions.block(source, _named(own_name), around))  # noqa: S308 - the portal's one cleaner makes it HTML


@register.filter
def kept_lines(text: str) -> str:
    """A text for `markdown` whose lines end where they were typed to end, as on the pages that show it as it is."""
    return re.sub(r"(?<=\S)[ \t]*\n(?=[^\n])", "  \n", str(text))


@register.filter
def lines(text: str) -> SafeString:
    """A text that somebody typed as text, each of its lines in a line of its own; none of it is Markdown.

    For inside a paragraph or the item of a list. Each line is set apart by itself, since no mark of a direction
    reaches over the end of a line; several empty lines are one.
    """
    code = getattr(text, "language", None)
    typed = re.split(r"\r\n|[\r\n]", str(text))
    shown = [values.Value(line, code).__html__() for line in typed]
    kept = [one for place, one in enumerate(shown) if one or (place and shown[place - 1])]
    return mark_safe(_BREAK.join(kept[:-1] if kept and not kept[-1] else kept))  # noqa: S308 - each line is escaped


@register.filter
def beginning(text: str, own_name: str = "") -> SafeString:
    """How a text that staff wrote as Markdown begins: its first block as plain text, cut between words.

    `own_name` as for `markdown`.
    """
    first = plaintext.from_markdown(str(text)).strip().partition("\n\n")[0]
    shown = " ".join(first.split())
    if len(shown) > _BEGINNING:
        shown = f"{re.sub(r' [^ ]{0,30}$', '', shown[:_BEGINNING])}…"
    return values.Value(shown, _named(own_name)).__html__()


@register.filter
def other_language(value: str) -> str:
    """The own name of the language that a text is in; "" where that is the mail's, or nobody told it."""
    code = getattr(value, "language", None)
    return "" if code in (None, _active()) else values.Value(languages.OWN_NAMES[str(code)], code)


@register.filter
def listed(texts: Iterable[str]) -> SafeString:
    """Several texts as the language lists them: "A, B and C"."""
    shown = [conditional_escape(each) for each in texts]
    return mark_safe(lists.format_list(shown, locale=languages.locale_of(_active())))  # noqa: S308 - each is escaped


@register.simple_tag
def excerpt(entry: dict[str, Any], under: str) -> rendering.Excerpt:
    """What an entry of a daily mail says, as Markdown; `under` is the task force's name that stands above it already.

    Of a kind that is not known any more it is the subject alone.
    """
    try:
        subject, lines = rendering.excerpt(kinds.get(entry.get("kind", "")), entry.get("context", {}))
    except kinds.UnknownKind:
        subject, lines = conditional_escape(entry["subject"]), ""
    name = conditional_escape(under)
    colon = _COLON.match(subject, len(name)) if subject.startswith(name) else None
    subject = subject[colon.end() :] if colon else subject
    return rendering.Excerpt(mark_safe(subject), mark_safe(lines))  # noqa: S308 - escaped by the mail's own template


@register.simple_tag
def lead(groups: Iterable[dict[str, Any]], subject: str) -> SafeString:
    """The subject of a daily mail's foremost entry, as Markdown, with its pieces set apart as in the entry's own mail.

    Of an entry that is not there it is the text alone.
    """
    entries = (entry for group in groups for entry in group["entries"])
    found = next((entry for entry in entries if entry.get("subject") == subject), {"subject": subject})
    return mark_safe(excerpt(found, "").subject)  # noqa: S308 - escaped by the mail's own template


def _active() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _named(own_name: str) -> str:
    """The portal language with this name for itself; the active one for any other text."""
    return next((code for code, name in languages.OWN_NAMES.items() if name == own_name), _active())


def _moment(instant: str) -> datetime:
    moment = datetime.fromisoformat(str(instant))
    if moment.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return moment
