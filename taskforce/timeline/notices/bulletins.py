"""The mails that staff write to the followers of a topic, and the test of one to oneself."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from taskforce.accounts.models import User
from taskforce.core import labels, languages
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.models import Mailing
from taskforce.timeline import queries
from taskforce.timeline.models import Bulletin
from taskforce.timeline.notices import samples
from taskforce.timeline.notices.links import absolute

BULLETIN = "bulletin"
TEST = "bulletin-test"


def published(bulletin: Bulletin, *, at: datetime) -> Mailing:
    """To everybody who follows the topic, once."""
    return services.publish_mailing(
        BULLETIN,
        key=f"{BULLETIN}:{bulletin.pk}",
        params={"bulletin": bulletin.pk, "task_force": bulletin.task_force_id, "topic": bulletin.topic},
        at=at,
        task_force_id=bulletin.task_force_id,
        topic=bulletin.topic,
        corrects_id=bulletin.corrects.mailing_id if bulletin.corrects else None,
    )


def tested(bulletin: Bulletin, actor: User, language: str, *, at: datetime) -> None:
    """To the acting person alone: the mail as readers of `language` would get it, once for each version of it."""
    services.enqueue(
        TEST,
        key=f"{TEST}:{bulletin.pk}:{bulletin.version}:{actor.pk}:{language}",
        mailbox=actor.email,
        language=language,
        zone=actor.zone,
        context=mail_context(bulletin, language),
        at=at,
        task_force_id=bulletin.task_force_id,
    )


def mail_context(bulletin: Bulletin, language: str) -> dict[str, Any]:
    """What the mail says to a reader of `language`; plain JSON."""
    body = labels.label(bulletin, "body", language)
    return {
        "task_force": labels.label(bulletin.task_force, "name", language)._asdict(),
        "subject": labels.label(bulletin, "subject", language)._asdict(),
        "body": body.text,
        "other_language": "" if body.language == language else languages.OWN_NAMES[body.language],
        "corrects": _corrected(bulletin.corrects, language),
        # It has no page of its own: the daily mail tells it whole.
        "whole": True,
        "url": absolute("task_force", language, task_force=bulletin.task_force.slug),
    }


def _corrected(earlier: Bulletin | None, language: str) -> dict[str, Any]:
    """Which mail this one corrects; empty if none."""
    if earlier is None or earlier.sent_at is None:
        return {}
    return {
        "sent_at": earlier.sent_at.isoformat(),
        "subject": labels.label(earlier, "subject", language)._asdict(),
    }


def _audience(params: dict[str, Any]) -> Iterator[list[tuple[str, str, str]]]:
    return queries.subscribers(params["task_force"], params["topic"])


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    bulletin = Bulletin.objects.select_related("task_force", "corrects").get(pk=params["bulletin"])
    return mail_context(bulletin, language)


def _sample() -> dict[str, Any]:
    language = get_language() or "en"
    texts = {
        "en": "The first meeting is **on Thursday**, at 14:00 UTC.\n\n"
        "- Read the [agenda](/en/) before.\n- Everybody may listen.",
        "zh-hant": "第一次會議將於**星期四** 14:00（UTC）舉行。\n\n- 請先閱讀[議程](/zh-hant/)。\n- 歡迎所有人旁聽。",
    }
    body = kinds.example(texts)
    return {
        **samples.place(),
        "subject": kinds.example({"en": "The first meeting", "zh-hant": "第一次會議"}),
        "body": body["text"],
        "other_language": "" if body["language"] == language else languages.OWN_NAMES[body["language"]],
        "whole": True,
        "corrects": {
            "sent_at": "2022-05-17T09:30:00+00:00",
            "subject": kinds.example({"en": "The meeting on Tuesday", "zh-hant": "星期二的會議"}),
        },
    }


def register() -> None:
    """Make the mails known to the outbox."""
    kinds.register(
        kinds.MailKind(
            name=BULLETIN,
            mail_class=MailClass.ANNOUNCEMENT,
            context=_context,
            audience=_audience,
            follows=queries.follows,
            sample=_sample,
        )
    )
    kinds.register(kinds.MailKind(name=TEST, mail_class=MailClass.TRANSACTIONAL, sample=_sample))
