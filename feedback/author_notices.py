"""The mail to whoever said something that was answered: one for each release, however many of their texts it answers.

Who follows the answers too gets it in place of the followers' mail: both have the same key, so that whichever is
written first is the only one, and the daily mail knows it as well.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst

from feedback import answering, reaching
from feedback.answering import Answer
from feedback.enums import FOR_EVERYBODY, ItemState, Outcome
from feedback.models import FeedbackItem, Release
from proposals import addresses
from taskforce.core import labels
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.queries import mail_key
from taskforce.timeline.notices import samples
from taskforce.timeline.notices.links import absolute

KIND = "feedback-own-answers"
# So many of one person's texts stand in their mail; of more it says how many there are.
MOST = 20


def released(release: Release, key: str) -> None:
    """Tell everybody of whom a text was answered, and who can be reached; `key` is that of the followers' mailing."""
    mails = list(_mails(release, key))
    services.enqueue_all(KIND, mails, at=release.at, task_force_id=release.window.phase.task_force_id)


def _mails(release: Release, key: str) -> Iterator[services.Single]:
    answered = _answered(release)
    readers = reaching.of_users(answered)
    for account, answers in answered.items():
        reader = readers.get(account)
        if reader is not None:
            yield services.Single(mail_key(key, reader.mailbox), reader, _context(release, answers, reader.language))


def _answered(release: Release) -> dict[int, list[Answer]]:
    """{account: its texts for which something holds since this release}; four statements, however many there are."""
    about = Q(dispositions__release=release) | Q(themed__theme__dispositions__release=release)
    known = Q(author__isnull=False) | Q(entered_by__isnull=False)
    found = FeedbackItem.objects.filter(about, known, window=release.window, state=ItemState.PUBLISHED).distinct()
    made: dict[int, list[Answer]] = defaultdict(list)
    for answer in answering.answers_of(list(found.order_by("pk"))).values():
        account = reaching.account_of(answer.item)
        if account and answer.holding is not None and answer.holding.release_id == release.pk:
            made[account].append(answer)
    return made


def _context(release: Release, answers: list[Answer], language: str) -> dict[str, Any]:
    window, task_force = release.window, release.window.phase.task_force
    with translation.override(language):
        return {
            "task_force": labels.label(task_force, "name")._asdict(),
            "window": labels.label(window, "title")._asdict(),
            "answers": [_told(release, one) for one in answers[:MOST]],
            "count": len(answers),
            "more": max(0, len(answers) - MOST),
            "url": absolute("feedback:themes", language, task_force=task_force.slug, window=window.slug),
        }


def _told(release: Release, answer: Answer) -> dict[str, Any]:
    """A text by its reference, what became of it, why, and where; what not everybody may read has no address here."""
    held, item = answer.holding, answer.item
    assert held is not None  # noqa: S101 - only what holds is told
    window, proposal = release.window, release.window.proposal
    place = [window.phase.task_force.slug, window.slug, item.reference]
    number = held.revision.number if held.revision else None
    return {
        "reference": item.reference,
        "outcome": capfirst(str(Outcome(held.outcome).label)),
        "answer": labels.chosen(held.answers)._asdict(),
        "url": settings.SITE_URL + reverse("feedback:item", args=place) if item.visibility in FOR_EVERYBODY else "",
        "revision": number,
        "revision_url": settings.SITE_URL + addresses.revision_url(proposal, number) if number else "",
    }


def _sample() -> dict[str, Any]:
    place = samples.place()
    answer = {"en": "Option B is taken up. The **budget** follows with the next revision."}
    return {
        **place,
        "window": place["phase"],
        "answers": [
            {
                "reference": "F-2345-BCDF",
                "outcome": capfirst(str(Outcome.ADOPTED.label)),
                "answer": kinds.example(answer),
                "url": place["url"],
                "revision": 4,
                "revision_url": place["url"],
            }
        ],
        "count": 1,
        "more": 0,
    }


def register() -> None:
    """Make the mail known to the outbox."""
    kinds.register(kinds.MailKind(KIND, MailClass.TRANSACTIONAL, sample=_sample))
