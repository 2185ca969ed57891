"""What recruitment shows on the staff side's first page."""

from typing import Any

from django import template
from django.template import Context

from recruitment import queries
from taskforce.core import clock
from taskforce.timeline import describe

register = template.Library()


@register.inclusion_tag("admin/recruitment/to_do.html", takes_context=True)
def recruitment_to_do(context: Context) -> dict[str, Any]:
    """What waits for the signed-in member of staff now; draws nothing for those who have no part in it."""
    user, at = context["request"].user, clock.app_now()
    reviews = [{"task": one, "closes_rule": describe.closes_rule(one.phase)} for one in queries.to_review_now(user, at)]
    drafts = [{"call": one, "opens_rule": describe.opens_rule(one.phase)} for one in queries.to_publish_now(user, at)]
    return {"reviews": reviews, "decisions": queries.to_decide_now(user, at), "drafts": drafts}
