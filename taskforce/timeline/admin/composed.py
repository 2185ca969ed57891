"""Pages of texts that staff write in several languages: the beginning of one, and the frame of all its pages."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.accounts.rights import Right
from taskforce.core import side_by_side
from taskforce.core.errors import PortalError, Refused
from taskforce.timeline import queries
from taskforce.timeline.admin.scoped import ScopedAdmin, user_of
from taskforce.timeline.models import TaskForce


class ComposedAdmin(ScopedAdmin):
    """A text with a line (`head`) and a body; templates know it as `shown_as` and stand under `templates`."""

    head: ClassVar[str]
    shown_as: ClassVar[str]
    templates: ClassVar[str]
    # The page on which the writer goes on after the first save.
    goes_on: ClassVar[str]
    # Who may write such a text.
    right: ClassVar[Right]
    # A form of the task forces to choose from and what was sent.
    draft_form: ClassVar[type[Any]]

    # --- what each kind of text says for itself -------------------------------------------------------------------

    def task_forces(self, user: Any) -> QuerySet[TaskForce]:
        """The ones for which this user may write such a text."""
        raise NotImplementedError

    def words(self) -> tuple[str, str]:
        """The title of the page of a new one, and the refusal for whoever may write none."""
        raise NotImplementedError

    def begun(self, form: Any, user: User) -> Model:
        """The draft that the service makes of a valid form; raises its refusals."""
        raise NotImplementedError

    # --- pages ------------------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may write such a text for some task force."""
        return queries.is_for_some(request.user, self.right)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new draft in the source language."""
        title, why_not = self.words()
        task_forces = self.task_forces(request.user)
        if not task_forces.exists():
            raise Refused(why_not)
        form = self.draft_form(task_forces, request.POST or None)
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                made = self.begun(form, user_of(request))
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("The draft is saved."))
                return HttpResponseRedirect(self._url(self.goes_on, made))
        return self._page(request, "add", None, title=title, form=form, refusal=refusal)

    # --- parts ------------------------------------------------------------------------------------------------

    def _found(self, request: HttpRequest, object_id: str | int) -> Any:
        """One of the user's texts; what is not theirs is not there."""
        text = str(object_id)
        number = int(text) if text.isdecimal() and len(text) < 19 else 0
        found = self.get_queryset(request).filter(pk=number).first()
        if found is None:
            raise Http404
        return found

    def _url(self, name: str, obj: Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[obj.pk])

    def _coverage(self, obj: Any) -> list[dict[str, Any]]:
        """Every language of the portal and whether the text is there, and is its own."""
        return side_by_side.coverage(obj, self.head, obj.corrects)

    def _page(self, request: HttpRequest, name: str, obj: Any, **context: Any) -> HttpResponse:
        refusal = context.get("refusal")
        full = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            self.shown_as: obj,
            "coverage": self._coverage(obj) if obj else [],
            **context,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, f"{self.templates}{name}.html", full, status=status)
