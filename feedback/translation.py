"""Labels that are translated."""

from modeltranslation.translator import TranslationOptions, register

from feedback.models import FeedbackWindow, Theme


@register(FeedbackWindow)
class FeedbackWindowTranslation(TranslationOptions):
    fields = ("title", "introduction", "terms")


@register(Theme)
class ThemeTranslation(TranslationOptions):
    fields = ("title", "description")
