"""Mails to followers on the staff side: written, tested, offered, sent by another, watched, stopped, corrected."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from taskforce.accounts import fresh
from taskforce.accounts.enums import Purpose
from taskforce.accounts.models import User
from taskforce.core import languages, side_by_side, staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.templatetags.portal import number, translated
from taskforce.core.templatetags.staff import isolated, person
from taskforce.timeline import bulletin_rules as rules
from taskforce.timeline.admin import bulletin_pages as pages
from taskforce.timeline.admin.composed import ComposedAdmin
from taskforce.timeline.admin.scoped import WaitsForMe, user_of
from taskforce.timeline.bulletin_forms import DraftForm, EditForm
from taskforce.timeline.models import Bulletin, TaskForce
from taskforce.timeline.queries import bulletins as queries
from taskforce.timeline.rules import WHO
from taskforce.timeline.services import bulletins as services

staff_columns.describe(
    Bulletin,
    state=staff_columns.Column(gettext_lazy("State")),
    topic=staff_columns.Column(gettext_lazy("Topic")),
    sent_at=staff_columns.Column(gettext_lazy("Sent")),
)


class _ToSend(WaitsForMe):
    """Offered by others."""

    def waiting(self, user: Any) -> QuerySet[Bulletin]:
        """What this user may send."""
        return queries.to_send(user)


@admin.register(Bulletin)
class BulletinAdmin(ComposedAdmin):
    """The mails of the user's task forces; each has one page, where everything is done to it."""

    head = services.HEAD
    right = WHO["bulletin.write"]
    shown_as = "bulletin"
    templates = "admin/timeline/bulletin_"
    goes_on = "edit"
    draft_form = DraftForm

    list_display = ("subject_shown", "task_force_shown", "topic", "state", "author", "second", "sent_at", "followers")
    list_filter = ("state", "topic", _ToSend)

    # --- who sees what ----------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bulletin]:
        """The gate: what is not in here answers 404."""
        return queries.visible_to(request.user)

    def task_forces(self, user: Any) -> QuerySet[TaskForce]:
        """Those to whose followers this user may write."""
        return queries.writable(user)

    def words(self) -> tuple[str, str]:
        """The title of the page of a new one, and the refusal for whoever may write none."""
        why_not = _("Only coordinators, their deputies and administrators may write to the followers.")
        return _("New mail to followers"), why_not

    def begun(self, form: Any, user: User) -> Bulletin:
        """The draft."""
        subjects, bodies = form.texts()
        chosen = form.cleaned_data
        return services.draft(
            chosen["task_force"], topic=chosen["topic"], subjects=subjects, bodies=bodies, at=app_now(), actor=user
        )

    # --- columns ----------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("Subject"))
    def subject_shown(self, obj: Bulletin) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj, services.HEAD) or isolated(_("without a subject"))

    @admin.display(description=gettext_lazy("Task force"), ordering="task_force")
    def task_force_shown(self, obj: Bulletin) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj.task_force, "name")

    @admin.display(description=gettext_lazy("Written by"), ordering="author_name")
    def author(self, obj: Bulletin) -> SafeString:
        """Who began it."""
        return person(obj.author_name)

    @admin.display(description=gettext_lazy("Sent by"), ordering="second_name")
    def second(self, obj: Bulletin) -> SafeString | str:
        """The second person."""
        return person(obj.second_name) if obj.second_name else "–"

    @admin.display(description=gettext_lazy("Followers"), ordering="followers_at_once")
    def followers(self, obj: Bulletin) -> str:
        """How many the second person sent it to."""
        return number(pages.followers_of(obj)) if obj.sent_at else "–"

    # --- pages ------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The text's page beside the stock addresses."""
        edit = path(
            "<int:bulletin_id>/edit/", self.admin_site.admin_view(self.edit_view), name="timeline_bulletin_edit"
        )
        return [edit, *super().get_urls()]

    def edit_view(self, request: HttpRequest, bulletin_id: int) -> HttpResponse:
        """The source beside one chosen language; one that was offered is a draft again once it is saved."""
        bulletin = self._found(request, bulletin_id)
        allowed, why = rules.may(request.user, "edit", bulletin)
        if not allowed:
            raise Refused(why)
        if request.method != "POST" and not pages.can(bulletin, "edit"):
            return HttpResponseRedirect(self._url("change", bulletin))
        form = EditForm(bulletin, side_by_side.chosen_language(request), request.POST or None)
        refusal = None
        if request.method == "POST" and form.is_valid():
            refusal = _edit(request, bulletin, form)
            if refusal is None:
                return HttpResponseRedirect(self._next(bulletin, form.language, request.POST.get("go", "")))
        return self._edit_page(request, bulletin, form, refusal)

    def _next(self, bulletin: Bulletin, language: str, go: str) -> str:
        """Where a saved text leads: to the bulletin's page or the language that was asked for, else to the same."""
        if go == "page":
            return f"{self._url('change', bulletin)}?language={language}"
        return f"{self._url('edit', bulletin)}?language={go if languages.is_offered(go) else language}"

    def _edit_page(
        self, request: HttpRequest, bulletin: Bulletin, form: EditForm, refusal: PortalError | None
    ) -> HttpResponse:
        both = None
        if refusal and refusal.status == 409:
            # Both texts: what was typed stays in the fields, what is stored stands above; saving again is a choice.
            bulletin.refresh_from_db()
            both = form.both()
        return self._page(
            request,
            "edit",
            bulletin,
            title=_("Edit the mail"),
            form=form,
            language=form.language,
            corrected=side_by_side.corrected(bulletin, services.HEAD, bulletin.corrects, form.codes),
            version=bulletin.version if both or not form.is_bound else form["version"].value(),
            refusal=refusal,
            both=both,
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Everything about one bulletin, and every act on it."""
        bulletin = self._found(request, object_id)
        language = side_by_side.chosen_language(request, get_language() or side_by_side.SOURCE)
        forms = pages.forms(bulletin, language, request.POST if request.method == "POST" else None)
        refusal = None
        if request.method == "POST":
            done, refusal = self._act(request, bulletin, forms)
            if done is not None:
                messages.success(request, done.message)
                name = "edit" if done.act == "correct" else "change"
                return HttpResponseRedirect(f"{self._url(name, done.bulletin)}?language={language}")
            bulletin.refresh_from_db()
        return self._page(
            request,
            "page",
            bulletin,
            title=translated(bulletin, services.HEAD) or _("Mail without a subject"),
            language=language,
            refusal=refusal,
            forms=forms,
            mailing_url=self._mailing_url(request, bulletin),
            **self.hold(request),
            **pages.context(request.user, bulletin, language),
        )

    def _act(
        self, request: HttpRequest, bulletin: Bulletin, forms: pages.Forms
    ) -> tuple[pages.Done | None, PortalError | None]:
        """Do what was sent, if it may be done now; what was given up comes back as it was."""
        if pages.needs_proof(request.POST):
            if fresh.take_back(request):
                return None, None
            fresh.require(request, Purpose.SEND)
        return pages.act(user_of(request), bulletin, forms)

    # --- parts ------------------------------------------------------------------------------------------------

    def _mailing_url(self, request: HttpRequest, bulletin: Bulletin) -> str:
        """The page of its mailing, or "" where there is none or not for this reader."""
        mailing = pages.mailing_of(bulletin)
        return self._address(request, mailing) if mailing else ""


def _edit(request: HttpRequest, bulletin: Bulletin, form: EditForm) -> PortalError | None:
    """Save it; a refusal comes back with the form, so that nothing typed is lost.

    Whoever goes on to another page without having changed anything has nothing to save.
    """
    subjects, bodies = form.texts()
    if "go" in request.POST and not services.would_change(bulletin, subjects, bodies):
        return None
    try:
        services.edit(
            bulletin.pk,
            subjects=subjects,
            bodies=bodies,
            actor=user_of(request),
            version=form.cleaned_data["version"],
        )
    except PortalError as refusal:
        return refusal
    messages.success(request, _("The draft is saved."))
    return None
