"""Telling English from the language of a page that is translated in part, by the small words that each of both has.

Script tells nothing here: the page is in another language of Latin letters. A paragraph is English where the different
words of English clearly outnumber those of the page's language, among which its letters make any word one; one that
quotes an English name or motto, in quotation marks, behind a colon, or from a capital on, or bears a name from
elsewhere, is not told by that. What remains open is the page's language, and the operator is told of it.
"""

import re
from collections.abc import Iterator
from itertools import groupby, zip_longest
from typing import NamedTuple

_WORDS = (
    "the and of to is are be been being by from with this that these those which who what when where how it its they "
    "them their we our us you your he she his would should could can may must shall not no nor or if than then there "
    "here have has had was were will do does did but because about into for on in at as an a each every all any some "
    "such only more most other after before during between through over under out so while both within without"
)
_ENGLISH = frozenset(_WORDS.split())
_OWN = {
    "de": "der die das den dem des ein eine einen einem einer eines und oder aber ist sind waren sein wird werden "
    "wurde wurden hat haben nicht kein keine mit für von vom zu zum zur im auf aus bei beim durch gegen ohne um über "
    "nach vor zwischen wie wenn weil dass ob als auch noch nur schon sich wir ihr sie er es ihre ihren unser unsere "
    "diese dieser dieses diesem alle allen mehr kann können soll sollen muss müssen",
    "es": "el la los las lo de del que y o en un una unos unas por con para es son fue ser está están se su sus al "
    "como más pero si cuando donde sobre entre sin desde hasta este esta estos estas ese esa ha han hay puede pueden "
    "debe deben también nos nuestro nuestra ya muy cada todo toda todos todas",
    "fr": "le la les l de des du d un une et est sont était être ont dans que qu qui dont où pour par sur avec sans "
    "sous entre vers ce cet cette ces se sa son ses leur leurs il elle ils elles nous vous notre nos votre au aux ne n "
    "pas mais ou si comme tout tous toute toutes peut peuvent doit doivent afin ainsi aussi même y en à",
    "id": "yang dan di ke dari untuk dengan ini itu pada adalah akan dalam oleh tidak atau bagi para sebagai juga "
    "dapat bisa harus telah sudah belum karena kami kita mereka ia dia saya lebih agar serta tentang antara setiap "
    "semua suatu seperti jika maka namun tetapi hingga sampai secara terhadap tersebut bahwa lain lainnya melalui",
    "pt-br": "o os de da dos das em na nos nas um uma por pelo pela para com sem sob sobre entre e ou que se é são "
    "foi ser está estão não mais mas como quando onde este esta estes estas esse essa isso seu sua seus suas nosso "
    "nossa ao aos à às também já muito cada todo toda todos todas pode podem deve devem há até ele ela eles elas",
}
_OWN_WORDS = {code: frozenset(row.split()) for code, row in _OWN.items()}
# Letters that no English word has; it may hold a name that does.
_OWN_LETTERS = {
    "de": re.compile("[äöüß]"),
    "es": re.compile("[áéíóúüñ]"),
    "fr": re.compile("[àâæçéèêëîïôœùû]"),
    "pt-br": re.compile("[àáâãçéêíóôõú]"),
}
# What is a word of both says nothing: German "was" and "will", Spanish "no" and "has", French "but" and "on".
_BOTH = {
    "de": "was will in an so all do such under",
    "es": "a an no has he so do as or me",
    "fr": "a an as on or but if no",
    "id": "a an no as on",
    "pt-br": "a as an do no for so more some or",
}
_OF_BOTH = {code: frozenset(row.split()) for code, row in _BOTH.items()}
# More than the longest unit tells nothing more.
_LONGEST = 20_000
# So many different ones at least, and two more for each of the page's language.
_SURE = 3
_EACH = 2
# German writes every noun as others write names: there its own words between two of them are no part of a name.
_ALL_NOUNS_ARE_CAPITAL = "de"
# What holds a name together, and how many words of it at once: "Report of the Board", "Universidad de la República".
_LINKING = "of the and for in on to with by from at a an about"
_LINKS = frozenset(_LINKING.split())
_LONGEST_LINK = 3
_WORD = re.compile(r"[^\W\d_]+")
# In an address, whose parts are no words: "example.com".
_ADDRESS = re.compile(r"\w[./@]\w")
_QUOTED = re.compile('„[^„“”]*[“”]|“[^“”]*”|«[^«»]*»|»[^«»]*«|"[^"]*"')
_SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")
_COLON = re.compile(r":\s")
_CAPITAL = re.compile(r"\b[^\W\d_A-Z][^\W\d_]*\s(?=([A-Z][a-z]*)\b)")
_CLAUSE_ENDS = re.compile(r"[.,;:!?()\[\]…–—]+")


class _Count(NamedTuple):
    """How many different small words of English, and of the page's language, a text has."""

    english: int
    own: int

    @property
    def is_sure(self) -> bool:
        """Whether the English ones clearly win."""
        return self.english >= _SURE + _EACH * self.own


def is_told_by_words(language: str) -> bool:
    """Whether words alone tell English from this language of a page."""
    return language in _OWN


def is_english(text: str, language: str) -> bool:
    """Whether this text on a page in the language is surely English."""
    return language in _OWN and _counted(_outside_of_titles(text, language), language).is_sure


def could_be_english(text: str, language: str) -> bool:
    """Whether it could be, and is not sure: of its small words more are English, those of quotations among them."""
    if language not in _OWN or is_english(text, language):
        return False
    outside, whole = _counted(_outside_of_titles(text, language), language), _counted(text, language)
    return outside.english >= outside.own and whole.english > whole.own


def says_nothing(text: str, language: str) -> bool:
    """Whether no word tells if this is English or the page's language, as of many a heading."""
    return language in _OWN and bool(_WORD.search(text)) and text.isascii() and _counted(text, language) == (0, 0)


def _outside_of_quotations(text: str) -> str:
    """What is no quotation; all of it where nothing else is said."""
    outside = _QUOTED.sub(" ", text)
    return outside if _WORD.search(outside) else text


def _outside_of_titles(text: str, language: str) -> str:
    """Without quotations, and without what may be one to the end of its sentence, where no English leads to it: behind
    a colon, or from a small English word with a capital on."""
    outside = _outside_of_quotations(text[:_LONGEST])
    return " ".join(_before_title(sentence, language) for sentence in _SENTENCE_ENDS.split(outside))


def _before_title(sentence: str, language: str) -> str:
    colon, capital = _COLON.search(sentence), _capital_in(sentence)
    places = [*([colon.start()] if colon else []), *([capital.start(1)] if capital else [])]
    head = sentence[: min(places)] if places else ""
    if not _WORD.search(head):
        return sentence
    counted = _counted(head, language)
    return sentence if counted.english > counted.own else head


def _capital_in(sentence: str) -> re.Match[str] | None:
    """Where a small English word with a capital follows a word without one."""
    return next((found for found in _CAPITAL.finditer(sentence) if found[1].casefold() in _ENGLISH), None)


def _counted(text: str, language: str) -> _Count:
    own_words = _OWN_WORDS[language]
    plain = " ".join(word for word in text[:_LONGEST].split() if not _ADDRESS.search(word))
    said = [one for one in _small_words(plain, own_words | _ENGLISH) if one.word not in _OF_BOTH[language]]
    has_own_names = language != _ALL_NOUNS_ARE_CAPITAL
    own = {one.word for one in said if one.word in own_words and not (one.links_names and has_own_names)}
    english = {one.word for one in said if one.word in _ENGLISH and not (one.links_names and one.word in _LINKS)}
    letters = _OWN_LETTERS.get(language)
    if letters:
        own |= {word for word in _WORD.findall(plain.casefold()) if letters.search(word)}
    return _Count(len(english), len(own))


class _Small(NamedTuple):
    """A small word, and whether it stands between two words with capitals, or is the first of a name: "The Charter"."""

    word: str
    links_names: bool


def _small_words(text: str, small: frozenset[str]) -> Iterator[_Small]:
    for clause in _CLAUSE_ENDS.split(text):
        is_after_name = False
        rows = [list(row) for _, row in groupby(_WORD.findall(clause), key=lambda word: word.casefold() in small)]
        for row, following in zip_longest(rows, rows[1:], fillvalue=[""]):
            if row[0].casefold() not in small:
                is_after_name = row[-1][0].isupper()
                continue
            is_before_name = following[0][:1].isupper()
            for word in row:
                is_first = word is row[-1] and word[0].isupper()
                is_link = is_after_name and len(row) <= _LONGEST_LINK
                yield _Small(word.casefold(), is_before_name and (is_link or is_first))
