"""Whether something looks like a machine's. It is then held for people to read first; nobody is refused by this.

Slight signs (`enums.SLIGHT`) hold nothing by themselves: `services` holds them where many come together.
"""

import logging
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from feedback import earlier, queries
from feedback.enums import Suspicion
from taskforce.core import keyed
from taskforce.core.normal import normalized

logger = logging.getLogger(__name__)
# Hardly anybody reads a question and answers it faster; but a form may come filled in (another language was chosen, a
# conflict was shown), and a text may have been written before.
FASTEST = timedelta(seconds=4)
# Shorter texts ("I agree with option B.") may well be two people's.
SHORTEST_COMPARED = 40
# Shorter ones still ("Yes", "Estoy de acuerdo", "同意") are what everybody says who has not more to say.
SHORTEST_OF_ONES_OWN = 16
MOST_LINKS = 2
# Where a community's own arguments stand: links to there are no sign of anything.
OWN_SITES = (
    "mediawiki.org",
    "toolforge.org",
    "wikibooks.org",
    "wikidata.org",
    "wikimedia.org",
    "wikinews.org",
    "wikipedia.org",
    "wikiquote.org",
    "wikisource.org",
    "wikiversity.org",
    "wikivoyage.org",
    "wiktionary.org",
    "wmcloud.org",
)
_LINK = re.compile(r"(?:https?:)?//[^\s<>\"'\])]+|\bwww\.[^\s<>\"'\])]+|\[url|<a\s", re.I)
# A domain without anything before it: with a path, or ending as hardly any word of a language does after a full stop
# that nobody has put a blank behind ("I agree.no doubt" is none). No part of a mail address.
_BARE = re.compile(
    r"(?<![@\w.\-/])(?:[a-z0-9][a-z0-9-]*\.)+"
    r"(?:[a-z]{2,24}/[^\s<>\"'\])]*|"
    r"(?:com|net|org|info|biz|shop|store|online|site|website|xyz|club|vip|icu|app|dev|blog|click|link|buzz|cyou|"
    r"example|io|ai|co|ru|su|ua|by|kz|cn|hk|tw|jp|kr|vn|tk|ml|cf|gq|cc|ws|pw|eu|uk|us|pl|cz)(?![\w.@-]))",
    re.I,
)
# A text is cut into pieces of so many letters (of scripts whose signs are words, fewer), which fall into `_BINS`
# baskets by their hash. The smallest hash of each basket stands for it, and those of `_ROWS` baskets make one mark.
_PIECE, _PIECE_OF_SIGNS = 5, 2
_ROWS = 3
_MARKS = 16
_BINS = _ROWS * _MARKS
_FIRST_SIGN = "\u2e80"


@dataclass(frozen=True)
class Said:
    """What is judged: the texts and the name as they were sent, and how long the form was on somebody's screen.

    `item_id` is the item whose words are changed to these (None: a new one), which they may well be like. `waits`: it
    is compared with what waits for its author's mail as well. `is_compared_later`: not here (`compared`).
    """

    window_id: int
    texts: list[str]
    name: str
    is_trapped: bool
    filled_in: timedelta | None
    fingerprint: list[int]
    item_id: int | None = None
    waits: bool = False
    is_compared_later: bool = False


class Found(NamedTuple):
    """The first sign, those that hold it before the slight ones, a code of `Suspicion` ("": none), and of which item it
    is nearly a copy (None: of none, or nobody looked)."""

    sign: str = ""
    alike: int | None = None


def judged(said: Said) -> Found:
    """What looks like a machine's about something.

    A check that fails is a reason too: what could not be looked at by a machine is looked at by people.
    """
    try:
        return next(_reasons(said), Found())
    except Exception:
        logger.exception("feedback could not be checked, so it is held")
        return Found(Suspicion.UNCHECKED)


def _reasons(said: Said) -> Iterator[Found]:
    if said.is_trapped:
        yield Found(Suspicion.TRAP)
    if _has_many_links("\n".join(said.texts)) or _LINK.search(said.name) or _foreign(_BARE.sub(_marked, said.name)):
        yield Found(Suspicion.LINKS)
    is_fast = said.filled_in is not None and timedelta(0) <= said.filled_in < FASTEST
    alike = None if said.is_compared_later else _near(said)
    if alike is not None:
        yield Found(repeated(is_fast=is_fast), alike)
    if is_fast:
        yield Found(Suspicion.FAST)


def repeated(*, is_fast: bool) -> Suspicion:
    """The sign of what is nearly a copy."""
    return Suspicion.FAST_REPEATED if is_fast else Suspicion.REPEATED


def can_be_compared(sign: str, fingerprint: list[int]) -> bool:
    """Whether it matters what it is nearly a copy of: a few words alone are a copy of nothing, and what is held by
    another sign is held already."""
    return sign in ("", Suspicion.FAST) and len(fingerprint) >= queries.NEAR


def compared(window_id: int, sign: str, fingerprint: list[int]) -> Found:
    """What has only this slight sign, or none, compared with what is there, asked for itself."""
    try:
        alike = queries.near_another(window_id, fingerprint)
    except Exception:
        logger.exception("feedback could not be compared, so it is held")
        return Found(Suspicion.UNCHECKED)
    return Found(sign) if alike is None else Found(repeated(is_fast=sign == Suspicion.FAST), alike)


def _near(said: Said) -> int | None:
    """What it is nearly a copy of, if anything; a few words alone are a copy of nothing."""
    if len(said.fingerprint) < queries.NEAR:
        return None
    found = queries.near_another(said.window_id, said.fingerprint, said.item_id)
    return earlier.near_waiting(said.window_id, said.fingerprint) if found is None and said.waits else found


def _has_many_links(text: str) -> bool:
    """Many links to sites of others, or hardly anything but one."""
    text = _BARE.sub(_marked, text)
    foreign = _foreign(text)
    if not foreign:
        return False
    return len(foreign) > MOST_LINKS or len(_letters(_LINK.sub(" ", text))) < SHORTEST_COMPARED


def _marked(bare: re.Match[str]) -> str:
    """A bare domain as the link that programs make of it."""
    return f"//{bare[0]}"


def _foreign(text: str) -> list[str]:
    return [link for link in _LINK.findall(text) if not _is_own(link)]


def _is_own(link: str) -> bool:
    try:
        host = urlsplit(link if "//" in link else f"//{link}").hostname or ""
    except ValueError:
        return False
    own = (*OWN_SITES, urlsplit(settings.SITE_URL).hostname or "")
    return any(host == site or host.endswith(f".{site}") for site in own)


def fingerprint(texts: list[str]) -> list[int]:
    """Marks that texts which are nearly the same have in common (`queries.NEAR` of them or more); none of a short one.

    By MinHash with one permutation: what a text says cannot be read from its marks.
    """
    letters = _letters("\n".join(texts))
    signs = _signs(letters)
    if len(letters) + signs < SHORTEST_COMPARED:
        return []
    size = _PIECE_OF_SIGNS if 2 * signs > len(letters) else _PIECE
    smallest: list[int | None] = [None] * _BINS
    for start in range(len(letters) - size + 1):
        mixed = zlib.crc32(letters[start : start + size].encode()) * 2654435761 & 0xFFFFFFFF
        value, basket = divmod(mixed, _BINS)
        before = smallest[basket]
        smallest[basket] = value if before is None or value < before else before
    return _marks(_filled(smallest))


def few_words(texts: list[str]) -> list[int]:
    """The one mark of a text that is too short to be nearly like another: the same few words have the same, but for
    case, signs and width. Below zero: of what everybody says. None without a text.

    Keyed, since short words could be tried.
    """
    text = "\n".join(texts)
    # A number does make another one here: many say "Visitor 17 says so" for themselves.
    letters = "".join(filter(str.isalnum, normalized("NFKC", text).casefold())) or "".join(
        normalized("NFKC", text).split()
    )
    if not letters:
        return []
    mark = int(keyed.hexdigest("feedback.few-words", letters)[:15], 16)
    return [mark if len(letters) + _signs(letters) >= SHORTEST_OF_ONES_OWN else -mark]


def _signs(letters: str) -> int:
    return 0 if letters.isascii() else sum(letter >= _FIRST_SIGN for letter in letters)


def _letters(text: str) -> str:
    """Only the letters, in one form: signs, numbers, case and width make no other text."""
    return "".join(filter(str.isalpha, normalized("NFKC", text).casefold()))


def _filled(smallest: list[int | None]) -> list[int]:
    """An empty basket takes what the next one has."""
    found, last = [], next(value for value in smallest if value is not None)
    for value in reversed(smallest):
        last = last if value is None else value
        found.append(last)
    return found


def _marks(values: list[int]) -> list[int]:
    """One number (of PostgreSQL's bigint) for each group, and another one for the same values in another group."""
    groups = [values[start : start + _ROWS] for start in range(0, _BINS, _ROWS)]
    return [zlib.crc32(repr((number, group)).encode()) for number, group in enumerate(groups)]
