"""Labels that are translated."""

from modeltranslation.translator import TranslationOptions, register

from recruitment.models import Call, Criterion


@register(Call)
class CallTranslation(TranslationOptions):
    fields = ("title", "purpose")


@register(Criterion)
class CriterionTranslation(TranslationOptions):
    fields = ("label", "help_text")
