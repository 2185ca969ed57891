"""People and roles on the staff side: who holds what where; giving, inviting, taking away, each asked for again."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts import fresh, places, queries, rules, services
from taskforce.accounts.enums import InvitationState, Purpose, Role
from taskforce.accounts.models import Invitation, RoleGrant, User
from taskforce.accounts.rights import Grant
from taskforce.audit.watching import WatchedAdmin, note_row
from taskforce.core import languages, staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.core.staff_columns import labelled
from taskforce.core.templatetags.portal import to_the_minute, utc_time
from taskforce.core.templatetags.staff import person as person_name
from taskforce.core.templatetags.staff import sentence
from taskforce.portal.admin import giving

# The page that asks once more, by what it is about to do.
_PAGES = {Purpose.TAKE_ROLE: "take", Purpose.INVITE_AGAIN: "again", Purpose.WITHDRAW: "withdraw"}


def _role_name(code: str) -> str:
    return capfirst(str(Role(code).label))


def _minute(instant: datetime) -> str:
    return utc_time(to_the_minute(instant))


def _spoken(language: str) -> Any:
    code = languages.html_lang(language) if language else ""
    return format_html('<bdi lang="{}">{}</bdi>', code, languages.OWN_NAMES[language]) if language else "–"


def _state_name(code: str) -> str:
    return str(InvitationState(code).label)


def _language_name(code: str) -> str:
    return languages.OWN_NAMES.get(code, _("none"))


staff_columns.describe(
    RoleGrant,
    name=lambda row: row.user.name or staff_columns.nameless(row.user_id),
    role=staff_columns.Column(gettext_lazy("Role"), _role_name),
    language=staff_columns.Column(gettext_lazy("Language"), _language_name),
)
staff_columns.describe(
    Invitation,
    name=lambda row: _role_name(row.role),
    role=staff_columns.Column(gettext_lazy("Role"), _role_name),
    state=staff_columns.Column(gettext_lazy("State"), _state_name),
)


class _ByState(admin.SimpleListFilter):
    """By state; an open one whose time is over is in a state of its own, as in the list."""

    title = gettext_lazy("State")
    parameter_name = "state"
    _OVER = "over"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The states, and that nobody answered in time."""
        return [(state.value, str(state.label)) for state in InvitationState] + [(self._OVER, _("its time is over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> QuerySet[Invitation]:
        """The rows of the chosen state."""
        chosen, at = self.value(), app_now()
        if chosen == self._OVER:
            return queryset.filter(state=InvitationState.OPEN, expires_at__lte=at)
        if chosen == InvitationState.OPEN:
            return queryset.filter(state=chosen, expires_at__gt=at)
        return queryset.filter(state=chosen) if chosen else queryset


class _RolesAdmin(WatchedAdmin):
    """Rows that say a role, a place and a language; `may` says whether the reader may give and take it."""

    list_per_page = 100

    def row(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        """Note at rows what they show beside their fields: the place's name, and what the reader may do."""
        rows = list(rows)
        names = places.names({row.task_force_id for row in rows})
        held = queries.grants_of(request.user)
        for row in rows:
            row.place = names.get(row.task_force_id)
            is_own = getattr(row, "user_id", None) == request.user.pk
            row.may = not is_own and rules.may_give(held, Grant(row.role, row.task_force_id, row.language))[0]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, its rows with what they show."""
        changes = super().get_changelist_instance(request)
        self.row(request, changes.result_list)
        return changes

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """One row with what it shows; 404 where it is not the reader's to see."""
        found = super().get_object(request, object_id, from_field)
        self.row(request, [found])
        return found

    @admin.display(description=gettext_lazy("Role"), ordering="role")
    def role_shown(self, obj: Any) -> SafeString:
        """In words."""
        return labelled(_("Role"), _role_name(obj.role))

    @admin.display(description=gettext_lazy("Task force"), ordering="task_force_id")
    def place_shown(self, obj: Any) -> SafeString:
        """The name of the task force, or that it is for all."""
        return labelled(_("Task force"), places.marked(obj.place) if obj.place else f"#{obj.task_force_id}")

    @admin.display(description=gettext_lazy("Language"), ordering="language")
    def spoken(self, obj: Any) -> SafeString:
        """The language of the role, by its own name."""
        return labelled(_("Language"), _spoken(obj.language))

    def confirm(
        self, request: HttpRequest, purpose: Purpose, row: Any, act: Callable[[int], Any], done: str, title: str
    ) -> HttpResponse:
        """The page that asks once more, or with its form sent the act; a refusal comes back on it."""
        refusal: PortalError | None = None
        if request.method == "POST":
            fresh.require(request, purpose)
            try:
                act(_user(request).pk)
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, done)
                return SeeOther(self.list_url())
        whose = self.watched_person(row)
        note_row(request, self.watched, row, self.watched_task_force(row), whose=whose)
        return self.page(
            request,
            _PAGES[purpose],
            refusal,
            title=title,
            row=row,
            role=_role_name(row.role),
            spoken=_language_name(row.language),
            mail_spoken=_language_name(getattr(row, "mail_language", "")),
        )

    def page(self, request: HttpRequest, template: str, refusal: PortalError | None, **context: Any) -> HttpResponse:
        """A page of ours within the admin."""
        full = {**self.admin_site.each_context(request), "opts": self.opts, "refusal": refusal, **context}
        return TemplateResponse(
            request, f"admin/roles/{template}.html", full, status=refusal.status if refusal else 200
        )

    def list_url(self) -> str:
        """The address of the list."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


@admin.register(RoleGrant)
class RoleGrantAdmin(_RolesAdmin):
    """Who holds which role where, since when, and who gave it."""

    watched = "role"
    list_display = ("person", "role_shown", "place_shown", "spoken", "since", "giver_shown", "ways")
    list_filter = ("role", "language")
    search_fields = ("user__name",)
    fields = ("person", "address", "role_shown", "place_shown", "spoken", "since", "giver_shown")
    readonly_fields = fields
    ordering = ("user__name", "user_id", "pk")
    change_list_template = "admin/roles/list.html"
    change_form_template = "admin/roles/grant.html"

    def watched_person(self, obj: RoleGrant) -> int:
        """Who holds it: the log names them when it is given and taken away too, and its number ends with it."""
        return obj.user_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoleGrant]:
        """The roles in the task forces whose people the reader sees, and those for all, which hold there too."""
        return queries.visible_grants(request.user).select_related("user").order_by(*self.ordering)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Coordinators, deputies, observers and administrators; which rows, `get_queryset` decides."""
        return queries.has_anywhere(request.user, rules.WHO["role.read"])

    def get_urls(self) -> list[URLPattern]:
        """The pages of the acts beside the stock ones."""
        give, take = self.admin_site.admin_view(self.give_view), self.admin_site.admin_view(self.take_view)
        return [
            path("give/", give, name="accounts_rolegrant_give"),
            path("<int:pk>/take/", take, name="accounts_rolegrant_take"),
            *super().get_urls(),
        ]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Without the ways to acts for those who have none."""
        shown = super().get_list_display(request)
        return shown if _may_give_any(request) else [name for name in shown if name != "ways"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to give one."""
        return super().changelist_view(request, {"may_give": _may_give_any(request), **(extra_context or {})})

    @admin.display(description=gettext_lazy("Person"), ordering="user__name")
    def person(self, obj: Any) -> str:
        """The name shown; who has none is known by their number, and to those who may take the role by the address."""
        if obj.may and not obj.user.name:
            return staff_columns.machine_text(obj.user.email)
        return person_name(obj.user.name) if obj.user.name else staff_columns.name_of(obj)

    @admin.display(description=gettext_lazy("E-mail address"))
    def address(self, obj: Any) -> str:
        """Only for those who may take this role away: it was given by address."""
        return staff_columns.machine_text(obj.user.email) if obj.may else "–"

    @admin.display(description=gettext_lazy("Since"), ordering="granted_at")
    def since(self, obj: Any) -> SafeString:
        """When it was given."""
        return labelled(_("Since"), _minute(obj.granted_at))

    @admin.display(description=gettext_lazy("Given by"))
    def giver_shown(self, obj: Any) -> SafeString:
        """By name; without one, whoever runs the server gave it."""
        by = obj.granted_by_id
        nobody = _("whoever runs the server") if by is None else staff_columns.nameless(by)
        return labelled(_("Given by"), person_name(obj.giver or nobody))

    @admin.display(description=gettext_lazy("Change"))
    def ways(self, obj: Any) -> Any:
        """The way to take it away, where the reader may."""
        if not obj.may:
            return "–"
        url = reverse("admin:accounts_rolegrant_take", args=[obj.pk])
        return format_html('<a href="{}">{}</a>', url, _("Take away…"))

    def give_view(self, request: HttpRequest) -> HttpResponse:
        """One form for those with an account and those without: the page that asks once more, then the same answer."""
        if not _may_give_any(request):
            raise Refused(_("Only coordinators and administrators may give roles."))
        return giving.page(request, self)

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask once more, then take it away."""
        row = self.get_object(request, str(pk))
        if row.user_id == request.user.pk:
            raise Refused(rules.own_roles())
        allowed, why = rules.may_give(queries.grants_of(request.user), Grant(row.role, row.task_force_id, row.language))
        if not allowed:
            raise Refused(why)

        def take(actor_id: int) -> None:
            services.remove_role(row.pk, at=app_now(), actor_id=actor_id)

        whose = person_name(row.user.name) if row.user.name else staff_columns.machine_text(row.user.email)
        words = _("The role has been taken away: %(role)s from %(person)s.")
        done = sentence(words, role=_role_name(row.role), person=whose)
        return self.confirm(request, Purpose.TAKE_ROLE, row, take, done, _("Take a role away"))


@admin.register(Invitation)
class InvitationAdmin(_RolesAdmin):
    """Who was invited, and what became of it; with the address, for those who may give the role."""

    watched = "invitation"
    list_display = ("mailbox_shown", "role_shown", "place_shown", "spoken", "state_shown", "ends", "ways")
    list_filter = (_ByState, "role")
    fields = ("mailbox_shown", "role_shown", "place_shown", "spoken", "state_shown", "giver_shown", "told", "ends")
    readonly_fields = fields
    ordering = ("-told_at", "-pk")
    change_list_template = "admin/roles/list.html"
    change_form_template = "admin/roles/invited.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        """The invitations to roles that the reader could give at their place."""
        return queries.visible_invitations(request.user).order_by(*self.ordering)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may give roles somewhere; which rows, `get_queryset` decides."""
        return _may_give_any(request)

    def get_urls(self) -> list[URLPattern]:
        """The pages of the acts beside the stock ones."""
        withdraw, again = self.admin_site.admin_view(self.withdraw_view), self.admin_site.admin_view(self.again_view)
        return [
            path("<int:pk>/withdraw/", withdraw, name="accounts_invitation_withdraw"),
            path("<int:pk>/again/", again, name="accounts_invitation_again"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to invite."""
        return super().changelist_view(request, {"may_give": True, **(extra_context or {})})

    def row(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        """And whether its time is over, by one moment for all."""
        rows = list(rows)
        super().row(request, rows)
        at = app_now()
        for row in rows:
            is_open = row.state == InvitationState.OPEN
            row.is_late = is_open and row.is_over(at)
            row.waits = is_open and not row.is_late

    @admin.display(description=gettext_lazy("E-mail address"), ordering="mailbox")
    def mailbox_shown(self, obj: Any) -> str:
        """As it was invited."""
        return staff_columns.machine_text(obj.mailbox)

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def state_shown(self, obj: Any) -> SafeString:
        """In words; what nobody answered in time says so."""
        return labelled(_("State"), _("its time is over") if obj.is_late else _state_name(obj.state))

    @admin.display(description=gettext_lazy("Mail of"), ordering="told_at")
    def told(self, obj: Any) -> SafeString:
        """When the last mail about it was written."""
        return labelled(_("Mail of"), _minute(obj.told_at))

    @admin.display(description=gettext_lazy("Ends"), ordering="expires_at")
    def ends(self, obj: Any) -> SafeString:
        """When its link ends."""
        return labelled(_("Ends"), _minute(obj.expires_at))

    @admin.display(description=gettext_lazy("Invited by"))
    def giver_shown(self, obj: Any) -> SafeString:
        """By name."""
        return labelled(_("Invited by"), person_name(obj.giver or staff_columns.nameless(obj.inviter_id)))

    @admin.display(description=gettext_lazy("Change"))
    def ways(self, obj: Any) -> Any:
        """The way to withdraw it, while it waits, and to invite once more when nobody answered in time."""
        if not obj.may or not (obj.waits or obj.is_late):
            return "–"
        act, words = ("withdraw", _("Withdraw…")) if obj.waits else ("again", _("Invite again…"))
        return format_html('<a href="{}">{}</a>', reverse(f"admin:accounts_invitation_{act}", args=[obj.pk]), words)

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show once more what was offered to whom, then invite anew."""
        row = self.get_object(request, str(pk))
        if not row.may:
            raise Http404

        def invite(actor_id: int) -> None:
            services.invite_again(row.pk, at=app_now(), actor_id=actor_id)

        done = giving.done(_role_name(row.role), row.mailbox)
        return self.confirm(request, Purpose.INVITE_AGAIN, row, invite, done, _("Invite again"))

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask once more, then take it back."""
        row = self.get_object(request, str(pk))
        if not row.may:
            raise Http404

        def withdraw(actor_id: int) -> None:
            services.withdraw_invitation(row.pk, at=app_now(), actor_id=actor_id)

        words = _("The invitation has been withdrawn: %(role)s for %(address)s.")
        done = sentence(words, role=_role_name(row.role), address=staff_columns.machine_text(row.mailbox))
        return self.confirm(request, Purpose.WITHDRAW, row, withdraw, done, _("Withdraw an invitation"))


def _may_give_any(request: HttpRequest) -> bool:
    return queries.has_anywhere(request.user, rules.WHO["role.grant"])


def _user(request: HttpRequest) -> User:
    """Who is signed in; the admin site has let only staff in."""
    assert isinstance(request.user, User)  # noqa: S101 - see above
    return request.user
