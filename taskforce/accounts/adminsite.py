"""The staff side: Django's own admin under the portal's name."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from taskforce.accounts.queries import keep_grants
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.notifications import mail_texts


class PortalAdminSite(AdminSite):
    """Signed in through allauth only; entered by active staff."""

    site_title = _("Task force portal")
    site_header = _("Task force portal: staff")
    index_title = _("Overview")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take the portal's own pages only: those that packages bring would change rows past every service."""
        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Active accounts with a staff role."""
        keep_grants(request.user)
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's addresses and the pages that belong to no model."""
        return [
            path("mail-texts/", self.admin_view(self.mail_texts), name="mail_texts"),
            path("mail-texts/<slug:name>/", self.admin_view(self.mail_text), name="mail_text"),
            *super().get_urls(),
        ]

    def mail_texts(self, request: HttpRequest) -> HttpResponse:
        """Every mail that the portal can send; for all staff."""
        return mail_texts.all_texts(request, self)

    def mail_text(self, request: HttpRequest, name: str) -> HttpResponse:
        """One of them, with sample data in a chosen language."""
        return mail_texts.one_text(request, name, self)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the portal's sign-in; the admin has no door of its own."""
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response
