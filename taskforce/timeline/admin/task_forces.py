"""Task forces on the staff side."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from taskforce.core import staff_columns
from taskforce.core.templatetags.portal import local_time, translated
from taskforce.timeline import queries
from taskforce.timeline.admin.scoped import ScopedAdmin
from taskforce.timeline.enums import TaskForceState
from taskforce.timeline.models import TaskForce

staff_columns.describe(TaskForce, slug=staff_columns.Column(gettext_lazy("Short name in the address")))


@admin.register(TaskForce)
class TaskForceAdmin(ScopedAdmin):
    """Task forces, to read."""

    list_display = ("name_shown", "slug", "state_shown")
    fields = ("name_shown", "purpose_shown", "slug", "state_shown", "created")
    readonly_fields = ("name_shown", "purpose_shown", "state_shown", "created")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaskForce]:
        """The user's task forces."""
        return queries.visible_task_forces(request.user)

    @admin.display(description=gettext_lazy("Name"))
    def name_shown(self, obj: TaskForce) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj, "name")

    @admin.display(description=gettext_lazy("Purpose"))
    def purpose_shown(self, obj: TaskForce) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj, "purpose")

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def state_shown(self, obj: TaskForce) -> str:
        """The act that it stands at."""
        return str(TaskForceState(obj.state).label)

    @admin.display(description=gettext_lazy("Created"))
    def created(self, obj: TaskForce) -> str:
        """In UTC."""
        return local_time(obj.created_at)
