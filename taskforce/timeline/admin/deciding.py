"""The page on which it is decided what comes of a text once its feedback has closed."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from taskforce.accounts import fresh
from taskforce.accounts.enums import Purpose
from taskforce.core import labels
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.timeline import describe, rules, services
from taskforce.timeline.admin import told
from taskforce.timeline.admin.scoped import ScopedAdmin, user_of
from taskforce.timeline.forms import DecideForm
from taskforce.timeline.models import Verdict
from taskforce.timeline.notices import verdicts as notices
from taskforce.timeline.queries import verdicts as queries
from taskforce.timeline.services.verdicts import checked_subject, not_now, of_text


class DecidePages(ScopedAdmin):
    """Decide: ask, preview, and only then do it."""

    def decide_urls(self) -> list[URLPattern]:
        """The page beside the stock ones."""
        view = self.admin_site.admin_view(self.decide_view)
        return [path("<int:phase_id>/decide/", view, name="timeline_phase_decide")]

    def decide_view(self, request: HttpRequest, phase_id: int) -> HttpResponse:
        """Ask what is decided and why, show who will be told what, and do it once that is confirmed."""
        phase = self.get_queryset(request).filter(pk=phase_id, published_at__isnull=False).first()
        if phase is None:
            raise Http404
        entitled, why = rules.entitled(request.user, "phase.decide", phase)
        if not entitled:
            raise Refused(why)
        holding = queries.holding(phase)
        form = DecideForm(phase, user_of(request), request.POST or None, seen=_seen(holding))
        refusal = None
        is_sent = request.method == "POST" and form.is_valid()
        if is_sent and form.is_confirmed() and not fresh.take_back(request):
            fresh.require(request, Purpose.DECIDE)
            refusal = _decide(form)
            if refusal is None:
                messages.success(request, _("It is decided, and the followers will be told."))
                return HttpResponseRedirect(reverse("admin:timeline_phase_changelist"))
        return self._decide_page(request, form, holding, refusal, is_sent=is_sent)

    def _decide_page(
        self,
        request: HttpRequest,
        form: DecideForm,
        holding: list[Verdict],
        refusal: PortalError | None,
        *,
        is_sent: bool,
    ) -> HttpResponse:
        phase, at = form.phase, app_now()
        why = not_now(phase, holding, at)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            **self.hold(request),
            "title": _("Decide after feedback"),
            "opts": self.opts,
            "phase": phase,
            "closes_rule": describe.closes_rule(phase),
            "holding": [describe.verdict(one, holds=True) for one in holding],
            "why": why,
            "form": None if why else form,
            # Whoever sends it again after a conflict has seen what was decided meanwhile.
            "seen": _seen(holding) if refusal else form["seen"].value(),
            "refusal": refusal,
            "preview": _preview(form) if is_sent and not why and refusal is None else None,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/timeline/decide.html", context, status=status)


def _seen(holding: list[Verdict]) -> int:
    """The number of the phase's last decision; 0 where there is none."""
    return holding[0].number if holding else 0


def _decide(form: DecideForm) -> PortalError | None:
    """Do it; a refusal comes back with the form, so that nothing typed is lost."""
    try:
        services.decide(form.phase.pk, actor=form.actor, **form.wanted())
    except PortalError as refusal:
        return refusal
    return None


def _preview(form: DecideForm) -> dict[str, Any]:
    """What a valid form would say, who would be told what, and the token that confirms exactly this."""
    wanted = form.wanted()
    planned = Verdict.only_to_show(
        phase=form.phase,
        number=wanted["seen"] + 1,
        **of_text(checked_subject(form.phase, wanted["about"])),
        outcome=wanted["outcome"],
        reasons=wanted["reasons"],
        unanswered=wanted["unanswered"],
        actor_name=form.actor.name,
        at=app_now(),
    )
    mail = told.Mail(notices.KIND, partial(notices.mail_context, planned))
    sent_back = "previewed" in form.data and not form.wants_to_look()
    return {
        "means": describe.what_follows(planned.outcome, is_main=planned.is_main),
        "text": describe.in_language(*labels.chosen(planned.titles)) if planned.titles else "",
        "reason": describe.told_in(*labels.chosen(planned.reasons)),
        "readers": told.readers(form.phase.task_force_id, [mail]),
        "unanswered": wanted["unanswered"],
        "token": form.token(),
        "is_other": sent_back and not form.was_previewed(),
        "is_unconfirmed": sent_back and form.was_previewed() and not form.data.get("confirmed"),
    }
