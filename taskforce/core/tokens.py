"""Secrets in links: random, stored only as a hash; and public references that people can read aloud."""

import hashlib
import secrets

# Without 0/O, 1/I/L and vowels, so that a reference can be dictated and spells no word.
_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
_LETTERS = 8


def hashed(token: str) -> str:
    """The SHA-256 (hex) under which a token is stored and found."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_reference(prefix: str) -> str:
    """A new public reference such as `F-7KQ2-M9XD` (40 bits; uniqueness is the database's)."""
    drawn = secrets.randbelow(len(_ALPHABET) ** _LETTERS)
    letters = []
    for _ in range(_LETTERS):
        drawn, letter = divmod(drawn, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return f"{prefix}-{''.join(letters[:4])}-{''.join(letters[4:])}"
