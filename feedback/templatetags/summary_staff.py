"""What feedback shows on the staff side's first page."""

from typing import Any

from django import template
from django.template import Context

from feedback import summaries
from taskforce.core import clock, languages

register = template.Library()


@register.inclusion_tag("feedback/summaries_to_do.html", takes_context=True)
def summaries_to_do(context: Context) -> dict[str, Any]:
    """The windows whose summary is due and may be written by who is signed in, and those with translations that wait
    to be published; draws nothing where there are none."""
    user = context["request"].user
    waiting = [
        (one.window, len(one.languages), [(code, languages.OWN_NAMES[code]) for code in one.languages])
        for one in summaries.waiting_for(user)
    ]
    return {"windows": summaries.due_for(user, clock.app_now()), "waiting": waiting}
