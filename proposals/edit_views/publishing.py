"""Preview of a text that is changed, and its publication as the next revision."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from proposals import calling, comparing, loose_notes, rules, undivided, working
from proposals.bringing_back import brought_back
from proposals.edit_forms import PublishForm
from proposals.edit_views.desk import Desk, Words, first_words, for_editors, name_of, page
from proposals.edit_views.sections import overview_page
from proposals.services import publish_draft
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.http import SeeOther


@for_editors
def preview(desk: Desk) -> HttpResponse:
    """The draft as readers of this language would see it."""
    if desk.request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    language = get_language() or settings.LANGUAGE_CODE
    reading = working.preview(desk.proposal, desk.now, language)
    links = []
    for code in languages.CODES:
        with override(code):
            links.append({"code": code, "name": languages.OWN_NAMES[code], "url": desk.address("edit_preview")})
    return page(desk, "preview", {"reading": reading, "languages": links})


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def publish(desk: Desk) -> HttpResponse:
    """What would change, the summary, and whether it is minor; POST publishes."""
    if desk.request.method != "POST" and not _is_open(desk) and (typed := desk.to_copy()):
        return overview_page(desk, typed=typed)
    if desk.request.method != "POST":
        return _publish_page(desk, _form(desk, initial=_suggested(desk) | desk.kept()))
    form = _form(desk, desk.request.POST)
    if not form.is_valid():
        return _publish_page(desk, form)
    said = form.cleaned_data
    try:
        revision = publish_draft(
            desk.proposal.pk,
            summary=said["summary"],
            is_minor=said.get("is_minor", False),
            expected=said["version"],
            editor=desk.user,
            at=app_now(),
        )
    except Refused:
        raise
    except PortalError as error:
        desk = desk.again()
        form = _form(desk, initial=said | {"version": desk.now.token})
        return _publish_page(desk, form, error)
    said_so = _("The text is published: everybody can read it.")
    if desk.proposal.is_public:
        said_so = _("Revision %(number)d is published.") % {"number": revision.number}
    messages.success(desk.request, said_so)
    return SeeOther(desk.address())


def _is_open(desk: Desk) -> bool:
    """Whether the page has its form."""
    return desk.now.is_changed and not rules.over(desk.proposal) and not working.problems(desk.now.copy)


def _form(desk: Desk, data: Mapping[str, Any] | None = None, initial: Mapping[str, Any] | None = None) -> PublishForm:
    return PublishForm(data, initial=initial, is_first=not desk.proposal.is_public)


def _suggested(desk: Desk) -> dict[str, str]:
    """What the form says before anybody has typed."""
    found = {"version": desk.now.token}
    if not desk.proposal.is_public:
        found["summary"] = _("First version")
    elif desk.now.copy.restores:
        found["summary"] = _("Restored revision %(number)d") % {"number": desk.now.copy.restores}
    return found


def _publish_page(desk: Desk, form: PublishForm, error: PortalError | None = None) -> HttpResponse:
    context = {
        "form": form,
        "error": error,
        "difference": comparing.of_draft(desk.proposal, desk.now),
        "brought_back": brought_back(desk.proposal, desk.now),
        "problems": _placed(desk, working.problems(desk.now.copy)),
        "undivided": _to_split(desk),
        "empty_sections": _empty_sections(desk),
        "loose": _placed(desk, loose_notes.in_draft(desk.now)),
        "loose_translations": _loose_translations(desk),
        "most_loose": loose_notes.MOST,
    }
    return page(desk, "publish", context, error)


def _to_split(desk: Desk) -> list[tuple[Words, str]]:
    """What may be meant as several paragraphs: its first words, and where it is split."""
    return [
        (
            first_words(one.piece),
            f"{desk.address('edit_section', part=one.part.key)}?split={one.piece.key}#e-{one.piece.key}",
        )
        for one in undivided.in_draft(desk.now)
    ]


def _empty_sections(desk: Desk) -> list[tuple[Words, str]]:
    """The sections of which the draft has the heading alone, and where they are written; not what is published so."""
    before = {part.key for part in desk.now.live.shown if part.is_bare}
    return [
        (name_of(part), desk.address("edit_section", part=part.key))
        for part in desk.now.copy.shown
        if part.is_bare and part.key not in before
    ]


class _Loose(NamedTuple):
    """The translations into a language that would lead to no note: each with its first words, where it is translated,
    and what is said of it."""

    language: str
    name: str
    found: list[tuple[calling.Named, str, str]]


def _loose_translations(desk: Desk) -> list[_Loose]:
    made = []
    for code, found in loose_notes.in_translations(desk.now).items():
        with override(code):
            address = desk.address("translate")
        lines = [
            (
                calling.first_words(one.text, code),
                f"{address}?unit={one.unit}#u{one.unit}",
                " ".join(map(loose_notes.said_of, one.numbers)),
            )
            for one in found
        ]
        made.append(_Loose(code, languages.OWN_NAMES[code], lines))
    return made


def _placed(desk: Desk, found: Sequence[working.Problem]) -> list[tuple[working.Problem, Words, str]]:
    """Each with the first words of its paragraph, and where that is written."""
    return [
        (one, first_words(one.piece), f"{desk.address('edit_section', part=one.part.key)}#e-{one.piece.key}")
        for one in found
    ]
