"""Who changes which text: the door to the pages of its working copy, and what all of these pages say."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from proposals import queries, rules, working
from proposals.drafting.copies import LEAD, Part, Piece
from proposals.edit_forms import touched
from proposals.models import Proposal
from proposals.rendering import plain_text, unit_html
from taskforce.accounts import second_factor, signed_out
from taskforce.accounts.models import User
from taskforce.accounts.queries import keep_grants
from taskforce.core import errorpages
from taskforce.core.errors import Invalid, PortalError, Refused
from taskforce.core.middleware import refusal_page
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import queries as timeline
from taskforce.timeline.describe import in_language
from taskforce.timeline.models import TaskForce

# So many characters of a paragraph name it in a list.
_FIRST_WORDS = 90
_MORE = "…"
# So many characters of what was typed in a section are kept for whoever must sign in again; more is given back at once.
_MOST_KEPT = 100_000
# By page: what somebody types or chooses there.
_TYPED: Mapping[str, Collection[str]] = {
    "proposals:edit": ("heading", "language", "kind", "after"),
    "proposals:edit_end": ("how", "successor"),
    "proposals:edit_publish": ("summary", "is_minor", "version"),
    "proposals:texts": ("kind", "title", "language", "slug"),
}


class Desk(NamedTuple):
    """Who changes which text, and the working copy as they found it."""

    request: HttpRequest
    user: User
    proposal: Proposal
    now: working.Working

    def address(self, name: str = "edit", **more: Any) -> str:
        """One of these pages."""
        names = {"task_force": self.proposal.task_force.slug, "proposal": self.proposal.slug}
        return reverse(f"proposals:{name}", kwargs=names | more)

    def kept(self) -> dict[str, str]:
        """What they had typed here when their sign-in ended: to be shown in its form, never to be done."""
        return kept(self.request)

    def kept_to_copy(self) -> dict[str, str]:
        """As `kept`, for a page that may have no form for it and says itself where it is."""
        return signed_out.find_to_copy(self.request, *_place(self.request))

    def to_copy(self) -> list[errorpages.Typed]:
        """As `kept`, for a page that has no form (any more)."""
        return errorpages.kept(self.request, self.kept_to_copy())

    def tell_back(self) -> None:
        """Word to the reader: what they had typed stands in the form."""
        signed_out.tell_back(self.request)

    def again(self) -> "Desk":
        """The same, with the copy as it is now."""
        return self._replace(now=working.working(self.proposal))


def for_editors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for whoever may change the text, in a session that has passed the second step; for others it is not there.

    The view gets a `Desk` in place of request, task force and text. Whoever is not signed in is led to the sign-in;
    what they had typed is back in its form afterwards.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, task_force: str, proposal: str, **names: str) -> HttpResponse:
        group = timeline.task_force_or_404(task_force)
        if not isinstance(request.user, User):
            return _to_sign_in(request)
        keep_grants(request.user)
        try:
            found = working.editable_or_404(group, proposal, request.user)
        except Http404:
            return _given_back(request, group, proposal)
        if second_factor.last_passed(request) is None:
            return _to_sign_in(request)
        _note_sent(request)
        response = view(Desk(request, request.user, found, working.working(found)), **names)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return wrapped


def for_writers(view: Callable[[HttpRequest, User, TaskForce], HttpResponse]) -> Callable[..., HttpResponse]:
    """As `for_editors`, for the page of all texts of a task force: a public page leads there, so others hear why."""

    @wraps(view)
    def wrapped(request: HttpRequest, task_force: str) -> HttpResponse:
        group = timeline.task_force_or_404(task_force)
        if not isinstance(request.user, User):
            return _to_sign_in(request)
        keep_grants(request.user)
        allowed, why = rules.may_in(request.user, "text.begin", group.pk)
        if not allowed:
            return _for_others(request, group, why, _to_copy(request))
        if second_factor.last_passed(request) is None:
            return _to_sign_in(request)
        _note_sent(request)
        response = view(request, request.user, group)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return wrapped


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The staff side's own way in, which asks for the second step too; what was typed is kept for its form."""
    page, place = _place(request)
    fields = _typed_fields(page, request.POST)
    return signed_out.to_sign_in(request, page, fields, place, most=_MOST_KEPT, way_in="admin:login")


def _given_back(request: HttpRequest, group: TaskForce, slug: str) -> HttpResponse:
    """For whoever may not change the text (any more): what they had typed here when their sign-in ended, to be copied.

    Only of a text that everybody reads; and without anything typed it is not there either.
    """
    public = queries.proposal_or_404(group, slug)
    typed = _to_copy(request)
    if not typed:
        raise Http404
    return _for_others(request, group, rules.may(request.user, "text.edit", public)[1], typed)


def _for_others(
    request: HttpRequest, group: TaskForce, why: str, typed: Sequence[errorpages.Typed] | None
) -> HttpResponse:
    """Why whoever does not write texts is refused, now and later, with the ways to what they may read."""
    found = queries.titles(group, get_language() or "en")
    links = [
        (
            in_language(one.title.text or one.proposal.slug, one.title.language),
            reverse("proposals:text", args=[group.slug, one.proposal.slug]),
        )
        for one in found
    ]
    links.append((translated(group, "name"), reverse("task_force", args=[group.slug])))
    return refusal_page(request, Refused(why, title=_("This is for others")), typed, links)


def _to_copy(request: HttpRequest) -> list[errorpages.Typed] | None:
    """What was kept for this page; None where that is nothing, or where something else is posted now."""
    if request.method == "POST":
        return None
    return errorpages.kept(request, signed_out.find_to_copy(request, *_place(request))) or None


def _note_sent(request: HttpRequest) -> None:
    """What is sent is kept no more: its page shows it, whatever comes of it."""
    if request.method == "POST":
        signed_out.sent_again(request, *_place(request))


def kept(request: HttpRequest) -> dict[str, str]:
    """As `Desk.kept`, also for a page of no text."""
    return signed_out.find(request, *_place(request))


def _place(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    match = request.resolver_match
    return (match.view_name, match.kwargs) if match else ("home", {})


def _typed_fields(page: str, posted: QueryDict) -> Collection[str]:
    """The fields of a page's form that may hold something typed."""
    if page == "proposals:edit_section":
        return touched(posted)
    if page == "proposals:edit_end":
        return [name for name in posted if name.startswith("reason-") or name in _TYPED[page]]
    return _TYPED.get(page, ())


# --- names -----------------------------------------------------------------------------------------------------------


class Words(NamedTuple):
    """The first words of something, and their language."""

    text: str
    language: str


def name_of(part: Part) -> Words:
    """What a section is called: its heading, else its first words."""
    if part.key == LEAD and part.heading is None:
        return Words(_("Beginning"), get_language() or "en")
    pieces = [piece for piece in part.pieces if piece.text.strip()]
    return first_words(part.heading or pieces[0]) if pieces else Words(_("Without words"), get_language() or "en")


def first_words(piece: Piece) -> Words:
    """The beginning of what a piece says, without its marks."""
    said = " ".join(plain_text(unit_html(piece.text[: _FIRST_WORDS * 4])).split())
    return Words(shortened(said), piece.language)


def shortened(words: str) -> str:
    """So much of them as names something in a list."""
    return words if len(words) <= _FIRST_WORDS else f"{words[:_FIRST_WORDS].rstrip()}{_MORE}"


# --- all of them -----------------------------------------------------------------------------------------------------


def page(desk: Desk, name: str, context: dict[str, Any], error: PortalError | None = None) -> HttpResponse:
    """One of these pages, with what all of them say: whose draft it is, the way back, the way on."""
    lead = next((part for part in desk.now.copy.shown if part.key == LEAD), None)
    title = name_of(lead) if lead and lead.heading else Words("", get_language() or "en")
    if not title.text:
        title = Words(_("Text without a title"), get_language() or "en")
    proposal, group = desk.proposal, desk.proposal.task_force
    texts_url = reverse("proposals:texts", args=[group.slug])
    kind = capfirst(proposal.get_kind_display())
    crumbs: list[tuple[Any, str | None]] = [
        (_("Home"), reverse("home")),
        (translated(group, "name"), reverse("task_force", args=[group.slug])),
        (kind, desk.address("text")) if proposal.is_public else (_("Texts"), texts_url),
        (_("Edit"), None if name == "overview" else desk.address()),
    ]
    words = {
        "section": _("Section"),
        "place": _("Move"),
        "preview": _("Preview"),
        "publish": _("Publish"),
        "end": _("End the text"),
    }
    if name in words:
        crumbs.append((words[name], None))
    more = {
        "proposal": proposal,
        "task_force": group,
        "kind": kind,
        "over": rules.over(proposal),
        "texts_url": texts_url,
        "end_url": desk.address("edit_end"),
        "text_title": title,
        "crumbs": crumbs,
        "draft": desk.now.draft,
        "draft_editor": working.editor_of(desk.now.draft),
        "is_draft_changed": desk.now.is_changed,
        "overview_url": desk.address(),
        "preview_url": desk.address("edit_preview"),
        "publish_url": desk.address("edit_publish"),
        "text_url": desk.address("text"),
    }
    status = error.status if error is not None else 200
    return render(desk.request, f"proposals/edit/{name}.html", more | context, status=status)


def no_act() -> Invalid:
    """For a form that says nothing, or nothing that is known."""
    return Invalid(_("The form does not say what to do. Press one of its buttons."))
