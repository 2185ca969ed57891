"""Secrets that the portal must read again, unreadable in the database and in its backups.

The keys come from `SECRET_KEY` and `SECRET_KEY_FALLBACKS`: what was sealed under an old key is read as long as that key
stands among the fallbacks.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

_PURPOSE = "taskforce.accounts.sealing"


class Unreadable(Exception):
    """Sealed under a key that the portal no longer has, or damaged."""


def seal(text: str) -> str:
    """The text as it may be stored; another one each time."""
    return _box().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """The text that was sealed; raises Unreadable."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _box() -> MultiFernet:
    return _made_of(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=8)
def _made_of(*secrets: str) -> MultiFernet:
    digests = (salted_hmac(_PURPOSE, "", secret=secret, algorithm="sha256").digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
