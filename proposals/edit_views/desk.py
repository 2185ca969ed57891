"""Who changes which text: the door to the pages of its working copy, and what all of these pages say."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from proposals import working
from proposals.drafting.copies import LEAD, Part, Piece
from proposals.models import Proposal
from proposals.rendering import plain_text, unit_html
from taskforce.accounts import second_factor
from taskforce.accounts.models import User
from taskforce.accounts.queries import keep_grants
from taskforce.core import errorpages
from taskforce.core.errors import Invalid, PortalError
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import queries as timeline

# So many characters of a paragraph name it in a list.
_FIRST_WORDS = 90
_MORE = "…"


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

    def again(self) -> "Desk":
        """The same, with the copy as it is now."""
        return self._replace(now=working.working(self.proposal))


def for_editors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for whoever may change the text, in a session that has passed the second step; for others it is not there.

    The view gets a `Desk` in place of request, task force and text. Whoever is not signed in is led to the sign-in;
    what they had typed comes back on a page, to be copied.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, task_force: str, proposal: str, **names: str) -> HttpResponse:
        group = timeline.task_force_or_404(task_force)
        if not isinstance(request.user, User):
            return _to_sign_in(request)
        keep_grants(request.user)
        found = working.editable_or_404(group, proposal, request.user)
        if second_factor.last_passed(request) is None:
            return _to_sign_in(request)
        response = view(Desk(request, request.user, found, working.working(found)), **names)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return wrapped


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The staff side's own way in, which asks for the second step too."""
    typed = errorpages.typed(request)
    if request.method == "POST" and typed:
        context = {"typed": typed}
        response = render(request, "proposals/edit/signed_out.html", context, status=403)
    else:
        response = redirect_to_login(request.get_full_path(), reverse("admin:login"))
    response.headers["Cache-Control"] = "private, no-store"
    return response


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
    return Words(said if len(said) <= _FIRST_WORDS else f"{said[:_FIRST_WORDS].rstrip()}{_MORE}", piece.language)


# --- all of them -----------------------------------------------------------------------------------------------------


def page(desk: Desk, name: str, context: dict[str, Any], error: PortalError | None = None) -> HttpResponse:
    """One of these pages, with what all of them say: whose draft it is, the way back, the way on."""
    lead = next((part for part in desk.now.copy.shown if part.key == LEAD), None)
    title = name_of(lead) if lead and lead.heading else Words(_("Text without a title"), get_language() or "en")
    group = desk.proposal.task_force
    crumbs: list[tuple[Any, str | None]] = [
        (_("Home"), reverse("home")),
        (translated(group, "name"), reverse("task_force", args=[group.slug])),
        (capfirst(desk.proposal.get_kind_display()), desk.address("text")),
        (_("Edit"), None if name == "overview" else desk.address()),
    ]
    words = {"section": _("Section"), "place": _("Move"), "preview": _("Preview"), "publish": _("Publish")}
    if name in words:
        crumbs.append((words[name], None))
    more = {
        "proposal": desk.proposal,
        "task_force": group,
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
