"""The app of the demonstration's staff, on the pages that ask for its code."""

from django import template

from taskforce.accounts import second_factor
from taskforce.accounts.models import User
from taskforce.accounts.second_factor import Shown
from taskforce.core.clock import real_now
from taskforce.portal.demo.cast import APP_KEY

register = template.Library()


@register.simple_tag
def app_code(user: User) -> Shown:
    """The code that this person can type now."""
    return second_factor.shown(user, APP_KEY, at=real_now())
