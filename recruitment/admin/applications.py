"""Candidates as reviewers and deciders meet them: by number, never by name."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment import queries
from recruitment.admin import identity, review
from recruitment.enums import ReviewState
from recruitment.models import Application
from taskforce.audit.watching import WatchedAdmin
from taskforce.core import dates, languages
from taskforce.core.staff_columns import labelled
from taskforce.core.templatetags.portal import number, translated
from taskforce.timeline import describe

TO_DO = "to-do"


class MyReviewFilter(admin.SimpleListFilter):
    """What is left for me."""

    title = gettext_lazy("my review")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """To do, begun, done."""
        return [
            (TO_DO, _("to do")),
            (ReviewState.DRAFT, _("draft")),
            (ReviewState.SUBMITTED, _("submitted")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow by the annotation of `queries.with_progress`; unknown values change nothing."""
        if self.value() == TO_DO:
            return queryset.filter(my_review=None)
        if self.value() in ReviewState.values:
            return queryset.filter(my_review=self.value())
        return queryset


@admin.register(Application)
class ApplicationAdmin(WatchedAdmin):
    """The list answers "what is left for me"; each candidate opens the review page."""

    watched = "application"
    change_list_template = "admin/recruitment/application/candidates.html"
    list_display = ("candidate", "my_review_state", "reviews", "language_name", "submitted", "call_title")
    list_display_links = None
    list_filter = (MyReviewFilter,)
    list_per_page = 100
    ordering = ("call", "number")
    search_fields = ("=number",)
    search_help_text = gettext_lazy("The number of a candidate")
    # Should the stock form ever be reached, it shows this and nothing else.
    fields = ("number", "language", "state", "submitted_at")

    # --- who sees what ---------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        """The real gate: submitted applications of the user's task forces, never their own."""
        found = queries.with_progress(queries.visible_to(request.user), request.user)
        return found.order_by(*self.ordering)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Reviewers and deciders; a single candidate only if it is among theirs."""
        if obj is None:
            return queries.meets_candidates(request.user)
        return queries.visible_to(request.user).filter(pk=obj.pk).exists()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the filter above: any other lookup could ask for the applicant's name letter by letter."""
        return lookup == MyReviewFilter.parameter_name

    # --- columns ---------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("Candidate"), ordering="number")
    def candidate(self, obj: Application) -> SafeString:
        """The number, as a link to the review page."""
        url = reverse("admin:recruitment_application_review", args=[obj.pk])
        return format_html('<a href="{}">{}</a>', url, review.candidate_name(obj))

    @admin.display(description=gettext_lazy("Call"))
    def call_title(self, obj: Application) -> SafeString:
        """The call's title by the reader's chain."""
        return labelled(_("Call"), translated(obj.call, "title"))

    @admin.display(description=gettext_lazy("Language"), ordering="language")
    def language_name(self, obj: Application) -> SafeString:
        """The language that the application is written in, in its own name."""
        name = languages.OWN_NAMES.get(obj.language, obj.language)
        return labelled(_("Language"), describe.in_language(name, obj.language))

    @admin.display(description=gettext_lazy("Submitted"), ordering="submitted_at")
    def submitted(self, obj: Any) -> SafeString:
        """When it was submitted last, in UTC, with a mark where that was in the grace after the close."""
        instant = dates.utc_text(obj.submitted_at) if obj.submitted_at else ""
        mark = _("in the grace after the close")
        return labelled(_("Submitted"), f"{instant} ({mark})" if obj.in_grace else instant)

    @admin.display(description=gettext_lazy("My review"), ordering="my_review")
    def my_review_state(self, obj: Any) -> SafeString:
        """Where the reader's own review stands."""
        state = _("to do") if obj.my_review is None else ReviewState(obj.my_review).label
        return labelled(_("My review"), state)

    @admin.display(description=gettext_lazy("Reviews"), ordering="reviews_done")
    def reviews(self, obj: Any) -> SafeString:
        """How many submitted reviews there are, whosesoever."""
        return labelled(_("Reviews"), number(obj.reviews_done or 0))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Who does not review has no review of their own."""
        shown = list(self.list_display)
        if not queries.reviews_anything(request.user):
            shown.remove("my_review_state")
        return shown

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """As the columns."""
        return list(self.list_filter) if queries.reviews_anything(request.user) else []

    # --- pages -----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The review page, and the one that says who it is, beside the stock ones."""
        review_path = path(
            "<int:application_id>/review/",
            self.admin_site.admin_view(self.review_view),
            name="recruitment_application_review",
        )
        identity_path = path(
            "<int:application_id>/identity/",
            self.admin_site.admin_view(self.identity_view),
            name="recruitment_application_identity",
        )
        return [review_path, identity_path, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with how much of one's own work is done."""
        context = {"title": _("Candidates"), **(extra_context or {})}
        if queries.reviews_anything(request.user):
            context["progress"] = queries.my_progress(request.user)
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The stock form shows nothing of use: to the review page."""
        found = self.get_object(request, object_id)
        return HttpResponseRedirect(reverse("admin:recruitment_application_review", args=[found.pk]))

    def review_view(self, request: HttpRequest, application_id: int) -> HttpResponse:
        """The submitted answers beside the rubric."""
        return review.page(request, application_id, self.admin_site.each_context(request))

    def identity_view(self, request: HttpRequest, application_id: int) -> HttpResponse:
        """Who it is, for those who decide."""
        return identity.page(request, application_id, self.admin_site.each_context(request))
