"""What feedback shows on the staff side's first page."""

from typing import Any

from django import template
from django.template import Context

from feedback import answering, undecided

register = template.Library()


@register.inclusion_tag("feedback/admin_to_do.html", takes_context=True)
def feedback_to_do(context: Context) -> dict[str, Any]:
    """How much waits for the signed-in moderator, and to be answered; draws nothing where that is nothing."""
    user = context["request"].user
    return {"waiting": undecided.counts(user), "to_answer": answering.waiting_for(user)}
