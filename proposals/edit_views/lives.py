"""The texts of a task force for those who write them: a new one, and the end of one."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from proposals import endings, queries, reviewing, working
from proposals.edit_views.desk import Desk, for_editors, for_writers, kept, no_act, page
from proposals.edit_views.sections import overview_page
from proposals.enums import ProposalKind, ProposalState
from proposals.life_forms import SUPERSEDE, BeginForm, EndForm
from proposals.models import Proposal
from proposals.services import lives
from taskforce.accounts.models import User
from taskforce.core import languages, slots
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import translated
from taskforce.timeline.describe import in_language
from taskforce.timeline.models import TaskForce


class _Line(NamedTuple):
    """A text in the list."""

    title: SafeString
    url: str
    text_url: str
    kind: str
    state: str
    state_name: str
    work: list[tuple[str, str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def texts(request: HttpRequest, user: User, task_force: TaskForce) -> HttpResponse:
    """Every text of the task force, in whatever state, and a form for a new one."""
    is_sent = request.method == "POST"
    form = BeginForm(request.POST if is_sent else kept(request) or None)
    error: PortalError | None = None
    if is_sent and form.is_valid():
        try:
            made = lives.begin(task_force, **form.cleaned_data, editor=user, at=app_now())
        except Refused:
            raise
        except PortalError as refused:
            error = refused
        else:
            messages.success(request, _("The text is begun. Readers see nothing of it until you publish it."))
            return SeeOther(_address(made, "edit_section", part="lead"))
    return _texts_page(request, task_force, form, error)


def _texts_page(
    request: HttpRequest, task_force: TaskForce, form: BeginForm, error: PortalError | None
) -> HttpResponse:
    every = list(queries.every(task_force))
    context = {
        "task_force": task_force,
        "lines": [_line(one) for one in working.titled(every, get_language() or "en")],
        "form": form,
        "error": error,
        "page_url": reverse("proposals:texts", args=[task_force.slug]),
        "crumbs": [
            (_("Home"), reverse("home")),
            (translated(task_force, "name"), reverse("task_force", args=[task_force.slug])),
            (_("Texts"), None),
        ],
    }
    return render(request, "proposals/edit/texts.html", context, status=error.status if error else 200)


def _line(one: queries.Listed) -> _Line:
    proposal, title = one.proposal, one.title
    return _Line(
        in_language(title.text or proposal.slug, title.language),
        _address(proposal, "edit"),
        _address(proposal, "text") if proposal.is_public else "",
        capfirst(str(ProposalKind(proposal.kind).label)),
        proposal.state,
        capfirst(str(ProposalState(proposal.state).label)),
        _work(proposal),
    )


def _work(proposal: Proposal) -> list[tuple[str, str, str]]:
    """(code, own name, address) of each language's page of translating and reviewing; none of a text that nobody
    translates (any more)."""
    if not proposal.is_public or proposal.has_ended:
        return []
    return [(code, languages.OWN_NAMES[code], reviewing.work_url(proposal, code)) for code in languages.CODES]


def _address(proposal: Any, name: str, **more: str) -> str:
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug}
    return reverse(f"proposals:{name}", kwargs=names | more)


# --- the end of one --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def end(desk: Desk) -> HttpResponse:
    """Withdraw the text, or say which other one has taken its place; take it up again."""
    others = _others(desk)
    is_open = desk.proposal.is_public and not desk.proposal.has_ended
    if desk.request.method != "POST" and not is_open and (typed := desk.to_copy()):
        return overview_page(desk, typed=typed)
    if desk.request.method != "POST":
        return _end_page(desk, EndForm(others, desk.kept() or None))
    if desk.request.POST.get("act") == "resume":
        return _acted(desk, EndForm(others), is_back=True)
    form = EndForm(others, desk.request.POST)
    return _acted(desk, form) if form.is_valid() else _end_page(desk, form)


def _others(desk: Desk) -> list[queries.Listed]:
    """The texts that could take the place of this one."""
    found = queries.published(desk.proposal.task_force).exclude(pk=desk.proposal.pk)
    return queries.titled(list(found), get_language() or "en")


def _acted(desk: Desk, form: EndForm, *, is_back: bool = False) -> HttpResponse:
    pk, at, editor = desk.proposal.pk, app_now(), desk.user
    try:
        if not desk.proposal.is_public:
            raise no_act()
        if is_back:
            lives.resume(pk, editor=editor, at=at)
        elif form.cleaned_data["how"] == SUPERSEDE:
            successor = form.cleaned_data["successor"]
            lives.supersede(pk, successor_id=successor, reasons=form.reasons(), editor=editor, at=at)
        else:
            lives.withdraw(pk, reasons=form.reasons(), editor=editor, at=at)
    except Refused:
        raise
    except PortalError as error:
        desk.proposal.refresh_from_db(fields=["state", "ended_at", "ended_reasons", "unanswered", "successor"])
        return _end_page(desk, form, error)
    said = _("The text is taken up again.") if is_back else _("The text has ended. Its page says so from now on.")
    messages.success(desk.request, said)
    return SeeOther(desk.address("edit_end"))


def _end_page(desk: Desk, form: EndForm, error: PortalError | None = None) -> HttpResponse:
    language = get_language() or "en"
    context = {
        "form": form,
        "error": error,
        "ended": endings.ended(desk.proposal, queries.successor(desk.proposal, language)),
        "notes": [
            render_to_string(template, told)
            for template, told in slots.contents("proposal.ending", desk.proposal, language)
        ],
    }
    return page(desk, "end", context, error)
