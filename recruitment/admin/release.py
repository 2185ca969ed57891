"""The page before a release: who will be told what, what speaks against it, and the one act that tells them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recruitment import queries, rules, services
from recruitment.admin.review import candidate_name
from recruitment.admin.visit import Visit, begin
from recruitment.enums import Outcome
from recruitment.forms.deciding import ReleaseForm
from recruitment.models import Decision
from recruitment.notices import letters
from taskforce.accounts import fresh
from taskforce.accounts.enums import Purpose
from taskforce.announcements import queries as announcements
from taskforce.announcements.enums import AnnouncementState
from taskforce.core import clock, languages
from taskforce.core.errors import PortalError
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.staff import sentence
from taskforce.timeline import describe
from taskforce.timeline.enums import PhaseState


class Mails(NamedTuple):
    """How many people are told in one language: the language's code and own name, a number per outcome, their sum."""

    code: str
    language: str
    counts: list[int]
    total: int


def release_page(request: HttpRequest, call_id: int, chrome: dict[str, Any]) -> HttpResponse:
    """Who gets what, against the seats; POST, after a proof, releases it. 404 for calls that are not the user's."""
    visit = begin(request, call_id, chrome)
    if request.method != "POST":
        return _show(visit)
    held = list(queries.held(visit.call))
    check = queries.release_check(visit.call, held, clock.app_now())
    form = ReleaseForm(request.POST, is_warned=bool(held and check.warnings))
    if fresh.take_back(request):
        return _show(visit, form=form)
    fresh.require(request, Purpose.RELEASE)
    return _release(visit, form)


def _release(visit: Visit, form: ReleaseForm) -> HttpResponse:
    if not form.is_valid():
        return _show(visit, form=form)
    has_read = bool(form.cleaned_data.get("read"))
    try:
        done = services.release(visit.call.pk, visit.user, seen=form.cleaned_data["seen"], has_read=has_read)
    except PortalError as error:
        return _show(visit, error=error)
    count = done.accepted + done.declined
    if count:
        text = ngettext("%(count)d outcome has been told.", "%(count)d outcomes have been told.", count)
        messages.success(visit.request, text % {"count": count})
    else:
        messages.info(visit.request, _("No decision was waiting to be told, so nothing was released."))
    return SeeOther(visit.request.path)


def _show(visit: Visit, *, form: ReleaseForm | None = None, error: PortalError | None = None) -> HttpResponse:
    """The page; `form` is what was sent without what it needs."""
    at = clock.app_now()
    allowed, reason = rules.may(visit.user, "decision.release", visit.call, at)
    held = list(queries.held(visit.call))
    check = queries.release_check(visit.call, held, at)
    names = services.read_names(visit.call, visit.user, at=at) if allowed else {}
    context = visit.context(_("Release of decisions")) | {
        "groups": [
            (outcome.label, [_told(one, names) for one in held if one.outcome == outcome]) for outcome in Outcome
        ],
        "outcomes": [outcome.label for outcome in Outcome],
        "mails": _mails(held),
        "sums": _counts(held),
        "held": held,
        "totals": queries.totals(visit.call),
        "too_many": too_many(check),
        "warnings": warnings(check),
        "reason": reason,
        "error": error,
        "form": form or ReleaseForm(is_warned=bool(check.warnings)),
        "seen": queries.release_token(held, check),
        **({} if held else _afterwards(visit)),
    }
    return visit.page("admin/recruitment/call/release.html", context, error)


def _afterwards(visit: Visit) -> dict[str, Any]:
    """Where to go once everything that was decided is told: to the announcement of whoever is new, if one may."""
    totals, task_force = queries.totals(visit.call), visit.call.phase.task_force_id
    if not totals.accepted + totals.declined:
        return {"is_released": False}
    draft = announcements.visible_to(visit.user).filter(task_force=task_force, state=AnnouncementState.DRAFT).last()
    address = reverse("admin:announcements_announcement_add")
    if draft is not None:
        address = reverse("admin:announcements_announcement_change", args=[draft.pk])
    may_announce = announcements.announceable(visit.user).filter(pk=task_force).exists()
    return {
        "is_released": True,
        "has_new_members": announcements.members_to_publish(task_force).total > 0,
        "announce_url": address if may_announce else "",
    }


def too_many(check: queries.ReleaseCheck) -> str:
    """Why nothing can be released: more people are accepted than there are seats; "" if not."""
    if not check.over:
        return ""
    text = ngettext(
        "%(accepted)s people are to be accepted, but there is only %(seats)s seat: %(over)s too many.",
        "%(accepted)s people are to be accepted, but there are only %(seats)s seats: %(over)s too many.",
        check.seats,
    )
    return sentence(text, accepted=number(check.accepted), seats=number(check.seats), over=number(check.over))


def warnings(check: queries.ReleaseCheck) -> list[str]:
    """What whoever releases should have read, in words with their numbers."""
    found = [
        _counted(
            check.empty,
            ngettext(
                "%(count)s of %(seats)s seats stays empty.",
                "%(count)s of %(seats)s seats stay empty.",
                check.empty,
            ),
            seats=number(check.seats),
        ),
        _counted(
            check.undecided,
            ngettext(
                "Nothing is decided about %(count)s candidate, who is told nothing by this release.",
                "Nothing is decided about %(count)s candidates, who are told nothing by this release.",
                check.undecided,
            ),
        ),
        _counted(
            check.unreviewed,
            ngettext(
                "%(count)s of those who would be told was reviewed by nobody.",
                "%(count)s of those who would be told were reviewed by nobody.",
                check.unreviewed,
            ),
        ),
        _counted(
            check.reviewed_once,
            ngettext(
                "%(count)s of those who would be told has one review only.",
                "%(count)s of those who would be told have one review only.",
                check.reviewed_once,
            ),
        ),
        _review_not_closed(check),
    ]
    return [text for text in found if text]


def _counted(count: int, text: str, **values: str) -> str:
    return sentence(text, count=number(count), **values) if count else ""


def _review_not_closed(check: queries.ReleaseCheck) -> str:
    if check.phase is None:
        return ""
    if check.review_state == PhaseState.FUTURE:
        return sentence(_("The review has not begun. It opens: %(rule)s."), rule=describe.opens_rule(check.phase))
    text = _("The review is still open; a release ends it for those who are told. It closes: %(rule)s.")
    return sentence(text, rule=describe.closes_rule(check.phase))


def _mails(held: Sequence[Decision]) -> list[Mails]:
    """By language, in the portal's order: how many people are told each outcome."""
    spoken = {_mailed_in(one) for one in held}
    found = []
    for code in filter(spoken.__contains__, languages.CODES):
        counts = _counts([one for one in held if _mailed_in(one) == code])
        found.append(Mails(code, languages.OWN_NAMES[code], counts, sum(counts)))
    return found


def _mailed_in(decision: Decision) -> str:
    return letters.language_of(decision.application.applicant, decision.application)


def _counts(held: Sequence[Decision]) -> list[int]:
    counted = Counter(one.outcome for one in held)
    return [counted[outcome] for outcome in Outcome]


def _told(decision: Decision, names: dict[int, str]) -> tuple[str, str, str]:
    """(candidate, reference, name): one line of who gets what."""
    application = decision.application
    return candidate_name(application), application.reference, names.get(application.pk, "")
