"""Keyed hashes: what stands in the database for something that nobody is to read there, nor to try others against."""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings


def digest(purpose: str, said: str) -> bytes:
    """The same as Django's `salted_hmac` with SHA-256, whose key is made once for each purpose: a posted form asks for
    eight of them."""
    return hmac.digest(_key(settings.SECRET_KEY, purpose), said.encode(), "sha256")


def hexdigest(purpose: str, said: str) -> str:
    """The same in hexadecimal digits, 64 of them."""
    return digest(purpose, said).hex()


@lru_cache(maxsize=64)
def _key(secret: str, purpose: str) -> bytes:
    return hashlib.sha256((purpose + secret).encode()).digest()
