"""The page of a window, with its form."""

import re
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import browsers, describe, earlier, listing, queries, sent, services
from feedback.enums import ItemState, Participation
from feedback.forms.own import DraftForm, as_sent
from feedback.forms.saying import FeedbackForm
from feedback.models import FeedbackDraft, FeedbackWindow
from feedback.views import framing, keeping
from proposals import endings
from proposals import queries as texts
from proposals.models import Proposal, Unit
from taskforce.core import clock, prose
from taskforce.core.errors import Refused, TooOften
from taskforce.core.http import SeeOther
from taskforce.limits.clients import client_address
from taskforce.timeline import describe as phases
from taskforce.timeline import gates, windows
from taskforce.timeline.queries import verdicts

# The buttons that save a draft or throw it away: they send nothing.
_KEEP, _DISCARD = "keep", "discard"

# So much of a draft is shown where one chooses it, and what looks like the code of a choice is not.
_BEGINNING, _CODE = 60, re.compile(r"[a-z0-9_-]{1,40}")


@require_http_methods(["GET", "HEAD", "POST"])
def window_page(request: HttpRequest, task_force: str, window: str) -> HttpResponse:
    """The window: what it is about, how long it is open, the form; POST sends the form."""
    if request.method == "POST":
        key = gates.key_of_form(request.POST.get("form_key", ""))
        return _send(request, queries.door_or_404(task_force, window, key, _unit_given(request)))
    found = queries.window_or_404(task_force, window, queries.with_results)
    at = clock.app_now()
    unit = _unit(request, found.proposal_id)
    draft = earlier.draft(found.pk, _id(unit), _browser(request, found.pk))
    if draft and request.GET.get(_DISCARD):
        return _asked_again(request, found, at, draft, unit)
    form = _form(found, at, unit, draft=draft) if windows.is_open(found.phase, at) else None
    response = _window(request, found, at, form, unit=unit if form or draft else None, draft=draft)
    # Not `no-store`, so that browsers give back what was typed to whoever goes back.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _send(request: HttpRequest, door: queries.Door) -> HttpResponse:
    """A posted form: a receipt, the form with its errors, or a refusal that shows what was typed."""
    at = door.at
    unit = _unit(request, door.proposal_id)
    form = _form(door, at, unit, request.POST)
    if request.POST.get(framing.ACT) == _KEEP and keeping.is_by_script(request):
        return keeping.by_script(request, door, at, form, _id(unit))
    try:
        if request.POST.get(framing.ACT) in (_KEEP, _DISCARD):
            return _act_on_draft(request, door, at, form, unit)
        if not form.is_valid():
            services.require_new(door.phase_id, form.cleaned_data.get("form_key"), _author_id(request, door))
            return _window(request, _behind(door), at, form, unit=unit)
        if request.POST.get(framing.ACT) == framing.PREVIEW:
            return _preview(request, door, at, form, unit)
        return _submit(request, door, at, form, unit)
    except Refused as error:
        found = _behind(door)
        return framing.refused(request, found, form, error, unit, _sent_url(found, error))
    except services.OtherText as error:
        return _other_text(request, _behind(door), at, form, error, unit)
    except services.OtherAccount as error:
        # Nothing of the first text is shown, and nothing of the second is lost.
        form.add_error(None, error.message)
        form.renew()
        return _window(request, _behind(door), at, form, error.status, unit=unit)
    except services.KeptElsewhere as error:
        return _other_draft(request, _behind(door), at, form, error, unit)
    except TooOften as error:
        framing.too_often(form, error)
        response = _window(request, _behind(door), at, form, error.status, unit=unit)
        response.headers["Retry-After"] = str(error.retry_after)
        return response


def _submit(request: HttpRequest, door: queries.Door, at: datetime, form: DraftForm, unit: Unit | None) -> HttpResponse:
    """A valid form: stored, and on to its receipt; or to the sign-in, where the window asks for an account."""
    author_id = _author_id(request, door)
    if author_id is None and door.participation == Participation.ACCOUNT:
        return _to_sign_in(request, door, at, form, unit)
    said = {**form.for_service(), "place": door.place, "read_language": get_language() or "en", "author_id": author_id}
    receipt = _sent(request, door, form, said)
    if receipt.was_sent:
        messages.info(request, _("You had already sent this. It was received once: this is its receipt."))
    services.drop_sent(door.pk, _id(unit), _browser(request, door.pk), form.to_keep(), version=form.draft_version)
    answer = SeeOther(framing.own_url(door.task_force, door.slug, receipt.token))
    sent.remember(request, answer, receipt.item.reference)
    return answer


def _sent(request: HttpRequest, door: queries.Door, form: DraftForm, said: dict[str, Any]) -> services.Receipt:
    """Stored; or kept until its author follows the link in a mail, where the window asks for that."""
    sender = client_address(request)
    if door.participation == Participation.MAIL:
        said.pop("author_id")
        mailbox, before = form.cleaned_data["mailbox"], sent.references(request)
        return services.send_to_confirm(
            door.pk, mailbox, **said, account_id=framing.account_id(request), sender=sender, sent=before
        )
    account_id = framing.account_id(request)
    return services.submit(door.pk, **said, account_id=account_id, sender=sender, sent=sent.references(request))


def _preview(
    request: HttpRequest, door: queries.Door, at: datetime, form: DraftForm, unit: Unit | None
) -> HttpResponse:
    """What would be read, above the form that would be sent; raises what sending it would where it is known before."""
    services.require_new(door.phase_id, form.cleaned_data["form_key"], _author_id(request, door))
    found = _behind(door)
    draft = earlier.draft(door.pk, _id(unit), _browser(request, door.pk)) if form.draft_version else None
    is_it = draft is not None and draft.fields == form.to_keep()
    preview = framing.preview(form, found, at)
    return _window(request, found, at, form, unit=unit, preview=preview, draft=draft if is_it else None)


def _author_id(request: HttpRequest, door: queries.Door) -> int | None:
    """The account of whoever is signed in, where the window asks for one; else nobody asks who is there."""
    if door.participation != Participation.ACCOUNT:
        return None
    return request.user.pk if request.user.is_authenticated else None


def _to_sign_in(
    request: HttpRequest, door: queries.Door, at: datetime, form: DraftForm, unit: Unit | None
) -> HttpResponse:
    """To the sign-in and back; what was typed is a draft of this browser meanwhile."""
    back = reverse("feedback:window", args=[door.task_force, door.slug]) + (f"?unit={unit.pk}" if unit else "")
    response = redirect_to_login(back)
    response.headers["Cache-Control"] = "private, no-store"
    keeping.keep(request, response, door, at, form, _id(unit))
    messages.info(request, _("Sign in to send it. What you typed is saved as a draft in this browser."))
    return response


def _act_on_draft(
    request: HttpRequest, door: queries.Door, at: datetime, form: DraftForm, unit: Unit | None
) -> HttpResponse:
    """Keep what was typed, or throw away what is kept; then the window as it is from now on."""
    place = f"?unit={unit.pk}" if unit else ""
    back = SeeOther(reverse("feedback:window", args=[door.task_force, door.slug]) + place)
    if request.POST[framing.ACT] == _DISCARD:
        if services.drop_draft(door.pk, _id(unit), _browser(request, door.pk), version=form.draft_version):
            messages.info(request, _("Your draft is thrown away."))
        else:
            messages.info(
                request, _("This draft is not there any more. If you have saved another one, it stands here.")
            )
        return back
    if not (form.says_something and form.can_be_kept):
        services.require_new(door.phase_id, None)
        if form.is_valid() or not form.says_something:
            form.add_error(None, _("Nothing was saved: write something first."))
        return _window(request, _behind(door), at, form, unit=unit)
    keeping.keep(request, back, door, at, form, _id(unit))
    messages.info(request, _("Your draft is saved. Nothing has been sent yet."))
    return back


def _form(
    window: FeedbackWindow | queries.Door,
    at: datetime,
    unit: Unit | None,
    data: QueryDict | None = None,
    draft: FeedbackDraft | None = None,
) -> DraftForm:
    return DraftForm(window, data, language=get_language() or "en", at=at, unit_id=_id(unit), draft=draft)


def _id(unit: Unit | None) -> int | None:
    return unit.pk if unit else None


def _browser(request: HttpRequest, window_id: int) -> str:
    """Under what the drafts of this browser are known; "" where it has none."""
    return browsers.hashed(browsers.secret_of(request), window_id)


def _sent_url(window: FeedbackWindow, error: Refused) -> str:
    """The way to the receipt of words that had come in time."""
    return framing.mine_url(window, error.receipt.token) if isinstance(error, services.OverButSent) else ""


def _unit(request: HttpRequest, proposal_id: int) -> Unit | None:
    """The paragraph by which somebody came: the form names it, or its address where they chose the whole text."""
    given = _unit_given(request)
    return queries.unit_of(proposal_id, given) if given else None


def _unit_given(request: HttpRequest) -> str:
    return request.POST.get("unit") or request.GET.get("unit", "")


def _behind(door: queries.Door) -> FeedbackWindow:
    """The window with all that its pages say."""
    return queries.window_or_404(door.task_force, door.slug, queries.with_results)


def _window(
    request: HttpRequest,
    window: FeedbackWindow,
    at: datetime,
    form: FeedbackForm | None,
    status: int = 200,
    *,
    unit: Unit | None = None,
    preview: dict[str, Any] | None = None,
    draft: FeedbackDraft | None = None,
) -> HttpResponse:
    phase = window.phase
    closes_soon = form is not None and describe.closes_soon(phase.closes_at, at)
    context = {
        **framing.about(window),
        **framing.form_parts(form),
        "paragraph": framing.quoted(unit),
        "preview": preview,
        "draft": draft,
        "other_drafts": _other_drafts(request, window, unit) if form and not preview else [],
        # Whoever writes for long loses nothing; the form says what is kept.
        "keeps_itself": form is not None,
        "unsent": _form(window, at, unit, as_sent(draft.fields)).typed if draft and not form else [],
        "ended": _ended(window.proposal),
        "at": at,
        "introduction": prose.of(window, "introduction"),
        "phase": phase,
        "state": windows.state(phase, at).value,
        "period": phases.period(phase),
        "opens_rule": phases.opens_rule(phase),
        "closes_rule": phases.closes_rule(phase),
        "cap_note": phases.cap_note(phase, at),
        "changed": phases.notice(phase),
        "closes_soon": closes_soon,
        "grace": phases.grace_note([phase]) if closes_soon else "",
        "reason": "" if form else phases.closed_reason(phase, at),
        "verdict": None if form else _verdict(window),
        "said": listing.total(window),
        "items_url": reverse("feedback:items", args=[phase.task_force.slug, window.slug]),
    }
    return framing.page(request, "feedback/window.html", context, status)


def _other_drafts(request: HttpRequest, window: FeedbackWindow, unit: Unit | None) -> list[dict[str, Any]]:
    """What this browser has kept of the window besides: whoever comes without the paragraph finds the way to it."""
    found = earlier.other_drafts(window.pk, _id(unit), _browser(request, window.pk))
    called = listing.called([one.unit_id for one in found if one.unit_id], get_language() or "en")
    return [
        {"draft": one, "begins": _begins(one), "called": called.get(one.unit_id) if one.unit_id else None}
        for one in found
    ]


def _begins(draft: FeedbackDraft) -> str:
    """One's own first words in it, by which one knows it again."""
    said = (value for name, values in draft.fields.items() if name.startswith("q-") for value in values)
    words = next((value for value in said if value.strip() and not _CODE.fullmatch(value)), "")
    said_first = " ".join(words.split())
    return said_first if len(said_first) <= _BEGINNING else f"{said_first[: _BEGINNING - 1]}…"


def _asked_again(
    request: HttpRequest, window: FeedbackWindow, at: datetime, draft: FeedbackDraft, unit: Unit | None
) -> HttpResponse:
    """What would be thrown away, and the button that does it: one slip of a finger loses nothing."""
    title = _("Throw the draft away?")
    context = {
        **framing.about(window, title),
        "page_title": title,
        "paragraph": framing.quoted(unit),
        "draft": draft,
        "kept": _form(window, at, unit, as_sent(draft.fields)).typed,
        "back": reverse("feedback:window", args=[window.phase.task_force.slug, window.slug])
        + (f"?unit={unit.pk}" if unit else ""),
    }
    return framing.page(request, "feedback/discard.html", context)


def _ended(proposal: Proposal) -> endings.Ended | None:
    """How the text has ended that a window asks about; it goes on all the same."""
    return endings.ended(proposal, texts.successor(proposal, get_language() or "en"))


def _verdict(window: FeedbackWindow) -> dict[str, Any] | None:
    """What was decided about its text after its phase, if that is decided."""
    found = next((one for one in verdicts.holding(window.phase) if one.text_id == window.proposal_id), None)
    if found is None:
        return None
    found.phase = window.phase
    return phases.verdict(found, holds=True)


def _other_draft(
    request: HttpRequest,
    window: FeedbackWindow,
    at: datetime,
    form: DraftForm,
    error: services.KeptElsewhere,
    unit: Unit | None,
) -> HttpResponse:
    """What is kept, and what was to be kept: in a form that can be saved in its place, or sent."""
    form.show_with(error.kept)
    context = {
        **framing.about(window, error.title),
        **framing.form_parts(form),
        "paragraph": framing.quoted(unit),
        "error": error,
        "draft": error.kept,
        "kept": _form(window, at, unit, as_sent(error.kept.fields)).typed,
    }
    return framing.page(request, "feedback/draft_conflict.html", context, error.status)


def _other_text(
    request: HttpRequest,
    window: FeedbackWindow,
    at: datetime,
    form: FeedbackForm,
    error: services.OtherText,
    unit: Unit | None,
) -> HttpResponse:
    """The same form with other fields: both texts, the second as a new form that can be sent while that is possible."""
    item = error.receipt.item
    form.renew()
    context = {
        **framing.about(window, error.title),
        **framing.form_parts(form),
        "paragraph": framing.quoted(unit),
        "is_open": windows.is_open(window.phase, at),
        "error": error,
        "item": item,
        "first": [] if item.state == ItemState.WITHDRAWN else framing.answers(item),
        "mine_url": framing.mine_url(item.window, error.receipt.token),
    }
    return framing.page(request, "feedback/conflict.html", context, error.status)
