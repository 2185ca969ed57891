"""`{% load owndata %}`: where one's own request for deletion stands."""

from typing import Any

from django import template

from taskforce.accounts.enums import DeletionState
from taskforce.accounts.models import DeletionRequest

register = template.Library()


@register.simple_tag
def open_deletion(user: Any) -> DeletionRequest | None:
    """The person's request that nobody has answered yet; None where there is none."""
    return DeletionRequest.objects.filter(user_id=user.pk, state=DeletionState.OPEN).first()
