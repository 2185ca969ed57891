"""Pages that are wrong in one way each, for the walk to find; and two that are not."""

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from django.utils.translation import get_language, get_language_bidi

from taskforce.core.clock import app_now
from taskforce.timeline.models import TaskForce
from tests.architecture import demo_urls


def page(*, lang: str = "", direction: str = "", headings: int = 1, status: int = 200) -> HttpResponse:
    """A page in the language of its address, unless told otherwise."""
    lang = lang or str(get_language())
    direction = direction or ("rtl" if get_language_bidi() else "ltr")
    return HttpResponse(f'<html lang="{lang}" dir="{direction}">{"<h1>A</h1>" * headings}</html>', status=status)


def with_form(mark: str) -> HttpResponse:
    """A page whose only form has this mark."""
    answer = page()
    form = f'<main><form method="post"{mark}></form></main></html>'
    answer.content = answer.content.replace(b"</html>", form.encode())
    return answer


def failing(request: HttpRequest) -> HttpResponse:
    """An error that nobody caught."""
    raise RuntimeError


def policy(request: HttpRequest) -> HttpResponse:
    """A policy that is none."""
    return HttpResponse(page().content, headers={"Content-Security-Policy": "default-src *"})


def writing(request: HttpRequest) -> HttpResponse:
    """A change that anybody can make."""
    TaskForce.objects.create(slug="written", created_at=app_now())
    return page()


urlpatterns = [
    *i18n_patterns(
        path("bad/failing/", failing),
        path("bad/headless/", lambda request: page(headings=0)),
        path("bad/two-heads/", lambda request: page(headings=2)),
        path("bad/language/", lambda request: page(lang="en")),
        path("bad/direction/", lambda request: page(direction="ltr")),
        path("bad/policy/", policy),
        path("bad/form/", lambda request: with_form("")),
        path("good/form/", lambda request: with_form(" data-main")),
        path("bad/data/", lambda request: JsonResponse({})),
        path("bad/missing/", lambda request: page(headings=0, status=404)),
        path("admin/bad/open/", lambda request: page()),
        path("admin/bad/astray/", lambda request: HttpResponseRedirect("/en/")),
        path("bad/writing/", writing),
        path("good/", lambda request: page()),
        path("admin/good/", lambda request: HttpResponseRedirect("/en/admin/login/?next=/en/admin/good/")),
    ),
    *demo_urls.urlpatterns,
]
handler400 = demo_urls.handler400
handler403 = demo_urls.handler403
handler404 = demo_urls.handler404
handler500 = demo_urls.handler500
