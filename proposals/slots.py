"""What pages of errors call the fields of the forms of texts, where they give back what somebody typed there."""

from collections.abc import Callable, Mapping
from typing import Any

from proposals.edit_forms import NewSectionForm, PublishForm
from proposals.forms import TranslationForm
from proposals.life_forms import BeginForm, called_reasons
from taskforce.core import errorpages


def _of(form: Any, *names: str) -> Callable[..., Mapping[str, Any]]:
    return lambda **place: {name: form.base_fields[name].label for name in names}


def register() -> None:
    """Make the forms known."""
    errorpages.register("proposals:translate_unit", _of(TranslationForm, "text", "summary"))
    errorpages.register_written("proposals:translate_unit", lambda sent: ("text", "summary"))
    errorpages.register("proposals:edit", _of(NewSectionForm, "heading"))
    errorpages.register("proposals:edit_publish", _of(PublishForm, "summary"))
    errorpages.register("proposals:edit_end", lambda **place: called_reasons())
    errorpages.register("proposals:texts", _of(BeginForm, "title", "slug"))
