"""Questions: sets of questions as versioned rows; answers point to the question that they answered."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import rights
from taskforce.core import errorpages


class QuestionsConfig(AppConfig):
    name = "taskforce.questions"
    label = "questions"
    verbose_name = _("Questions")

    def ready(self) -> None:
        """Register rights, names of fields and what is kept about people; not before the models are loaded."""
        from taskforce.questions import personal_data, rules  # noqa: PLC0415 - imports models
        from taskforce.questions.draft_forms import labels_of_a_question  # noqa: PLC0415 - as above

        rights.register(self.name, self.verbose_name, rules.WHO)
        errorpages.register("admin:questions_questionset_question", labels_of_a_question)
        personal_data.register()
