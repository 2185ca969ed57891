"""Pages on which facilitators bring in what was said elsewhere; for others they are not there."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import listing, queries, services
from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.forms.entered import CorrectForm, EnterForm, TakeBackForm
from feedback.forms.moderation import AppealForm
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.rules import enters_in, may_appeal, may_be_edited
from proposals.calling import Named
from taskforce.accounts import second_factor, signed_out
from taskforce.accounts.models import User
from taskforce.accounts.queries import keep_grants
from taskforce.core import clock, labels, languages
from taskforce.core.errorpages import Typed
from taskforce.core.errors import Conflict, Invalid, PortalError
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import describe as phases
from taskforce.timeline import windows

# So many characters of what was typed are kept for whoever must sign in again; more is given back at once.
_MOST_KEPT = 100_000
_PER_PAGE = 20
# What a form carries that nobody has typed.
_MACHINERY = ("csrfmiddlewaretoken", "form_key", "seen", "act", "version")


class Visit(NamedTuple):
    """Who enters something in which window, in these languages."""

    request: HttpRequest
    user: User
    window: FeedbackWindow
    spoken: list[str]

    @property
    def place(self) -> list[str]:
        """The places in the address."""
        return [self.window.phase.task_force.slug, self.window.slug]


def for_facilitators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for whoever may enter something in a language; the view gets a `Visit` in place of request and window.

    Whoever is not signed in is led to the sign-in, and what they had typed is back in its form afterwards.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, task_force: str, window: str, **names: Any) -> HttpResponse:
        found = queries.window_or_404(task_force, window)
        if not isinstance(request.user, User):
            return _to_sign_in(request)
        keep_grants(request.user)
        spoken = enters_in(request.user, found.phase.task_force_id)
        if not spoken:
            raise Http404
        if request.user.is_staff and second_factor.last_passed(request) is None:
            return _to_sign_in(request, way_in="admin:login")
        if request.method == "POST":
            signed_out.sent_again(request, *place_of(request))
        response = view(Visit(request, request.user, found, spoken), **names)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return wrapped


def _to_sign_in(request: HttpRequest, way_in: str = "") -> HttpResponse:
    page, place = place_of(request)
    fields = [name for name in request.POST if name not in (*_MACHINERY, signed_out.OWNER)]
    return signed_out.to_sign_in(request, page, fields, place, most=_MOST_KEPT, way_in=way_in)


def place_of(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """The name of the page's address, and the places in it."""
    match = request.resolver_match
    return (match.view_name, match.kwargs) if match else ("home", {})


@require_http_methods(["GET", "HEAD", "POST"])
@for_facilitators
def enter(visit: Visit) -> HttpResponse:
    """A form for what one person or group said, and what one has entered already; POST sends the form."""
    at = clock.app_now()
    if visit.request.method != "POST":
        typed = signed_out.find(visit.request, *place_of(visit.request))
        is_open = windows.is_open(visit.window.phase, at)
        return _page(visit, _form(visit, typed) if is_open or typed else None)
    form = _form(visit, visit.request.POST, is_sent=True)
    if not form.is_valid():
        return _page(visit, form)
    try:
        item = services.enter(visit.window.pk, form.told(), form_key=form.cleaned_data["form_key"], actor=visit.user)
    except PortalError as error:
        return _page(visit, form, error)
    messages.success(visit.request, _("It is entered, and stands below. You can enter the next one."))
    return SeeOther(f"{address(visit, 'enter')}#{item.reference}")


def _form(visit: Visit, data: Any = None, *, is_sent: bool = False) -> EnterForm:
    """The form as it was sent, or with what somebody had typed when their sign-in ended."""
    at, here = clock.app_now(), get_language() or "en"
    initial: dict[str, Any] = {"language": here if here in visit.spoken else visit.spoken[0]}
    if given := visit.request.GET.get("unit"):
        initial["unit"] = given
    sent = data if is_sent else None
    return EnterForm(
        visit.window, sent, at=at, spoken=visit.spoken, units=units_of(visit.window),
        initial=initial if is_sent else {**initial, **(data or {})},
    )  # fmt: skip


def units_of(window: FeedbackWindow) -> dict[int, Named]:
    """What the text has, each by its first words; two queries."""
    known = queries.units_to_choose(window.proposal_id)
    called = listing.called(known, get_language() or "en")
    return {pk: called[pk] for pk in known if pk in called}


def _page(visit: Visit, form: EnterForm | None, error: PortalError | None = None) -> HttpResponse:
    window, at = visit.window, clock.app_now()
    is_open = windows.is_open(window.phase, at)
    page = Paginator(queries.entered_by(visit.user, window), _PER_PAGE).get_page(visit.request.GET.get("page"))
    called = listing.called({item.unit_id for item in page if item.unit_id}, get_language() or "en")
    answers = queries.answers_of(list(page))
    context = {
        **about(visit, _("Bring in what was said elsewhere")),
        "form": form,
        "error": error,
        "reason": "" if is_open else phases.closed_reason(window.phase, at),
        "phase": window.phase,
        "at": at,
        "page": page,
        "entered": [_entered(visit, item, answers.get(item.pk, []), called, is_open) for item in page],
        "spoken": [(code, languages.OWN_NAMES[code]) for code in visit.spoken],
    }
    return render(visit.request, "feedback/enter.html", context, status=error.status if error else 200)


def _entered(
    visit: Visit, item: FeedbackItem, answers: list[Any], called: dict[int, Named], is_open: bool
) -> dict[str, Any]:
    """One of one's own, with the ways to correct it, to take it back and to where everybody reads it."""
    place = [*visit.place, item.reference]
    is_read = item.state == ItemState.PUBLISHED and item.visibility in FOR_EVERYBODY
    appeal = max(item.appeals.all(), key=lambda one: one.pk, default=None)
    return {
        "item": item,
        "answers": answers,
        "words": called.get(item.unit_id) if item.unit_id else None,
        "language": languages.own_name(item.language),
        "is_gone": item.state == ItemState.WITHDRAWN,
        "is_hidden": item.state == ItemState.HIDDEN,
        "read_at": reverse("feedback:item", args=place) if is_read else "",
        "correct_url": reverse("feedback:correct", args=place) if is_open and may_be_edited(item)[0] else "",
        "appeal_url": reverse("feedback:appeal_entered", args=place) if may_appeal(item.state, appeal)[0] else "",
        "appeal": appeal,
        "take_back_url": reverse("feedback:take_back", args=place) if item.state != ItemState.WITHDRAWN else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_facilitators
def correct(visit: Visit, reference: str) -> HttpResponse:
    """Change what one has entered, as long as the window is open."""
    item = _own_or_404(visit, reference)
    if not may_be_edited(item)[0]:
        return SeeOther(f"{address(visit, 'enter')}#{item.reference}")
    if visit.request.method != "POST":
        typed = signed_out.find(visit.request, *place_of(visit.request))
        is_open = windows.is_open(visit.window.phase, clock.app_now())
        return _correct_page(visit, item, _correct_form(visit, item, typed=typed) if is_open or typed else None)
    form = _correct_form(visit, item, visit.request.POST)
    if not form.is_valid():
        return _correct_page(visit, item, form)
    version, form_key = form.cleaned_data["version"], form.cleaned_data["form_key"]
    try:
        is_changed = services.correct(item.pk, form.told(), version=version, form_key=form_key, actor=visit.user)
    except services.OtherWording as error:
        item = _own_or_404(visit, reference)
        form.renew(item.edits)
        return _correct_page(visit, item, form, error)
    except PortalError as error:
        return _correct_page(visit, item, form, error)
    messages.success(visit.request, _("It is corrected.") if is_changed else _("It says this already."))
    return SeeOther(f"{address(visit, 'enter')}#{item.reference}")


def _own_or_404(visit: Visit, reference: str) -> FeedbackItem:
    """What this facilitator has entered under a reference, in a language in which they still may."""
    item = queries.entered_by(visit.user, visit.window).filter(reference=reference).first()
    if item is None or (languages.is_offered(item.language) and item.language not in visit.spoken):
        raise Http404
    item.window = visit.window
    return item


def _correct_form(visit: Visit, item: FeedbackItem, data: Any = None, *, typed: Any = None) -> CorrectForm:
    units = units_of(visit.window)
    if item.unit_id and item.unit_id not in units:
        # The text has it no more; what was said about it was about it.
        units |= listing.called({item.unit_id}, get_language() or "en")
    return CorrectForm(
        item, queries.answers(item), data, at=clock.app_now(), spoken=visit.spoken, units=units, typed=typed
    )


def _correct_page(
    visit: Visit, item: FeedbackItem, form: CorrectForm | None, error: PortalError | None = None
) -> HttpResponse:
    phase, at = visit.window.phase, clock.app_now()
    context = {
        **about(visit, _("Correct it"), _("Bring in what was said elsewhere")),
        "form": form,
        "error": error,
        "reason": "" if windows.is_open(phase, at) else phases.closed_reason(phase, at),
        "phase": phase,
        "at": at,
        "item": item,
        "answers": queries.answers(item),
        "is_shown": form is None or isinstance(error, services.OtherWording),
        "back": f"{address(visit, 'enter')}#{item.reference}",
        "page_url": visit.request.path,
    }
    return render(visit.request, "feedback/correct.html", context, status=error.status if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_facilitators
def take_back(visit: Visit, reference: str) -> HttpResponse:
    """Ask why, then take back what one has entered; possible at any time."""
    item = _own_or_404(visit, reference)
    back = f"{address(visit, 'enter')}#{item.reference}"
    if item.state == ItemState.WITHDRAWN:
        return SeeOther(back)
    is_sent = visit.request.method == "POST"
    form = TakeBackForm(visit.request.POST if is_sent else None)
    if form.is_valid():
        try:
            services.take_back(item.pk, **form.cleaned_data, actor=visit.user, at=clock.app_now())
            messages.success(visit.request, _("It is taken back."))
            return SeeOther(back)
        except (Invalid, Conflict) as error:
            form.add_error(None, error.message)
    elif not is_sent:
        typed = signed_out.find(visit.request, *place_of(visit.request))
        form = TakeBackForm(typed or None) if typed else form
    context = {
        **about(visit, _("Take this back"), _("Bring in what was said elsewhere")),
        "form": form,
        "item": item,
        "answers": queries.answers(item),
        "back": back,
        "page_url": visit.request.path,
    }
    return render(visit.request, "feedback/take_back.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_facilitators
def appeal(visit: Visit, reference: str) -> HttpResponse:
    """Say once, for whoever spoke, why what one has entered should stand; possible as long as it is hidden."""
    item = _own_or_404(visit, reference)
    back = f"{address(visit, 'enter')}#{item.reference}"
    if visit.request.method == "POST":
        form = AppealForm(visit.request.POST)
    else:
        form = AppealForm(initial=signed_out.find(visit.request, *place_of(visit.request)))
    why_not, status, typed = may_appeal(item.state, queries.appeal_of(item))[1], 200, []
    if form.is_valid():
        try:
            services.appeal_entered(item.pk, words=form.cleaned_data["words"], actor=visit.user, at=clock.app_now())
            messages.success(visit.request, _("The appeal is sent. Somebody who did not hide the text decides."))
            return SeeOther(back)
        except Conflict as error:
            why_not, status = str(error.message), error.status
            typed = [Typed(str(form.fields["words"].label), form.cleaned_data["words"])]
    context = {
        **about(visit, _("Appeal"), _("Bring in what was said elsewhere")),
        "form": None if why_not else form,
        "why_not": why_not,
        "typed": typed,
        "item": item,
        "answers": queries.answers(item),
        "back": back,
        "page_url": visit.request.path,
    }
    return render(visit.request, "feedback/appeal_entered.html", context, status=status)


def address(visit: Visit, name: str) -> str:
    """One of the window's addresses."""
    return reverse(f"feedback:{name}", args=visit.place)


def about(visit: Visit, page: str, above: str = "") -> dict[str, Any]:
    """What these pages say of the window, and the way back."""
    window, task_force = visit.window, visit.window.phase.task_force
    window_url = address(visit, "window")
    crumbs: list[tuple[Any, str | None]] = [
        (_("Home"), reverse("home")),
        (translated(task_force, "name"), reverse("task_force", args=[task_force.slug])),
        (translated(window, "title"), window_url),
    ]
    if above:
        crumbs.append((above, address(visit, "enter")))
    return {
        "task_force": task_force,
        "window": window,
        "window_title": labels.label(window, "title").text,
        "window_url": window_url,
        "enter_url": address(visit, "enter"),
        "table_url": address(visit, "table"),
        "items_url": address(visit, "items"),
        "crumbs": [*crumbs, (page, None)],
    }
