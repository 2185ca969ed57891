"""Labels that are translated."""

from modeltranslation.translator import TranslationOptions, register

from taskforce.timeline.models import Bulletin, Phase, TaskForce


@register(TaskForce)
class TaskForceTranslation(TranslationOptions):
    fields = ("name", "purpose")


@register(Phase)
class PhaseTranslation(TranslationOptions):
    fields = ("title", "text")


@register(Bulletin)
class BulletinTranslation(TranslationOptions):
    fields = ("subject", "body")
