"""Pages of one's own application."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recruitment import calling, describe, fields, groups, kept, links, merging, profiles, queries, services
from recruitment.enums import ApplicationState, Group
from recruitment.forms import partly
from recruitment.forms.applying import (
    LANGUAGE,
    ApplicationForm,
    Shown,
    TakeBackForm,
    WithdrawForm,
    more_rows,
    shown,
)
from recruitment.forms.sections import sections
from recruitment.models import Application, Call
from recruitment.views import own, together
from recruitment.views.framing import Visit, asked_for, call_of_form, crumbs, refuse_files
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.core import clock, dates, languages
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused, TooOften
from taskforce.core.http import SeeOther
from taskforce.core.text import clean
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.limits.clients import client_address
from taskforce.questions.models import Question
from taskforce.questions.queries import questions
from taskforce.timeline import describe as phases
from taskforce.timeline import gates, windows
from taskforce.timeline.enums import OVER
from taskforce.timeline.queries import task_force_or_404

# What the buttons of the language menu send: this, and the language in which it goes on.
_IN = "in-"
_ACTIONS = {"save", "check", "submit", *(f"{_IN}{code}" for code in languages.CODES)}


@require_http_methods(["GET", "HEAD", "POST"])
def application(request: HttpRequest, task_force: str) -> HttpResponse:
    """One's own application; POST saves, submits or withdraws it."""
    group = task_force_or_404(task_force)
    at = clock.app_now()
    found = call_of_form(request, group) or asked_for(request, group, at)
    is_only = found is not None and queries.is_only_call(found)
    if not isinstance(request.user, User):
        if request.method != "POST" and found is not None and windows.state(found.phase, at) in OVER:
            return own.closed(request, found, at, is_only=is_only)
        with override(_goes_on_in(request.POST)):
            address = links.application(found, is_only=is_only) if found else request.path
        return _to_sign_in(request, found, address)
    if found is None:
        raise Http404
    visit = Visit(request, request.user, found, at, is_only)
    if request.method != "POST":
        return _page(visit)
    return {"withdraw": _withdraw, "take-back": _take_back}.get(request.POST.get("action", ""), _send)(visit)


def _to_sign_in(request: HttpRequest, found: Call | None, address: str) -> HttpResponse:
    """To sign-in and back; what was posted is in the form again afterwards.

    Raises `Refused` for what is too long to be kept, whose page has it to be copied, and `Invalid` for a file.
    """
    if request.method == "POST" and found is not None:
        limits.hit(table.KEPT_FORM, client_address(request))
        _keep(request, found)
    response = redirect_to_login(address)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _keep(request: HttpRequest, call: Call) -> None:
    """Keep what was typed. A button that needs no form has none: it is to be pressed again."""
    not_done = {
        "withdraw": _("You were no longer signed in, so nothing was withdrawn. Sign in, and press the button again."),
        "take-back": _(
            "You were no longer signed in, so the withdrawal was not taken back. Sign in, and press the button again."
        ),
    }.get(request.POST.get("action", ""))
    if not_done:
        messages.warning(request, not_done)
        return
    # Of two texts, the one that was chosen, or that was typed here: the page to choose on is not there any more.
    posted, _is_chosen = merging.chosen(request.POST)
    if not kept.keep(request.session, call, posted):
        raise signed_out.too_long(kept.most(call), was_in=bool(signed_out.whose(request)))
    refuse_files(request)


def _send(visit: Visit) -> HttpResponse:
    """Save or submit; a refusal shows what was typed, a conflict shows both texts."""
    posted, is_chosen = merging.chosen(visit.request.POST)
    action = posted.get("action")
    form = ApplicationForm(visit.call, posted, draft=action != "submit")
    try:
        refuse_files(visit.request)
        if action == "more":
            # Nothing is saved: the same form, with more rows.
            return _page(visit, form=ApplicationForm(visit.call, posted, draft=True, rows=more_rows(form)), sent=posted)
        limits.hit(table.APPLICATION, str(visit.user.pk))
        if action not in _ACTIONS:
            raise Invalid(_("The form does not say whether to save or to submit."))
        form_key = gates.read_form_key(posted.get("form_key", ""), visit.call.phase_id)
        form.tokens(list(Group))
        form, whole = partly.completed(form, visit.user, posted)
        posted = whole.posted
        if not form.is_valid():
            services.require_open(visit.call.pk, visit.user, form_key)
            return _page(visit, form=form, sent=posted)
        draft = whole.of(form.draft(form_key))
        is_changed = not (_is_switch(action) and draft.is_untouched() and LANGUAGE not in posted)
        made = _stored(visit, draft, action) if is_changed else None
    except services.ChangedMeanwhile as error:
        return _merge(visit, posted, error, is_again=not is_chosen)
    except Conflict as error:
        # The page shows both texts: whoever sends it again has seen what is stored.
        return _page(visit, form=form, error=error)
    except (Refused, Invalid, TooOften) as error:
        return _page(visit, form=form, error=error, typed_on=posted)
    kept.drop(visit.request.session, visit.call, posted)
    if made is not None and not describe.is_live(made):
        return _withdrawn_since(visit)
    return _done(visit, posted, is_changed=is_changed)


def _stored(visit: Visit, draft: services.Draft, action: str | None) -> Application:
    """Submitted or saved, as the button says; raises what the services raise."""
    if action == "submit":
        return services.submit(visit.call, visit.user, draft).application
    return services.save_draft(visit.call, visit.user, draft)


def _withdrawn_since(visit: Visit) -> HttpResponse:
    """The same form once more, whose application was withdrawn meanwhile: nothing of it counts again by itself."""
    messages.warning(
        visit.request,
        _(
            "You had sent this very form before, and have withdrawn the application since. It stays withdrawn: nothing "
            "was saved or submitted now."
        ),
    )
    return SeeOther(visit.address)


def _done(visit: Visit, posted: QueryDict, *, is_changed: bool) -> HttpResponse:
    """On to what comes after a post that was taken, with a word about it where it changed anything."""
    action = posted.get("action")
    if action == "check":
        return SeeOther(links.check(visit.call, is_only=visit.is_only))
    with override(_goes_on_in(posted)):
        done = _("Your application has been submitted.") if action == "submit" else _("Your draft has been saved.")
        if is_changed:
            messages.success(visit.request, done)
        # For the script of the form: what it still has in the browser was chosen from already.
        return SeeOther(f"{visit.address}#{merging.done(posted)}" if merging.TORN in posted else visit.address)


def _is_switch(action: str | None) -> bool:
    return (action or "").startswith(_IN)


def _goes_on_in(posted: QueryDict) -> str:
    """The language of the page that comes after this post: the chosen one, else this one."""
    action = posted.get("action", "")
    return action.removeprefix(_IN) if _is_switch(action) and action in _ACTIONS else get_language() or "en"


def _merge(visit: Visit, posted: QueryDict, error: services.ChangedMeanwhile, *, is_again: bool) -> HttpResponse:
    """Save what merges by itself, else the page on which somebody chooses; what is sent so is never submitted at once,
    since nobody has seen it yet."""
    try:
        both = together.saved(visit, posted, error)
    except (Refused, Conflict, Invalid, TooOften) as refusal:
        return _page(visit, form=ApplicationForm(visit.call, posted, draft=True), error=refusal, typed_on=posted)
    if both is not None:
        return together.page(visit, both, _about(visit), is_again=is_again)
    kept.drop(visit.request.session, visit.call, posted)
    with override(_goes_on_in(posted)):
        messages.success(visit.request, _("Your draft has been saved, with what you changed elsewhere meanwhile."))
        if posted.get("action") == "submit":
            messages.warning(visit.request, _("It was not submitted yet: look through it, then submit it."))
        return SeeOther(visit.address)


def _withdraw(visit: Visit) -> HttpResponse:
    """Withdraw the application that the page showed, once that was confirmed; another one is refused.

    A page that was left open may show one to an earlier call, or one that was withdrawn and followed by another.
    """
    form = WithdrawForm(visit.request.POST)
    is_confirmed = form.is_valid()
    mine = queries.own_by_reference(visit.call, visit.user, form.cleaned_data.get("reference", ""))
    if mine is None or queries.live(visit.call, visit.user).exclude(pk=mine.pk).exists():
        return _page(visit, error=_other_application())
    if mine.state == ApplicationState.WITHDRAWN:
        return SeeOther(visit.address)
    if not is_confirmed:
        return _page(visit, withdraw_form=form)
    try:
        limits.hit(table.APPLICATION, str(visit.user.pk))
        services.withdraw(mine.pk, visit.user, at=visit.at)
    except (Refused, TooOften) as error:
        return _page(visit, error=error)
    messages.success(visit.request, _("Your application has been withdrawn."))
    return SeeOther(visit.address)


def _take_back(visit: Visit) -> HttpResponse:
    """Take back the withdrawal that the page showed; of another application it is refused."""
    posted = visit.request.POST
    form = TakeBackForm(posted)
    form.is_valid()
    mine = queries.own_by_reference(visit.call, visit.user, form.cleaned_data.get("reference", ""))
    if mine is None:
        return _page(visit, error=_other_application())
    try:
        limits.hit(table.APPLICATION, str(visit.user.pk))
        services.take_back(mine.pk, visit.user, gates.read_form_key(posted.get("form_key", ""), visit.call.phase_id))
    except (Refused, Conflict, Invalid, TooOften) as error:
        return _page(visit, error=error)
    messages.success(visit.request, _("Your application is no longer withdrawn."))
    return SeeOther(visit.address)


def _other_application() -> Conflict:
    return Conflict(
        _(
            "You sent this from a page that showed another application. Nothing was changed. Here you see where "
            "you stand in this call."
        )
    )


def _page(
    visit: Visit,
    *,
    form: ApplicationForm | None = None,
    sent: QueryDict | None = None,
    error: PortalError | None = None,
    typed_on: QueryDict | None = None,
    withdraw_form: WithdrawForm | None = None,
) -> HttpResponse:
    """The application with all that its applicant may know of it, and the form while it can be changed.

    `form` is what came in; `sent` the post that it came in, where its key and version still hold, `typed_on` where only
    its version does: nobody has seen what another window may have saved meanwhile.
    """
    call, phase = visit.call, visit.call.phase
    every = queries.own_applications(call, visit.user)
    meant = queries.meant(every)
    mine = describe.standing(meant, queries.versions(meant) if meant is not None else None)
    saved = kept.find(visit.request.session, call, visit.user)
    # A form with errors that the gate has let in stays to be corrected, in the grace too.
    was_let_in = sent is not None or windows.is_open(phase, visit.at)
    is_open = was_let_in and mine.told is None and not isinstance(error, Refused)
    was_kept = form is None and saved is not None
    if form is None and saved is not None:
        form = _back(visit, mine, saved) if is_open else ApplicationForm(call, saved.fields)
    reference = mine.application.reference if mine.application is not None else ""
    asked = questions(call.questions_id) if is_open or mine.snapshot is not None else None
    context = {
        **_about(visit),
        **_dates(visit, is_open=is_open),
        **_on_record(visit, mine, error, asked),
        **own.on_record(call, every, mine, visit.at, is_only=visit.is_only),
        **own.ahead(call, mine, visit.at, is_open=is_open),
        "error": error,
        "is_conflict": isinstance(error, Conflict) and form is not None,
        "is_open": is_open,
        "was_kept": was_kept,
        # By which of those that wait its form is known.
        "kept_key": saved.key if was_kept and saved else clean(visit.request.POST.get(kept.SHOWN, "")),
        "earlier": _earlier(mine, every),
        "reminders_url": links.reminders(call, visit.user.pk) if is_open and mine.is_live else "",
        "field_groups": groups.for_script(),
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': visit.address})}",
        "file_name": f"application-{phase.slug}",
        "kept_as": f"application-{call.pk}",
        "typed": form.shown_again() if form is not None and not is_open else [],
        "withdraw_form": withdraw_form or WithdrawForm(initial={"reference": reference}),
    }
    if is_open:
        spoken = mine.application.language if mine.application is not None and mine.is_live else ""
        form_shown = form or shown(call, _typed(visit, mine), asked=asked, language=spoken)
        context |= {
            "form": form_shown,
            "sections": sections(form_shown),
            "form_key": sent.get("form_key") if sent else gates.new_form_key(visit.at, phase.pk),
            "draft_url": links.draft(call, is_only=visit.is_only),
            # Not as it is stored: nobody knows what of it anybody typed.
            "came_back": form is not None,
            "versions": _versions_shown(visit, mine, sent or typed_on, saved if was_kept else None),
            "language_names": fields.language_names(get_language() or "en"),
            "owner": kept.owner_mark(visit.user),
            # The menu of languages sends the form, so that nothing in it is lost.
            "language_form": "application",
            # Where something waits to be sent, the form is not folded away.
            "unfolded": was_kept or sent is not None or error is not None or mine.has_draft,
        }
    status = error.status if error is not None else 200
    response = render(visit.request, "recruitment/application.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _back(visit: Visit, mine: describe.Standing, saved: kept.Kept) -> ApplicationForm:
    """The form with what was kept, and in the groups that do not say on what they were typed with what is stored."""
    stored = _typed(visit, mine)
    typed = {
        group: saved.typed(group) if saved.is_typed_on(group) else {**stored[group], **saved.typed(group)}
        for group in Group
    }
    return shown(visit.call, typed, language=str(saved.fields.get(LANGUAGE, "")))


def _earlier(mine: describe.Standing, every: Sequence[Application]) -> Application | None:
    """What was submitted and withdrawn before there was what is only a draft, which gives way if it is taken back."""
    found = queries.withdrawn_last(every)
    is_draft = mine.is_live and mine.snapshot is None and mine.told is None
    return found if is_draft and found is not None and found.submitted_at is not None else None


def _on_record(
    visit: Visit, mine: describe.Standing, error: PortalError | None, asked: Sequence[Question] | None
) -> dict[str, Any]:
    """What is stored of the application, submitted and not submitted; `asked` are the questions, where at hand.

    What is not submitted is read by the page that shows it; most have it in their form.
    """
    call = visit.call
    only = list(error.stored) if isinstance(error, services.ChangedMeanwhile) else list(Group)

    def stored() -> list[Shown]:
        if mine.application is None:
            return []
        return shown(call, queries.typed(mine.application), asked=asked).shown_again(only)

    return {
        "mine": mine,
        "submitted": queries.answered(call, mine.snapshot.answers, asked) if mine.snapshot else [],
        "profile": profiles.lines(mine.snapshot.profile) if mine.snapshot else [],
        "own": profiles.own_lines(mine.application) if mine.application and mine.snapshot else [],
        "stored": stored,
    }


def _dates(visit: Visit, *, is_open: bool) -> dict[str, Any]:
    """When the call is open, and where it is not, why."""
    phase = visit.call.phase
    return {
        "at": visit.at,
        "row": phases.row(phase, visit.at),
        "opens_label": phases.opens_label(phase, visit.at),
        "closes_label": phases.closes_label(phase, visit.at),
        "closes_rule": phases.closes_rule(phase),
        "cap_note": phases.cap_note(phase, visit.at),
        "is_short": visit.at < phase.closes_at and dates.left(phase.closes_at, visit.at).is_short,
        "opens_rule": phases.opens_rule(phase) if visit.at < phase.opens_at else "",
        "is_over": windows.state(phase, visit.at) in OVER,
        "stopped": calling.stopped(phase, visit.at),
        "reason": "" if is_open else phases.closed_reason(phase, visit.at),
    }


def _typed(visit: Visit, mine: describe.Standing) -> dict[Group, groups.Fields]:
    """What is stored, or for a newcomer what the account knows."""
    if mine.application is None or not mine.is_live:
        return queries.begun(visit.user)
    return queries.typed(mine.application)


def _versions_shown(
    visit: Visit, mine: describe.Standing, sent: QueryDict | None, saved: kept.Kept | None
) -> list[tuple[str, str]]:
    """(name, value) of the versions for the form: as they were sent, as they were kept, else the current ones."""
    names = {group: groups.version_name(group) for group in Group}
    marked = {group: merging.marks_name(group) for group in Group}
    if sent is not None:
        versions = [(name, groups.readable(clean(sent.get(name, "")))) for name in names.values()]
        return versions + [(name, clean(sent.get(name, ""))) for name in marked.values()]
    typed = _typed(visit, mine)
    live = mine.application if mine.is_live else None
    numbers = {group: queries.row_of(live, group).version if live is not None else 0 for group in Group}
    tokens = {name: groups.token(numbers[group], typed[group]) for group, name in names.items()}
    tokens |= {name: merging.marks(typed[group]) for group, name in marked.items()}
    if saved is None:
        return list(tokens.items())
    for group, name in names.items():
        if saved.is_typed_on(group) or saved.typed(group):
            # What was typed on nothing that anybody knows is older than whatever is stored.
            tokens |= {name: "0", marked[group]: ""}
    return list((tokens | saved.versions).items())


def _about(visit: Visit) -> dict[str, Any]:
    """What every page of one's own application says about the call."""
    group = visit.call.phase.task_force
    call_url = links.call(visit.call, is_only=visit.is_only)
    return {
        "task_force": group,
        "call": visit.call,
        "address": visit.address,
        "call_url": call_url,
        "process_url": reverse("process", args=[group.slug]),
        "crumbs": [*crumbs(group, _("Call for members"), call_url), (_("Your application"), None)],
    }
