"""The samples of mails: in every language in which the task force of the samples has a name, its words are too."""

from collections.abc import Iterator
from typing import Any

import pytest

from taskforce.notifications import kinds

OURS = ("announcement", "phase-", "subscription-", "bulletin", "digest")
NAMES = [one.name for one in kinds.all_kinds() if one.name.startswith(OURS)]


def labels(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, language) of every label in a sample."""
    if isinstance(value, dict) and set(value) == {"text", "language"}:
        yield path, value["language"]
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from labels(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from labels(inner, path)


@pytest.mark.parametrize("language", kinds.EXAMPLE_NAMES)
@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_in_one_language(name: str, language: str) -> None:
    """But for the reason of an act, which nobody translates: its readers see which language it is in."""
    sample = kinds.sample_of(kinds.get(name), language)
    found = list(labels(sample))
    assert found
    assert [one for one in found if one[1] != language and not one[0].endswith("reason")] == []
    assert not sample.get("other_language")


def test_a_label_in_another_language_is_found() -> None:
    assert list(labels(kinds.sample_of(kinds.get("bulletin"), "ja"))) == [
        (f".{name}", "en") for name in ("task_force", "phase", "subject", "corrects.subject")
    ]
