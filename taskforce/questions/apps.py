"""Questions: sets of questions as versioned rows; answers point to the question that they answered."""

from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    name = "taskforce.questions"
    label = "questions"

    def ready(self) -> None:
        """Say what is kept about people; not before the models are loaded."""
        from taskforce.questions import personal_data  # noqa: PLC0415 - imports models

        personal_data.register()
