"""Telling English from the language of a page that is translated in part, by words that one of both alone has.

Script tells nothing here: the page is in another language of Latin letters. Only what is sure is English.
"""

import re

# Left out are "was" and "will" (German), "has" (Spanish), "on" and "or" (French), "for" (Portuguese) and the like.
_WORDS = "the and of to is are be been by from with this that these which it its their they we would should not"
_ENGLISH = frozenset(_WORDS.split())
# So many different ones, and none of the page's language, are no name and no quotation.
_SURE = 3
_OWN = {
    "de": "der das und ist nicht mit für von zu dem ein eine einen einer werden wird auf im sich als auch oder bei",
    "es": "el la los las de del que y en un una por con para es se no al su sus",
    "fr": "le la les de des et est un une pour dans que du au aux par sur avec ce ces qui ou il elle",
    "id": "yang dan di dari untuk dengan ini itu pada adalah akan dalam oleh ke tidak atau bagi para",
    "pt-br": "os de que em um uma para com da das dos não por se é e ou na nas nos ao",
}
_OWN_WORDS = {code: frozenset(row.split()) for code, row in _OWN.items()}
_WORD = re.compile(r"[^\W\d_]+")


def _count(text: str, language: str) -> int:
    """How many different English words there are; 0 where one of the language is there too, or it has no Latin."""
    said = set(_WORD.findall(text.casefold()))
    own = _OWN_WORDS.get(language)
    return 0 if own is None or said & own else len(said & _ENGLISH)


def is_english(text: str, language: str) -> bool:
    """Whether this text on a page in the language is surely English."""
    return _count(text, language) >= _SURE


def could_be_english(text: str, language: str) -> bool:
    """Whether it could be, and is not sure."""
    return 0 < _count(text, language) < _SURE
