"""Whether somebody wants reminders of their application: by the link in their mails or on their page; no sign-in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recruitment import links, queries, services, unreminded
from recruitment.views.framing import crumbs
from taskforce.core import clock
from taskforce.core.http import SeeOther
from taskforce.limits import mailboxes as counted
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.timeline.queries import task_force_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest, task_force: str, token: str) -> HttpResponse:
    """Say how it stands; POST stops the reminders, or with `reminders=on` has them sent again."""
    group = task_force_or_404(task_force)
    whose = unreminded.read(token)
    call = queries.published_calls().filter(phase__task_force=group, pk=whose.call_id).first() if whose else None
    if whose is None or call is None or not queries.has_applied(call, whose.applicant_id):
        raise Http404
    if request.method == "POST":
        # The link is the mailbox's own, wherever the request comes from; each change is a line of the log.
        limits.hit(table.CHOICES, counted.folded(queries.mailbox_of(whose.applicant_id)))
        wanted = request.POST.get("reminders") == "on"
        services.set_reminders(call, whose.applicant_id, wanted=wanted, at=clock.app_now())
        return SeeOther(request.path)
    call_url = links.call(call, is_only=queries.is_only_call(call))
    context = {
        "task_force": group,
        "call": call,
        "call_url": call_url,
        "wants_reminders": queries.wants_reminders(call.pk, whose.applicant_id),
        "crumbs": [*crumbs(group, _("Call for members"), call_url), (_("Reminders of your application"), None)],
    }
    response = render(request, "recruitment/reminders.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
