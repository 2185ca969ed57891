"""What feedback shows on the staff side's first page."""

from typing import Any

from django import template
from django.template import Context

from feedback import undecided

register = template.Library()


@register.inclusion_tag("feedback/admin_to_do.html", takes_context=True)
def feedback_to_do(context: Context) -> dict[str, Any]:
    """How much waits for the signed-in moderator; draws nothing where that is nothing."""
    return {"waiting": undecided.counts(context["request"].user)}
