"""Proposals: texts with a memory, in many languages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import rights
from taskforce.core import errorpages


class ProposalsConfig(AppConfig):
    name = "proposals"
    verbose_name = _("Texts")

    def ready(self) -> None:
        """Say what is kept about people, who may do what, which mails there are; not before the models are loaded."""
        from proposals import edit_forms, notices, personal_data, queries, rules, slots  # noqa: PLC0415 - import models
        from taskforce.timeline import wanted  # noqa: PLC0415 - as above

        rights.register(self.name, self.verbose_name, rules.WHO)
        notices.register()
        personal_data.register()
        for page, written in edit_forms.WRITTEN.items():
            errorpages.register_written(f"proposals:{page}", written)
        slots.register()
        wanted.register(queries.wanted_in)
