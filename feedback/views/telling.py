"""The page by which whoever asked to be told what becomes of their texts stops it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import queries, reaching, services, telling
from feedback.views import framing


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """Ask once more, then forget the mailbox; the link stands in the mails and on the page of one's own text."""
    found = queries.window_or_404(task_force, window)
    what = telling.to_stop(found.pk, token)
    if what is None:
        raise Http404
    is_done = request.method == "POST"
    if is_done:
        services.stop_telling(what)
    context = {
        **framing.about(found, _("No more mails about what you said")),
        # Read again later it says how it stands.
        "is_told": not is_done and reaching.is_told(what),
    }
    response = framing.page(request, "feedback/stop.html", context)
    response.headers["Referrer-Policy"] = "same-origin"
    return response
