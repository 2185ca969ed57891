"""Messages to the next page, in a cookie with the prefix of all the portal's cookies; long ones in the session.

The cookie is sealed, not only signed: a message may name an address, and no header holds one (`core/personal.py`). It
is not the session's, so that a message to somebody who is not signed in begins none.
"""

import json
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage, MessageDecoder
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

from taskforce.core import sealedlinks

_PURPOSE = "taskforce.core.messages"


class _Cookie(CookieStorage):
    """Django has no setting for the name, and no way to seal."""

    cookie_name = settings.MESSAGES_COOKIE_NAME

    def _encode_parts(self, messages: list[str], encode_empty: bool = False) -> str | None:
        # Each is JSON already.
        return sealedlinks.seal(messages, _PURPOSE) if messages or encode_empty else None

    def _decode(self, data: str | None) -> list[Any] | None:
        if not data:
            return None
        try:
            return [json.loads(one, cls=MessageDecoder) for one in sealedlinks.unseal(data, _PURPOSE)]
        except sealedlinks.NoToken:
            self.used = True  # what cannot be read is taken away
            return None


class Storage(FallbackStorage):
    """What the setting `MESSAGE_STORAGE` names."""

    storage_classes = (_Cookie, SessionStorage)
