"""The page that says who a candidate is, for those who may know it; each look is in the log."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from recruitment import queries, services
from recruitment.admin.review import candidate_name
from taskforce.accounts.models import User
from taskforce.core import clock


def page(request: HttpRequest, application_id: int, chrome: dict[str, Any]) -> HttpResponse:
    """What they say of themselves, and who should not review them. 404 for whom the user may not see, `Refused` to
    reviewers, and to everybody before the call has closed."""
    assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
    candidate = queries.candidate_or_404(request.user, application_id)
    who = services.read_identity(candidate.pk, request.user, at=clock.app_now())
    context = {
        **chrome,
        "title": _("Who this is"),
        "candidate": candidate_name(candidate),
        "candidate_url": reverse("admin:recruitment_application_review", args=[candidate.pk]),
        "call": candidate.call,
        "who": who,
    }
    return TemplateResponse(request, "admin/recruitment/application/identity.html", context)
