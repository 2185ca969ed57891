"""What was said elsewhere: who spoke, in words for staff, and the address at which it is to be read."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.utils.translation import gettext as _

from taskforce.core.normal import normalized
from taskforce.core.text import clean_name

# "jane@example.org", "@jane", "jane at example.org" without the blanks.
_MAILBOX = re.compile(r"\S+@\S+|(?:^|\s)@\w")
# What a wiki calls the pages of its users and their talk, and those that it makes itself, in every language.
_NAMES = Path(__file__).with_name("wiki_namespaces.txt")
# "User:Jane", wherever it stands: in the path, in `title=`, after the name of another wiki ("de:Benutzer:Erika").
_PART = re.compile(r"[^/?&=#\[\](){}|;,]+")
_COLON = re.compile(r"[:\ufe55\uff1a\ufe13]")
# Of the pages that a wiki makes itself with something after a stroke: one change or version, or the same page in the
# reader's language, which is judged as one of its own. All others may be about one user.
_BEHIND_STROKE = re.compile(r"/+([^?#&]+)")
_OF_NOBODY = re.compile(r"(?:\d+|prev|next|cur)(?:/(?:\d+|prev|next|cur))?/?")
_MY_LANGUAGE = "mylanguage"
# Parts of an address after which an account is named, and keys of its query that do so.
_OWN_PAGE = re.compile(r"(?:^|/)(?:users?|profiles?)/\w", re.I)
_OWN_PART = re.compile(
    r"(?:^|/)(?:u|user|users|profile|profiles|people|author|authors|member|members)/[^/]|(?:^|/)~\w", re.I
)
_OWN_KEY = re.compile(
    r"(?:user|username|user_?name|user_?id|uid|target|contribs?|author|profile|profile_?id|screen_name|phone|wpUsername|"
    r"wptarget|owner|member|account)",
    re.I,
)
# Somebody's own address on the sites where people have one: "@jane" as a part of it.
_HANDLE = re.compile(r"(?:^|/)@\w")
# The link to one comment on a talk page, as MediaWiki writes it: "#c-JaneDoe-20220210120000-Budget".
_COMMENT = re.compile(r"c-.*\d{4}", re.I)
_WITHOUT = ("www.", "m.", "mobile.", "old.", "new.", "web.", "touch.", "mbasic.", "l.", "lm.")
# Sites where an address names an account unless its path is, or begins with, one of these: of a group, an event, a
# channel, a search.
_ACCOUNTS = {
    "about.me": "",
    "bitbucket.org": r"[^/]+/.+|dashboard|product",
    "bsky.app": "search|hashtag",
    "buymeacoffee.com": "",
    "calendly.com": "",
    "chat.whatsapp.com": ".+",
    "codeberg.org": r"[^/]+/.+|explore",
    "facebook.com": "groups|events|hashtag|watch|gaming|marketplace|help|share|sharer|search|story",
    "fb.com": "groups|events",
    "fb.me": "e|g",
    "flickr.com": "groups|search",
    "gist.github.com": "discover",
    "github.com": r"[^/]+/.+|orgs|topics|search|about|explore|features|trending",
    "gitlab.com": r"[^/]+/.+|explore|groups|search",
    "gitlab.wikimedia.org": r"[^/]+/.+|explore|groups|search|repos",
    "instagram.com": "p|explore|reel|tv",
    "keybase.io": "team",
    "ko-fi.com": "",
    "line.me": "R/ti/g|ti/g",
    "linkedin.com": "company|groups|events|feed|school|showcase|jobs|learning|search",
    "linktr.ee": "",
    "m.me": "",
    "medium.com": "tag|search|p",
    "messenger.com": "",
    "odnoklassniki.ru": "group",
    "ok.ru": "group|search",
    "orcid.org": "",
    "patreon.com": "posts|search",
    "paypal.me": "",
    "pinterest.com": "pin|search|ideas",
    "quora.com": "topic|search|unanswered|q",
    "signal.me": "",
    "snapchat.com": "discover|spotlight",
    "space.bilibili.com": "",
    "t.me": r"s/.+|c/.+|\+[^/]*[a-z][^/]*|joinchat/.+|[^/+]+/\d.*",
    "telegram.dog": r"s/.+|c/.+|\+[^/]*[a-z][^/]*|joinchat/.+|[^/+]+/\d.*",
    "telegram.me": r"s/.+|c/.+|\+[^/]*[a-z][^/]*|joinchat/.+|[^/+]+/\d.*",
    "threads.com": "search",
    "threads.net": "search",
    "tiktok.com": "tag|search|discover",
    "twitch.tv": "directory|search|videos",
    "twitter.com": "search|hashtag|home|explore|i",
    "viber.com": "",
    "vk.com": r"(?:wall|topic|album|video)-\d.*|(?:club|public|event)\d+|search|feed",
    "vk.ru": r"(?:wall|topic|album|video)-\d.*|(?:club|public|event)\d+|search|feed",
    "wa.me": "channel",
    "weibo.com": "p|search|hot|newlogin",
    "weibo.cn": "search|status|detail",
    "whatsapp.com": "channel|dl|download|legal|about",
    "x.com": "search|hashtag|home|explore|i",
    "xing.com": "communities|events|companies|pages",
    "zhihu.com": "question|topic|search|zvideo",
}
# There the address of a person and that of a group look the same; only groups have addresses of messages.
_TELEGRAM = frozenset({"t.me", "telegram.dog", "telegram.me"})
# What a counter of edits shows of one account.
_COUNTS = "(?:ec|pages|autoedits|globalcontribs|topedits|editsummary|adminscore|categoryedits|sc)[^/]*/[^/]+"
# The same in another writing, where a part of the path is what names somebody.
_ON_SITES = {
    "facebook.com": r"profile\.php|people/|permalink\.php|groups/[^/]+/user",
    "flickr.com": "people/|photos/",
    "google.com": "maps/contrib",
    "phabricator.wikimedia.org": "p/",
    "xtools.wmcloud.org": _COUNTS,
    "xtools.wmflabs.org": _COUNTS,
    "lists.wikimedia.org": "hyperkitty/users/",
    "zoom.us": "my/|u/",
}
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
    path, query, fragment = (_decoded(part) for part in (parts.path, parts.query.replace("+", " "), parts.fragment))
    said = f"{path}?{query}#{fragment}"
    return bool(
        _is_of_user(said)
        or _OWN_PAGE.search(said)
        or _HANDLE.search(path)
        or (_OWN_PART.search(path) and not path.startswith("/wiki/"))
        or any(value.strip() and _OWN_KEY.fullmatch(key) for key, value in parse_qsl(query))
        or _is_account(parts, path)
    )


def names_author(address: str) -> bool:
    """Whether an address leads to one comment by the name of who wrote it, on a page that may well be given."""
    return bool(_COMMENT.match(_decoded(urlsplit(address).fragment)))


def page_of(address: str) -> str:
    """The page alone of an address that leads to one comment on it."""
    return urlsplit(address)._replace(fragment="").geturl()


def fault(address: str) -> str:
    """Why an address cannot stand beside what was said, and what to give instead; "" for one that can."""
    if is_somebodys(address):
        if _site(urlsplit(address)) in _TELEGRAM:
            return _(
                "On Telegram people and groups have the same kind of address, so this one may tell who spoke. Give the "
                "link of one message in the group or channel (t.me/…/123), or the one that invites into it."
            )
        return _(
            "This address is somebody’s own page: it would tell who spoke. Give that of the page, the group or the "
            "channel where it was said, or leave this empty."
        )
    if names_author(address):
        return _("What stands after # in this address is who wrote it. Give the page alone: %(page)s") % {
            "page": page_of(address)
        }
    return ""


# How often an address is read as one that was written for another one: more often nobody writes it.
_DEEPEST = 5


def _decoded(part: str) -> str:
    for _turn in range(_DEEPEST):
        read = unquote(part)
        if read == part:
            break
        part = read
    return part


def _is_of_user(said: str) -> bool:
    """Whether a page of a user on a wiki is named anywhere in an address: one of a namespace of theirs, or one that the
    wiki makes about something that is named after a stroke."""
    users, special = _namespaces()
    for found in _PART.finditer(said):
        *spaces, page = map(_folded, _COLON.split(found[0]))
        if page and any(space in users for space in spaces):
            return True
        if spaces and spaces[-1] in special and page != _MY_LANGUAGE:
            about = _BEHIND_STROKE.match(said, found.end())
            if about and not _OF_NOBODY.fullmatch(about[1]):
                return True
    return False


def _folded(name: str) -> str:
    """A name as wikis compare it: without case, signs that nobody sees, and the blanks around it."""
    plain = normalized("NFKC", name).casefold().replace("_", " ")
    return " ".join("".join(sign for sign in plain if unicodedata.category(sign) not in _UNSEEN).split())


_UNSEEN = ("Cf", "Co")


@cache
def _namespaces() -> tuple[frozenset[str], frozenset[str]]:
    """The names of the pages of users, and those of what a wiki makes itself."""
    users, special = _NAMES.read_text(encoding="utf-8").split("[users]\n")[1].split("\n[special]\n")
    return frozenset(users.split("\n")) - {""}, frozenset(special.split("\n")) - {""}


def _host(parts: SplitResult) -> str:
    """The name of a site without what stands before it for phones and the like."""
    host = (parts.hostname or "").rstrip(".")
    while host.startswith(_WITHOUT) and host not in _ACCOUNTS:
        host = host.partition(".")[2]
    return host


def _site(parts: SplitResult) -> str:
    """Which of the sites that everybody knows an address is on; "" for any other."""
    host = _host(parts)
    return next((site for site in (*_ACCOUNTS, *_ON_SITES) if host == site or host.endswith(f".{site}")), "")


def _is_account(parts: SplitResult, path: str) -> bool:
    """Whether it is the page of one account on one of the sites that everybody knows."""
    known, here = _site(parts), path.strip("/")
    if known in _ON_SITES and re.match(_ON_SITES[known], f"{here}/", re.I):
        return True
    if known == "t.me" and _host(parts) != known:
        # "jane.t.me"
        return True
    if known not in _ACCOUNTS or not here:
        return False
    free = _ACCOUNTS[known]
    return not (free and re.fullmatch(rf"(?:{free})(?:/.*)?", here, re.I))


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
    """The same as everybody may follow it: "" for one that leads to a person, too, and the page alone for one that
    leads to a comment by who wrote it."""
    found = link(stored)
    if is_somebodys(found):
        return ""
    return page_of(found) if names_author(found) else found
