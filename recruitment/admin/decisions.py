"""The page on which deciders decide: candidates with their numbers, all of them in one form."""

import re
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recruitment import queries, rules, services
from recruitment.admin.review import candidate_name
from recruitment.admin.visit import Visit, begin
from recruitment.enums import DecisionState, Outcome
from recruitment.forms.deciding import DecisionForm
from recruitment.models import Application, Call, Decision
from taskforce.audit.watching import note_list
from taskforce.core import clock
from taskforce.core.errors import Conflict, PortalError, Refused
from taskforce.core.http import SeeOther

PER_PAGE = 100
# 19 digits hold every id that the database can have.
_FIELD = re.compile(r"candidate-([1-9]\d{0,18})-(?:seen|outcome|reason)")


class Unsaved(NamedTuple):
    """What was sent about a candidate and could not be stored; `conflict` if something else stands by now."""

    form: DecisionForm
    conflict: Conflict | None


class Saved(NamedTuple):
    """What became of a page that was sent: ids that are stored, what is not, candidates who have withdrawn."""

    done: list[int]
    unsaved: dict[int, Unsaved]
    gone: list[Application]
    refused: Refused | None


class Row(NamedTuple):
    """One candidate. `stats` is None where no review was submitted, `form` where nothing can be decided."""

    candidate: Application
    name: str
    stats: queries.Stats | None
    decision: Decision | None
    form: DecisionForm | None
    seen: str
    unsaved: Unsaved | None

    @property
    def is_told(self) -> bool:
        """The applicant knows."""
        return self.decision is not None and self.decision.state == DecisionState.RELEASED

    @property
    def errors(self) -> list[str]:
        """What is wrong with what was sent."""
        if self.unsaved is None:
            return []
        if self.unsaved.conflict is not None:
            return [str(self.unsaved.conflict.message)]
        return [str(text) for texts in self.unsaved.form.errors.values() for text in texts]

    @property
    def wanted(self) -> tuple[str, str]:
        """(outcome in words, reason) that was sent and not stored."""
        outcome, reason = self.unsaved.form.typed() if self.unsaved is not None else ("", "")
        return (str(Outcome(outcome).label) if outcome in Outcome.values else "–"), reason


def decisions_page(request: HttpRequest, call_id: int, chrome: dict[str, Any]) -> HttpResponse:
    """Candidates, best weighted mean first; POST saves what was changed. 404 for calls that are not the user's."""
    visit = begin(request, call_id, chrome)
    return _decide(visit) if request.method == "POST" else _show(visit)


def _decide(visit: Visit) -> HttpResponse:
    """Each candidate that was changed is stored by itself: what is wrong with one holds up no other."""
    saved = _save(visit, _sent(visit))
    count = len(saved.done)
    if count:
        text = ngettext(
            "%(count)d decision is saved. The person is not told yet.",
            "%(count)d decisions are saved. These people are not told yet.",
            count,
        )
        messages.success(visit.request, text % {"count": count})
    if saved.unsaved or saved.gone or saved.refused:
        return _show(visit, saved)
    if not count:
        messages.info(visit.request, _("Nothing was changed, so nothing was saved."))
    # One candidate: back to where one was. Several: to the top, where the message stands.
    anchor = f"#candidate-{saved.done[0]}" if count == 1 else ""
    return SeeOther(f"{visit.request.get_full_path()}{anchor}")


def _sent(visit: Visit) -> dict[Application, DecisionForm]:
    """What was sent about each candidate that was changed; `Http404` if one is no candidate of this call."""
    posted = visit.request.POST
    ids = {int(match[1]) for match in map(_FIELD.fullmatch, posted) if match}
    known = {one.pk: one for one in queries.candidates(visit.call)}
    if not ids <= known.keys():
        known |= {one.pk: one for one in queries.withdrawn(visit.call)}
    if not ids <= known.keys():
        raise Http404
    sent = {}
    for pk in sorted(ids, key=lambda pk: known[pk].number):
        names = (f"candidate-{pk}-{name}" for name in DecisionForm.base_fields)
        form = DecisionForm(pk, _decision(known[pk]), {name: posted[name] for name in names if name in posted})
        if form.is_changed:
            sent[known[pk]] = form
    return sent


def _save(visit: Visit, sent: dict[Application, DecisionForm]) -> Saved:
    saved = Saved([], {}, [], None)
    for candidate, form in sent.items():
        if saved.refused is not None or not form.is_valid():
            saved.unsaved[candidate.pk] = Unsaved(form, None)
            continue
        values = form.cleaned_data
        try:
            services.decide(candidate.pk, visit.user, values["outcome"], values["reason"], seen=values["seen"])
        except Http404:
            saved.gone.append(candidate)
        except Conflict as conflict:
            saved.unsaved[candidate.pk] = Unsaved(form, conflict)
        except Refused as refused:
            saved.unsaved[candidate.pk] = Unsaved(form, None)
            saved = saved._replace(refused=refused)
        else:
            saved.done.append(candidate.pk)
    return saved


def _show(visit: Visit, saved: Saved | None = None) -> HttpResponse:
    """The page; `saved` is what became of one that was sent and of which something is not stored."""
    allowed, reason = rules.may(visit.user, "decision.hold", visit.call, clock.app_now())
    unsaved = saved.unsaved if saved is not None else {}
    ranked = _ranked(visit.call)
    shown = Paginator(ranked, PER_PAGE).get_page(visit.request.GET.get("p"))
    here = {candidate.pk for candidate, _stats in shown.object_list} | unsaved.keys()
    rows = [
        _row(candidate, stats, unsaved.get(candidate.pk), allowed=allowed)
        for candidate, stats in ranked
        if candidate.pk in here
    ]
    note_list(visit.request, "decision", len(rows), about=visit.call, task_force_id=visit.call.phase.task_force_id)
    context = visit.context(_("Decisions")) | {
        "rows": rows,
        "can_save": any(row.form for row in rows) and allowed,
        "page": shown,
        "reason": reason,
        "unsaved": [row for row in rows if row.unsaved],
        "gone": [candidate_name(candidate) for candidate in saved.gone] if saved is not None else [],
        "error": saved.refused if saved is not None else None,
        "totals": queries.totals(visit.call),
    }
    return visit.page("admin/recruitment/call/decisions.html", context, _error(saved))


def _error(saved: Saved | None) -> PortalError | None:
    """What decides the status of the page: a refusal, else a conflict; a field with an error is neither."""
    if saved is None or saved.refused is not None:
        return saved.refused if saved is not None else None
    if saved.gone:
        return Conflict(_("This application was withdrawn meanwhile."))
    return next((one.conflict for one in saved.unsaved.values() if one.conflict is not None), None)


def _ranked(call: Call) -> list[tuple[Application, queries.Stats | None]]:
    """Candidates with their numbers, best weighted mean first; those without a review last; ties by number."""
    numbers = queries.stats(call)
    rows = [(candidate, numbers.get(candidate.pk)) for candidate in queries.candidates(call)]
    return sorted(rows, key=lambda row: (-row[1].mean if row[1] else 0, row[0].number))


def _row(candidate: Application, stats: queries.Stats | None, unsaved: Unsaved | None, *, allowed: bool) -> Row:
    decision = _decision(candidate)
    is_told = decision is not None and decision.state == DecisionState.RELEASED
    form = None
    if unsaved is not None and not is_told:
        form = unsaved.form
    elif allowed and not is_told:
        form = DecisionForm(candidate.pk, decision)
    # After a conflict both stand on the page, so that the next saving replaces what it shows.
    is_fresh = form is None or unsaved is None or unsaved.conflict is not None
    seen = queries.decision_token(decision) if is_fresh or form is None else str(form["seen"].value() or "")
    return Row(candidate, candidate_name(candidate), stats, decision, form, seen, unsaved)


def _decision(candidate: Application) -> Decision | None:
    found: Decision | None = getattr(candidate, "decision", None)
    return found
