"""The sections of a text that is changed: their order, new ones, and those that go."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from proposals import rules, working
from proposals.drafting.copies import LEAD, Copy, Part, Piece
from proposals.edit_forms import NewSectionForm
from proposals.edit_views import beside
from proposals.edit_views.beside import Beside
from proposals.edit_views.desk import Desk, Words, for_editors, name_of, no_act, page
from proposals.services import buttons, drafts, lives
from taskforce.core import errorpages
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid, PortalError, Refused
from taskforce.core.http import SeeOther

# No text has more revisions than this has digits.
_LONGEST_NUMBER = 9


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def overview(desk: Desk) -> HttpResponse:
    """The sections of the text in order, each with its first words; sections come, go and move here."""
    if desk.request.method != "POST" and rules.over(desk.proposal):
        return overview_page(desk, typed=desk.to_copy())
    if desk.request.method != "POST":
        typed = desk.kept()
        return overview_page(desk, form=NewSectionForm(_places(desk.now.copy), typed) if typed else None)
    posted = desk.request.POST
    name, _colon, key = posted.get("act", "").partition(":")
    form = NewSectionForm(_places(desk.now.copy), posted) if name == "new" else None
    if form is not None and not form.is_valid():
        return overview_page(desk, form=form)
    try:
        if form is not None:
            said = form.cleaned_data
            act = buttons.add_part(said["heading"], said["kind"], said["after"], said["language"])
            made = change(desk, act)
            return SeeOther(desk.address("edit_section", part=made))
        if name == "discard":
            return _discard(desk)
        if name == "restore":
            return _restore(desk)
        going_on = change(desk, _act(name, key, posted.get(f"version-{key}", "")))
    except Refused:
        raise
    except PortalError as error:
        return overview_page(desk.again(), error=error, form=form)
    return SeeOther(f"{desk.address()}#part-{going_on}" if going_on else desk.address())


def change(desk: Desk, act: Callable[[Copy], str]) -> str:
    """Do an act on the working copy; what it returns."""
    return drafts.change(desk.proposal.pk, act, editor=desk.user, at=app_now())


def _act(name: str, key: str, seen: str) -> Callable[[Copy], str]:
    """What a section's button does; `seen` is what the page showed of it."""
    if name == "remove":
        return partial(buttons.part_remove, key=key, seen=seen)
    if name not in buttons.ON_PARTS:
        raise no_act()
    return partial(buttons.ON_PARTS[name], key=key)


def _discard(desk: Desk) -> HttpResponse:
    posted = desk.request.POST
    if "sure" not in posted:
        raise Invalid(_("To discard the draft, tick the box that says you are sure."))
    seen, at = posted.get("version", ""), app_now()
    if not desk.proposal.is_public:
        lives.throw_away(desk.proposal.pk, expected=seen, editor=desk.user, at=at)
        messages.success(desk.request, _("The text is thrown away."))
        return SeeOther(reverse("proposals:texts", args=[desk.proposal.task_force.slug]))
    drafts.discard(desk.proposal.pk, expected=seen, editor=desk.user, at=at)
    messages.success(desk.request, _("The draft is discarded. The text is as it is published."))
    return SeeOther(desk.address())


def _restore(desk: Desk) -> HttpResponse:
    number = desk.request.POST.get("revision", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER):
        raise Invalid(_("Type the number of a revision, as the history shows it."))
    drafts.restore(desk.proposal.pk, int(number), editor=desk.user, at=app_now())
    return SeeOther(desk.address("edit_publish"))


class _Line(NamedTuple):
    """A section in the list."""

    part: Part
    name: Words
    beside: Beside | None
    paragraphs: int
    has_dates: bool
    is_changed: bool
    url: str
    is_first: bool
    is_last: bool


def overview_page(
    desk: Desk,
    *,
    error: PortalError | None = None,
    form: NewSectionForm | None = None,
    typed: Sequence[errorpages.Typed] = (),
) -> HttpResponse:
    """The list of the sections, with what was refused, and what was typed on a page that is not there any more."""
    shown = desk.now.copy.shown
    translated = beside.read(beside.headings(shown), desk.address("text"))
    lines = [
        _Line(
            part,
            name_of(part),
            translated.get(part.heading.key) if part.heading else None,
            sum(not piece.is_fixed and not piece.is_dates for piece in part.shown),
            any(piece.is_dates for piece in part.shown),
            working.is_changed(part, desk.now),
            desk.address("edit_section", part=part.key),
            part.key == LEAD or shown[number - 1].key == LEAD,
            part.key == LEAD or number + 1 == len(shown),
        )
        for number, part in enumerate(shown)
    ]
    removed = [(part, name_of(part)) for part in desk.now.copy.parts if part.is_removed and part.section is not None]
    removed += [(part, name_of(part)) for part in desk.now.copy.parts if part.is_removed and part.section is None]
    # What is no number goes back as it was typed, as far as the field takes it, and never in part.
    number = desk.request.POST.get("revision", "")
    context = {
        "lines": lines,
        "removed": removed,
        "error": error,
        "changed": _changed(desk, error) if isinstance(error, drafts.SectionChanged) else None,
        "typed": typed,
        "revision": number if len(number) <= _LONGEST_NUMBER else "",
        "history_url": desk.address("history"),
        "form": form or NewSectionForm(_places(desk.now.copy), language=desk.now.copy.language_of_new_part()),
        "token": desk.now.copy.token,
        "problems": len(working.problems(desk.now.copy)),
    }
    return page(desk, "overview", context, error)


class _Changed(NamedTuple):
    """A section that was not removed, and what somebody else has changed in it: each paragraph, and its field."""

    name: Words
    url: str
    pieces: list[tuple[Piece, str]]


def _changed(desk: Desk, error: drafts.SectionChanged) -> _Changed:
    url = desk.address("edit_section", part=error.part.key)
    return _Changed(name_of(error.part), url, [(piece, f"{url}#e-{piece.key}") for piece in error.pieces])


def _places(copy: Copy) -> list[tuple[str, str]]:
    return [
        (part.key, _("After: %(section)s") % {"section": name_of(part).text}) for part in copy.shown if part.key != LEAD
    ]
