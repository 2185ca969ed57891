"""The portal's addresses, a bare page, the page of a text as on its first visit, and a bare form."""

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path

from bench import applying, posts
from bench.forgetful import nothing_is_found
from proposals import views
from taskforce import urls
from taskforce.timeline.queries import task_force_or_404


def bare(request: HttpRequest, task_force: str) -> HttpResponse:
    """What any page of the portal costs: its middleware, its frame, one query."""
    return render(request, "bench/bare.html", {"task_force": task_force_or_404(task_force)})


def drawn(request: HttpRequest, task_force: str, proposal: str) -> HttpResponseBase:
    """The page of a text where none is kept yet."""
    with nothing_is_found():
        return views.text(request, task_force, proposal)


urlpatterns = [
    *i18n_patterns(
        path("bench/bare/<slug:task_force>/", bare),
        path("bench/form/", posts.form),
        path("bench/applying/", applying.form),
        path("bench/drawn/<slug:task_force>/<slug:proposal>/", drawn),
    ),
    *urls.urlpatterns,
]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
handler429 = urls.handler429
