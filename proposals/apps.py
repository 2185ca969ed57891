"""Proposals: texts with a memory, in many languages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import rights


class ProposalsConfig(AppConfig):
    name = "proposals"
    verbose_name = _("Texts")

    def ready(self) -> None:
        """Register rights, and say what is kept about people; not before the models are loaded."""
        from proposals import personal_data, rules  # noqa: PLC0415 - imports models

        rights.register(self.name, self.verbose_name, rules.WHO)
        personal_data.register()
