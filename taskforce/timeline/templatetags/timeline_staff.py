"""What the timeline shows on the staff side's first page."""

from typing import Any

from django import template
from django.template import Context

from taskforce.core import clock
from taskforce.timeline import describe
from taskforce.timeline.queries import verdicts

register = template.Library()


@register.inclusion_tag("admin/timeline/to_do.html", takes_context=True)
def timeline_to_do(context: Context) -> dict[str, Any]:
    """The phases after which the signed-in member of staff has to decide; draws nothing where there are none."""
    found = verdicts.due(context["request"].user, clock.app_now())
    return {"phases": [{"phase": phase, "closes_rule": describe.closes_rule(phase)} for phase in found]}
