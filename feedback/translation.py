"""Labels that are translated."""

from modeltranslation.translator import TranslationOptions, register

from feedback.models import FeedbackWindow


@register(FeedbackWindow)
class FeedbackWindowTranslation(TranslationOptions):
    fields = ("title", "introduction")
