"""Questions: sets of questions as versioned rows; answers point to the question that they answered."""

from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    name = "taskforce.questions"
    label = "questions"
