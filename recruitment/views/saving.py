"""What the script of the form saves by itself: answered in a few bytes, never with a page."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recruitment import groups, kept, merging, queries, services
from recruitment.enums import Group
from recruitment.forms import partly
from recruitment.forms.applying import ApplicationForm
from recruitment.models import Application, Call
from recruitment.views.framing import asked_for, call_of_form, refuse_files
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.core import clock, dates
from taskforce.core.errors import Invalid, PortalError, Refused, TooOften
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.timeline import gates
from taskforce.timeline.queries import task_force_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, task_force: str) -> HttpResponse:
    """POST saves the groups that it names, or says why not; GET says who is signed in, for a page that was left open
    while its person signed in anew."""
    group = task_force_or_404(task_force)
    if not isinstance(request.user, User):
        said = _("You are not signed in any more, so nothing was saved.")
        return _answer({"error": said, "why": "signed-out"}, 401)
    if request.method != "POST":
        return _answer({"owner": signed_out.owner_mark(request.user), "csrf": get_token(request)})
    call = call_of_form(request, group) or asked_for(request, group, clock.app_now())
    try:
        return _saved(request, request.user, call)
    except services.ChangedMeanwhile as error:
        stored = {str(one): {**_of_group(*row), "fields": row.typed} for one, row in error.stored.items()}
        return _answer({"error": str(error.message), "groups": stored}, error.status)
    except PortalError as error:
        response = _answer({"error": str(error.message), **_why(error)}, error.status)
        if isinstance(error, TooOften):
            response.headers["Retry-After"] = str(error.retry_after)
        return response


def _saved(request: HttpRequest, user: User, call: Call | None) -> HttpResponse:
    """Save what came; raises what is to be said."""
    posted = request.POST
    if posted.get(signed_out.OWNER, "") not in ("", kept.owner_mark(user)):
        raise OtherAccount
    # Before anything is read of it: whoever sends too much costs little.
    limits.hit(table.APPLICATION_DRAFT, str(user.pk))
    refuse_files(request)
    if call is None:
        raise Invalid(_("There is no call for members now. Nothing was saved."))
    named = {one for one in posted.getlist("group") if one in Group.values}
    if not named:
        raise Invalid(_("Nothing was saved: the form does not say which part of it."))
    form_key = gates.read_form_key(posted.get("form_key", ""), call.phase_id)
    form, groups_named = ApplicationForm(call, posted, draft=True), [one for one in Group if one in named]
    form, whole = partly.completed(form, user, posted, groups_named)
    if not form.is_valid():
        raise Invalid(" ".join(str(error) for errors in form.errors.values() for error in errors))
    sent = whole.of(form.draft(form_key, groups_named))
    application = services.save_draft(call, user, sent, by_itself=True)
    # What was typed signed out, and is stored now.
    kept.drop(request.session, call, posted, groups_named)
    return _answer(_as_saved(application, list(sent.typed)))


class OtherAccount(Refused):
    """The form was shown to somebody else than whoever is signed in by now."""

    def __init__(self) -> None:
        super().__init__(_("Another account is signed in by now. Nothing was saved."))


def _why(error: PortalError) -> dict[str, Any]:
    """For the script: whether it is the account, or the time."""
    if isinstance(error, OtherAccount):
        return {"why": "account"}
    if isinstance(error, services.Withdrawn):
        return {"why": "withdrawn"}
    if isinstance(error, Refused):
        facts = {str(label): _said(fact) for label, fact in error.facts}
        return {"why": "closed", "facts": facts}
    return {}


def _said(fact: datetime | str) -> str:
    return dates.utc_text(fact) if isinstance(fact, datetime) else fact


def _as_saved(application: Application, saved: list[Group]) -> dict[str, Any]:
    """When it was saved, and the versions on which is typed from now on."""
    rows = {one: queries.row_of(application, one) for one in saved}
    of_groups = {str(one): _of_group(row.version, row.typed) for one, row in rows.items()}
    at = application.saved_at.astimezone(UTC)
    return {
        "saved_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "saved_at_label": f"{dates.clock_text(at.time().replace(second=0, microsecond=0))} UTC",
        "versions": {name: one["version"] for name, one in of_groups.items()},
        "marks": {name: one["marks"] for name, one in of_groups.items()},
    }


def _of_group(version: int, typed: groups.Fields) -> dict[str, str]:
    return {"version": groups.token(version, typed), "marks": merging.marks(typed)}


def _answer(said: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(said, status=status, headers={"Cache-Control": "private, no-store"})
