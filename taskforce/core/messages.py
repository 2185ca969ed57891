"""Messages to the next page, in a cookie with the prefix of all the portal's cookies; long ones in the session."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class _Cookie(CookieStorage):
    """Django has no setting for the name."""

    cookie_name = settings.MESSAGES_COOKIE_NAME


class Storage(FallbackStorage):
    """What the setting `MESSAGE_STORAGE` names."""

    storage_classes = (_Cookie, SessionStorage)
