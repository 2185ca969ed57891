"""Requests for deletion: what a data officer has to answer, and what must be deleted by hand for it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, F, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from taskforce.accounts import deletions, fresh, rules, services
from taskforce.accounts.deletion_forms import AnswerForm
from taskforce.accounts.enums import DeletionState, Purpose
from taskforce.accounts.models import DeletionRequest, User
from taskforce.accounts.queries import has_anywhere
from taskforce.audit.watching import WatchedAdmin, note_row
from taskforce.core import languages, staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError
from taskforce.core.templatetags.portal import number, to_the_minute, utc_time
from taskforce.core.templatetags.staff import NOTHING, isolated
from taskforce.core.templatetags.staff import person as person_name
from taskforce.portal import privacy_words


def _minute(instant: datetime) -> str:
    return utc_time(to_the_minute(instant))


staff_columns.describe(
    DeletionRequest,
    name=lambda row: _("Request for deletion %(number)s") % {"number": row.pk},
    state=staff_columns.Column(gettext_lazy("State")),
    asked_at=staff_columns.Column(gettext_lazy("Asked"), _minute),
    ended_at=staff_columns.Column(gettext_lazy("Ended"), _minute),
    reason=staff_columns.Column(gettext_lazy("Reason")),
    receipts=staff_columns.Column(gettext_lazy("References of feedback")),
    answer=staff_columns.Column(gettext_lazy("Answer")),
    mailbox=staff_columns.Column(gettext_lazy("Mailbox"), staff_columns.machine_text),
)


class _OpenFirst(admin.SimpleListFilter):
    """By state, with counts; nothing chosen means what waits for an answer."""

    title = gettext_lazy("State")
    parameter_name = "state"
    _ALL = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Each state with how many are in it, then all."""
        rows = model_admin.get_queryset(request).order_by()
        counts = dict(rows.values_list("state").annotate(total=Count("pk")))
        named = [(state.value, str(state.label), counts.get(state.value, 0)) for state in DeletionState]
        named.append((self._ALL, _("All"), sum(counts.values())))
        return [(code, f"{label} ({number(total)})") for code, label, total in named]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DeletionRequest]) -> QuerySet[DeletionRequest]:
        """The rows of the chosen state."""
        chosen = self._chosen()
        return queryset if chosen == self._ALL else queryset.filter(state=chosen)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """As Django's, without one that stands for no choice."""
        for code, words in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: code})
            yield {"selected": code == self._chosen(), "query_string": query, "display": words}

    def _chosen(self) -> str:
        value = self.value()
        return value if value in {code for code, _words in self.lookup_choices} else DeletionState.OPEN.value


@admin.register(DeletionRequest)
class DeletionRequestAdmin(WatchedAdmin):
    """The queue, open ones first; an account is one for all task forces, so only data officers for all see it."""

    watched = "deletion"
    list_display = ("asked_at", "person", "state", "ended_at")
    list_filter = (_OpenFirst,)
    show_facets = admin.ShowFacets.NEVER
    fields = ("person", "mailbox", "state", "asked_at", "reason", "receipts", "ended_at", "answer", "officer")
    readonly_fields = ("person", "officer")
    # In PostgreSQL nothing sorts behind everything: what is open would stand last.
    ordering = (F("ended_at").desc(nulls_first=True), "asked_at")
    change_form_template = "admin/deletion/request.html"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Data officers for all task forces."""
        return has_anywhere(request.user, rules.WHO["deletion.answer"])

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeletionRequest]:
        """All of them, with their persons."""
        return super().get_queryset(request).select_related("user")

    @admin.display(description=gettext_lazy("Person"))
    def person(self, obj: DeletionRequest) -> SafeString:
        """By name, or that the account is gone."""
        if obj.user is None:
            return isolated(_("the account is gone"))
        return person_name(obj.user.name or staff_columns.nameless(obj.user.pk))

    @admin.display(description=gettext_lazy("Answered by"))
    def officer(self, obj: DeletionRequest) -> SafeString:
        """The data officer's name."""
        found = User.objects.filter(pk=obj.officer_id).first() if obj.officer_id else None
        return person_name(found.name or staff_columns.nameless(found.pk)) if found is not None else isolated(NOTHING)

    def get_urls(self) -> list[URLPattern]:
        """The page of the answer beside the stock ones."""
        answer = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.answer_view))
        return [path("<int:pk>/answer/", answer, name="accounts_deletionrequest_answer"), *super().get_urls()]

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What must be deleted by hand, and the answer: first shown as the mail that its person gets, then sent."""
        found = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        if found is None or not self.has_view_permission(request) or not isinstance(request.user, User):
            raise Http404
        form = AnswerForm(request.POST if request.method == "POST" else None)
        if request.method != "POST" or not form.is_valid():
            return self._answer_page(request, found, form)
        is_theirs = found.state == DeletionState.OPEN and found.user_id != request.user.pk
        was_shown = request.POST.get("previewed") == form.seen
        if is_theirs and (fresh.take_back(request) or not was_shown):
            mail = deletions.preview(found, **form.cleaned_data)
            is_other = "previewed" in request.POST and not was_shown
            return self._answer_page(request, found, form, mail=mail, is_other=is_other)
        fresh.require(request, Purpose.ANSWER_DELETION)
        try:
            services.answer_deletion(pk, **form.cleaned_data, actor=request.user, at=app_now())
        except PortalError as error:
            found.refresh_from_db()
            return self._answer_page(request, found, form, refusal=error)
        messages.success(request, _("The answer is saved, and its mail is on its way."))
        return HttpResponseRedirect(reverse("admin:accounts_deletionrequest_changelist"))

    def _answer_page(self, request: HttpRequest, found: DeletionRequest, form: AnswerForm, **more: Any) -> HttpResponse:
        """`mail` is how it would go out, `refusal` why it did not."""
        note_row(request, self.watched, found, None)
        refusal: PortalError | None = more.get("refusal")
        language = deletions.language_of(found)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Answer a request for deletion"),
            "opts": self.opts,
            "found": found,
            "person": self.person(found),
            "account": deletions.account_of(found),
            "language": language,
            "spoken": languages.OWN_NAMES[language],
            "to_do": privacy_words.by_hand(),
            "form": form,
            **more,
        }
        return TemplateResponse(
            request, "admin/deletion/answer.html", context, status=refusal.status if refusal else 200
        )
