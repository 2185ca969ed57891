"""Labels that are translated."""

from modeltranslation.translator import TranslationOptions, register

from taskforce.questions.models import Choice, Question


@register(Question)
class QuestionTranslation(TranslationOptions):
    fields = ("label", "help_text", "least_label", "most_label")


@register(Choice)
class ChoiceTranslation(TranslationOptions):
    fields = ("label",)
