"""`{% load mail %}`: the only filters of mail templates. What they return is Markdown, with nothing left to escape."""

import re
from datetime import datetime

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.core import dates, languages
from taskforce.notifications import directions, values

register = template.Library()

# Before the address of a Markdown link to a page of the portal: "[…](/en/…)".
_OWN_LINK = re.compile(r"(?<=\]\()\s*(?=/(?!/))")


@register.filter
def utc(instant: str) -> SafeString:
    """An instant (ISO 8601 with offset) in UTC by the locale and, where the recipient's zone differs, in that zone.

    Stands beside the rule's own name, which the context brings as text. Raises ValueError for any other text.
    """
    moment = _moment(instant)
    shown = dates.utc_text(moment)
    zone = timezone.get_current_timezone_name()
    if zone != "UTC":
        local = timezone.localtime(moment)
        parts = {"day": dates.day_text(local.date()), "time": f"{local:%H:%M}", "zone": zone.replace("_", " ")}
        shown = _("%(utc)s (%(day)s, %(time)s in %(zone)s)") % {"utc": shown, **parts}
    return values.escaped(shown)


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
    around = get_language() or settings.LANGUAGE_CODE
    own = next((code for code, name in languages.OWN_NAMES.items() if name == own_name), around)
    return mark_safe(directions.block(source, own, around))  # noqa: S308 - the portal's one cleaner makes it HTML


def _moment(instant: str) -> datetime:
    moment = datetime.fromisoformat(str(instant))
    if moment.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return moment
