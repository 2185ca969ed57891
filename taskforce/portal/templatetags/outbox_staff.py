"""What the outbox shows on pages of the staff side."""

from typing import Any

from django import template
from django.conf import settings
from django.db.models import Model
from django.template import Context
from django.utils.safestring import SafeString

from taskforce.core import clock, staff_columns
from taskforce.notifications import queries
from taskforce.notifications.admin import kind_name
from taskforce.portal import outbox, rules

register = template.Library()


@register.inclusion_tag("admin/notifications/to_do.html", takes_context=True)
def outbox_to_do(context: Context) -> dict[str, Any]:
    """A hold, and mail that waits for staff; draws nothing for those who do not decide about mail."""
    user = context["request"].user
    if not rules.may_anywhere(user)[0]:
        return {"shown": False}
    return {"shown": True, "waiting": outbox.waiting(user, clock.app_now())}


@register.simple_tag
def outbox_hold() -> dict[str, Any]:
    """Whether mail is on hold, by whom and why."""
    hold = queries.hold_in_force()
    return {"is_held": settings.MAIL_HOLD or hold is not None, "hold": hold, "by_environment": settings.MAIL_HOLD}


@register.filter
def kind_of_mail(code: str) -> str:
    """What staff call a kind of mail."""
    return kind_name(code)


@register.filter
def row_name(row: Model) -> SafeString:
    """What people call a row."""
    return staff_columns.name_of(row)


@register.filter
def plain(number: int) -> str:
    """A number for an address: the digits that machines read."""
    return str(int(number))
