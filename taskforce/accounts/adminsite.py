"""The staff side: Django's own admin under the portal's name."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    """Signed in through allauth only; entered by active staff."""

    site_title = _("Task force portal")
    site_header = _("Task force portal: staff")
    index_title = _("Overview")

    def has_permission(self, request: HttpRequest) -> bool:
        """Active accounts with a staff role."""
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the portal's sign-in; the admin has no door of its own."""
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response
