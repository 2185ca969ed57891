"""The staff side: Django's own admin under the portal's name."""

from typing import Any

from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import fresh, rights_page, second_factor
from taskforce.accounts.enums import Purpose
from taskforce.accounts.models import User
from taskforce.accounts.queries import keep_grants
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.notifications import mail_texts


class PortalAdminSite(AdminSite):
    """Signed in through allauth only; entered by active staff whose session has passed their second step."""

    site_title = _("Task force portal")
    site_header = _("Task force portal: staff")
    index_title = _("Overview")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take the portal's own pages only: those that packages bring would change rows past every service."""
        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Active accounts with a staff role, in a session that has passed a second step that is still there."""
        keep_grants(request.user)
        return _is_staff(request.user) and _has_passed(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's addresses and the pages that belong to no model."""
        return [
            path("mail-texts/", self.admin_view(self.mail_texts), name="mail_texts"),
            path("rights/", self.admin_view(self.rights), name="rights"),
            path("mail-texts/<slug:name>/", self.admin_view(self.mail_text), name="mail_text"),
            *super().get_urls(),
        ]

    def mail_texts(self, request: HttpRequest) -> HttpResponse:
        """Every mail that the portal can send; for all staff."""
        return mail_texts.all_texts(request, self)

    def mail_text(self, request: HttpRequest, name: str) -> HttpResponse:
        """One of them, with sample data in a chosen language."""
        return mail_texts.one_text(request, name, self)

    def rights(self, request: HttpRequest) -> HttpResponse:
        """Who may do what; for all staff."""
        return rights_page.page(request, self)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The admin has no door of its own: on to the sign-in, to the second step that is missing, or in."""
        going_on_to = get_next_redirect_url(request) or reverse("admin:index")
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(going_on_to)
        if not _is_staff(user):
            raise PermissionDenied
        if _has_passed(request):
            return redirect(going_on_to)
        if second_factor.has(user):
            return fresh.ask(request, Purpose.STAFF_SIDE, going_on_to)
        messages.info(
            request,
            gettext(
                "The staff side shows what people wrote in confidence, so it opens with two-step sign-in only: set it "
                "up here, and you go on from there."
            ),
        )
        return redirect_to_login(going_on_to, reverse("mfa_activate_totp"))

    # Passwords are changed on the account pages: the admin's own form would tell nobody and end no session. Django's
    # types know no answer but its own pages.

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """On the account pages."""
        return redirect("account_change_password")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """On the account pages."""
        return redirect("account_change_password")


_KEPT = "portal_has_passed"


def _is_staff(user: Any) -> bool:
    return bool(user.is_active and getattr(user, "is_staff", False))


def _has_passed(request: HttpRequest) -> bool:
    """Asked several times for one page, and answered once."""
    if not hasattr(request, _KEPT):
        setattr(request, _KEPT, second_factor.last_passed(request) is not None)
    return bool(getattr(request, _KEPT))
