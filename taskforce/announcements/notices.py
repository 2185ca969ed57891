"""The mail about an announcement, and the test of one to oneself."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from taskforce.accounts.models import User
from taskforce.announcements.models import Announcement
from taskforce.core import labels
from taskforce.notifications import kinds
from taskforce.notifications.models import Mailing
from taskforce.timeline.enums import Topic
from taskforce.timeline.notices import written
from taskforce.timeline.notices.links import absolute
from taskforce.timeline.notices.written import Tested

ANNOUNCEMENT = "announcement"
# The words of the sample.
_TITLE = {
    "ar": "اختير الأعضاء",
    "de": "Die Mitglieder sind gewählt",
    "en": "The members are chosen",
    "es": "Se ha elegido a los miembros",
    "zh-hant": "成員名單公布",
}
_EARLIER_TITLE = {
    "ar": "الأعضاء",
    "de": "Die Mitglieder",
    "en": "The members",
    "es": "Los miembros",
    "zh-hant": "成員",
}
_BODY = {
    "ar": "يبدأ اثنا عشر شخصًا العمل **اليوم**.\n\n- يأتون من ثماني مناطق.",
    "de": "Zwölf Menschen beginnen **heute** mit der Arbeit.\n\n- Sie kommen aus acht Regionen.",
    "en": "Twelve people begin to work **today**.\n\n- They come from eight regions.",
    "es": "Doce personas empiezan a trabajar **hoy**.\n\n- Vienen de ocho regiones.",
    "zh-hant": "十二位成員**今天**開始工作。\n\n- 他們來自八個地區。",
}


def announced(announcement: Announcement, *, at: datetime, everybody: bool = False) -> Mailing:
    """Tell those who follow the announcements, once; a correction those who know what it corrects, or all."""
    return written.published(ANNOUNCEMENT, announcement, topic=Topic.ANNOUNCEMENTS, at=at, everybody=everybody)


def mailing_of(announcement: Announcement) -> Mailing | None:
    """What its publishing has made."""
    return written.mailing_of(ANNOUNCEMENT, announcement)


def readers_of(announcement: Announcement) -> list[int]:
    """The mailings whose readers a correction is for; none for what corrects nothing."""
    return written.readers_of(ANNOUNCEMENT, announcement)


def tested(announcement: Announcement, actor: User, language: str, *, at: datetime) -> None:
    """To the acting person alone: the mail as readers of `language` would get it, once for each version of it."""
    written.tested(ANNOUNCEMENT, announcement, actor, language, mail_context(announcement, language), at=at)


def tests_of(announcement: Announcement) -> list[Tested]:
    """Who had a test of the text as it is."""
    return written.tests_of(ANNOUNCEMENT, announcement)


def mail_context(announcement: Announcement, language: str) -> dict[str, Any]:
    """What the mail says to a reader of `language`; plain JSON."""
    body = labels.label(announcement, "body", language)
    slugs = {"task_force": announcement.task_force.slug, "slug": announcement.slug}
    return {
        "task_force": labels.label(announcement.task_force, "name", language)._asdict(),
        "title": labels.label(announcement, "title", language)._asdict(),
        "body": body.text,
        "other_language": written.other_language(body.language, language),
        "corrects": written.corrected(announcement.corrects, "title", "published_at", language),
        "url": absolute("announcements:item", language, **slugs),
    }


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    announcement = Announcement.objects.select_related("task_force", "corrects").get(pk=params["announcement"])
    return mail_context(announcement, language)


def _sample() -> dict[str, Any]:
    language, body = translation.get_language() or "en", kinds.example(_BODY)
    return {
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "title": kinds.example(_TITLE),
        "body": body["text"],
        "other_language": written.other_language(body["language"], language),
        "corrects": {"published_at": "2022-05-16T18:00:00+00:00", "title": kinds.example(_EARLIER_TITLE)},
        "url": f"{settings.SITE_URL}/{language}/tf/leadership-development/news/members/",
    }


def register() -> None:
    """Make the mails known to the outbox; called once when the app is ready."""
    written.register(ANNOUNCEMENT, _context, _sample)
