"""The list of hundreds of zones is written as Django would write it."""

import pytest
from django import forms
from django.test.html import parse_html

from taskforce.accounts.forms import LongSelect, zone_choices


@pytest.mark.long
@pytest.mark.parametrize("value", ["Europe/Berlin", "", None, '"><b>'])
def test_it_says_what_djangos_says(value: str | None) -> None:
    """With what is chosen, its attributes, and a name that somebody sent."""
    choices = [*zone_choices(value), ('"<&', "'<b>")]
    attributes = {"id": "id_zone", "required": True, "aria-invalid": "true", "disabled": False}
    own, djangos = (kind(choices=choices).render("zone", value, attributes) for kind in (LongSelect, forms.Select))
    assert parse_html(own) == parse_html(djangos)
    assert own.count("<option") > 300
