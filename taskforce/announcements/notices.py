"""The mail about an announcement, and the test of one to oneself."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from taskforce.accounts.models import User
from taskforce.announcements.models import Announcement
from taskforce.core import labels, languages
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.models import Mailing
from taskforce.timeline import queries
from taskforce.timeline.enums import Topic

ANNOUNCEMENT = "announcement"
TEST = "announcement-test"


def announced(announcement: Announcement, *, at: datetime) -> None:
    """Tell everybody who follows the announcements, once."""
    corrected = mailing_of(announcement.corrects) if announcement.corrects else None
    services.publish_mailing(
        ANNOUNCEMENT,
        key=_key(announcement),
        params={"announcement": announcement.pk, "task_force": announcement.task_force_id},
        at=at,
        task_force_id=announcement.task_force_id,
        topic=Topic.ANNOUNCEMENTS,
        corrects_id=corrected.pk if corrected else None,
    )


def _key(announcement: Announcement) -> str:
    return f"{ANNOUNCEMENT}:{announcement.pk}"


def mailing_of(announcement: Announcement) -> Mailing | None:
    """What its publishing has made."""
    return Mailing.objects.filter(key=_key(announcement)).first()


def tested(announcement: Announcement, actor: User, language: str, *, at: datetime) -> None:
    """To the acting person alone: the mail as readers of `language` would get it, once for each version of it."""
    services.enqueue(
        TEST,
        key=f"{TEST}:{announcement.pk}:{announcement.version}:{actor.pk}:{language}",
        mailbox=actor.email,
        language=language,
        zone=actor.zone,
        context=mail_context(announcement, language),
        at=at,
        task_force_id=announcement.task_force_id,
    )


def _audience(params: dict[str, Any]) -> Iterator[list[tuple[str, str, str]]]:
    return queries.subscribers(params["task_force"], Topic.ANNOUNCEMENTS)


def mail_context(announcement: Announcement, language: str) -> dict[str, Any]:
    """What the mail says to a reader of `language`; plain JSON."""
    body = labels.label(announcement, "body", language)
    slugs = {"task_force": announcement.task_force.slug, "slug": announcement.slug}
    with translation.override(language):
        url = settings.SITE_URL + reverse("announcements:item", kwargs=slugs)
    return {
        "task_force": labels.label(announcement.task_force, "name", language)._asdict(),
        "title": labels.label(announcement, "title", language)._asdict(),
        "body": body.text,
        "other_language": "" if body.language == language else languages.OWN_NAMES[body.language],
        "corrects": _corrected(announcement.corrects, language),
        "url": url,
    }


def _corrected(earlier: Announcement | None, language: str) -> dict[str, Any]:
    """Which announcement this one corrects; empty if none."""
    if earlier is None or earlier.published_at is None:
        return {}
    return {
        "published_at": earlier.published_at.isoformat(),
        "title": labels.label(earlier, "title", language)._asdict(),
    }


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    announcement = Announcement.objects.select_related("task_force", "corrects").get(pk=params["announcement"])
    return mail_context(announcement, language)


def _sample() -> dict[str, Any]:
    language = translation.get_language() or "en"
    body = kinds.example(
        {
            "en": "Twelve people begin to work **today**.\n\n- They come from eight regions.",
            "zh-hant": "十二位成員**今天**開始工作。\n\n- 他們來自八個地區。",
        }
    )
    return {
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "title": kinds.example({"en": "The members are chosen", "zh-hant": "成員名單公布"}),
        "body": body["text"],
        "other_language": "" if body["language"] == language else languages.OWN_NAMES[body["language"]],
        "corrects": {
            "published_at": "2022-05-16T18:00:00+00:00",
            "title": kinds.example({"en": "The members", "zh-hant": "成員"}),
        },
        "url": f"{settings.SITE_URL}/{language}/tf/leadership-development/news/members/",
    }


def register() -> None:
    """Make the mails known to the outbox; called once when the app is ready."""
    kinds.register(
        kinds.MailKind(
            name=ANNOUNCEMENT,
            mail_class=MailClass.ANNOUNCEMENT,
            context=_context,
            audience=_audience,
            follows=queries.follows,
            sample=_sample,
        )
    )
    kinds.register(kinds.MailKind(name=TEST, mail_class=MailClass.TRANSACTIONAL, sample=_sample))
