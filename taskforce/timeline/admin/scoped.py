"""What every page of the timeline's staff side shares."""

from django.db.models import Model
from django.http import HttpRequest

from taskforce.accounts.models import User
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.timeline import queries


def user_of(request: HttpRequest) -> User:
    """Who is signed in; the admin site has let only staff in."""
    assert isinstance(request.user, User)  # noqa: S101 - see above
    return request.user


class ScopedAdmin(ReadOnlyAdmin):
    """Lists what belongs to the user's task forces; what does not is not there."""

    list_per_page = 100

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever sees the timeline of some task force; of a row: whoever sees it."""
        if obj is None:
            return queries.visible_task_forces(request.user).exists()
        return self.get_queryset(request).filter(pk=obj.pk).exists()
