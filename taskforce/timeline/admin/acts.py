"""The pages of the acts on a published end: what is asked, what it would do and tell whom, and the confirmation."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from taskforce.core import labels
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.templatetags.portal import translated
from taskforce.core.templatetags.staff import sentence
from taskforce.timeline import describe, forms, plan, queries, rules, services, windows
from taskforce.timeline.admin import overlaps, told
from taskforce.timeline.admin.scoped import ScopedAdmin, user_of
from taskforce.timeline.enums import ENDED, OVER, Act, Capability, PhaseState, Topic
from taskforce.timeline.models import Extension, Phase
from taskforce.timeline.notices import dates as notices
from taskforce.timeline.queries import verdicts
from taskforce.timeline.services.verdicts import not_now

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # a text for later, known to the stubs only


class Page(NamedTuple):
    """One act as a page: its form, its service, and its words."""

    form: type[forms.ActForm]
    service: Any
    link: "_StrPromise"
    title: "_StrPromise"
    intro: "_StrPromise"
    confirm: "_StrPromise"
    button: "_StrPromise"
    done: "_StrPromise"


PAGES = {
    "extend": Page(
        forms.ExtendForm,
        services.extend,
        gettext_lazy("Extend…"),
        gettext_lazy("Extend: %(phase)s"),
        gettext_lazy("A changed date is a public act: the page says who changed it and why, and it cannot be undone."),
        gettext_lazy("I have read this."),
        gettext_lazy("Extend and tell everybody"),
        gettext_lazy("The new end is public, and the followers will be told."),
    ),
    "shorten": Page(
        forms.ShortenForm,
        services.shorten,
        gettext_lazy("Shorten…"),
        gettext_lazy("Shorten: %(phase)s"),
        gettext_lazy(
            "A changed date is a public act: the page says who changed it and why. An earlier end takes time away from "
            "people who counted on it, so it must be announced some days ahead."
        ),
        gettext_lazy("I know that people will have less time than they were promised."),
        gettext_lazy("Shorten and tell everybody"),
        gettext_lazy("The new end is public, and the followers will be told."),
    ),
    "close": Page(
        forms.CloseForm,
        services.close_early,
        gettext_lazy("Close early…"),
        gettext_lazy("Close early: %(phase)s"),
        gettext_lazy(
            "The phase ends at the moment at which you confirm, without notice and without grace, and stays closed. "
            "The page says that it was closed without notice, by whom and why."
        ),
        gettext_lazy("I know that nobody can send anything any more from this moment on."),
        gettext_lazy("Close now and tell everybody"),
        gettext_lazy("The phase is closed, and the followers will be told."),
    ),
    "cancel": Page(
        forms.CancelForm,
        services.cancel_phase,
        gettext_lazy("Cancel…"),
        gettext_lazy("Cancel: %(phase)s"),
        gettext_lazy(
            "A cancelled phase stays on the pages with its dates, marked as cancelled, with who cancelled it and why. "
            "Nothing can be sent any more, and it cannot be brought back."
        ),
        gettext_lazy("I know that this phase cannot be brought back."),
        gettext_lazy("Cancel the phase and tell everybody"),
        gettext_lazy("The phase is cancelled, and the followers will be told."),
    ),
}


class ActPages(ScopedAdmin):
    """Extend, shorten, close early, cancel: each a page that asks, previews, and only then does."""

    def act_urls(self) -> list[URLPattern]:
        """A page per act beside the stock ones."""
        view = self.admin_site.admin_view(self.act_view)
        return [path(f"<int:phase_id>/{name}/", view, {"name": name}, name=f"timeline_phase_{name}") for name in PAGES]

    def act_view(self, request: HttpRequest, phase_id: int, name: str) -> HttpResponse:
        """Ask, show what would happen and who would be told what, and do exactly that when it is confirmed."""
        phase = self.get_queryset(request).filter(pk=phase_id, published_at__isnull=False).first()
        if phase is None:
            raise Http404
        page, at = PAGES[name], app_now()
        entitled, why = rules.entitled(request.user, plan.ACTIONS[page.form.act], phase)
        if not entitled:
            raise Refused(why)
        form = page.form(phase, user_of(request), at, request.POST or None, initial=_initial(phase))
        refusal, preview = None, None
        if request.method == "POST" and form.is_valid():
            refusal = services.refusal_of(form.planned(), actor=form.actor, ends_version=form.wanted()["ends_version"])
            if refusal is None and _is_to_be_done(form):
                refusal = _do(page, form)
                if refusal is None:
                    messages.success(request, page.done)
                    return HttpResponseRedirect(reverse("admin:timeline_phase_changelist"))
            elif refusal is None:
                preview = _preview(form)
        return self._act_page(request, page, form, refusal, preview)

    def _act_page(
        self,
        request: HttpRequest,
        page: Page,
        form: forms.ActForm,
        refusal: PortalError | None,
        preview: dict[str, Any] | None,
    ) -> HttpResponse:
        phase = form.phase
        may, why = rules.may(request.user, plan.ACTIONS[form.act], phase, form.at)
        context = {
            **self.admin_site.each_context(request),
            **self.hold(request),
            "title": page.title % {"phase": labels.label(phase, "title").text},
            "title_shown": sentence(str(page.title), phase=translated(phase, "title")),
            "opts": self.opts,
            "page": page,
            "phase": phase,
            "opens_rule": describe.opens_rule(phase),
            "closes_rule": describe.closes_rule(phase),
            "followers": queries.followers_count(phase.task_force_id, Topic.DEADLINES),
            "form": form if may else None,
            "refusal": refusal,
            "why": why,
            "preview": preview,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/timeline/act.html", context, status=status)


def links(phase: Phase, at: Any) -> str:
    """The ways to what can be done to a phase at the moment, "–" or the reason where nothing can."""
    if phase.published_at is None:
        published = {} if phase.task_force.state in ENDED else {"publish": _("Publish…")}
        return _linked(phase, {"change": _("Edit…"), **published, "discard": _("Discard…")})
    state = windows.state(phase, at)
    if state is PhaseState.PAST and Capability.FEEDBACK in phase.capabilities:
        why = not_now(phase, verdicts.standing([phase]), at) if phase.task_force.has_ended else ""
        return why or _linked(phase, {"decide": _("Decide…")})
    if state is PhaseState.DROPPED:
        return rules.why_dropped()
    if state in OVER:
        return "–"
    shown = [name for name in PAGES if name != "close" or state is PhaseState.CURRENT]
    return _linked(phase, {name: PAGES[name].link for name in shown})


def _linked(phase: Phase, names: dict[str, Any]) -> str:
    addresses = ((reverse(f"admin:timeline_phase_{name}", args=[phase.pk]), text) for name, text in names.items())
    return format_html_join(" · ", '<a href="{}">{}</a>', addresses)


def _initial(phase: Phase) -> dict[str, Any]:
    return {
        "closes_on": phase.closes_on,
        "closes_time": phase.closes_time,
        "reason_language": get_language(),
        "ends_version": phase.ends_version,
    }


def _is_to_be_done(form: forms.ActForm) -> bool:
    """Whether the person confirms what they were shown, and has not asked for another look."""
    return "again" not in form.data and form.was_previewed() and form.is_confirmed()


def _do(page: Page, form: forms.ActForm) -> PortalError | None:
    """Do it; a refusal comes back with the form, so that nothing typed is lost."""
    try:
        page.service(form.phase.pk, actor=form.actor, **form.wanted())
    except PortalError as refusal:
        return refusal
    return None


def _preview(form: forms.ActForm) -> dict[str, Any]:
    """What a valid form would do, who would be told what, and the token that confirms exactly this."""
    planned = form.planned()
    sent_back = "previewed" in form.data and "again" not in form.data
    return {
        "act": planned.act,
        "old_rule": describe.old_rule(planned),
        "old_at": planned.old_closes_at,
        "new_rule": describe.new_rule(planned),
        "new_at": planned.new_closes_at,
        "reason": describe.in_language(planned.reason, planned.reason_language),
        "overlaps": overlaps.shown(form.overlaps()),
        "readers": told.readers(planned.phase.task_force_id, [_mail(planned)]),
        "token": form.token(),
        "is_other": sent_back and not form.was_previewed(),
        "is_unconfirmed": sent_back and form.was_previewed() and not form.is_confirmed(),
        "asks_twice": form.asks_twice,
    }


def _mail(planned: Extension) -> told.Mail:
    """The mail that the act causes, as it will be sent."""
    return told.Mail(notices.KINDS[Act(planned.act)], partial(notices.mail_context, planned))


def without_dead_end(request: HttpRequest, columns: Any) -> list[Any]:
    """The columns, without links to pages that would refuse this user whatever the phase."""
    return [name for name in columns if name != "ways" or queries.is_for_some(request.user, rules.WHO["phase.edit"])]
