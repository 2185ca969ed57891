"""What requests for deletion show on pages of the staff side."""

from typing import Any

from django import template
from django.template import Context

from taskforce.accounts import queries

register = template.Library()


@register.inclusion_tag("admin/deletion/waiting.html", takes_context=True)
def deletions_to_do(context: Context) -> dict[str, Any]:
    """How many wait for the reader's answer, or for somebody whom the reader can appoint; of none nothing is drawn."""
    user = context["request"].user
    return {
        "open": queries.deletions_to_answer(user).count(),
        "unanswerable": queries.deletions_without_officer(user).count(),
    }
