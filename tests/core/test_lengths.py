"""How long a text is against a limit, in scripts of letters and in those that take half as many characters."""

import pytest

from taskforce.core.lengths import counted, wide_ranges


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("Words", 5), ("Größe", 5), ("語", 2), ("日本語 and more", 15), ("한국어", 6), ("かな", 4), ("شكرا", 4),
     ("，", 2), ("\U00020000", 2)],
)  # fmt: skip
def test_a_wide_character_counts_as_two(text: str, length: int) -> None:
    assert counted(text) == length


def test_what_is_no_character_yet_is_not_wide() -> None:
    """A page tells its script the same characters that the server counts twice, and no more than there are."""
    ranges = [[int(end, 16) for end in one.split("-")] for one in wide_ranges().split()]
    assert [0x1100, 0x115F] in ranges
    assert counted("\u1249") == 1
    assert not any(first <= 0x1249 <= last for first, last in ranges)
