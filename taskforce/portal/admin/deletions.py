"""Requests for deletion: what a data officer has to answer, and what must be deleted by hand for it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from taskforce.accounts import fresh, services
from taskforce.accounts.deletion_forms import AnswerForm
from taskforce.accounts.models import DeletionRequest, User
from taskforce.accounts.queries import has_anywhere
from taskforce.audit.watching import WatchedAdmin, note_row
from taskforce.core import staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError
from taskforce.core.templatetags.staff import isolated
from taskforce.core.templatetags.staff import person as person_name
from taskforce.portal import privacy_words, rules

staff_columns.describe(
    DeletionRequest,
    name=lambda row: _("Request for deletion %(number)s") % {"number": row.pk},
    state=staff_columns.Column(gettext_lazy("State")),
    asked_at=staff_columns.Column(gettext_lazy("Asked")),
    ended_at=staff_columns.Column(gettext_lazy("Ended")),
    reason=staff_columns.Column(gettext_lazy("Reason")),
    answer=staff_columns.Column(gettext_lazy("Answer")),
    mailbox=staff_columns.Column(gettext_lazy("Mailbox"), staff_columns.machine_text),
)


@admin.register(DeletionRequest)
class DeletionRequestAdmin(WatchedAdmin):
    """The queue, open ones first; an account is one for all task forces, so every data officer sees it."""

    watched = "deletion"
    list_display = ("asked_at", "person", "state", "ended_at")
    list_filter = ("state",)
    fields = ("person", "mailbox", "state", "asked_at", "reason", "ended_at", "answer", "officer")
    readonly_fields = ("person", "officer")
    ordering = ("ended_at", "asked_at")
    change_form_template = "admin/deletion/request.html"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Data officers."""
        return has_anywhere(request.user, rules.WHO["deletion.answer"])

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeletionRequest]:
        """All of them, the longest waiting first, with their persons."""
        # NULLS LAST is PostgreSQL's own order going up: what is open would stand behind.
        return super().get_queryset(request).select_related("user").order_by("-state", "asked_at")

    @admin.display(description=gettext_lazy("Person"))
    def person(self, obj: DeletionRequest) -> SafeString:
        """By name, or that the account is gone."""
        return person_name(obj.user) if obj.user is not None else isolated(_("the account is gone"))

    @admin.display(description=gettext_lazy("Answered by"))
    def officer(self, obj: DeletionRequest) -> SafeString:
        """The data officer's name."""
        found = User.objects.filter(pk=obj.officer_id).first() if obj.officer_id else None
        return person_name(found) if found is not None else isolated("–")

    def get_urls(self) -> list[URLPattern]:
        """The page of the answer beside the stock ones."""
        answer = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.answer_view))
        return [path("<int:pk>/answer/", answer, name="accounts_deletionrequest_answer"), *super().get_urls()]

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What must be deleted by hand, and the answer that its person gets by mail."""
        found = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        if found is None or not self.has_view_permission(request) or not isinstance(request.user, User):
            raise Http404
        form = AnswerForm(request.POST if request.method == "POST" else None)
        refusal: PortalError | None = None
        if request.method == "POST":
            fresh.require(request)
            if form.is_valid():
                try:
                    services.answer_deletion(pk, **form.cleaned_data, actor=request.user, at=app_now())
                except PortalError as error:
                    refusal = error
                else:
                    messages.success(request, _("The answer is saved, and its mail is on its way."))
                    return HttpResponseRedirect(reverse("admin:accounts_deletionrequest_changelist"))
        return self._answer_page(request, found, form, refusal)

    def _answer_page(
        self, request: HttpRequest, found: DeletionRequest, form: AnswerForm, refusal: PortalError | None
    ) -> HttpResponse:
        note_row(request, self.watched, found, None)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Answer a request for deletion"),
            "opts": self.opts,
            "found": found,
            "person": self.person(found),
            "to_do": privacy_words.by_hand(),
            "form": form,
            "refusal": refusal,
        }
        return TemplateResponse(
            request, "admin/deletion/answer.html", context, status=refusal.status if refusal else 200
        )
