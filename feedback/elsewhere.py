"""What was said elsewhere: who spoke, in words that name nobody, and the address at which it is to be read."""

import re
from urllib.parse import urlsplit

from taskforce.core.text import clean_name

# "jane@example.org", "@jane", "jane at example.org" without the blanks.
_MAILBOX = re.compile(r"\S+@\S+|(?:^|\s)@\w")
# A page of somebody's own on a wiki, in whichever of the portal's languages, and with the talk about it.
_OWN_PAGE = re.compile(
    r"(?:^|[\s\[(])(?:user|benutzer(?:in)?|usuari[oa]|usuário|usuária|utilisat(?:eur|rice)|pengguna|участни(?:к|ца)|"
    r"利用者|用户|用戶|使用者|مستخدمة?|सदस्य)[ _]?[^\s:]{0,12}\s?[:：]",
    re.I,
)
_HANDLE = re.compile(r"\w*\d\w*[_\-.]\w+|\w+_\w+")
_MOST_OF_A_NAME = 4
# No browser's address holds these, and what looks like another address with them is a disguise.
_NEVER_IN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f<>\"'\\^`{|}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def has_mailbox(spoke: str) -> bool:
    """Whether it holds a mail address, or a name as chats write it: that is never a role."""
    return bool(_MAILBOX.search(spoke))


def may_name_somebody(spoke: str) -> bool:
    """Whether it looks like somebody's name: a page of their own, a user name, or a few words which all begin with a
    capital. Only by how it is written: whether somebody of this name has an account, nobody learns here.

    In scripts without capitals a name looks like any other word.
    """
    if _OWN_PAGE.search(spoke) or _HANDLE.search(spoke):
        return True
    words = spoke.split()
    are_capital = [word[0].isupper() and not word.isupper() for word in words]
    return 2 <= len(words) <= _MOST_OF_A_NAME and all(are_capital)


def address(typed: str) -> str:
    """An address of the web as it was typed, without what surrounds it; `ValueError` for anything else.

    Nothing is ever fetched from it. One with a user and a password would tell them to everybody.
    """
    found = clean_name(typed)
    if not found:
        return ""
    if _NEVER_IN_ADDRESS.search(typed.strip()):
        raise ValueError(typed)
    parts = urlsplit(found)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError(typed)
    parts.port  # noqa: B018 - raises where it is no number
    return found


def link(stored: str) -> str:
    """The address as a link may have it; "" for what could stand in the database and is no address of the web."""
    try:
        return address(stored)
    except ValueError:
        return ""
