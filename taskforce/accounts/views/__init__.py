"""Pages of accounts that django-allauth does not bring, or not in the portal's way."""

from taskforce.accounts.views.limits import WAIT as WAIT
from taskforce.accounts.views.limits import too_often as too_often
