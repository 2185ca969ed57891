"""What can be seen of a text, and what of it is a name."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from taskforce.core import disguises
from taskforce.core.disguises import mixes_scripts, passes_for_another
from taskforce.core.text import _is_seen, clean, clean_name, clean_text, is_blank, may_fit, shown_again

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


@pytest.mark.long
def test_every_character_that_nobody_sees_is_known() -> None:
    """Of this version of Unicode, in whatever plane."""
    wrong = [hex(code) for code in range(0x110000) if is_blank(chr(code)) is _is_seen(chr(code))]
    assert wrong == []


def test_what_may_fit_is_cleaned_and_what_cannot_is_only_made_safe() -> None:
    """Four characters that become one still fit; of what is too long only what no page can hold is taken out."""
    typed = "o\u0302\u0323" * 10
    assert len(clean_text(typed)) == 10
    assert may_fit(typed, 10)
    assert not may_fit("x" * 41, 10)
    for cleaner in (clean, clean_text, clean_name):
        assert cleaner(typed, most=10) == cleaner(typed) != typed
        assert cleaner(f" \x00{typed}{typed}", most=10) == f" \x00{typed}{typed}"
    assert shown_again("a\x00\ud800\u0301\r\n") == "a?\u0301\r\n"


NAMES = [
    "می\u200cخواهم", "علی\u200cرضا نیک\u200cنام", "کتاب\u200cها",  # Persian with ZWNJ
    "क्\u200dष", "श्री\u200cमान", "अभिषेक्\u200c", "শ্রীমতী র\u200d্যা", "ശ്രീ വർമ്\u200dമ",  # Indic with joiners
    "👩\u200d👧", "👩🏽\u200d🚀 Mae", "🏳️\u200d🌈", "👨\u200d👩\u200d👧\u200d👦", "❤️\u200d🔥",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # the flag of a region
    "辻\U000e0100", "Ada", "O’Brien-Ñandú", "Нина", "محمد", "Zoë 🇹🇼",
    "1\ufe0f\u20e3 Ada", "☎︎ Bo", "ᠨᠠᠷ\u180bᠠ",  # a key of a phone, a sign as text, a Mongolian variant
    # The portal's languages.
    "Siobhán Ní Dhálaigh", "مُحَمَّدٌ عَبْدُ ٱللّٰه", "Jürgen Weiß", "José Muñoz", "Anaïs Lefèvre", "कृष्णमूर्ति श्रीज्ञान ड़ाँ",
    "Siti Nurhaliza", "がぎ プ・山田 太郎", "João Conceição", "Алёна Чайковская-Йорк", "张伟", "張偉",
    # What carries most marks.
    "נָּאוֹמִי שִׁ֑ירָה", "กิ่งแก้ว ปิ่นฟ้า", "လျှို့ဝှက် ကျွန်ုပ်", "རྒྱལ་མཚན་སྒྲོལ", "Nguyễn Thị Ngọc Ánh", "ஸ்ரீநிவாஸன்",
    # Standardised variants of letters, Mongolian's last vowel apart, a Tibetan letter twice in a stack.
    "神\ufe00谷", "\u1000\ufe00\u103b", "\u1010\u1031\ufe00", "\uaa61\ufe00", "\ua85c\ufe00", "ᠲᠤᠶ\u180eᠠ",
    "ᠨ\u180b\u180eᠠ", "ཀརྨྨ", "རྟྟི",
    "ខ្ញុំ ស្រីម៉ៅ", "శ్రీనివాస్", "Ọ̀ṣun Ẹ̀gbẹ́", "a\u0300\u0323\u0301\u0308\u0304",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_real_name_stays_as_it_is(name: str) -> None:
    """Persian's joiner, those of Indic scripts, of emoji and flags, selectors of variants, marks of each script."""
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
    "\u180eAda\u2800": "Ada",
    "A\ufff9d\ufffaa\ufffb": "Ada",
    "A\ufe0fd\ufe0ea\ufe00": "Ada",
    "A\u180bd\u180fa\u180d": "Ada",
    "A\u2800d\u115fa\U0001d159": "A da",
    "⠁⠙⠁\u2800\u2800⠃⠕\u2800": "⠁⠙⠁ ⠃⠕",
    "A\ufe00d\ufe01a\ufe02": "Ada",
    "က\ufe01ခ\ufe00": "ကခ",
    "神\ufe00\ufe00\ufe03": "神\ufe00",
    "ᠠ\u180e\u180eᠠ": "ᠠᠠ",
    "A\u180b\u180eᠠ\u180e": "Aᠠ",
    "\u180eᠠ": "ᠠ",
    "A\U000e0100da\U000e01ef": "Ada",
    "1\ufe0f Ada": "1 Ada",
    "❤\ufe0f\ufe0f\u180b": "❤\ufe0f",
    "辻\U000e0100\U000e0100": "辻\U000e0100",
    "א\u200dדה": "אדה",
    "Ad\u0331\u200d\u0330a": "A\u1e0f\u0330a",
    "e\u200b\u0301": "é",
    "x" + "\u0301" * 100 + "y": "x\u0301y",
    "x" + "\u0316\u0317" * 50 + "y": "x\u0316\u0317\u0316\u0317y",
    "ก" + "่้" * 50: "ก" + "่้" * 3,
    "ཀ" + "ྨ" * 50: "ཀ" + "ྨ" * 6,
    "x" + "\u0316\u0317\U000e0041\u200d" * 50 + "y": "x\u0316\u0317\u0316\u0317y",
}


@pytest.mark.parametrize(("typed", "name"), DISGUISED.items())
def test_what_disguises_a_name_is_gone(typed: str, name: str) -> None:
    assert clean_name(typed) == name
    assert clean_name(name) == name


# What is judged by its neighbours, put in order among them, or becomes another character: marks of several classes and
# scripts, joiners, vowels of Tibetan that come apart, selectors, tags, and the letters that they stand by.
PIECES = [
    "\u0f71", "\u0f72", "\u0f73", "\u0f74", "\u0f75", "\u0f80", "\u0f81", "\u0f90", "\u0fa8", "\u0f40",
    "\u0300", "\u0301", "\u0316", "\u0323", "\u0344", "\u034f", "\u3099", "\u309a", "\u20e3", "\u094d", "\u0915",
    "\u09be", "\u09c7", "\u0bd7", "\u0b92", "\u200c", "\u200d", "\ufe00", "\ufe0e", "\ufe0f", "\U000e0100",
    "\u180b", "\u180e", "\u1820", "\u1000", "\U000e0067", "\U000e007f", "\U0001f3f4", "\u2764", "\u2800", "\u795e",
    "\u1100", "\u1161", "\u11a8", "\u304b", "\uff76", "\uff9e", "\u0410", "a", "e", "1", " ",
]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("looks", [disguises._MOST_LOOKS, 1])
def test_a_name_that_is_cleaned_is_clean(monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    """Whatever it was made of; also where it has been looked at for the last time, of which no name is known."""
    monkeypatch.setattr(disguises, "_MOST_LOOKS", looks)

    @example(["\u0f72", "\u0316", "\u200c", "\u3099", "\u0f73"])
    @example(["\u0fa8", "\u0f81", "\u180e", "\u0f73", "\u0b92"])
    @settings(max_examples=400, deadline=None)
    @given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14))
    def is_clean(pieces: list[str]) -> None:
        name = clean_name("".join(pieces))
        assert clean_name(name) == name

    is_clean()


MIXED = ["Аdmin", "А\u0335dmin", "pаypal", "Οmega", "Ada Lоvelace", "АДA", "Ꭰave", "admin’ѕ"]
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


def test_no_character_that_is_drawn_as_nothing_makes_another_name() -> None:
    """Every one of Unicode, between Latin letters and behind them."""
    drawn_as_nothing = [character for character in map(chr, range(0x110000)) if is_blank(character)]
    assert len(drawn_as_nothing) > 4000
    made = {
        f"U+{ord(character):04X}": name
        for character in drawn_as_nothing
        if not (character.isspace() or character == "\u2800")
        and (name := clean_name(f"An{character}na{character}")) not in ("Anna", "An?na?")
    }
    assert made == {}


PASSING = [
    "Асе Demo",
    "Demo Асе",
    "Вера",
    "Жора Асе Demo",
    "Anna К.",
    "Ρan Αnna Demo Ρ",
    "Иванова Capa",
    "А́се Demo",
    "ΑΝΝΑ",
]
PLAIN = [
    "Ase Demo",
    "Вера Иванова",
    "Вера Иванова (Vera Ivanova)",
    "Анна (Anna)",
    "Anna Петрова",
    "Сара Коэн",
    "Алёна",
    "Άννα Παπαδοπούλου",
    "Νίκος",
    "山田 Ace",
    "محمد Ace",
    "",
]


@pytest.mark.parametrize(("name", "passes"), [*((n, True) for n in PASSING), *((n, False) for n in PLAIN)])
def test_a_word_wholly_of_letters_that_look_like_others(name: str, passes: bool) -> None:
    assert passes_for_another(name) is passes
