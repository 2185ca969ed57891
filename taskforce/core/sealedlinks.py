"""Tokens for paths of addresses that say something about somebody: sealed, for paths stand in logs and histories.

AES-SIV (RFC 5297) under a key of its own for each purpose, so that no token of another kind is one: whoever changes a
letter has no token, and the same content gives the same token, so that a mail that is made again is the same mail.
The keys come from `SECRET_KEY` and `SECRET_KEY_FALLBACKS`.
"""

import base64
import json
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.utils.crypto import salted_hmac


class NoToken(ValueError):
    """Forged, damaged, of another kind, or sealed under a key that the portal no longer has."""


def seal(content: list[Any], purpose: str) -> str:
    """The token that holds `content` (plain JSON), in letters, digits, `-` and `_`."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    sealed = _box(settings.SECRET_KEY, purpose).encrypt(text.encode(), None)
    return _written(sealed)


def unseal(token: str, purpose: str) -> Any:
    """What a token holds; raises NoToken."""
    try:
        sealed = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", validate=True)
    except ValueError:
        raise NoToken from None
    if _written(sealed) != token:
        raise NoToken  # the last letter has bits to spare
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return json.loads(_box(secret, purpose).decrypt(sealed, None))
        except (InvalidTag, ValueError):
            continue
    raise NoToken


def _written(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


@lru_cache(maxsize=32)
def _box(secret: str, purpose: str) -> AESSIV:
    return AESSIV(salted_hmac(purpose, "", secret=secret, algorithm="sha512").digest())
