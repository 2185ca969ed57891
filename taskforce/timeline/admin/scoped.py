"""What every page of the timeline's staff side shares."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts.models import User
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.notifications.models import Hold
from taskforce.notifications.queries import is_held
from taskforce.timeline import queries, rules


def user_of(request: HttpRequest) -> User:
    """Who is signed in; the admin site has let only staff in."""
    assert isinstance(request.user, User)  # noqa: S101 - see above
    return request.user


class WaitsForMe(admin.SimpleListFilter):
    """What waits for the reader as the second person."""

    title = gettext_lazy("Second person")
    parameter_name = "waits"

    def waiting(self, user: Any) -> QuerySet[Any]:
        """Which rows that are."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The only choice."""
        return [("me", _("waits for you"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those that wait."""
        if self.value() != "me":
            return queryset
        return queryset.filter(pk__in=self.waiting(request.user).values("pk"))


class ScopedAdmin(ReadOnlyAdmin):
    """Lists what belongs to the user's task forces; what does not is not there."""

    list_per_page = 100

    def hold(self, request: HttpRequest) -> dict[str, Any]:
        """For pages whose acts send mail: `is_held`, and with `hold_url` where one reads why, "" where one may not."""
        if not is_held():
            return {"is_held": False}
        holds = self.admin_site.get_model_admin(Hold)
        url = reverse("admin:notifications_hold_changelist") if holds.has_view_permission(request) else ""
        return {"is_held": True, "hold_url": url}

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever sees the timeline of some task force; of a row: whoever sees it."""
        if obj is None:
            return queries.is_for_some(request.user, rules.WHO["phase.read"])
        return self.get_queryset(request).filter(pk=obj.pk).exists()
