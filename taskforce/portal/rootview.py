"""Addresses without a language that browsers ask for by themselves."""

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_safe

from taskforce.core import languages


@require_safe
def by_language(request: HttpRequest) -> HttpResponse:
    """To the reader's own language: what they chose last (cookie), their account's, `Accept-Language`, English."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if not languages.is_offered(chosen):
        chosen = getattr(request.user, "language", "")
    code = chosen if languages.is_offered(chosen) else get_language_from_request(request)
    response = HttpResponseRedirect(f"/{code}/")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Pages that are no HTML (JSON, the health pages) name no icon, so browsers ask for this one."""
    return HttpResponseRedirect(staticfiles_storage.url("portal/favicon.ico"))
