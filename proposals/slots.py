"""What pages of errors call the fields of the forms of texts, where they give back what somebody typed there."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from proposals import queries
from proposals.edit_forms import NewSectionForm, PublishForm
from proposals.enums import UnitKind
from proposals.forms import TranslationForm, names_typed
from proposals.life_forms import BeginForm, called_reasons
from taskforce.core import errorpages
from taskforce.core.templatetags.portal import number
from taskforce.timeline import queries as timeline


def _of(form: Any, *names: str) -> Callable[..., Mapping[str, Any]]:
    return lambda **place: {name: form.base_fields[name].label for name in names}


def _called_on_the_page_of_all(task_force: str, proposal: str) -> dict[str, str]:
    """By its paragraph: what stands there is many at once."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    called, summary = {}, _("Edit summary")
    for place, unit in enumerate(queries.live_units(found), start=1):
        name = f"{number(place)} · {capfirst(str(UnitKind(unit.kind).label))}"
        called[f"u{unit.pk}-text"] = name
        called[f"u{unit.pk}-summary"] = f"{name} · {summary}"
    return called


def register() -> None:
    """Make the forms known."""
    errorpages.register("proposals:translate_unit", _of(TranslationForm, "text", "summary"))
    errorpages.register_written("proposals:translate_unit", lambda sent: ("text", "summary"))
    errorpages.register("proposals:translate", _called_on_the_page_of_all)
    errorpages.register_written("proposals:translate", names_typed)
    errorpages.register("proposals:edit", _of(NewSectionForm, "heading"))
    errorpages.register("proposals:edit_publish", _of(PublishForm, "summary"))
    errorpages.register("proposals:edit_end", lambda **place: called_reasons())
    errorpages.register("proposals:texts", _of(BeginForm, "title", "slug"))
