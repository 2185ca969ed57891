"""The composer: a draft, its languages side by side, previews, a test to oneself, and the second person's act."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from taskforce.accounts import fresh
from taskforce.accounts.enums import Purpose
from taskforce.accounts.models import User
from taskforce.announcements import notices, queries, rules, services
from taskforce.announcements.enums import AnnouncementState
from taskforce.announcements.forms import DraftForm, EditForm, PublishForm
from taskforce.announcements.models import Announcement
from taskforce.audit.watching import note_list
from taskforce.core import labels, languages, markdown, side_by_side, staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.templatetags.portal import local_time, translated
from taskforce.notifications import kinds, previews
from taskforce.timeline.admin import kept
from taskforce.timeline.admin.composed import ComposedAdmin
from taskforce.timeline.admin.scoped import WaitsForMe, user_of
from taskforce.timeline.bulletin_forms import ActForm, TestForm
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import TaskForce

staff_columns.describe(Announcement, state=staff_columns.Column(gettext_lazy("State")))


class _ToPublish(WaitsForMe):
    """Tested, and written by others."""

    def waiting(self, user: Any) -> QuerySet[Announcement]:
        """What this user may publish."""
        return queries.to_publish(user)


@admin.register(Announcement)
class AnnouncementAdmin(ComposedAdmin):
    """Announcements of the user's task forces; drafts are edited and published on pages of their own."""

    head = services.HEAD
    right = rules.WHO["announcement.edit"]
    shown_as = "announcement"
    templates = "admin/announcements/"
    goes_on = "change"
    draft_form = DraftForm

    list_display = ("title_shown", "task_force_shown", "state_shown", "published", "languages_shown")
    list_filter = ("state", _ToPublish)

    # --- who sees what ----------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Announcement]:
        """The announcements of the user's task forces."""
        return queries.visible_to(request.user)

    def task_forces(self, user: Any) -> QuerySet[TaskForce]:
        """Those for which this user may announce."""
        return queries.announceable(user)

    def words(self) -> tuple[str, str]:
        """The title of the page of a new one, and the refusal for whoever may write none."""
        why_not = _("Only coordinators, their deputies and administrators may announce.")
        return _("New announcement"), why_not

    def begun(self, form: Any, user: User) -> Announcement:
        """The draft."""
        titles, bodies = form.texts()
        chosen = form.cleaned_data
        return services.draft(
            chosen["task_force"], slug=chosen["slug"], titles=titles, bodies=bodies, at=app_now(), actor_id=user.pk
        )

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
        complete = ((side_by_side.own_name(one["code"]),) for one in self._coverage(obj) if one["complete"])
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
            corrected=side_by_side.corrected(announcement, services.HEAD, announcement.corrects, form.codes),
            seen=services.seen(announcement, form.codes),
            refusal=refusal,
            both=both,
        )

    def preview_view(self, request: HttpRequest, announcement_id: int) -> HttpResponse:
        """The announcement as readers of one language get it, on the page and in the mail, and the acts on it."""
        announcement = self._found(request, announcement_id)
        code = side_by_side.chosen_language(request, get_language() or side_by_side.SOURCE)
        form, refusal = TestForm(initial={"language": code}), None
        if request.method == "POST":
            form = TestForm(request.POST)
            made, refusal = _act(request, announcement, form)
            if made is not None:
                name = "preview" if made == announcement else "change"
                return HttpResponseRedirect(f"{self._url(name, made)}?language={code}")
            announcement.refresh_from_db()
        return self._preview_page(request, announcement, code, form, refusal)

    def _preview_page(
        self, request: HttpRequest, announcement: Announcement, code: str, form: TestForm, refusal: PortalError | None
    ) -> HttpResponse:
        body = labels.label(announcement, "body", code)
        may_edit, may_correct = (
            rules.may(request.user, f"announcement.{action}", announcement, app_now())[0]
            for action in ("edit", "correct")
        )
        mailing = notices.mailing_of(announcement)
        made = partial(notices.mail_context, announcement)
        shown = previews.of_text(mailing, kinds.get(notices.ANNOUNCEMENT), made, code, Topic.ANNOUNCEMENTS)
        return self._page(
            request,
            "preview",
            announcement,
            title=_("As published") if announcement.published_at else _("Preview"),
            language=code,
            shown=labels.label(announcement, "title", code),
            body=markdown.render(body.text),
            body_language=body.language,
            mail=shown.mail,
            kept_note=kept.note(mailing, shown, app_now()) if mailing else "",
            may_edit=may_edit,
            may_correct=may_correct and services.open_correction(announcement) is None,
            corrections=announcement.corrections.all(),
            publishable=services.is_publishable(announcement),
            is_tested=services.is_tested(announcement),
            tests=notices.tests_of(announcement),
            mailbox=user_of(request).email,
            mailing_url=self._address(request, mailing) if mailing else "",
            test=form,
            refusal=refusal,
        )

    def publish_view(self, request: HttpRequest, announcement_id: int) -> HttpResponse:
        """What publishing would do, and the act; whoever wrote the text reads here who may."""
        announcement = self._found(request, announcement_id)
        refusal = None
        if request.method == "POST" and not fresh.take_back(request):
            fresh.require(request, Purpose.PUBLISH)
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
        at = app_now()
        everybody = services.readers_now(announcement, at, everybody=True)
        meant = services.readers_now(announcement, at, everybody=False) if announcement.corrects else everybody
        readers = side_by_side.readers(announcement, services.HEAD, meant.by_language, announcement.corrects)
        for one in readers:
            one["all"] = everybody.by_language.get(one["code"], 0)
        form = PublishForm()
        form.offer(everybody.total, meant.total if notices.readers_of(announcement) else None)
        form.initial["to"] = request.POST.get("to", form.initial["to"])
        members = queries.members_to_publish(announcement.task_force_id)
        if members.names:
            # Nobody else knows yet who they are: on the page of the members they stand only once it is published.
            note_list(
                request, "member", len(members.names), about=announcement, task_force_id=announcement.task_force_id
            )
        return self._page(
            request,
            "publish",
            announcement,
            title=_("Publish the announcement"),
            members=members,
            public_before=queries.members_published(announcement.task_force),
            readers=readers,
            meant=meant.total,
            followers=everybody.total,
            form=form,
            confirmed=services.shown(announcement),
            missing=[one for one in readers if not one["complete"] and not one["copied"]],
            copied=[one for one in readers if one["copied"]],
            publishable=services.is_publishable(announcement),
            is_tested=services.is_tested(announcement),
            tests=notices.tests_of(announcement),
            why_not=rules.may(request.user, "announcement.publish", announcement, app_now())[1],
            refusal=refusal,
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
            actor_id=user_of(request).pk,
            expected=form.cleaned_data["seen"],
        )
    except PortalError as refusal:
        return refusal
    messages.success(request, _("The draft is saved."))
    return None


def _act(
    request: HttpRequest, announcement: Announcement, test: TestForm
) -> tuple[Announcement | None, PortalError | None]:
    """Do what a button of the page sent: on which announcement the reader goes on, or a refusal to be shown.

    (None, None) means an error at a field.
    """
    form = ActForm(request.POST)
    name = form.cleaned_data["act"] if form.is_valid() else "test"
    allowed, why = rules.may(user_of(request), _RULES.get(name, _RULES["test"]), announcement, app_now())
    if not allowed:
        raise Refused(why)
    if not form.is_valid() or name not in _RULES:
        return None, services.out_of_date()
    if name == "test" and not test.is_valid():
        return None, None
    try:
        made = _done(name, user_of(request), announcement, form.cleaned_data["version"], test)
    except Refused:
        raise
    except PortalError as refusal:
        return None, refusal
    messages.success(request, _DONE[name] % {"mailbox": user_of(request).email})
    return made, None


_RULES = {"test": "announcement.test", "correct": "announcement.correct", "leave-out": "announcement.edit"}
_DONE = {
    "test": gettext_lazy("The test goes to %(mailbox)s."),
    "correct": gettext_lazy("This is the draft of the correction."),
    "leave-out": gettext_lazy("These languages are left out."),
}


def _done(name: str, user: User, announcement: Announcement, version: int, test: TestForm) -> Announcement:
    if name == "correct":
        return services.correct(announcement.pk, actor=user)
    if name == "leave-out":
        return services.leave_out(announcement.pk, actor=user, version=version)
    return services.test(announcement.pk, language=test.cleaned_data["language"], actor=user, version=version)


def _publish(request: HttpRequest, announcement: Announcement) -> PortalError | None:
    """Publish what the second person was shown; a refusal comes back to be shown, save that of the person."""
    form, user = PublishForm(request.POST), user_of(request)
    allowed, why = rules.may(user, "announcement.publish", announcement, app_now())
    if not allowed and announcement.state == AnnouncementState.DRAFT:
        raise Refused(why)
    if not form.is_valid():
        return services.out_of_date()
    try:
        services.publish(announcement.pk, actor=user, confirmed=form.cleaned_data["confirmed"], **form.chosen())
    except Refused:
        raise
    except PortalError as refusal:
        return refusal
    return None
