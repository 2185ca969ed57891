"""Following a task force: asking, confirming, choosing, leaving. Read, none of these pages changes anything."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from taskforce.accounts.models import User
from taskforce.accounts.queries import confirmed_mailboxes
from taskforce.core import clock, labels
from taskforce.core.errors import Invalid, Refused, TooOften
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import translated
from taskforce.limits import mailboxes as counted
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.limits.clients import client_address
from taskforce.notifications import leaving, mailboxes, preferences
from taskforce.notifications.leaving import Leave
from taskforce.notifications.queries import is_held
from taskforce.timeline import asking, departures, queries, rules, services
from taskforce.timeline.asking import Ask
from taskforce.timeline.enums import Frequency, Topic
from taskforce.timeline.follow_forms import HONEYPOT, FollowForm, PreferencesForm
from taskforce.timeline.models import TaskForce


def _own(request: HttpRequest) -> list[str]:
    """The mailboxes of whoever is signed in, as they are stored, the main one first."""
    own = []
    for address in confirmed_mailboxes(request.user):
        with suppress(mailboxes.UnusableMailbox):  # sign-up lets some pass that announcements do not go to
            own.append(mailboxes.checked(address))
    return own


def _count(mailbox: str) -> None:
    """One more change to what a mailbox gets; `TooOften` after very many, wherever they come from."""
    limits.hit(table.CHOICES, counted.folded(mailbox))


def _account(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _account_of(request: HttpRequest, mailbox: str, own: list[str] | None = None) -> User | None:
    """The account of whoever is signed in, where the mailbox is theirs: also behind the link of a mail."""
    return _account(request) if mailbox in (_own(request) if own is None else own) else None


def _actor(request: HttpRequest) -> int | None:
    return request.user.pk if isinstance(request.user, User) else None


# --- to begin with -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, task_force: str) -> HttpResponse:
    """The form, or why there is none; POST asks by mail, or follows at once for whoever is signed in."""
    found = queries.task_force_or_404(task_force)
    own = _own(request)
    if own and request.method != "POST" and queries.subscriptions_of(own).filter(task_force=found).exists():
        return redirect("subscriptions:overview")
    may, why = rules.may_be_followed(found)
    if not may and request.method == "POST":
        raise Refused(why)
    if not may:
        return _page(request, "timeline/follow.html", {**_about(found), "why": why})
    form = FollowForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(request),
        own=own[0] if own else "",
        account=_account(request) if own else None,
    )
    if not form.is_valid():
        return _form_page(request, found, form)
    try:
        return _follow(request, found, form, clock.app_now())
    except TooOften as error:
        form.add_error(None, error.message)
        response = _form_page(request, found, form, error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response


def _initial(request: HttpRequest) -> dict[str, Any]:
    if isinstance(request.user, User):
        return {"language": request.user.language, "zone": request.user.zone}
    return {"language": get_language() or "en"}


def _follow(request: HttpRequest, task_force: TaskForce, form: FollowForm, at: datetime) -> HttpResponse:
    ask = form.ask(task_force)
    if form.own:
        services.follow_by_account(ask, user_id=request.user.pk or 0, at=at)
        messages.success(request, _("You follow this task force. What you get stands below."))
        return SeeOther(reverse("subscriptions:overview"))
    if not form.is_suspected:
        services.ask_to_follow(ask, sender=client_address(request), at=at)
    return SeeOther(reverse("subscriptions:sent", args=[task_force.slug]))


def _form_page(request: HttpRequest, task_force: TaskForce, form: FollowForm, status: int = 200) -> HttpResponse:
    fields = [form[name] for name in form.fields if name != HONEYPOT]
    context = {**_about(task_force), "form": form, "fields": fields, "honeypot": form[HONEYPOT], "own": form.own}
    response = _page(request, "timeline/follow.html", context, status)
    if not form.own and status == 200:
        # Not `no-store`, so that browsers give back what was typed to whoever goes back.
        response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def sent(request: HttpRequest, task_force: str) -> HttpResponse:
    """What comes next; the same whatever the portal knows about the address."""
    found = queries.task_force_or_404(task_force)
    context = {**_about(found), "days": asking.WORKS_FOR.days, "is_held": is_held()}
    return _page(request, "timeline/sent.html", context)


# --- the link in the mail ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button, since programs open links too; POST confirms, once."""
    try:
        ask = asking.read(token)
    except asking.Expired as over:
        status = 403 if request.method == "POST" else 200
        return _confirm_page(request, over.ask, "expired", status)
    if ask is None:
        raise Http404
    if request.method == "POST":
        _confirm(request, ask)
        return SeeOther(request.path)
    rows = list(queries.asked_for(ask))
    if not rows:
        # Whoever left knows it; an ask that nobody confirmed was forgotten, which is another thing to say.
        has_left = departures.found([ask.mailbox], ask.task_force_id, ask.topics, back=())
        return _confirm_page(request, ask, "left" if has_left else "expired")
    waits = any(row.confirmed_at is None for row in rows)
    return _confirm_page(request, ask, "waits" if waits else "known")


def _confirm(request: HttpRequest, ask: Ask) -> None:
    _count(ask.mailbox)
    outcome = services.confirm(ask, at=clock.app_now())
    if outcome is services.Confirmed.NOW:
        messages.success(request, _("Thank you. From now on mails come to this address."))
    elif outcome is services.Confirmed.BEFORE:
        messages.info(request, _("This was confirmed before. Nothing has changed."))


def _confirm_page(request: HttpRequest, ask: Ask, state: str, status: int = 200) -> HttpResponse:
    task_force = TaskForce.objects.filter(pk=ask.task_force_id).first()
    if task_force is None:
        raise Http404
    may, why = rules.may_be_followed(task_force)
    if state == "waits" and not may:
        state = "ended"
    context = {
        **_about(task_force),
        "state": state,
        "why": why,
        "mailbox": mailboxes.masked(ask.mailbox),
        "topics": [Topic(topic).label for topic in ask.topics],
        "how_soon": Frequency(ask.frequency).label,
        "days": asking.WORKS_FOR.days,
    }
    if state == "known":
        # Whoever has this link has what its mail has: the next one would bring the other link too.
        context["choices_url"] = reverse("subscriptions:manage", args=[preferences.token(ask.mailbox)])
    return _page(request, "timeline/confirm.html", context, status)


# --- what a mailbox gets -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """All that the signed-in person follows; to everybody else, how to follow and how to change it."""
    own = _own(request)
    if not own:
        if request.method == "POST":
            return SeeOther(reverse("subscriptions:overview"))
        context = {"task_forces": queries.to_follow(), "crumbs": _crumbs()}
        return _page(request, "timeline/subscriptions.html", context)
    if request.method == "POST":
        mailbox = request.POST.get("mailbox", "")
        if mailbox not in own:
            raise Invalid(_("This address is not one of yours."))
        return _choose(request, own, mailbox)
    return _preferences(request, own)


@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """What one mailbox gets, by the link that stands in its mails; without sign-in."""
    mailbox = preferences.read(token)
    if mailbox is None:
        return _broken(request)
    mailbox = mailbox.lower()
    if request.method == "POST":
        return _choose(request, [mailbox], mailbox)
    return _preferences(request, [mailbox])


def _choose(request: HttpRequest, shown: list[str], mailbox: str) -> HttpResponse:
    """Save what was chosen for one of the mailboxes that the page shows."""
    rows = list(queries.subscriptions_of([mailbox]))
    if not rows:
        return SeeOther(request.path)
    form = PreferencesForm(mailbox, rows, request.POST, account=_account_of(request, mailbox))
    if not form.is_valid():
        return _preferences(request, shown, form)
    language, zone = form.speaks
    _count(mailbox)
    services.choose(mailbox, form.wanted(), language=language, zone=zone, at=clock.app_now(), actor_id=_actor(request))
    messages.success(request, _("Your choices are saved."))
    return SeeOther(request.path)


def _preferences(request: HttpRequest, shown: list[str], sent: PreferencesForm | None = None) -> HttpResponse:
    """The forms of these mailboxes; `sent` is one that came back with errors."""
    own = _own(request)
    rows: dict[str, list[Any]] = {}
    for row in queries.subscriptions_of(shown):
        rows.setdefault(row.mailbox, []).append(row)
    forms = [
        sent
        if sent and sent.mailbox == mailbox
        else PreferencesForm(
            mailbox, rows[mailbox], auto_id=f"id{number}_%s", account=_account_of(request, mailbox, own)
        )
        for number, mailbox in enumerate(mailbox for mailbox in shown if mailbox in rows)
    ]
    by_link = _actor(request) is None or request.resolver_match is None or request.resolver_match.url_name == "manage"
    context = {
        "forms": [_form(form, by_link=by_link) for form in forms],
        "mailboxes": [mailboxes.masked(mailbox) if by_link else mailbox for mailbox in shown],
        "task_forces": [
            one for one in queries.to_follow() if one.pk not in {pk for form in forms for pk in form.task_forces}
        ],
        "crumbs": _crumbs(),
    }
    return _page(request, "timeline/preferences.html", context)


def _form(form: PreferencesForm, *, by_link: bool) -> dict[str, Any]:
    """What draws one mailbox's form. Its address stands there in full only for whoever is signed in with it."""

    def leave_url(task_force_id: int | None) -> str:
        return reverse("subscriptions:leave", args=[leaving.token(Leave(form.mailbox, task_force_id, ""))])

    return {
        "form": form,
        "mailbox": form.mailbox,
        "shown": mailboxes.masked(form.mailbox) if by_link else form.mailbox,
        "sections": [(one, fields, leave_url(one.pk)) for one, fields in form.sections],
        "leave_url": leave_url(None),
    }


# --- leaving -------------------------------------------------------------------------------------------------------


def _broken(request: HttpRequest) -> HttpResponse:
    """404 for a link out of a mail that no longer is what it was, with other ways to the same."""
    return _page(request, "timeline/broken.html", {"crumbs": _crumbs()}, 404)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """What the link would end, and a button that ends it."""
    what = leaving.read(token)
    if what is None:
        return _broken(request)
    if request.method == "POST":
        _count(what.mailbox)
        services.leave(what, at=clock.app_now(), actor_id=_actor(request))
        messages.success(request, _("Done. You will get no more of these mails."))
        return SeeOther(request.path)
    task_force = TaskForce.objects.filter(pk=what.task_force_id).first() if what.task_force_id else None
    again = reverse("subscriptions:follow", args=[task_force.slug]) if task_force else reverse("subscriptions:overview")
    context = {
        "task_force": task_force,
        "follows": queries.left_by(what).exists(),
        "topic": Topic(what.topic).label if what.topic in Topic.values else "",
        "is_daily": what.topic == queries.DIGEST,
        "mailbox": mailboxes.masked(what.mailbox),
        "again_url": again,
        "back_url": reverse("task_force", args=[task_force.slug]) if task_force else reverse("subscriptions:overview"),
        "crumbs": _crumbs(_("Stop mails")),
    }
    return _page(request, "timeline/leave.html", context)


# --- what they share -----------------------------------------------------------------------------------------------


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page for one person: never stored by a cache, never in a search engine's index."""
    response = render(request, template, context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _about(task_force: TaskForce) -> dict[str, Any]:
    return {
        "task_force": task_force,
        "name": labels.label(task_force, "name").text,
        "crumbs": [
            (_("Home"), reverse("home")),
            (translated(task_force, "name"), reverse("task_force", args=[task_force.slug])),
            (_("Follow"), None),
        ],
    }


def _crumbs(*more: str) -> list[tuple[str, str | None]]:
    own = reverse("subscriptions:overview") if more else None
    return [(_("Home"), reverse("home")), (_("Your mails"), own), *[(name, None) for name in more]]
