"""Texts on the staff side: in which languages they are wanted."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from proposals import queries, reviewing, services, shares
from proposals.forms import GoalForm
from proposals.models import TranslationGoal
from proposals.rules import WHO, may_set_goals, may_translate
from taskforce.accounts.models import User
from taskforce.accounts.queries import has_anywhere
from taskforce.core import staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.side_by_side import own_name
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.core.templatetags.portal import percent, translated
from taskforce.timeline.describe import in_language

staff_columns.describe(
    TranslationGoal,
    wants_review=staff_columns.Column(gettext_lazy("A second person reviews")),
    refuses=staff_columns.Column(gettext_lazy("Without it no feedback window")),
)


def _with_reach(goals: list[TranslationGoal]) -> list[TranslationGoal]:
    """The same rows, each with what it shows beside its fields (`reach`), read together."""
    for goal, found in zip(goals, shares.reached(goals, get_language() or "en"), strict=True):
        goal.reach = found  # type: ignore[attr-defined] # for the columns of this page alone
    return goals


class _Reached(ChangeList):
    """A page of the list, its rows' shares read together."""

    def get_results(self, request: HttpRequest) -> None:
        """As Django's."""
        super().get_results(request)
        self.result_list = _with_reach(list(self.result_list))
        for goal in self.result_list:
            goal.is_open = goal.proposal.is_public and may_translate(request.user, goal.proposal, goal.language)[0]


@admin.register(TranslationGoal)
class TranslationGoalAdmin(ReadOnlyAdmin):
    """The languages in which texts are wanted, how much of them, and how far they are."""

    list_display = ("language", "text_shown", "task_force", "wanted", "reached", "wants_review", "refuses", "work")
    fields = ("language", "text_shown", "task_force", "wanted", "reached", "reason", "wants_review", "refuses")
    readonly_fields = ("text_shown", "task_force", "wanted", "reached")
    change_list_template = "admin/proposals/goals.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[TranslationGoal]:
        """Those of the person's task forces."""
        return queries.visible_goals(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who reads goals of some task force; which rows, `get_queryset` decides."""
        return has_anywhere(request.user, WHO["goal.read"])

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who sets goals of some task force."""
        return has_anywhere(request.user, WHO["goal.set"])

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list, which knows at once how far all its rows are."""
        return _Reached

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """One row with what it shows; 404 where it is not the reader's to see."""
        return _with_reach([super().get_object(request, object_id, from_field)])[0]

    @admin.display(description=gettext_lazy("Text"))
    def text_shown(self, goal: Any) -> SafeString:
        """The title of the text."""
        title = goal.reach.title
        return in_language(title.text or goal.proposal.slug, title.language)

    @admin.display(description=gettext_lazy("Task force"))
    def task_force(self, goal: TranslationGoal) -> SafeString:
        """Its name in the reader's language, or the next of the chain."""
        return translated(goal.proposal.task_force, "name")

    @admin.display(description=gettext_lazy("Wanted"))
    def wanted(self, goal: TranslationGoal) -> str:
        """The share of the text."""
        return percent(goal.percent)

    @admin.display(description=gettext_lazy("Translated so far"))
    def reached(self, goal: Any) -> str:
        """The share that is in the language and up to date: computed."""
        return percent(goal.reach.percent)

    @admin.display(description=gettext_lazy("Translate and review"))
    def work(self, goal: Any) -> str:
        """The way to the page on which it is translated and reviewed, for whoever may do that."""
        if not goal.is_open:
            return "–"
        url, name = reviewing.work_url(goal.proposal, goal.language), own_name(goal.language)
        return format_html('<a href="{}">{} · {}</a>', url, _("Translate"), name)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A goal for a language of a text; one that is there is set anew."""
        if not self.has_add_permission(request):
            raise Refused(
                _("Only coordinators, their deputies and administrators may say in which languages a text is wanted.")
            )
        return self._form_page(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The goal's form for those who may set it, with a button that takes it back; others read."""
        goal = self.get_object(request, object_id)
        if not may_set_goals(request.user, goal.proposal.task_force_id)[0]:
            return super().change_view(request, object_id, form_url, extra_context)
        return self._form_page(request, goal)

    def _form_page(self, request: HttpRequest, goal: TranslationGoal | None) -> HttpResponse:
        user = request.user
        assert isinstance(user, User)  # noqa: S101 - the admin site has let only staff in
        texts = list(queries.texts_for_goals(user))
        form = GoalForm(texts, goal, request.POST if request.method == "POST" else None)
        refusal = None
        if request.method == "POST":
            try:
                if goal is not None and "drop" in request.POST:
                    services.drop_goal(goal.proposal_id, goal.language, actor=user, at=app_now())
                    return self._done(request, _("The language is no longer among those wanted."))
                if form.is_valid():
                    services.set_goal(form.text_id(), form.wanted(), actor=user, at=app_now())
                    return self._done(request, _("The language is among those wanted."))
            except PortalError as error:
                refusal = error
        context = {
            **self.admin_site.each_context(request),
            "title": _("Language wanted") if goal is None else own_name(goal.language),
            "opts": self.opts,
            "goal": goal,
            "form": form,
            "refusal": refusal,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/proposals/goal.html", context, status=status)

    def _done(self, request: HttpRequest, said: str) -> HttpResponse:
        messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:proposals_translationgoal_changelist"))
