"""What texts say on pages of rooms below: what pages of errors call the fields of their forms, where they give back
what somebody typed there; on the page of a translator's account where their texts are translated.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from proposals import queries
from proposals.edit_forms import NewSectionForm, PublishForm
from proposals.enums import UnitKind
from proposals.forms import TranslationForm, names_typed
from proposals.life_forms import BeginForm, called_reasons
from proposals.reviewing import work_url
from proposals.rules import WHO
from taskforce.accounts import places
from taskforce.accounts.rights import Grant
from taskforce.core import errorpages, languages, slots
from taskforce.core.labels import Label
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


class ToTranslate(NamedTuple):
    """A translator's role at one place: what that is called, into which language, and the texts: each with its title
    and the page on which it is translated."""

    place: SafeString
    code: str
    spoken: str
    texts: list[tuple[SafeString, str]]


def on_translator(held: Sequence[Grant], language: str) -> tuple[str, dict[str, Any]] | None:
    """On the page of the account of whoever translates and reviews: their texts, those that have ended left out; three
    queries. A role for every language leads to the page's own. None for a role that translates nothing."""
    if not all(WHO["text.translate"].is_given_by(grant) for grant in held):
        return None
    texts = queries.titled(queries.to_translate({grant.task_force_id for grant in held}), language)
    called = places.names({grant.task_force_id for grant in held})
    lines = []
    for grant in held:
        own = [one for one in texts if grant.task_force_id in (None, one.proposal.task_force_id)]
        code = grant.language or language
        urls = [work_url(one.proposal, code) for one in own]
        links = [(_title(one), url) for one, url in zip(own, urls, strict=True)]
        place = places.marked(called.get(grant.task_force_id, Label("", "en")))
        lines.append(ToTranslate(place, code, languages.OWN_NAMES[code], links))
    return "proposals/slot_account.html", {"lines": lines}


def _title(one: queries.Listed) -> SafeString:
    return places.marked(one.title if one.title.text else one.title._replace(text=one.proposal.slug, language="en"))


def register() -> None:
    """Make the forms known, and the way of translators to their texts."""
    slots.fill("account.role", on_translator)
    errorpages.register("proposals:translate_unit", _of(TranslationForm, "text", "summary"))
    errorpages.register_written("proposals:translate_unit", lambda sent: ("text", "summary"))
    errorpages.register("proposals:translate", _called_on_the_page_of_all)
    errorpages.register_written("proposals:translate", names_typed)
    errorpages.register("proposals:edit", _of(NewSectionForm, "heading"))
    errorpages.register("proposals:edit_publish", _of(PublishForm, "summary"))
    errorpages.register("proposals:edit_end", lambda **place: called_reasons())
    errorpages.register("proposals:texts", _of(BeginForm, "title", "slug"))
