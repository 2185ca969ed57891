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
from taskforce.notifications.models import OutboxMessage
from taskforce.portal import outbox, rules, sealed

register = template.Library()


@register.inclusion_tag("admin/notifications/to_do.html", takes_context=True)
def outbox_to_do(context: Context) -> dict[str, Any]:
    """A hold, and mail that waits for staff; draws nothing for those who do not decide about mail."""
    request = context["request"]
    if not rules.may_anywhere(request.user)[0]:
        return {"shown": False}
    return {"shown": True, "request": request, "waiting": outbox.waiting(request.user, clock.app_now())}


@register.simple_tag(takes_context=True)
def outbox_hold(context: Context) -> dict[str, Any]:
    """Whether mail is on hold, by whom and why, and whether the reader may let it go."""
    hold = queries.hold_in_force()
    return {
        "is_held": settings.MAIL_HOLD or hold is not None,
        "hold": hold,
        "may_lift": hold is not None and rules.may_lift(context["request"].user, hold)[0],
        "by_environment": settings.MAIL_HOLD,
    }


@register.filter
def kind_of_mail(code: str) -> str:
    """What staff call a kind of mail."""
    return kind_name(code)


@register.filter
def mailbox_of(mail: OutboxMessage) -> str:
    """To whom a mail went, or that it is not shown."""
    return sealed.mailbox(mail)


@register.filter
def row_name(row: Model) -> SafeString:
    """What people call a row."""
    return staff_columns.name_of(row)


@register.filter
def plain(number: int) -> str:
    """A number for an address: the digits that machines read."""
    return str(int(number))
