"""What an app would show, on the demonstration's pages that ask for it: nobody there needs a phone."""

from django import template
from django.conf import settings

from taskforce.accounts import second_factor
from taskforce.accounts.models import User
from taskforce.accounts.second_factor import Shown
from taskforce.core.clock import real_now

register = template.Library()


@register.simple_tag
def app_code(user: User, secret: str = "") -> Shown:
    """The code that this person can type now: of their app or, while they set one up, of its `secret`."""
    if not settings.DEMO:
        raise RuntimeError("a code is shown to nobody but in the demonstration")
    return second_factor.shown(user, secret or second_factor.secret_of(user), at=real_now())
