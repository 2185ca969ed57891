"""The way to the wiki and back. Where no consumer is set, none of these addresses is there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount import views as stock
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.utils import get_request_param
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from taskforce.accounts import fresh, wikimedia
from taskforce.accounts.enums import Purpose
from taskforce.accounts.views import own
from taskforce.core import languages
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.limits.clients import client_address

View = Callable[..., HttpResponse]
_to_the_wiki = OAuth2LoginView.adapter_view(wikimedia.WikimediaAdapter)
_back = OAuth2CallbackView.adapter_view(wikimedia.WikimediaAdapter)


def _where_offered(view: View) -> View:
    """404 where nobody can sign in with the wiki; whatever it answers is for one person."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not wikimedia.is_offered():
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@_where_offered
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def login(request: HttpRequest) -> HttpResponse:
    """A page with one button; POST goes to the wiki.

    By a page that opens the next by itself, not by a redirect: the policy that forms are sent to the portal only holds
    for redirects too, and the wiki may lead on to yet another site where it keeps its sign-in.
    """
    connects = get_request_param(request, "process") == AuthProcess.CONNECT
    if connects and not request.user.is_authenticated:
        return redirect_to_login(reverse("account_email"))
    if request.method == "POST":
        limits.hit(table.TO_THE_WIKI, client_address(request))
        if connects:
            fresh.require(request, Purpose.CONNECT)
    answer: HttpResponse = _to_the_wiki(request)
    if not 300 <= answer.status_code < 400:
        return answer
    return render(request, "socialaccount/going.html", {"address": answer.headers["Location"], "connects": connects})


@_where_offered
@require_safe
@login_not_required
def callback(request: HttpRequest) -> HttpResponse:
    """Where the wiki sends everybody back to, under one language; what follows is in the person's own.

    It shows no page: each answer leads on to an address that holds neither the code nor the state.
    """
    language = _language_of(request)
    translation.activate(language)
    request.LANGUAGE_CODE = language
    answer: HttpResponse = _back(request)
    return answer


def _language_of(request: HttpRequest) -> str:
    """In which the person left; if that is forgotten, what they chose, else what their browser asks for."""
    stashed = statekit.get_states(request).get(request.GET.get("state", ""))
    left_in = stashed[0].get("language", "") if stashed else getattr(request.user, "language", "")
    return left_in if languages.is_offered(left_in) else translation.get_language_from_request(request)


@_where_offered
@require_safe
@login_not_required
def error(request: HttpRequest) -> HttpResponse:
    """What went wrong, and what to do."""
    return render(request, "socialaccount/authentication_error.html", {"why": request.GET.get("why")}, status=401)


signup: View = _where_offered(stock.signup)
cancelled: View = _where_offered(stock.login_cancelled)
connections: View = _where_offered(own.disconnect)


def gone(request: HttpRequest, old: str = "") -> HttpResponse:
    """Addresses that the library keeps for those who used an older one."""
    raise Http404
