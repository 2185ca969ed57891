"""The page on which staff take out all that was said in a window."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from feedback import export, services
from feedback.admin.publishing import PublishPages
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.rules import REASON_LENGTH, may_export
from feedback.services import exports
from taskforce.accounts import fresh
from taskforce.accounts.enums import Purpose
from taskforce.accounts.models import User
from taskforce.core import clock
from taskforce.core.errors import Refused
from taskforce.core.templatetags.portal import translated
from taskforce.questions.fields import LongText
from taskforce.questions.forms import StorableForm

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class ExportForm(StorableForm):
    """In which form, whether with names, and what for."""

    form = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[
            ("csv", gettext_lazy("A table for spreadsheets (CSV)")),
            ("json", gettext_lazy("Data for programs (JSON)")),
        ],
        initial="csv",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("Please choose one of the list.")},
    )
    named = forms.BooleanField(label=gettext_lazy("With the names that people gave"), required=False)
    reason = LongText(
        label=gettext_lazy("What you need it for (the log keeps this)"),
        most=REASON_LENGTH,
        widget=forms.Textarea(attrs={"class": "vLargeTextField"}),
    )


class ExportPages(PublishPages):
    """Adds the page, and the way to it for those who may."""

    @admin.display(description=gettext_lazy("Export"))
    def export_link(self, window: FeedbackWindow) -> SafeString:
        """The way to the page."""
        url = reverse("admin:feedback_feedbackwindow_export", args=[window.pk])
        return format_html('<a href="{}">{}</a>', url, _("Export all that was said"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the way to the page for those who may."""
        found = list(super().get_fields(request, obj))
        is_theirs = obj is not None and may_export(request.user, obj.phase.task_force_id)[0]
        return [*found, "export_link"] if is_theirs else found

    def get_urls(self) -> list[URLPattern]:
        """The page before the stock addresses."""
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.export_view))
        return [path("<int:pk>/export/", view, name="feedback_feedbackwindow_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask for a reason and for a proof of who it is; then hand it out, row by row as it is made."""
        window = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        if window is None:
            raise Http404
        at, actor = clock.app_now(), request.user
        allowed, why_not = may_export(actor, window.phase.task_force_id)
        if not allowed or not isinstance(actor, User):
            raise Refused(why_not)
        form = ExportForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and not fresh.take_back(request):
            fresh.require(request, Purpose.EXPORT_FEEDBACK)
            taken = services.export(
                pk, **form.cleaned_data, actor=actor, at=at, columns=export.columns(named=form.cleaned_data["named"])
            )
            return _handed_out(taken, form.cleaned_data, actor)
        return self._export_page(request, window, form)

    def _export_page(self, request: HttpRequest, window: FeedbackWindow, form: ExportForm) -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Export all that was said"),
            "opts": self.opts,
            "window": window,
            "window_title": translated(window, "title"),
            "count": FeedbackItem.objects.filter(window=window).count(),
            "form": form,
            "back": reverse("admin:feedback_feedbackwindow_change", args=[window.pk]),
        }
        return render(request, "feedback/admin_export.html", context)


def _handed_out(taken: exports.Taken, asked: dict[str, Any], actor: User) -> StreamingHttpResponse:
    """What was asked for, as a file of a name that needs no care anywhere.

    Whoever loses the right while it is made gets no end of it, so that nobody takes what is there for all of it.
    """
    window, form = taken.window, asked["form"]
    make = export.as_csv if form == "csv" else export.as_json
    still_may = partial(exports.still_may, actor, window)
    response = StreamingHttpResponse(
        make(window, taken.ids, named=asked["named"], may=still_may), content_type=_TYPES[form]
    )
    name = f"{window.phase.task_force.slug}-{window.slug}-{clock.app_now():%Y-%m-%d}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
