"""Labels that are translated."""

from modeltranslation.translator import TranslationOptions, register

from taskforce.timeline.models import Phase, TaskForce


@register(TaskForce)
class TaskForceTranslation(TranslationOptions):
    fields = ("name", "purpose")


@register(Phase)
class PhaseTranslation(TranslationOptions):
    fields = ("title", "text")
