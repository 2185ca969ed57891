"""Keeping what is typed in the form of a window: by its button, which leads back to the page, and by its script, which
is answered in a few bytes."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from feedback import browsers, queries, services
from feedback.forms.own import DraftForm
from feedback.models import FeedbackDraft
from taskforce.core.errors import Invalid, PortalError, TooOften
from taskforce.limits.clients import client_address

# Of the script, where a browser sends what is left of a page without a header of ours.
_ITSELF = "itself"


def keep(
    request: HttpRequest,
    response: HttpResponse,
    door: queries.Door,
    at: datetime,
    form: DraftForm,
    unit_id: int | None,
    *,
    by_itself: bool = False,
) -> FeedbackDraft:
    """Keep what was typed for this browser, and let it know by what it finds it."""
    secret = browsers.secret_of(request) or browsers.new_secret()
    kept = services.keep_draft(
        door.pk,
        unit_id,
        browsers.hashed(secret, door.pk),
        form.to_keep(),
        version=form.draft_version,
        at=at,
        sender=client_address(request),
        by_itself=by_itself,
        form_key=form.nonce,
    )
    browsers.remember(response, secret)
    return kept


def is_by_script(request: HttpRequest) -> bool:
    """Whether the page's script saves, and no person with a button."""
    return request.headers.get("Accept", "") == "application/json" or bool(request.POST.get(_ITSELF))


def by_script(
    request: HttpRequest, door: queries.Door, at: datetime, form: DraftForm, unit_id: int | None
) -> HttpResponse:
    """Keep what was typed, and say its version and when that was; what is refused says why, and 409 what is kept."""
    response = JsonResponse({})
    try:
        if not (form.says_something and form.can_be_kept):
            services.require_new(door.phase_id, None)
            raise Invalid(_("Nothing was saved: write something first."))
        kept = keep(request, response, door, at, form, unit_id, by_itself=True)
        response.content = JsonResponse({"kept": kept.version, "at": kept.kept_at}).content
    except services.KeptElsewhere as error:
        said = {"error": str(error.message), "kept": error.kept.version, "fields": error.kept.fields}
        response = JsonResponse(said, status=error.status)
    except PortalError as error:
        response = JsonResponse({"error": str(error.message)}, status=error.status)
        if isinstance(error, TooOften):
            response.headers["Retry-After"] = str(error.retry_after)
    response.headers["Cache-Control"] = "private, no-store"
    return response
