"""What disguises a name: characters that nobody sees, marks without end, letters that pass for those of another."""

import re
import unicodedata

from taskforce.core.normal import JOINER, normalized

# Controls, bidi controls and other characters that are drawn as nothing, or as a blank though they are letters or
# symbols (Hangul fillers, a musical blank), and those that are no characters at all. No name needs them.
# What some name needs at its place is looked at below: joiners, selectors of a variant, the tags of a flag.
_NEVER = re.compile(
    "[\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufdd0-\ufdef\ufe03-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]"
)
# Between two Braille cells it parts words, as a space does.
_BRAILLE_BLANK = "\u2800"
# The blocks of what is drawn as a text or as a picture (emoji-variation-sequences.txt).
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55\u3030"
    "\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_IS_EMOJI = re.compile(f"[{_EMOJI}]")
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# What has a variant of its own in StandardizedVariants.txt: dotted letters of Khamti, Aiton and Phake, and letters that
# Phags-pa turns round.
_DOTTED = "\u1000\u1002\u1004\u1010\u1011\u1015\u1019\u101a\u101c\u101d\u1022\u1031\u1075\u1078\u107a\u1080"
_DOTTED_TOO = "\uaa60-\uaa66\uaa6b\uaa6c\uaa6f\uaa7a"
_TURNED = "\ua856\ua85c\ua85e-\ua860\ua868"
_MONGOLIAN = "\u1820-\u18aa"
_MONGOLIAN_VARIANTS = "\u180b-\u180d\u180f"
# Selectors of a variant that stand behind nothing that has one: of emoji (keys too: 1, selector, key), Han, Myanmar,
# Phags-pa, Mongolian. And the sign that parts a Mongolian word from its last vowel, where there is no such vowel.
_SELECTS_NOTHING = re.compile(
    f"(?<![{_EMOJI}])(?<![0-9#*](?=\ufe0f\u20e3))[\ufe0e\ufe0f]"
    f"|(?<![{_HAN}{_DOTTED}{_DOTTED_TOO}{_TURNED}])\ufe00"
    f"|(?<![{_HAN}])[\ufe01\ufe02\U000e0100-\U000e01ef]"
    f"|(?<![\u1807\u180a{_MONGOLIAN}])[{_MONGOLIAN_VARIANTS}]"
    f"|(?<![{_MONGOLIAN}])(?<![{_MONGOLIAN}][{_MONGOLIAN_VARIANTS}])\u180e"
    f"|\u180e(?![{_MONGOLIAN}])"
)
# Marks in a row on one letter. Unicode (UTR 36, UTS 39) takes more than four for an attack; Burmese and Tibetan need
# five of their own ("\u101c\u103b\u103e\u102d\u102f\u1037").
_MOST_FOR_ANY, _MOST = 4, 6
_JOINERS = "\u200c\u200d"  # ZWNJ: Persian and Indic scripts; ZWJ: these, and emoji of several parts
_VIRAMA = 9  # the combining class of the sign that takes an Indic letter's vowel
# So often a name is looked at; what comes out of two looks unchanged, as every name does that somebody has, is done.
_MOST_LOOKS = 8
_NO_LETTERS = frozenset({"Mn", "Mc", "Me", "Cf"})
_TAGS = re.compile("[\U000e0020-\U000e007f]+")
_FLAG = "\U0001f3f4"  # the black flag, which tags behind it make the flag of a region
# Letters and marks that no joiner changes, by the first word of a character's name.
_UNJOINED = frozenset(
    [
        "LATIN",
        "GREEK",
        "CYRILLIC",
        "ARMENIAN",
        "GEORGIAN",
        "HEBREW",
        "THAI",
        "LAO",
        "ETHIOPIC",
        "CHEROKEE",
        "COPTIC",
        "LISU",
        "BOPOMOFO",
        "CJK",
        "HIRAGANA",
        "KATAKANA",
        "HANGUL",
        "FULLWIDTH",
        "HALFWIDTH",
        "MATHEMATICAL",
        "MODIFIER",
        "COMBINING",
    ]
)


def without(name: str) -> str:
    """A name in NFC without what nobody would see of it, and without marks that pile up.

    Joiners stay where a script needs them (Persian ZWNJ, Indic conjuncts, emoji of several parts), selectors where
    they choose the form of an emoji or of a letter, and each letter keeps the marks of its script. The blank of Braille
    comes out as a space. What comes out stays as it is if it is given once more.
    """
    # What stood apart may have come together, and what one character was be two by now.
    for _look in range(_MOST_LOOKS):
        before, name = name, _looked_at(name)
        if name == before:
            return name
    # Made to come apart again and again: the letters alone.
    return normalized("NFC", "".join(one for one in name if unicodedata.category(one) not in _NO_LETTERS))


def _looked_at(name: str) -> str:
    name = normalized("NFC", _NEVER.sub("", name.replace(_BRAILLE_BLANK, " "))).replace(JOINER, "")
    name = _without_piles(_SELECTS_NOTHING.sub("", name))
    name = "".join(character for index, character in enumerate(name) if _is_needed(name, index))
    return normalized("NFC", _TAGS.sub(_of_a_flag, name))


def _without_piles(name: str) -> str:
    """Without a mark that is there twice, or is one too many for its letter."""
    kept: list[str] = []
    marks: list[str] = []
    for character in name:
        category = unicodedata.category(character)
        if category[0] == "M":
            if _is_too_much(character, category, marks):
                continue
            marks.append(character)
        elif category != "Cf":  # a joiner or a tag begins no letter
            marks = []
        kept.append(character)
    return "".join(kept)


def _is_too_much(mark: str, category: str, marks: list[str]) -> bool:
    if category != "Mc" and marks[-1:] == [mark] and not _is_letter_below(mark):
        return True
    for_any = sum(map(_is_for_any, marks)) if _is_for_any(mark) else 0
    return len(marks) >= _MOST or for_any >= _MOST_FOR_ANY


def _is_for_any(mark: str) -> bool:
    """Whether it belongs to no script, so that every letter could carry it."""
    return unicodedata.name(mark, "").startswith("COMBINING ")


def _is_letter_below(mark: str) -> bool:
    """Whether it is a letter of a stack, which stands twice where it is spoken twice (Tibetan)."""
    return "SUBJOINED LETTER" in unicodedata.name(mark, "")


def _is_needed(name: str, index: int) -> bool:
    """Whether a character of a name is no joiner, or one between two that a joiner can change."""
    if name[index] not in _JOINERS:
        return True
    before, after = name[index - 1 : index], name[index + 1 : index + 2]
    if before and unicodedata.combining(before) == _VIRAMA:
        return True
    return _can_join(before) and _can_join(after)


def _can_join(character: str) -> bool:
    if not character or character in "\u00a9\u00ae\u2122":
        return False
    if unicodedata.category(character)[0] not in "LM":
        return bool(_IS_EMOJI.match(character))
    return unicodedata.name(character, "").partition(" ")[0] not in _UNJOINED


def _of_a_flag(found: re.Match[str]) -> str:
    return found[0] if found.string[: found.start()].endswith(_FLAG) else ""


# Scripts whose letters pass for each other's; nobody writes one word in two of them.
_ALIKE = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
# Letters that are drawn as Latin ones, by script, and these: the common ones of the two scripts that people read
# beside Latin, not the whole table of Unicode (confusables.txt).
_TWINS = {
    "CYRILLIC": ("АВЕЅІЈКМНОРСТУХԚԜаеѕіјорсухһԛԝӏ", "ABESIJKMHOPCTYXQWaesijopcyxhqwl"),
    "GREEK": ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχ", "ABEZHIKMNOPTYXaikvopux"),
}
# Between a name and the same once more: "Анна (Anna)".
_APART = re.compile(r"[()\[\]{}/|,;:·•–—]+")


def mixes_scripts(name: str) -> bool:
    """Whether a word of a name mixes scripts whose letters look alike, as in "Аdmin" with a Cyrillic А.

    A name written twice ("Анна (Anna)") does not, nor does Japanese, nor Latin letters beside Han.
    """
    return any(len(_scripts(word) & _ALIKE) > 1 for word in _words(_bare(name)))


def passes_for_another(name: str) -> bool:
    """Whether a word of a name is wholly of Cyrillic or Greek letters that are drawn as Latin ones ("Асе Demo").

    Beside words of its own script that cannot be mistaken it is a word of that script ("Вера Иванова"); alone ("Вера",
    which reads "Bepa") nobody can tell. The same the other way: Latin "Capa" beside Cyrillic words.
    """
    return any(_has_twin(_words(part)) for part in _APART.split(_bare(name)))


def _has_twin(words: list[str]) -> bool:
    latin = [word for word in words if _scripts(word) == {"LATIN"}]
    for script, (drawn_alike, as_latin) in _TWINS.items():
        own = [word for word in words if _scripts(word) == {script}]
        twins = [word for word in own if _letters(word) <= set(drawn_alike)]
        if twins and (latin or len(twins) == len(own)):
            return True
        if own and any(_letters(word) <= set(as_latin) for word in latin):
            return True
    return False


def _bare(name: str) -> str:
    """The letters without their marks, and without joiners, which would part a word in two."""
    letters = normalized("NFKD", name)
    return "".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))


def _words(name: str) -> list[str]:
    return re.split(r"[^\w'’]+|_", name)


def _letters(word: str) -> set[str]:
    return {character for character in word if character.isalpha()}


def _scripts(word: str) -> set[str]:
    return {unicodedata.name(character, "").partition(" ")[0] for character in _letters(word)}
