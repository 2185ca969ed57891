"""What feedback shows on the staff side's first page."""

from typing import Any

from django import template
from django.template import Context

from feedback import summaries
from taskforce.core import clock

register = template.Library()


@register.inclusion_tag("feedback/summaries_to_do.html", takes_context=True)
def summaries_to_do(context: Context) -> dict[str, Any]:
    """The windows whose summary is due and may be written by who is signed in; draws nothing where there are none."""
    return {"windows": summaries.due_for(context["request"].user, clock.app_now())}
