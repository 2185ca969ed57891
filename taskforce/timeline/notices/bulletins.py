"""The mails that staff write to the followers of a topic, and the test of one to oneself."""

from datetime import datetime
from typing import Any

from taskforce.accounts.models import User
from taskforce.core import labels
from taskforce.notifications.models import Mailing
from taskforce.timeline.models import Bulletin
from taskforce.timeline.notices import samples, written
from taskforce.timeline.notices.links import absolute
from taskforce.timeline.notices.written import Tested

BULLETIN = "bulletin"


def published(bulletin: Bulletin, *, at: datetime, everybody: bool = False) -> Mailing:
    """To those who follow the topic, once; a correction to those of them who know what it corrects, or to everybody."""
    return written.published(BULLETIN, bulletin, topic=bulletin.topic, at=at, everybody=everybody)


def readers_of(bulletin: Bulletin) -> list[int]:
    """The mailings whose readers a correction is for; none for what corrects nothing."""
    return written.readers_of(BULLETIN, bulletin)


def tested(bulletin: Bulletin, actor: User, language: str, *, at: datetime) -> None:
    """To the acting person alone: the mail as readers of `language` would get it, once for each version of it."""
    written.tested(BULLETIN, bulletin, actor, language, mail_context(bulletin, language), at=at)


def tests_of(bulletin: Bulletin) -> list[Tested]:
    """Who had a test of the text as it is."""
    return written.tests_of(BULLETIN, bulletin)


def mail_context(bulletin: Bulletin, language: str) -> dict[str, Any]:
    """What the mail says to a reader of `language`; plain JSON."""
    body = labels.label(bulletin, "body", language)
    return {
        "task_force": labels.label(bulletin.task_force, "name", language)._asdict(),
        "subject": labels.label(bulletin, "subject", language)._asdict(),
        "body": body.text,
        "other_language": written.other_language(body.language, language),
        "corrects": written.corrected(bulletin.corrects, "subject", "sent_at", language),
        # It has no page of its own: the daily mail tells it whole.
        "whole": True,
        "url": absolute("task_force", language, task_force=bulletin.task_force.slug),
    }


def _context(params: dict[str, Any], language: str) -> dict[str, Any]:
    bulletin = Bulletin.objects.select_related("task_force", "corrects").get(pk=params["bulletin"])
    return mail_context(bulletin, language)


def _sample() -> dict[str, Any]:
    return {**samples.place(), **samples.letter()}


def register() -> None:
    """Make the mails known to the outbox."""
    written.register(BULLETIN, _context, _sample)
