"""The mail to whoever said something that was answered: one for each release, however many of their texts it answers.
Which ones these are is wiped once it has left, so that the outbox does not tell whose a text was.

Who follows the answers too gets it in place of the followers' mail: both have the same key, so that whichever is
written first is the only one, and the daily mail knows it as well.
"""

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
from feedback.models import FeedbackItem, FeedbackWindow, Release
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


def to_be_told(window: FeedbackWindow) -> int:
    """How many people would be told by what is drafted in a window: a number, and of nobody which of them."""
    known = Q(author__isnull=False) | Q(entered_by__isnull=False) | Q(told__isnull=False)
    items = list(answering.to_release(window).filter(known).distinct())
    readers = reaching.of_users(filter(None, map(reaching.account_of, items)))
    told = reaching.of_told(one.pk for one in items if not reaching.account_of(one))
    return len({one.mailbox.lower() for one in (*readers.values(), *told.values())})


def _mails(release: Release, key: str) -> Iterator[services.Single]:
    answered = _answered(release)
    readers = reaching.of_users(filter(None, (reaching.account_of(one.item) for one in answered)))
    told = reaching.of_told(one.item.pk for one in answered if not reaching.account_of(one.item))
    mails: dict[str, tuple[reaching.Reader, list[Answer]]] = {}
    for one in answered:
        account = reaching.account_of(one.item)
        reader = readers.get(account) if account else told.get(one.item.pk)
        if reader is not None:
            # Of an account and by its mailbox alone the same person may have said something: one mail has both.
            mails.setdefault(reader.mailbox.lower(), (reader, []))[1].append(one)
    for reader, answers in mails.values():
        yield services.Single(mail_key(key, reader.mailbox), reader[:3], _context(release, answers, reader))


def _answered(release: Release) -> list[Answer]:
    """The texts of which somebody is told for which something holds since this release; three statements, however many
    there are."""
    about = Q(dispositions__release=release) | Q(themed__theme__dispositions__release=release)
    known = Q(author__isnull=False) | Q(entered_by__isnull=False) | Q(told__isnull=False)
    found = FeedbackItem.objects.filter(about, known, window=release.window, state=ItemState.PUBLISHED).distinct()
    answers = answering.answers_of(list(found.order_by("pk"))).values()
    return [one for one in answers if one.holding is not None and one.holding.release_id == release.pk]


def _context(release: Release, answers: list[Answer], reader: reaching.Reader) -> dict[str, Any]:
    window, task_force, language = release.window, release.window.phase.task_force, reader.language
    with translation.override(language):
        return {
            "task_force": labels.label(task_force, "name")._asdict(),
            "window": labels.label(window, "title")._asdict(),
            "answers": [_told(release, one) for one in answers[:MOST]],
            "count": len(answers),
            "more": max(0, len(answers) - MOST),
            "url": absolute("feedback:themes", language, task_force=task_force.slug, window=window.slug),
            kinds.STOP: reaching.stop_url(window, reader),
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
        "stop_url": f"{place['url']}stop/pYh3/",
    }


def register() -> None:
    """Make the mail known to the outbox."""
    kinds.register(kinds.MailKind(KIND, MailClass.TRANSACTIONAL, sample=_sample, secrets=("answers",)))
