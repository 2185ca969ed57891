"""Leaving by the one click of a mail program (RFC 8058): the only address that takes a POST without a CSRF token.

The signed token in the address is all that it needs. It carries no cookie, and a page of another site that could post
to it would have to know the token; then it could as well press the button.
"""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from taskforce.core import clock, languages
from taskforce.notifications import leaving
from taskforce.timeline import queries, services


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """POST leaves and says so in one line; read, it leads to the page with a button and changes nothing."""
    what = leaving.read(token)
    if what is None and request.method == "POST":
        raise Http404
    if what is None:
        return render(request, "timeline/broken.html", {"crumbs": [(_("Home"), reverse("home"))]}, status=404)
    code = queries.language_of(what.mailbox) or get_language_from_request(request)
    code = code if languages.is_offered(code) else "en"
    with translation.override(code):
        response: HttpResponse
        if request.method == "POST":
            services.leave(what, at=clock.app_now())
            done = _("You will get no more of these mails.")
            response = HttpResponse(f"{done}\n", content_type="text/plain; charset=utf-8")
            response.headers["Content-Language"] = languages.html_lang(code)
        else:
            response = HttpResponseRedirect(reverse("subscriptions:leave", args=[token]))
    response.headers["Cache-Control"] = "private, no-store"
    patch_vary_headers(response, ["Accept-Language"])
    return response
