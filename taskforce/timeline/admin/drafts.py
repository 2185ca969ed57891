"""The pages of drafts: planned, edited in two languages, previewed, published or thrown away."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from taskforce.core import labels, languages
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.side_by_side import chosen_language
from taskforce.timeline import describe, offers, queries, reminders, rules, services
from taskforce.timeline.admin import overlaps, told
from taskforce.timeline.admin.scoped import ScopedAdmin, user_of
from taskforce.timeline.enums import Capability, EventKind, Topic
from taskforce.timeline.forms import DraftForm
from taskforce.timeline.models import Phase, PhaseEvent
from taskforce.timeline.notices import events as notices


class DraftPages(ScopedAdmin):
    """Add, edit, publish, discard: what no visitor sees yet."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may plan the dates of some task force."""
        return queries.is_for_some(request.user, rules.WHO["phase.edit"])

    def draft_urls(self) -> list[URLPattern]:
        """Publishing and discarding beside the stock addresses."""
        publish, discard = map(self.admin_site.admin_view, (self.publish_view, self.discard_view))
        return [
            path("<int:phase_id>/publish/", publish, name="timeline_phase_publish"),
            path("<int:phase_id>/discard/", discard, name="timeline_phase_discard"),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new draft, in the source language."""
        task_forces = queries.changeable_task_forces(request.user)
        if not task_forces.exists():
            raise Refused(_("Only coordinators, their deputies and administrators may plan a phase."))
        form = DraftForm(Phase(), "en", request.POST or None, task_forces=task_forces)
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                made = services.draft_phase(form.cleaned_data["task_force"], form.wanted(), actor=user_of(request))
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("The draft is saved."))
                return HttpResponseRedirect(_address("change", made))
        return self._draft_page(request, "draft_edit", None, title=_("New phase"), form=form, refusal=refusal)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A draft's form for those who may change it; everything else is shown, to read."""
        phase = self.get_object(request, object_id)
        if phase.published_at is not None or not rules.entitled(request.user, "phase.edit", phase)[0]:
            return super().change_view(request, object_id, form_url, extra_context)
        language = chosen_language(request)
        form = DraftForm(phase, language, request.POST or None, seen=services.seen(phase))
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                services.edit_phase(phase.pk, form.wanted(), actor=user_of(request), expected=form.cleaned_data["seen"])
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("The draft is saved."))
                return HttpResponseRedirect(_next(phase, language, request.POST.get("go", "")))
        return self._draft_page(
            request,
            "draft_edit",
            phase,
            title=_("Edit the draft"),
            form=form,
            refusal=refusal,
            stored=_stored(phase) if refusal and refusal.status == 409 else None,
            # Whoever saves again after a conflict has seen what is stored now.
            seen=services.seen(phase) if refusal else form["seen"].value(),
            language=language,
            coverage=_coverage(phase),
        )

    def publish_view(self, request: HttpRequest, phase_id: int) -> HttpResponse:
        """What publishing would do and tell whom, and the act, once that is confirmed."""
        phase, at, sent = self._draft(request, phase_id, "phase.publish"), app_now(), request.POST
        beside = overlaps.named(_beside(phase, at))
        is_unconfirmed = request.method == "POST" and not sent.get("confirmed")
        # Somebody has published or moved another phase after this page was shown.
        is_other = request.method == "POST" and sent.get("beside", "") != beside
        refusal = None
        if request.method == "POST" and not is_unconfirmed and not is_other:
            try:
                services.publish_draft(phase.pk, actor=user_of(request), expected=sent.get("seen", ""))
            except PortalError as error:
                refusal = error
                phase = self._draft(request, phase_id, "phase.publish")
            else:
                messages.success(request, _("The phase is public. From now on its dates change by public acts only."))
                return HttpResponseRedirect(reverse("admin:timeline_phase_changelist"))
        return self._draft_page(
            request,
            "draft_publish",
            phase,
            title=_("Publish the phase"),
            refusal=refusal,
            # Whoever has not confirmed yet still has seen only what was shown then.
            seen=sent.get("seen", "") if is_unconfirmed or is_other else services.seen(phase),
            is_unconfirmed=is_unconfirmed,
            is_other=is_other,
            **self._publishing(request, phase, at),
        )

    def _publishing(self, request: HttpRequest, phase: Phase, at: datetime) -> dict[str, Any]:
        """What publishing at the moment would do, and what speaks against it."""
        mails, beside = _mails(phase, at), _beside(phase, at)
        clash = queries.clash(phase, phase.opens_at, phase.closes_at)
        return {
            "coverage": _coverage(phase),
            "is_past": phase.closes_at <= at,
            "is_begun": phase.opens_at <= at,
            "clash": describe.clash(clash) if clash else "",
            "overlaps": overlaps.shown(beside),
            "beside": overlaps.named(beside),
            "missing": self._missing(request, phase),
            "followers": queries.followers_count(phase.task_force_id, Topic.DEADLINES),
            "mails": mails,
            "readers": told.readers(phase.task_force_id, mails),
            **self.hold(request),
            **_facts(phase),
        }

    def _missing(self, request: HttpRequest, phase: Phase) -> list[dict[str, Any]]:
        """What the phase would allow visitors and does not offer them; with the list, for whom it can be made there."""
        found = []
        for offer in offers.missing(phase):
            made_in, opts = self.admin_site.get_model_admin(offer.model), offer.model._meta
            address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
            may_make = made_in.has_add_permission(request)
            found.append({"text": offer.missing, "name": opts.verbose_name_plural, "url": address if may_make else ""})
        return found

    def discard_view(self, request: HttpRequest, phase_id: int) -> HttpResponse:
        """Whether the draft is really to be thrown away, and the act."""
        phase = self._draft(request, phase_id, "phase.discard")
        refusal = None
        if request.method == "POST":
            try:
                services.discard_draft(phase.pk, actor=user_of(request), expected=request.POST.get("seen", ""))
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("The draft is gone."))
                return HttpResponseRedirect(reverse("admin:timeline_phase_changelist"))
        return self._draft_page(
            request,
            "draft_discard",
            phase,
            title=_("Discard the draft"),
            refusal=refusal,
            seen=services.seen(phase),
            **_facts(phase),
        )

    def _draft(self, request: HttpRequest, phase_id: int, action: str) -> Phase:
        """One of the user's drafts, theirs to change; what was published is no draft any more."""
        phase: Phase | None = self.get_queryset(request).filter(pk=phase_id, published_at__isnull=True).first()
        if phase is None:
            raise Http404
        entitled, why = rules.entitled(request.user, action, phase)
        if not entitled:
            raise Refused(why)
        return phase

    def _draft_page(self, request: HttpRequest, name: str, phase: Phase | None, **context: Any) -> HttpResponse:
        refusal = context.get("refusal")
        full = {**self.admin_site.each_context(request), "opts": self.opts, "phase": phase, **context}
        status = refusal.status if refusal else 200
        return TemplateResponse(request, f"admin/timeline/{name}.html", full, status=status)


def _address(name: str, phase: Phase) -> str:
    return reverse(f"admin:timeline_phase_{name}", args=[phase.pk])


def _next(phase: Phase, language: str, go: str) -> str:
    """Where a saved draft leads: to the page or the language that was asked for, else to the same page."""
    if go == "publish":
        return _address("publish", phase)
    return f"{_address('change', phase)}?language={go if languages.is_offered(go) else language}"


def _coverage(phase: Phase) -> list[dict[str, Any]]:
    """Every language of the portal and whether there is a title."""
    return [
        {"code": code, "name": name, "complete": labels.label(phase, "title", code).language == code}
        for code, name in languages.OWN_NAMES.items()
    ]


def _stored(phase: Phase) -> dict[str, Any]:
    """What somebody else has stored meanwhile."""
    phase.refresh_from_db()
    return _facts(phase)


def _facts(phase: Phase) -> dict[str, Any]:
    """The draft in words."""
    return {
        "opens_rule": describe.opens_rule(phase),
        "closes_rule": describe.closes_rule(phase),
        "allows": [Capability(code).label for code in phase.capabilities],
    }


def _beside(phase: Phase, at: datetime) -> list[Phase]:
    """The phases that it would run beside from the moment on."""
    if phase.closes_at <= at:
        return []
    return queries.beside(phase, max(phase.opens_at, at), phase.closes_at)


def _mails(phase: Phase, at: datetime) -> list[told.Mail]:
    """The mails that followers would get of it, if it were published at the moment, in order."""
    phase.published_at = at
    planned = [(kind, when) for kind, when in reminders.planned(phase) if when > at]
    phase.published_at = None
    return [told.Mail(notices.KINDS[kind], _telling(phase, kind), str(kind.label), when) for kind, when in planned]


def _telling(phase: Phase, kind: EventKind) -> Callable[[str], dict[str, Any]]:
    """What the mail about an event would say, as things stand."""
    return notices.telling(PhaseEvent(phase=phase, kind=kind, ends_version=phase.ends_version))
