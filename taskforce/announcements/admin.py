"""The composer: a draft, its languages side by side, previews, a test to oneself, and the second person's act."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts.models import User
from taskforce.announcements import notices, queries, rules, services
from taskforce.announcements.enums import AnnouncementState
from taskforce.announcements.forms import DraftForm, EditForm, PublishForm
from taskforce.announcements.models import Announcement
from taskforce.core import labels, languages, markdown, side_by_side
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.core.templatetags.portal import local_time, translated
from taskforce.notifications import kinds, rendering
from taskforce.timeline import queries as timeline
from taskforce.timeline.bulletin_forms import ActForm, TestForm


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
    return request.user


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnlyAdmin):
    """Announcements of the user's task forces; drafts are edited and published on pages of their own."""

    list_display = ("title_shown", "task_force_shown", "state_shown", "published", "languages_shown")
    list_per_page = 100

    # --- who sees what ----------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Announcement]:
        """The announcements of the user's task forces."""
        return queries.visible_to(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever sees the announcements of some task force; of a row: whoever sees it."""
        if obj is None:
            return timeline.visible_task_forces(request.user).exists()
        return self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may announce for some task force."""
        return queries.announceable(request.user).exists()

    # --- columns ----------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("Title"))
    def title_shown(self, obj: Announcement) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj, "title")

    @admin.display(description=gettext_lazy("Task force"), ordering="task_force")
    def task_force_shown(self, obj: Announcement) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj.task_force, "name")

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def state_shown(self, obj: Announcement) -> str:
        """Draft or published."""
        return str(AnnouncementState(obj.state).label)

    @admin.display(description=gettext_lazy("Published"), ordering="published_at")
    def published(self, obj: Announcement) -> str:
        """In UTC."""
        return local_time(obj.published_at) or "–"

    @admin.display(description=gettext_lazy("Languages"))
    def languages_shown(self, obj: Announcement) -> str:
        """Which languages have title and text."""
        complete = ((side_by_side.own_name(one["code"]),) for one in _coverage(obj) if one["complete"])
        return format_html_join(" · ", "{}", complete)

    # --- pages ------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Preview and publishing beside the stock addresses."""
        return [
            path(
                "<int:announcement_id>/preview/",
                self.admin_site.admin_view(self.preview_view),
                name="announcements_announcement_preview",
            ),
            path(
                "<int:announcement_id>/publish/",
                self.admin_site.admin_view(self.publish_view),
                name="announcements_announcement_publish",
            ),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new draft in the source language."""
        task_forces = queries.announceable(request.user)
        if not task_forces.exists():
            raise Refused(_("Only coordinators, their deputies and administrators may announce."))
        form = DraftForm(task_forces, request.POST or None)
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                made = _draft(request, form)
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("The draft is saved."))
                return HttpResponseRedirect(self._url("change", made))
        return self._page(request, "add", None, title=_("New announcement"), form=form, refusal=refusal)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A draft's source beside one chosen language; what is published, or not the reader's to edit, is shown."""
        announcement = self._found(request, object_id)
        allowed, why = rules.may(request.user, "announcement.edit", announcement, app_now())
        if not allowed:
            if request.method == "POST":
                raise Refused(why)
            return self.preview_view(request, announcement.pk)
        form = EditForm(announcement, side_by_side.chosen_language(request), request.POST or None)
        refusal = None
        if request.method == "POST" and form.is_valid():
            refusal = _edit(request, announcement, form)
            if refusal is None:
                return HttpResponseRedirect(self._next(announcement, form.language, request.POST.get("go", "")))
        return self._edit_page(request, announcement, form, refusal)

    def _next(self, announcement: Announcement, language: str, go: str) -> str:
        """Where a saved draft leads: to the page or the language that was asked for, else to the same page."""
        if go == "publish":
            return self._url("publish", announcement)
        if go == "preview":
            return f"{self._url('preview', announcement)}?language={language}"
        return f"{self._url('change', announcement)}?language={go if languages.is_offered(go) else language}"

    def _edit_page(
        self, request: HttpRequest, announcement: Announcement, form: EditForm, refusal: PortalError | None
    ) -> HttpResponse:
        both = None
        if refusal and refusal.status == 409:
            # Both texts: what was typed stays in the fields, what is stored stands above; saving again is a choice.
            announcement.refresh_from_db()
            both = form.both()
        return self._page(
            request,
            "edit",
            announcement,
            title=_("Edit the announcement"),
            form=form,
            language=form.language,
            seen=services.seen(announcement, form.codes),
            refusal=refusal,
            both=both,
        )

    def preview_view(self, request: HttpRequest, announcement_id: int) -> HttpResponse:
        """The announcement as readers of one language get it, on the page and in the mail; a test to oneself."""
        announcement = self._found(request, announcement_id)
        code = side_by_side.chosen_language(request)
        form, refusal = TestForm(initial={"language": code}), None
        if request.method == "POST":
            form = TestForm(request.POST)
            refusal = _test(request, announcement, form)
            if refusal is None and form.is_valid():
                return HttpResponseRedirect(f"{self._url('preview', announcement)}?language={code}")
            announcement.refresh_from_db()
        return self._preview_page(request, announcement, code, form, refusal)

    def _preview_page(
        self, request: HttpRequest, announcement: Announcement, code: str, form: TestForm, refusal: PortalError | None
    ) -> HttpResponse:
        body = labels.label(announcement, "body", code)
        mail = rendering.render(kinds.get(notices.ANNOUNCEMENT), notices.mail_context(announcement, code), code)
        may_edit, _why = rules.may(request.user, "announcement.edit", announcement, app_now())
        mailing = notices.mailing_of(announcement)
        return self._page(
            request,
            "preview",
            announcement,
            title=_("As published") if announcement.published_at else _("Preview"),
            language=code,
            shown=labels.label(announcement, "title", code),
            body=markdown.render(body.text),
            body_language=body.language,
            mail=mail,
            may_edit=may_edit,
            publishable=services.is_publishable(announcement),
            is_tested=services.is_tested(announcement),
            mailbox=_user(request).email,
            mailing_url=self._address(request, mailing) if mailing else "",
            test=form,
            refusal=refusal,
        )

    def publish_view(self, request: HttpRequest, announcement_id: int) -> HttpResponse:
        """What publishing would do, and the act; whoever wrote the text reads here who may."""
        announcement = self._found(request, announcement_id)
        refusal = None
        if request.method == "POST":
            refusal = _publish(request, announcement)
            if refusal is None:
                messages.success(request, _("The announcement is public, and the followers will be told."))
                return HttpResponseRedirect(self._url("change", announcement))
            announcement.refresh_from_db()
            if announcement.state != AnnouncementState.DRAFT:
                raise refusal
        allowed, why = rules.may(request.user, "announcement.edit", announcement, app_now())
        if not allowed:
            raise Refused(why)
        return self._publish_page(request, announcement, refusal)

    def _publish_page(
        self, request: HttpRequest, announcement: Announcement, refusal: PortalError | None
    ) -> HttpResponse:
        followers = queries.followers_by_language(announcement.task_force_id)
        readers = side_by_side.readers(announcement, services.HEAD, followers)
        return self._page(
            request,
            "publish",
            announcement,
            title=_("Publish the announcement"),
            members=queries.members_to_publish(announcement.task_force_id),
            public_before=queries.members_published(announcement.task_force),
            readers=readers,
            followers=sum(one["followers"] for one in readers),
            missing=[one for one in readers if not one["complete"]],
            publishable=services.is_publishable(announcement),
            is_tested=services.is_tested(announcement),
            why_not=rules.may(request.user, "announcement.publish", announcement, app_now())[1],
            confirmed=services.shown(announcement),
            refusal=refusal,
        )

    # --- parts ------------------------------------------------------------------------------------------------

    def _found(self, request: HttpRequest, object_id: str | int) -> Announcement:
        """One of the user's announcements; what is not theirs is not there."""
        number = int(object_id) if str(object_id).isdecimal() else 0
        found = self.get_queryset(request).filter(pk=number).first()
        if found is None:
            raise Http404
        return found

    def _url(self, name: str, announcement: Announcement) -> str:
        return reverse(f"admin:announcements_announcement_{name}", args=[announcement.pk])

    def _page(self, request: HttpRequest, name: str, announcement: Announcement | None, **context: Any) -> HttpResponse:
        refusal = context.get("refusal")
        full = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "announcement": announcement,
            "coverage": _coverage(announcement) if announcement else [],
            **context,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, f"admin/announcements/{name}.html", full, status=status)


def _coverage(announcement: Announcement) -> list[dict[str, Any]]:
    """Every language of the portal and whether title and text are there."""
    return side_by_side.coverage(announcement, services.HEAD)


def _draft(request: HttpRequest, form: DraftForm) -> Announcement:
    titles, bodies = form.texts()
    return services.draft(
        form.cleaned_data["task_force"],
        slug=form.cleaned_data["slug"],
        titles=titles,
        bodies=bodies,
        at=app_now(),
        actor_id=_user(request).pk,
    )


def _edit(request: HttpRequest, announcement: Announcement, form: EditForm) -> PortalError | None:
    """Save it; a refusal comes back with the form, so that nothing typed is lost.

    Whoever goes on to another page without having changed anything has nothing to save.
    """
    titles, bodies = form.texts()
    if "go" in request.POST and not services.would_change(announcement, titles, bodies):
        return None
    try:
        services.edit_draft(
            announcement.pk,
            titles=titles,
            bodies=bodies,
            at=app_now(),
            actor_id=_user(request).pk,
            expected=form.cleaned_data["seen"],
        )
    except PortalError as refusal:
        return refusal
    messages.success(request, _("The draft is saved."))
    return None


def _test(request: HttpRequest, announcement: Announcement, form: TestForm) -> PortalError | None:
    """Send the test; a refusal comes back to be shown, and an error at a field stands there."""
    act, user = ActForm(request.POST), _user(request)
    allowed, why = rules.may(user, "announcement.test", announcement, app_now())
    if not allowed:
        raise Refused(why)
    if not act.is_valid():
        return services.out_of_date()
    if not form.is_valid():
        return None
    try:
        services.test(
            announcement.pk,
            language=form.cleaned_data["language"],
            actor=user,
            version=act.cleaned_data["version"],
        )
    except Refused:
        raise
    except PortalError as refusal:
        return refusal
    messages.success(request, _("The test goes to %(mailbox)s.") % {"mailbox": user.email})
    return None


def _publish(request: HttpRequest, announcement: Announcement) -> PortalError | None:
    """Publish what the second person was shown; a refusal comes back to be shown, save that of the person."""
    form, user = PublishForm(request.POST), _user(request)
    allowed, why = rules.may(user, "announcement.publish", announcement, app_now())
    if not allowed and announcement.state == AnnouncementState.DRAFT:
        raise Refused(why)
    if not form.is_valid():
        return services.out_of_date()
    try:
        services.publish(announcement.pk, actor=user, **form.cleaned_data)
    except Refused:
        raise
    except PortalError as refusal:
        return refusal
    return None
