"""What can be seen of a text, and what of it is a name."""

import unicodedata

import pytest

from taskforce.core.text import clean_name, clean_text, is_blank, mixes_scripts

UNSEEN = {
    "nothing": "",
    "space": " \t\r\n",
    "no-break space": "\u00a0",
    "OGHAM SPACE MARK": "\u1680",
    "spaces of all widths": "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "line and paragraph separator": "\u2028\u2029",
    "controls": "\x00\x07\x1f\x7f\x85",
    "ZERO WIDTH SPACE": "\u200b",
    "ZWNJ": "\u200c",
    "ZWJ": "\u200d",
    "WORD JOINER": "\u2060",
    "invisible operators": "\u2061\u2062\u2063\u2064",
    "BYTE ORDER MARK": "\ufeff",
    "HANGUL FILLER": "\u3164",
    "HANGUL CHOSEONG FILLER": "\u115f",
    "HANGUL JUNGSEONG FILLER": "\u1160",
    "HALFWIDTH HANGUL FILLER": "\uffa0",
    "BRAILLE PATTERN BLANK": "\u2800",
    "MUSICAL SYMBOL NULL NOTEHEAD": "\U0001d159",
    "SOFT HYPHEN": "\u00ad",
    "COMBINING GRAPHEME JOINER": "\u034f",
    "MONGOLIAN VOWEL SEPARATOR": "\u180e",
    "MONGOLIAN VARIATION SELECTORS": "\u180b\u180c\u180d\u180f",
    "Khmer inherent vowels": "\u17b4\u17b5",
    "variation selectors": "\ufe00\ufe0e\ufe0f\U000e0100\U000e01ef",
    "tags": "\U000e0001\U000e0020\U000e0041\U000e007f",
    "bidi controls": "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    "deprecated format characters": "\u206a\u206f",
    "shorthand and musical format controls": "\U0001bca0\U0001d173",
    "interlinear annotation": "\ufff9\ufffa\ufffb",
    "lone surrogate": "\ud800",
    "all together": " \u200b\u00ad\u2800\n\u3164\ufeff ",
}
SEEN = {
    "a letter": "a",
    "a Han character": "語",
    "a letter among unseen": "\u200b\u2060x\u3164",
    "a digit": "0",
    "a full stop": ".",
    "a dash": "—",
    "an emoji": "🙂",
    "an emoji of four with joiners": "👩\u200d👩\u200d👧\u200d👦",
    "a heart with its selector": "❤\ufe0f",
    "a flag of tags": "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "Persian with ZWNJ": "می\u200cخواهم",
    "Hindi with ZWJ": "क्\u200dष",
    "a combining mark": "\u0301",
    "Braille with dots": "\u2801",
    "ARABIC NUMBER SIGN": "\u0600",
    "ARABIC END OF AYAH": "\u06dd",
    "REPLACEMENT CHARACTER": "\ufffd",
    "private use": "\ue000",
    "Hangul": "한",
}


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_nothing_is_seen(text: str) -> None:
    assert is_blank(text)
    assert is_blank(text * 3)
    assert clean_name(text.replace("\ud800", "")) == ""
    assert clean_text(f"\n{text}\n".replace("\ud800", "")) == ""


@pytest.mark.parametrize("text", SEEN.values(), ids=SEEN)
def test_something_is_seen(text: str) -> None:
    assert not is_blank(text)


NAMES = [
    "می\u200cخواهم", "علی\u200cرضا نیک\u200cنام", "کتاب\u200cها",  # Persian with ZWNJ
    "क्\u200dष", "श्री\u200cमान", "अभिषेक्\u200c", "শ্রীমতী র\u200d্যা", "ശ്രീ വർമ്\u200dമ",  # Indic with joiners
    "👩\u200d👧", "👩🏽\u200d🚀 Mae", "🏳️\u200d🌈", "👨\u200d👩\u200d👧\u200d👦", "❤️\u200d🔥",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # the flag of a region
    "辻\U000e0100", "Ada", "O’Brien-Ñandú", "Нина", "محمد", "Zoë 🇹🇼",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_real_name_stays_as_it_is(name: str) -> None:
    """Persian's joiner, those of Indic scripts, of emoji and flags, selectors of Han variants."""
    assert clean_name(name) == unicodedata.normalize("NFC", name)


DISGUISED = {
    "name\u202egpj.exe\u200b": "namegpj.exe",
    "\u2066Ada\u2069\u200f": "Ada",
    "ad\u200cmin": "admin",
    "ad\u200dmin\u200d": "admin",
    "\u200dAda": "Ada",
    "а\u200cб": "аб",
    "名\u200d前": "名前",
    "Ada\u00ad\u034f\u2060\ufeff\u3164": "Ada",
    "A\U000e0041\U000e0064\U000e0061": "A",
    "A\x1b[31m\x9bda\x85": "A[31mda",
    "Ada\u2028\u2029\r\nBcc:": "Ada Bcc:",
    "Ada\ufffe\ufdd0\U0001d173": "Ada",
    " Ada \t\u3000 Lee ": "Ada Lee",
    "\u180eAda\u2800": "Ada\u2800",
    "A\ufff9d\ufffaa\ufffb": "Ada",
}


@pytest.mark.parametrize(("typed", "name"), DISGUISED.items())
def test_what_disguises_a_name_is_gone(typed: str, name: str) -> None:
    assert clean_name(typed) == name
    assert clean_name(name) == name


MIXED = ["Аdmin", "pаypal", "Οmega", "Ada Lоvelace", "АДA", "Ꭰave", "admin’ѕ"]
NOT_MIXED = [
    "Admin",
    "Анна (Anna)",
    "Anna Петрова",
    "山田taro",
    "ひらがなABC",
    "Ωμέγα 3",
    "𝐀dmin",
    "O’Brien",
    "",
    "محمد Ali",
]


@pytest.mark.parametrize(("name", "mixes"), [*((n, True) for n in MIXED), *((n, False) for n in NOT_MIXED)])
def test_a_word_in_scripts_that_look_alike(name: str, mixes: bool) -> None:
    assert mixes_scripts(name) is mixes
