"""How long a text is against a limit, in scripts of letters and in those that take half as many characters."""

import pytest

from taskforce.core.lengths import counted


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("Words", 5), ("Größe", 5), ("語", 2), ("日本語 and more", 15), ("한국어", 6), ("かな", 4), ("شكرا", 4),
     ("，", 2), ("\U00020000", 2)],
)  # fmt: skip
def test_a_wide_character_counts_as_two(text: str, length: int) -> None:
    assert counted(text) == length
