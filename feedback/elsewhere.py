"""What was said elsewhere: who spoke, in words for staff, and the address at which it is to be read."""

import re
from urllib.parse import unquote, urlsplit

from taskforce.core.text import clean_name

# "jane@example.org", "@jane", "jane at example.org" without the blanks.
_MAILBOX = re.compile(r"\S+@\S+|(?:^|\s)@\w")
# A page of somebody's own on a wiki, in whichever of the portal's languages, with its talk and what they wrote.
_USER = (
    r"(?:user|benutzer(?:in)?|usuari[oa]|usuári[oa](?:\(a\))?|utilisat(?:eur|rice)|pengguna|участни(?:ка?|ц[аы])|"
    r"利用者|用户|用戶|使用者|(?:ال)?مستخدمة?|सदस्य)"
)
_TALK = r"(?:обсуждение|discussion|discussão|discusión|diskussion|نقاش|वार्ता|pembicaraan)"
_SPECIAL = r"(?:special|spezial|especial|spécial|istimewa|служебная|特別|特殊|特別ページ|خاص|विशेष)"
_WRITTEN = r"(?:contrib|beiträge|contribu|kontribus|вклад|投稿|用户贡献|用戶貢獻|مساهمات|योगदान)"
_OWN_PAGE = re.compile(
    rf"(?:^|[/=?&#:\[(\s])(?:(?:{_TALK}[ _])?{_USER}(?:[ _\u2010-][^\s:/?&#=]{{0,16}})?\s?[:：]|"
    rf"{_SPECIAL}\s?[:：]\s?{_WRITTEN}|users?/\w|profiles?/\w)",
    re.I,
)
# Somebody's own address on the sites where people have one: "@jane" as a part of it.
_HANDLE = re.compile(r"(?:^|/)@\w")
# No browser's address holds these, and what looks like another address with them is a disguise.
_NEVER_IN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f<>\"'\\^`{|}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def has_mailbox(spoke: str) -> bool:
    """Whether words hold a mail address, or a name as chats write it: that is never a role."""
    return bool(_MAILBOX.search(spoke))


def is_somebodys(address: str) -> bool:
    """Whether an address is that of a person: their own page on a wiki, the talk about it, what they wrote, or their
    account elsewhere. It would tell everybody who spoke, whatever stands beside it.

    By how it is written alone: whether somebody of this name has an account, nobody learns here.
    """
    parts = urlsplit(address)
    # As often as it may have been written for an address.
    said = unquote(unquote(f"{parts.path}?{parts.query}#{parts.fragment}"))
    return bool(_OWN_PAGE.search(said.replace("+", " ")) or _HANDLE.search(parts.path))


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


def public(stored: str) -> str:
    """The same as everybody may follow it: "" for one that leads to a person, too."""
    found = link(stored)
    return "" if is_somebodys(found) else found
