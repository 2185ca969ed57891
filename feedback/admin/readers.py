"""What every page of feedback's staff side shares."""

from django.db.models import Model
from django.http import HttpRequest

from feedback.rules import WHO
from taskforce.accounts.queries import has_anywhere
from taskforce.core.staff import ReadOnlyAdmin


class ForReaders(ReadOnlyAdmin):
    """Seen by those who read feedback of some task force; which rows, `get_queryset` decides."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Readers of feedback of some task force; for single rows `get_queryset` is the gate."""
        return has_anywhere(request.user, WHO["feedback.read"])
