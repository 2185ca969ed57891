"""Portal: whatever joins the apps — home, pages of a task force, the sweep, scenarios and the demo."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import rights


class PortalConfig(AppConfig):
    name = "taskforce.portal"
    label = "portal"

    def ready(self) -> None:
        """Register rights, and say what is kept about people; not before the models are loaded."""
        from taskforce.portal import personal_data, rules  # noqa: PLC0415 - imports models

        rights.register(self.name, _("Mail, the log, personal data"), rules.WHO)
        personal_data.register()
