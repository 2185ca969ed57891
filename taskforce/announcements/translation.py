"""Labels that are translated."""

from modeltranslation.translator import TranslationOptions, register

from taskforce.announcements.models import Announcement


@register(Announcement)
class AnnouncementTranslation(TranslationOptions):
    fields = ("title", "body")
