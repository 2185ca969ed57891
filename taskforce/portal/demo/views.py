"""The demo's own pages: the clock, and becoming one of its people. They do not exist outside the demo."""

from collections.abc import Callable
from functools import wraps

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from taskforce.accounts import second_factor
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.core.dates import utc_text
from taskforce.core.errors import Invalid
from taskforce.portal.demo import clock
from taskforce.portal.demo.cast import APP_KEY, BY_KEY, RECOVERY_SEED
from taskforce.portal.demo.moments import MOMENTS
from taskforce.portal.scenarios import builder

View = Callable[..., HttpResponse]


def in_the_readers_language(view: View) -> View:
    """Demo addresses carry no language; the bar's links hand it on as `?language=`."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        asked = request.GET.get("language", "")
        if languages.is_offered(asked):
            translation.activate(asked)
            request.LANGUAGE_CODE = asked
        return view(request, *args, **kwargs)

    return wrapped


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@in_the_readers_language
def clock_page(request: HttpRequest) -> HttpResponse:
    """Shows the clock; posts `instant` to set it forward, or `scenario` to load one again."""
    typed = error = ""
    if request.method == "POST" and "scenario" in request.POST:
        return _load_scenario(request)
    if request.method == "POST":
        typed = request.POST.get("instant", "")
        try:
            moment = clock.parse(typed, app_now())
            clock.set_to(moment)
        except Invalid as refusal:
            error = str(refusal.message)
        else:
            messages.success(request, _("The clock now stands at %(moment)s.") % {"moment": utc_text(moment)})
            return HttpResponseRedirect(request.get_full_path())
    now = app_now()
    context = {
        "now": now,
        "typed": typed or request.GET.get("instant", ""),
        "error": error,
        "moments": [{"label": m.label, "at": m.at, "scenario": m.scenario, "ahead": m.at > now} for m in MOMENTS],
    }
    return render(request, "demo/clock.html", context, status=400 if error else 200)


def _load_scenario(request: HttpRequest) -> HttpResponse:
    name = request.POST["scenario"]
    if name not in builder.names():
        raise Http404
    logout(request)  # everybody is replaced, and with them every sign-in
    builder.load(name, reset=True)
    return HttpResponseRedirect(reverse("home"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@in_the_readers_language
def become(request: HttpRequest, role: str) -> HttpResponse:
    """A form with one button; posting it gives a fully authenticated session as that person of the cast."""
    person = BY_KEY.get(role)
    user = User.objects.filter(email=person.email, is_active=True).first() if person else None
    if user is None:
        raise Http404
    if request.method == "POST":
        _sign_in(request, user)
        return HttpResponseRedirect(reverse("admin:index" if user.is_staff else "home"))
    context = {"person": person, "user_name": user.name, "to_staff": user.is_staff}
    return render(request, "demo/become.html", context)


def _sign_in(request: HttpRequest, user: User) -> None:
    """As by password and, for staff, the app's code, just now."""
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    record_authentication(request, user, method="password", email=user.email)
    if user.is_staff or second_factor.has(user):
        second_factor.note_passed(request, second_factor.give(user, APP_KEY, RECOVERY_SEED, at=app_now()))
