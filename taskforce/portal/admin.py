"""The outbox for staff: every mail that failed or whose outcome is unknown is seen here. Its texts are not."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from taskforce.accounts.enums import Role
from taskforce.accounts.queries import task_force_ids
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.notifications.models import Mailing, OutboxMessage

_READERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})


class _OutboxAdmin(ReadOnlyAdmin):
    """Rows of one's own task forces; who holds a role everywhere also sees those of no task force (accounts)."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The gate: what is not in here answers 404."""
        everywhere, ids = task_force_ids(request.user, set(_READERS))
        return super().get_queryset(request).filter(Q() if everywhere else Q(task_force_id__in=ids))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Coordinators, deputies, administrators."""
        everywhere, ids = task_force_ids(request.user, set(_READERS))
        return everywhere or bool(ids)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(_OutboxAdmin):
    """Mails to one person each."""

    list_display = ("mailbox", "kind", "language", "state", "attempts", "created_at", "sent_at", "error")
    list_filter = ("state", "mail_class", "kind")
    search_fields = ("mailbox", "message_id")
    fields = (
        "kind", "mailbox", "language", "zone", "state", "attempts", "error", "message_id", "created_at",
        "valid_until", "sent_at", "mailing",
    )  # fmt: skip


@admin.register(Mailing)
class MailingAdmin(_OutboxAdmin):
    """Mails to many."""

    list_display = ("kind", "state", "created_at", "valid_until", "failures", "error")
    list_filter = ("state", "kind")
    fields = ("kind", "key", "state", "created_at", "valid_until", "failures", "error")
