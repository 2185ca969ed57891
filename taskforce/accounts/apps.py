"""Accounts: people, their language and zone, their roles; sign-in is django-allauth's."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import mails, rights


class AccountsConfig(AppConfig):
    name = "taskforce.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
    default = True

    def ready(self) -> None:
        """Register what the app brings."""
        from taskforce.accounts import deletions, personal_data, rules  # noqa: PLC0415 - imports models

        mails.register()
        deletions.register()
        rights.register(self.name, self.verbose_name, rules.WHO)
        personal_data.register()


class PortalAdminConfig(admin_apps.AdminConfig):
    """Django's admin in the portal's name, entered through the portal's own sign-in."""

    default = False
    default_site = "taskforce.accounts.adminsite.PortalAdminSite"
