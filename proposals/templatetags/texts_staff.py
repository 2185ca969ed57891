"""What texts show on the staff side's first page."""

from typing import Any

from django import template
from django.template import Context
from django.utils.translation import get_language

from proposals import reviewing, working

register = template.Library()


@register.inclusion_tag("admin/texts.html", takes_context=True)
def texts_to_edit(context: Context) -> dict[str, Any]:
    """The texts that the signed-in member of staff may change; draws nothing where there are none."""
    found = working.editable(context["request"].user)
    return {"texts": working.titled(found, get_language() or "en") if found else []}


@register.inclusion_tag("admin/reviews.html", takes_context=True)
def reviews_to_do(context: Context) -> dict[str, Any]:
    """The translations that wait for the reader's review; draws nothing where there are none."""
    return {"reviews": reviewing.waiting(context["request"].user, get_language() or "en")}
