"""Recruitment: calls, applications, blind review, decisions and their release."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import rights
from taskforce.core import errorpages


class RecruitmentConfig(AppConfig):
    name = "recruitment"
    verbose_name = _("Recruitment")

    def ready(self) -> None:
        """Register rights, mails and what is kept about people, and tell the timeline what phases for applications
        need; not before the models are loaded."""
        from recruitment import notices, personal_data, rules  # noqa: PLC0415 - imports models
        from recruitment.slots import IN_PHASES, labels, uses_of_questions, written  # noqa: PLC0415 - as above
        from taskforce.questions import uses  # noqa: PLC0415 - as above
        from taskforce.timeline import offers  # noqa: PLC0415 - as above

        notices.register()
        rights.register(self.name, self.verbose_name, rules.WHO)
        personal_data.register()
        offers.register(IN_PHASES)
        uses.register(uses_of_questions)
        errorpages.register("recruitment:application", labels)
        errorpages.register_written("recruitment:application", written)
