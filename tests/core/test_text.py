"""What can be seen of a text, and what of it is a name."""

import pytest

from taskforce.core.text import clean_name, clean_text, is_blank

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


@pytest.mark.parametrize("name", ["می\u200cخواهم", "क्\u200dष", "👩\u200d👧", "Ada"])
def test_joiners_stay_in_a_name(name: str) -> None:
    assert clean_name(name) == name
