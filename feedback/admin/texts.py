"""The texts of a published window on the staff side: its title and introduction, translated later or put right."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from feedback import rules, summaries
from feedback.admin.summaries import SummaryPages, typed_before
from feedback.forms.texts import TextsForm
from feedback.models import FeedbackWindow
from feedback.services import put_right
from feedback.services.windows import words_seen
from taskforce.core.errors import PortalError, Refused
from taskforce.timeline.admin.scoped import user_of

_TEXTS = "admin:feedback_feedbackwindow_texts"


class TextPages(SummaryPages):
    """Translate the title and the introduction of a window, or put them right."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the way there for those who may."""
        found = list(super().get_fields(request, obj))
        is_theirs = obj is not None and rules.may_publish(request.user, obj.phase.task_force_id)[0]
        return [*found, "texts_link"] if is_theirs else found

    def get_urls(self) -> list[URLPattern]:
        """The page beside the others."""
        page = self.opened(self.texts_view, _TEXTS)
        return [path("<int:window_id>/texts/", page, name=_TEXTS.partition(":")[2]), *super().get_urls()]

    def texts_view(self, request: HttpRequest, window_id: int) -> HttpResponse:
        """Both texts in all languages; what was typed stays in the fields, whatever comes of it."""
        window = _found(request, window_id)
        typed = typed_before(request, _TEXTS, window)
        form = TextsForm(window, request.POST if request.method == "POST" else None, typed)
        refusal: PortalError | None = None
        if request.method == "POST" and form.is_valid():
            try:
                changed = put_right(
                    window.pk,
                    form.texts("title"),
                    form.texts("introduction"),
                    seen=form.cleaned_data["seen"],
                    actor=user_of(request),
                )
            except PortalError as error:
                refusal = error
            else:
                said = _("The texts are stored; everybody reads them at once.")
                messages.success(request, said if changed else _("Nothing was changed."))
                return HttpResponseRedirect(reverse("admin:feedback_feedbackwindow_change", args=[window.pk]))
        now = _found(request, window_id) if refusal and refusal.status == 409 else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "window": window,
            "title": _("Texts"),
            "form": form,
            "refusal": refusal,
            "others": form.others(now) if now else [],
            "seen": words_seen(now) if now else "",
        }
        return TemplateResponse(
            request, "feedback/admin_texts.html", context, status=refusal.status if refusal else 200
        )


def _found(request: HttpRequest, window_id: int) -> FeedbackWindow:
    """A window of the person's task forces; `Refused` for who reads its feedback and may not change what it says."""
    window = summaries.window_for(request.user, window_id)
    if window is None:
        raise Http404
    allowed, why = rules.may_publish(request.user, window.phase.task_force_id)
    if not allowed:
        raise Refused(why)
    return window
