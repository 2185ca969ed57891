"""One section of a text that is changed: its paragraphs, each in a field, and what can be done with each."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from proposals import rules
from proposals.differences.marked import marked
from proposals.differences.pieces import Budget, pieces
from proposals.drafting.copies import LEAD, Copy, Part, Piece
from proposals.edit_forms import PlaceForm, SectionForm, code_of, label_of
from proposals.edit_views import beside
from proposals.edit_views.beside import Beside
from proposals.edit_views.desk import Desk, Words, first_words, for_editors, name_of, no_act, page, shortened
from proposals.edit_views.sections import change, overview_page
from proposals.services import buttons, drafts
from taskforce.core import errorpages, languages
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, PortalError, Refused
from taskforce.core.http import SeeOther

# An offset into the longest text has no more digits.
_LONGEST_PLACE = 6
# The buttons that take words of a piece apart or away.
_TAKING = ("split", "merge", "remove", "ours", "theirs")


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def section(desk: Desk, part: str) -> HttpResponse:
    """Every paragraph of a section in a field; whatever button is pressed, what was typed is saved with it."""
    if desk.request.method != "POST":
        return _shown(desk, part)
    error: PortalError
    try:
        form = SectionForm.filled(desk.now.copy.part(part), desk.request.POST)
        if not form.is_valid():
            return _section_page(desk, part, form=form)
        typed = {**_gone(desk, part), **form.typed()}
        act, about = _act(desk, part), _about(desk)
        going_on = drafts.save(desk.proposal.pk, typed, act, about=about, editor=desk.user, at=app_now())
    except Refused:
        raise
    except PortalError as refused:
        error = refused
    else:
        messages.success(desk.request, _("The draft is saved."))
        return SeeOther(_going_on(desk, part, going_on))
    return _refused_page(desk.again(), part, error)


def _shown(desk: Desk, part: str) -> HttpResponse:
    """The section as it is in the draft, with what somebody had typed in it before their sign-in ended."""
    typed = desk.kept_to_copy()
    texts = {name.removeprefix("text-"): text for name, text in typed.items() if name.startswith("text-")}
    if part not in [each.key for each in desk.now.copy.shown] or rules.over(desk.proposal):
        if not typed:
            return SeeOther(desk.address())
        return overview_page(desk, typed=[errorpages.Typed("", text) for text in texts.values()])
    if not typed:
        return _section_page(desk, part)
    found = desk.now.copy.part(part)
    there = {piece.key for piece in found.shown}
    gone = [text for key, text in texts.items() if key not in there]
    if len(gone) < len(texts):
        desk.tell_back()
    return _section_page(desk, part, form=SectionForm.filled(found, typed), gone=gone)


def _gone(desk: Desk, part: str) -> dict[str, drafts.Typed]:
    """What was typed into pieces that the section does not have any more."""
    posted = desk.request.POST
    there = {piece.key for piece in desk.now.copy.part(part).shown}
    keys = [name.removeprefix("text-") for name in posted if name.startswith("text-")]
    return {
        key: drafts.Typed(posted[f"text-{key}"], None, posted.get(f"version-{key}", ""))
        for key in keys
        if key not in there
    }


def _act(desk: Desk, part: str) -> Callable[[Copy], str] | None:
    """What the pressed button does; None for plain saving."""
    posted = desk.request.POST
    name, _colon, key = posted.get("act", "").partition(":")
    if name == "save":
        return None
    if name == "new":
        return partial(buttons.add_last, part=part)
    if name == "split":
        place = posted.get(f"place-{key}", "")
        is_place = place.isascii() and place.isdecimal() and len(place) <= _LONGEST_PLACE
        text = posted.get(f"text-{key}", "")
        return partial(buttons.split, key=key, text=text, place=int(place) if is_place else None)
    if name not in buttons.ON_PIECES:
        raise no_act()
    return partial(buttons.ON_PIECES[name], key=key)


def _about(desk: Desk) -> list[str]:
    """The pieces of which the pressed button takes words, as the form showed them: it sends them in their order."""
    posted = desk.request.POST
    name, _colon, key = posted.get("act", "").partition(":")
    if name not in _TAKING:
        return []
    keys = [field.removeprefix("text-") for field in posted if field.startswith("text-")]
    following = keys[keys.index(key) + 1 :] if key in keys else []
    return [key, *(following or [""])[:1]] if name == "merge" else [key]


def _going_on(desk: Desk, part: str, key: str) -> str:
    """The section where the piece is now, at the piece; "go" names another page."""
    if desk.request.POST.get("go") == "overview":
        return f"{desk.address()}#part-{part}"
    if key:
        now = desk.again().now
        part = next((each.key for each in now.copy.shown if any(one.key == key for one in each.shown)), part)
    return f"{desk.address('edit_section', part=part)}{f'#e-{key}' if key else ''}"


def _refused_page(desk: Desk, part: str, error: PortalError) -> HttpResponse:
    """The form as it was sent, with the tokens of what is stored now, so that saving again is a choice."""
    if part not in [each.key for each in desk.now.copy.shown]:
        return overview_page(desk, error=error, typed=errorpages.typed(desk.request))
    found = desk.now.copy.part(part)
    posted = desk.request.POST.dict()
    stored, unread = (error.stored, error.unread) if isinstance(error, drafts.ChangedMeanwhile) else ({}, frozenset())
    there = {piece.key for piece in found.shown}
    gone = [str(posted[f"text-{key}"]) for key in stored.keys() - unread if key not in there]
    seen: dict[str, str | None] = {}
    for piece in found.shown:
        if piece.key in stored:
            posted[f"version-{piece.key}"] = piece.token
        if piece.key in unread:
            # Nobody has typed the older words: they stand beside the field, and are not saved over the newer ones.
            seen[piece.key] = posted.get(f"text-{piece.key}")
            posted[f"text-{piece.key}"], posted[f"kind-{piece.key}"] = piece.text, code_of(piece.shape)
            posted[f"language-{piece.key}"] = piece.language
    form = SectionForm.filled(found, posted)
    form.is_valid()
    return _section_page(desk, part, form=form, error=error, stored=stored, seen=seen, gone=gone)


class _Row(NamedTuple):
    """A piece on the page of its section: its fields, what others say instead of it, what can be done with it."""

    piece: Piece
    label: str
    text: Any = None
    kind: Any = None
    version: Any = None
    stored: str | None = None
    is_unread: bool = False
    seen: str | None = None
    difference: SafeString | None = None
    language: str = ""
    choice: Any = None
    place_url: str = ""
    can_join: bool = False
    is_new: bool = False
    is_changed: bool = False
    beside: Beside | None = None
    is_unfolded: bool = False


def _section_page(
    desk: Desk,
    part: str,
    *,
    form: SectionForm | None = None,
    error: PortalError | None = None,
    stored: Mapping[str, str | None] | None = None,
    seen: Mapping[str, str | None] | None = None,
    gone: list[str] | None = None,
) -> HttpResponse:
    found = desk.now.copy.part(part)
    form = form or SectionForm(found)
    shown = desk.now.copy.shown
    place = shown.index(found)
    others = beside.read([*beside.headings(shown), *found.shown], desk.address("text"))
    context = {
        "part": found,
        "name": name_of(found),
        "name_beside": _heading_beside(found, others),
        "rows": [
            row._replace(beside=others.get(row.piece.key)) for row in _rows(desk, found, form, stored or {}, seen or {})
        ],
        "removed": [(piece, first_words(piece)) for piece in found.pieces if piece.is_removed],
        "form": form,
        "error": error,
        "gone": gone or [],
        "is_overtaken": isinstance(error, drafts.ChangedMeanwhile),
        "sections": [
            (name_of(each), desk.address("edit_section", part=each.key), each is found, _heading_beside(each, others))
            for each in shown
        ],
        "before": desk.address("edit_section", part=shown[place - 1].key) if place else "",
        "after": desk.address("edit_section", part=shown[place + 1].key) if place + 1 < len(shown) else "",
    }
    return page(desk, "section", context, error)


def _heading_beside(part: Part, others: Mapping[str, Beside]) -> Beside | None:
    return others.get(part.heading.key) if part.heading else None


def _rows(
    desk: Desk, found: Part, form: SectionForm, stored: Mapping[str, str | None], seen: Mapping[str, str | None]
) -> Iterator[_Row]:
    was = {piece.key: piece for each in desk.now.live.parts for piece in each.pieces}
    number = 0
    budget = Budget()
    shown = found.shown
    for place, piece in enumerate(shown):
        if piece.is_dates:
            yield _Row(piece, label=_("The dates of the timeline"))
            continue
        number += 1
        if f"text-{piece.key}" not in form.fields:
            continue
        following = shown[place + 1] if place + 1 < len(shown) else None
        old = was.get(piece.key)
        is_unread = piece.key in seen
        theirs = stored.get(piece.key)
        yield _Row(
            piece,
            label_of(piece, number),
            form[f"text-{piece.key}"],
            None if piece.is_fixed else form[f"kind-{piece.key}"],
            form[f"version-{piece.key}"],
            # Of two published texts the page shows both anyway.
            None if is_unread and piece.theirs is not None else theirs,
            is_unread,
            seen.get(piece.key),
            None if is_unread else _difference(theirs, form[f"text-{piece.key}"].value(), budget),
            languages.OWN_NAMES[piece.language],
            form[f"language-{piece.key}"] if piece.has_open_language else None,
            "" if piece.is_fixed else desk.address("edit_place", piece=piece.key),
            not piece.is_fixed and following is not None and following.kind == piece.kind,
            old is None,
            old is not None and (old.text, old.shape[:3]) != (piece.text, piece.shape[:3]),
            # The page of publication leads to the button "Split".
            is_unfolded=desk.request.GET.get("split") == piece.key,
        )


def _difference(theirs: str | None, typed: Any, budget: Budget) -> SafeString | None:
    """From what is stored to what was typed, where somebody else has changed it too."""
    if theirs is None:
        return None
    return marked(pieces(theirs, drafts.cleaned(str(typed), theirs), budget))


# --- to another place ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def place(desk: Desk, piece: str) -> HttpResponse:
    """Choose where a paragraph is to stand, in whichever section."""
    error = None
    try:
        desk.now.copy.place(piece)
    except Conflict as refused:
        return overview_page(desk, error=refused)
    others = beside.read(desk.now.copy.pieces(), desk.address("text"))
    form = PlaceForm(
        _all_places(desk.now.copy, piece, others), desk.request.POST if desk.request.method == "POST" else None
    )
    if form.is_valid():
        try:
            change(desk, partial(buttons.place, key=piece, after=form.cleaned_data["after"]))
        except Refused:
            raise
        except PortalError as refused:
            error = refused
        else:
            messages.success(desk.request, _("The paragraph has been moved."))
            return SeeOther(_going_on(desk, LEAD, piece))
    found = desk.now.copy.piece(piece)
    back = desk.address("edit_section", part=desk.now.copy.place(piece)[0].key)
    context = {
        "piece": found,
        "words": first_words(found),
        "beside": shortened(others[piece].words) if piece in others else "",
        "form": form,
        "error": error,
        "back": f"{back}#e-{piece}",
    }
    return page(desk, "place", context, error)


def _all_places(copy: Copy, moved: str, others: Mapping[str, Beside]) -> list[tuple[str, SafeString]]:
    """Every piece but the moved one, under the words that name it, a heading in bold; beside them those that its
    reader knows (`others`)."""
    found = []
    for part in copy.shown:
        for piece in part.shown:
            if piece.key == moved:
                continue
            words = first_words(piece)
            if piece.is_dates:
                words = Words(_("The dates of the timeline"), get_language() or "en")
            tag = "strong" if piece.is_fixed else "span"
            tags = languages.html_lang(words.language), languages.direction(words.language)
            said = words.text or _("Without words")
            named = format_html('<{0} lang="{1}" dir="{2}">{3}</{0}>', tag, *tags, said)
            if piece.key in others:
                known = shortened(others[piece.key].words)
                named = format_html('{} <span class="pt-meta">· {}</span>', named, known)
            found.append((piece.key, named))
    return found
