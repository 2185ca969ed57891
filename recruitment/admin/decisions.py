"""The two pages of deciders: candidates with their numbers and held decisions, and the release."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recruitment import queries, rules, services
from recruitment.admin.review import candidate_name
from recruitment.enums import DecisionState, Outcome
from recruitment.forms import DecisionForm
from recruitment.models import Application, Call, Decision
from taskforce.core import clock
from taskforce.core.errors import PortalError
from taskforce.core.http import SeeOther
from taskforce.core.labels import label

PER_PAGE = 100


class Visit(NamedTuple):
    """Who decides on which call, and what every admin page needs."""

    request: HttpRequest
    user: Any
    call: Call
    chrome: dict[str, Any]

    def context(self, title: str) -> dict[str, Any]:
        """What both pages say about the call."""
        shown = label(self.call, "title").text
        return {**self.chrome, "title": title, "call": self.call, "call_title": shown}


class Row(NamedTuple):
    """One candidate; `stats` None where no review was submitted, `form` None where nothing can be decided."""

    candidate: Application
    name: str
    stats: queries.Stats | None
    decision: Decision | None
    form: DecisionForm | None


def decisions_page(request: HttpRequest, call_id: int, chrome: dict[str, Any]) -> HttpResponse:
    """Candidates, best weighted mean first; POST holds one decision. 404 for calls that are not the user's."""
    visit = Visit(request, request.user, queries.decidable_call_or_404(request.user, call_id), chrome)
    return _decide(visit) if request.method == "POST" else _show_decisions(visit)


def release_page(request: HttpRequest, call_id: int, chrome: dict[str, Any]) -> HttpResponse:
    """Who gets what, against the seats; POST releases all of it. 404 for calls that are not the user's."""
    visit = Visit(request, request.user, queries.decidable_call_or_404(request.user, call_id), chrome)
    return _release(visit) if request.method == "POST" else _show_release(visit)


def _decide(visit: Visit) -> HttpResponse:
    form = DecisionForm(visit.request.POST)
    if not form.is_valid():
        return _show_decisions(visit, sent=form)
    sent = form.cleaned_data
    if not queries.candidates(visit.call).filter(pk=sent["application"]).exists():
        raise Http404
    try:
        services.decide(sent["application"], visit.user, sent["outcome"], sent["reason"], seen=sent["seen"])
    except PortalError as error:
        return _show_decisions(visit, sent=form, error=error)
    messages.success(visit.request, _("The decision is held. Nobody is told before the release."))
    return SeeOther(f"{visit.request.get_full_path()}#candidate-{sent['application']}")


def _show_decisions(
    visit: Visit, *, sent: DecisionForm | None = None, error: PortalError | None = None
) -> HttpResponse:
    allowed, reason = rules.may(visit.user, "decision.hold", visit.call, clock.app_now())
    shown = Paginator(_ranked(visit.call), PER_PAGE).get_page(visit.request.GET.get("p"))
    context = visit.context(_("Decisions")) | {
        "rows": [_row(candidate, stats, allowed=allowed) for candidate, stats in shown.object_list],
        "page": shown,
        "reason": reason,
        "sent": sent,
        "error": error,
        "totals": queries.totals(visit.call),
    }
    return _page(visit, "admin/recruitment/call/decisions.html", context, error)


def _ranked(call: Call) -> list[tuple[Application, queries.Stats | None]]:
    """Candidates with their numbers, best weighted mean first; those without a review last; ties by number."""
    numbers = queries.stats(call)
    rows = [(candidate, numbers.get(candidate.pk)) for candidate in queries.candidates(call)]
    return sorted(rows, key=lambda row: (-row[1].mean if row[1] else 0, row[0].number))


def _row(candidate: Application, stats: queries.Stats | None, *, allowed: bool) -> Row:
    decision: Decision | None = getattr(candidate, "decision", None)
    outcome = decision.outcome if decision is not None else ""
    form = DecisionForm(
        initial={
            "application": candidate.pk,
            "seen": outcome,
            "outcome": outcome,
            "reason": decision.reason if decision is not None else "",
        },
        auto_id=f"decision-{candidate.pk}-%s",
    )
    can_change = allowed and (decision is None or decision.state == DecisionState.HELD)
    return Row(candidate, candidate_name(candidate), stats, decision, form if can_change else None)


def _release(visit: Visit) -> HttpResponse:
    try:
        done = services.release(visit.call.pk, visit.user, seen=visit.request.POST.get("seen", ""))
    except PortalError as error:
        return _show_release(visit, error=error)
    count = done.accepted + done.declined
    if count:
        text = ngettext("%(count)d outcome has been told.", "%(count)d outcomes have been told.", count)
        messages.success(visit.request, text % {"count": count})
    else:
        messages.info(visit.request, _("Nothing was held, so nothing was released."))
    return SeeOther(visit.request.path)


def _show_release(visit: Visit, *, error: PortalError | None = None) -> HttpResponse:
    at = clock.app_now()
    allowed, reason = rules.may(visit.user, "decision.release", visit.call, at)
    held = list(queries.held(visit.call))
    names = services.read_names(visit.call, visit.user, at=at) if allowed else {}
    totals = queries.totals(visit.call)
    context = visit.context(_("Release of decisions")) | {
        "groups": [
            (outcome.label, [_told(one, names) for one in held if one.outcome == outcome]) for outcome in Outcome
        ],
        "held": held,
        "totals": totals,
        "too_many": max(0, totals.accepted - visit.call.seats),
        "reason": reason,
        "error": error,
        "seen": queries.release_token(held),
    }
    return _page(visit, "admin/recruitment/call/release.html", context, error)


def _told(decision: Decision, names: dict[int, str]) -> tuple[str, str, str]:
    """(candidate, reference, name): one line of who gets what."""
    application = decision.application
    return candidate_name(application), application.reference, names.get(application.pk, "")


def _page(visit: Visit, template: str, context: dict[str, Any], error: PortalError | None) -> HttpResponse:
    status = error.status if error is not None else 200
    return TemplateResponse(visit.request, template, context, status=status)
