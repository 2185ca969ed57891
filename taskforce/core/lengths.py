"""How long a text is, so that a limit means about as much in each script.

What one writes in Chinese, Japanese or Korean takes about half the characters that it takes in scripts of letters; so
a wide one counts as two, which is also how wide it is drawn (East_Asian_Width in the Unicode Character Database: W, F).
"""

import re
import unicodedata
from functools import cache


def counted(text: str) -> int:
    """The length of a text against a limit: its characters, the wide ones twice."""
    # Two megabytes of letters would take the search most of a second.
    if text.isascii():
        return len(text)
    return len(text) + sum(map(len, _wide().findall(text)))


@cache
def wide_ranges() -> str:
    """The wide characters, as a page tells its script: "1100-115f 231a-231b …"."""
    return " ".join(f"{first:x}-{last:x}" for first, last in _ranges())


@cache
def _wide() -> re.Pattern[str]:
    """Runs of wide characters."""
    return re.compile(f"[{''.join(f'{re.escape(chr(first))}-{re.escape(chr(last))}' for first, last in _ranges())}]+")


def _ranges() -> list[list[int]]:
    """From and to which code point. All of them lie in the first two planes and in those of the ideographs; what is no
    character yet is not wide, whatever some Pythons say of it."""
    ranges: list[list[int]] = []
    for code in (*range(0x1100, 0xD800), *range(0xF900, 0x20000)):
        if unicodedata.east_asian_width(chr(code)) not in "WF" or unicodedata.category(chr(code)) == "Cn":
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return [*ranges, [0x20000, 0x3FFFD]]
