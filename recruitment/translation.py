"""Labels that are translated."""

from modeltranslation.translator import TranslationOptions, register

from recruitment.models import Call, CallChange, Clarification, Criterion, ScoreMeaning


@register(Call)
class CallTranslation(TranslationOptions):
    fields = ("title", "purpose", "eligibility", "term", "hours", "allowance", "publication", "criteria_introduction")


@register(Criterion)
class CriterionTranslation(TranslationOptions):
    fields = ("label", "help_text")


@register(ScoreMeaning)
class ScoreMeaningTranslation(TranslationOptions):
    fields = ("text",)


@register(Clarification)
class ClarificationTranslation(TranslationOptions):
    fields = ("question", "answer")


@register(CallChange)
class CallChangeTranslation(TranslationOptions):
    fields = ("reason",)
