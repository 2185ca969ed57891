"""Accounts: people, their language and zone, their roles; sign-in is django-allauth's."""

from typing import Any

from django import forms
from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import mails, rights
from taskforce.core import errorpages


class AccountsConfig(AppConfig):
    name = "taskforce.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
    default = True

    def ready(self) -> None:
        """Register what the app brings."""
        from taskforce.accounts import deletions, personal_data, rules  # noqa: PLC0415 - imports models
        from taskforce.accounts.deletion_forms import DeletionForm  # noqa: PLC0415 - as above
        from taskforce.accounts.forms import ProfileForm  # noqa: PLC0415 - as above

        mails.register()
        deletions.register()
        rights.register(self.name, self.verbose_name, rules.WHO)
        personal_data.register()
        errorpages.register("account_profile", lambda: _called(ProfileForm))
        errorpages.register("account_deletion", lambda: _called(DeletionForm))
        for page in ("account_login", "account_request_login_code", "account_signup", "account_reset_password"):
            errorpages.register(page, lambda: {"login": _("E-mail address"), "email": _("E-mail address")})


def _called(form: type[forms.Form]) -> dict[str, Any]:
    """What a form calls its fields."""
    return {name: field.label for name, field in form.base_fields.items()}


class PortalAdminConfig(admin_apps.AdminConfig):
    """Django's admin in the portal's name, entered through the portal's own sign-in."""

    default = False
    default_site = "taskforce.accounts.adminsite.PortalAdminSite"
