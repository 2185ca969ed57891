"""Recruitment: calls, applications, blind review, decisions and their release."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecruitmentConfig(AppConfig):
    name = "recruitment"
    verbose_name = _("Recruitment")

    def ready(self) -> None:
        """Register the mails and what is kept about people, and tell the timeline what phases for applications need."""
        from recruitment import notices, personal_data  # noqa: PLC0415 - models can be imported only once the apps are loaded
        from recruitment.slots import IN_PHASES  # noqa: PLC0415 - as above
        from taskforce.timeline import offers  # noqa: PLC0415 - as above

        notices.register()
        personal_data.register()
        offers.register(IN_PHASES)
