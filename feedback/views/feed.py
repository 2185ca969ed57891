"""What was said in a window as a feed: public, the same bytes for everybody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from feedback import atom, changed, queries
from taskforce.core.clock import app_now
from taskforce.timeline import caching

# More digits no page has.
_LONGEST_NUMBER = 6


@require_safe
def feed(request: HttpRequest, task_force: str, window: str) -> HttpResponseBase:
    """What was said or changed last, in the language of the address; older entries on further pages.

    It is asked for anew by its tag alone: an instant of the last change could tell when a text without a name came.
    """
    found = queries.window_or_404(task_force, window)
    shown = changed.page(found, _number(request.GET.get("page", "1")), get_language() or "en")
    if not shown.entries and shown.number > 1:
        raise Http404
    body = atom.feed(found, shown)
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    return caching.public_page(request, response, phases=[found.phase], at=app_now())


def _number(given: str) -> int:
    if not (given.isascii() and given.isdecimal() and len(given) <= _LONGEST_NUMBER and int(given)):
        raise Http404
    return int(given)
