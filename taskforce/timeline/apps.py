"""Timeline: task forces, their phases, the gate, extensions and subscriptions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import places, rights, speaking
from taskforce.core import slots as page_slots


class TimelineConfig(AppConfig):
    name = "taskforce.timeline"
    label = "timeline"
    verbose_name = _("Timeline")

    def ready(self) -> None:
        """Register rights, mails and what is kept about people, fill slots; not before the models are loaded."""
        from taskforce.timeline import (  # noqa: PLC0415 - imports models
            notices,
            personal_data,
            queries,
            rules,
            services,
            slots,
        )  # fmt: skip

        notices.register()
        places.register(queries.names, queries.ids)
        speaking.register(services.speak)
        rights.register(self.name, self.verbose_name, rules.WHO)
        personal_data.register()
        page_slots.fill("account.mails", slots.on_account)
