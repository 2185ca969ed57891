"""Parts of pages that show what was said."""

from typing import Any

from django import template
from django.utils.html import format_html

from feedback import elsewhere
from feedback.models import FeedbackItem
from taskforce.core import dates

register = template.Library()


@register.inclusion_tag("feedback/from_elsewhere.html")
def from_elsewhere(item: FeedbackItem, *, to_staff: bool = False) -> dict[str, Any]:
    """That a facilitator has entered it, where and when it was said, and who spoke; nothing of what people wrote here
    themselves. Everybody reads what its visibility lets them, `to_staff` and its facilitator all of it."""
    return {
        "item": item,
        "day": dates.day_text(item.said_on) if item.said_on else "",
        # Where there is no name, what somebody was when they spoke stands above it in the place of one.
        "spoke": item.get_spoke_display() if to_staff else item.shown_spoke if item.shown_name else "",
        "spoke_words": format_html("<bdi>{}</bdi>", item.spoke_words) if to_staff and item.spoke_words else "",
        "place": elsewhere.link(item.place_url) if to_staff else item.shown_place,
    }
