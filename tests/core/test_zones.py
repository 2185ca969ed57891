"""Time zones as people read them."""

import pytest

from taskforce.core import languages, zones


@pytest.mark.parametrize("language", languages.CODES)
def test_no_place_is_a_path(language: str) -> None:
    """Babel names a place that a language has no name for by all of its zone's name."""
    assert [label for _name, label in zones.choices(language) if "/" in label] == []
    assert "/" not in zones.place("America/Argentina/La_Rioja", language)


def test_a_place_keeps_its_own_name() -> None:
    assert dict(zones.choices("en"))["America/Argentina/La_Rioja"] == "Argentina (La Rioja) Time"
    assert dict(zones.choices("de"))["Europe/Busingen"] == "Deutschland (Büsingen) (Ortszeit)"
