"""Mails to followers on the staff side: written, tested, offered, sent by another, watched, stopped, corrected."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts.models import User
from taskforce.core import languages, side_by_side
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.templatetags.portal import number, translated
from taskforce.core.templatetags.staff import isolated
from taskforce.timeline import bulletin_rules as rules
from taskforce.timeline.admin import bulletin_pages as pages
from taskforce.timeline.admin.scoped import ScopedAdmin
from taskforce.timeline.bulletin_forms import DraftForm, EditForm
from taskforce.timeline.models import Bulletin
from taskforce.timeline.queries import bulletins as queries
from taskforce.timeline.services import bulletins as services


@admin.register(Bulletin)
class BulletinAdmin(ScopedAdmin):
    """The mails of the user's task forces; each has one page, where everything is done to it."""

    list_display = ("subject_shown", "task_force_shown", "topic", "state", "author", "second", "sent_at", "followers")
    list_filter = ("state", "topic")

    # --- who sees what ----------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bulletin]:
        """The gate: what is not in here answers 404."""
        return queries.visible_to(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may write to some task force's followers."""
        return queries.writable(request.user).exists()

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
        return isolated(obj.author_name)

    @admin.display(description=gettext_lazy("Sent by"), ordering="second_name")
    def second(self, obj: Bulletin) -> SafeString | str:
        """The second person."""
        return isolated(obj.second_name) if obj.second_name else "–"

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

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new draft in the source language."""
        task_forces = queries.writable(request.user)
        if not task_forces.exists():
            raise Refused(_("Only coordinators, their deputies and administrators may write to the followers."))
        form = DraftForm(task_forces, request.POST or None)
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                made = _draft(request, form)
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("The draft is saved."))
                return HttpResponseRedirect(self._url("edit", made))
        return self._page(request, "bulletin_add", None, title=_("New mail to followers"), form=form, refusal=refusal)

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
            "bulletin_edit",
            bulletin,
            title=_("Edit the mail"),
            form=form,
            language=form.language,
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
        language = side_by_side.chosen_language(request)
        forms = pages.forms(bulletin, language, request.POST if request.method == "POST" else None)
        refusal = None
        if request.method == "POST":
            done, refusal = pages.act(_user(request), bulletin, forms)
            if done is not None:
                messages.success(request, done.message)
                name = "edit" if done.act == "correct" else "change"
                return HttpResponseRedirect(f"{self._url(name, done.bulletin)}?language={language}")
            bulletin.refresh_from_db()
        return self._page(
            request,
            "bulletin",
            bulletin,
            title=translated(bulletin, services.HEAD) or _("Mail without a subject"),
            language=language,
            refusal=refusal,
            forms=forms,
            mailing_url=self._mailing_url(request, bulletin),
            **pages.context(request.user, bulletin, language),
        )

    # --- parts ------------------------------------------------------------------------------------------------

    def _mailing_url(self, request: HttpRequest, bulletin: Bulletin) -> str:
        """The page of its mailing, or "" where there is none or not for this reader."""
        mailing = pages.mailing_of(bulletin)
        return self._address(request, mailing) if mailing else ""

    def _found(self, request: HttpRequest, object_id: str | int) -> Bulletin:
        """One of the user's bulletins; what is not theirs is not there."""
        text = str(object_id)
        number = int(text) if text.isdecimal() and len(text) < 19 else 0
        found = self.get_queryset(request).filter(pk=number).first()
        if found is None:
            raise Http404
        return found

    def _url(self, name: str, bulletin: Bulletin) -> str:
        return reverse(f"admin:timeline_bulletin_{name}", args=[bulletin.pk])

    def _page(self, request: HttpRequest, name: str, bulletin: Bulletin | None, **context: Any) -> HttpResponse:
        refusal = context.get("refusal")
        full = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "bulletin": bulletin,
            "coverage": side_by_side.coverage(bulletin, services.HEAD) if bulletin else [],
            **context,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, f"admin/timeline/{name}.html", full, status=status)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
    return request.user


def _draft(request: HttpRequest, form: DraftForm) -> Bulletin:
    subjects, bodies = form.texts()
    return services.draft(
        form.cleaned_data["task_force"],
        topic=form.cleaned_data["topic"],
        subjects=subjects,
        bodies=bodies,
        at=app_now(),
        actor=_user(request),
    )


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
            actor=_user(request),
            version=form.cleaned_data["version"],
        )
    except PortalError as refusal:
        return refusal
    messages.success(request, _("The draft is saved."))
    return None
