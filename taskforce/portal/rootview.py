"""Addresses without a language that browsers ask for by themselves."""

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_safe


@require_safe
def by_language(request: HttpRequest) -> HttpResponse:
    """To the reader's own language: their choice (cookie), then `Accept-Language`, then English."""
    response = HttpResponseRedirect(f"/{get_language_from_request(request)}/")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Pages that are no HTML (JSON, the health pages) name no icon, so browsers ask for this one."""
    return HttpResponseRedirect(staticfiles_storage.url("portal/favicon.ico"))
